/**
 * Measurement of benchmark cases: kernels beside the ceiling that limits them, whole training steps, and
 * each command of a step.
 * @module
 */
import type { Device, Tuning } from "../kernels/mod.ts";
import { type Case, compileCase } from "./cases.ts";
import type { CeilingWork, MeasuredCeilings } from "./ceilings.ts";
import type { Row } from "./rows.ts";
import { compileStepCase, type StepCase } from "./steps.ts";
import { createWork, measureMilliseconds, median, sampleInTurn, type Sampling } from "./timing.ts";

const commandSampling: Sampling = { samples: 3, sampleMilliseconds: 20 };
/** Number of separate steps whose median host time is reported. */
const hostSamples = 25;

/** Measures a kernel, in turn with the ceiling that limits it. */
export async function measureKernel(
  device: Device,
  kernel: Case,
  { tuning, sampling, peaks }: {
    readonly tuning: Tuning;
    readonly sampling: Sampling;
    readonly peaks: MeasuredCeilings;
  },
): Promise<Row> {
  const { name, flops, bytes = 0 } = kernel;
  const amount = flops ?? bytes;
  const peak: CeilingWork = flops === undefined ? peaks.copies : peaks.multiplyAdds;
  const { program, destroy } = await compileCase(device, kernel, { tuning });
  const [times = [], peakTimes = []] = await sampleInTurn(device, [createWork(program), peak.work], sampling);
  destroy();
  const milliseconds = median(times);
  const rate = amount / milliseconds / 1e6;
  const share = median(times.map((time, i) => amount / time / (peak.amount / (peakTimes[i] ?? NaN))));
  return {
    name,
    milliseconds,
    ...(flops === undefined ? { gbps: rate } : { gflops: rate }),
    share,
    device: device.name,
  };
}

/** Measures a training step: its duration, its JavaScript, its memory. */
export async function measureStep(
  device: Device,
  step: StepCase,
  { tuning, sampling }: { readonly tuning: Tuning; readonly sampling: Sampling },
): Promise<Row> {
  const { program, values, destroy } = await compileStepCase(device, step, tuning);
  const work = (times: number) => {
    for (let i = 0; i < times; i++) program.run(values);
  };
  const milliseconds = await measureMilliseconds(device, work, sampling);
  const hostTimes: number[] = [];
  for (let i = 0; i < hostSamples; i++) {
    await device.finish(); // otherwise a submit may have to wait for steps still in the queue
    const start = performance.now();
    program.run(values);
    hostTimes.push(performance.now() - start);
  }
  await device.finish();
  const { bytes, lowerBound } = program;
  destroy();
  const memory = { bytes, lowerBoundBytes: lowerBound };
  return {
    name: step.name,
    milliseconds,
    hostMilliseconds: median(hostTimes),
    ...memory,
    device: device.name,
  };
}

/** Measures each command of a training step alone, and prints the longest first. */
export async function printTimeline(device: Device, step: StepCase, tuning: Tuning): Promise<void> {
  const { program, values, destroy } = await compileStepCase(device, step, tuning);
  program.run(values);
  const times: { label: string; milliseconds: number }[] = [];
  for (const command of program.commands) {
    const work = (count: number) => program.repeat(command, count);
    times.push({
      label: command.label,
      milliseconds: await measureMilliseconds(device, work, commandSampling),
    });
  }
  const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  console.log(`${step.name}: ${times.length} commands, ${total.toFixed(2)} ms`);
  for (const { label, milliseconds } of times.toSorted((a, b) => b.milliseconds - a.milliseconds)) {
    console.log(`${milliseconds.toFixed(3).padStart(10)} ms  ${label}`);
  }
  destroy();
}

/** Prints the memory traffic of a training step by kind of command, and the commands that only move or sum values. */
export async function printTraffic(device: Device, step: StepCase, tuning: Tuning): Promise<void> {
  const { program: { commands }, destroy } = await compileStepCase(device, step, tuning);
  const bytesOf = ({ readBytes, writtenBytes }: { readBytes: number; writtenBytes: number }) =>
    readBytes + writtenBytes;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1).padStart(8)} MiB`;
  const total = commands.reduce((sum, command) => sum + bytesOf(command), 0);
  console.log(`${step.name}: ${commands.length} commands, ${mebibytes(total).trim()} read and written`);
  for (const [kind, members] of Map.groupBy(commands, (command) => command.kind)) {
    const bytes = members.reduce((sum, command) => sum + bytesOf(command), 0), share = 100 * bytes / total;
    console.log(
      `${mebibytes(bytes)}  ${share.toFixed(0).padStart(3)} %  ${kind}: ${members.length} commands`,
    );
  }
  const avoidable = Map.groupBy(
    commands.filter(({ kind }) => kind === "fused" || kind === "copy"),
    ({ label }) => label,
  );
  const rows = [...avoidable].map(([label, members]) => ({
    label,
    count: members.length,
    bytes: members.reduce((sum, command) => sum + bytesOf(command), 0),
  })).toSorted((a, b) => b.bytes - a.bytes);
  console.log("Largest passes of fused kernels and copies:");
  for (const { label, count, bytes } of rows.slice(0, 10)) {
    console.log(`${mebibytes(bytes)}  ${count} × ${label}`);
  }
  destroy();
}
