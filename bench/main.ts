/**
 * `deno task bench`: measures the adapter's peak speeds, the speed of kernels relative to them, and whole
 * training steps.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { Device, Tuning, type TuningEffort } from "../kernels/mod.ts";
import { compileCase, kernelCases } from "./cases.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { compileStepCase, stepCases } from "./steps.ts";
import { createWork, measureMilliseconds, median } from "./timing.ts";

/** Result of one case. */
interface Row {
  readonly name: string;
  readonly milliseconds: number;
  readonly gflops?: number;
  readonly gbps?: number;
  /** Fraction of the peak speed that limits the case. */
  readonly share?: number;
  /** Duration of a step's JavaScript from its inputs to its submit, in milliseconds. */
  readonly hostMilliseconds?: number;
  /** Bytes of a step on the device, without variables. */
  readonly bytes?: number;
  /** Lower bound of these bytes for any memory plan. */
  readonly lowerBoundBytes?: number;
  readonly device: string;
}

function createRow(
  { name, flops, bytes }: { readonly name: string; readonly flops?: number; readonly bytes?: number },
  milliseconds: number,
  ceilings: Ceilings,
  device: string,
): Row {
  const gflops = flops === undefined ? {} : { gflops: flops / milliseconds / 1e6 };
  const gbps = bytes === undefined ? {} : { gbps: bytes / milliseconds / 1e6 };
  const share = gflops.gflops !== undefined
    ? { share: gflops.gflops / ceilings.gflops }
    : gbps.gbps !== undefined
    ? { share: gbps.gbps / ceilings.gbps }
    : {};
  return { name, milliseconds, ...gflops, ...gbps, ...share, device };
}

function printRow({ name, milliseconds, gflops, gbps, share, ...step }: Row): void {
  const rate = gflops !== undefined
    ? `${gflops.toFixed(1)} GFLOP/s`
    : gbps !== undefined
    ? `${gbps.toFixed(2)} GB/s`
    : step.hostMilliseconds !== undefined
    ? `host ${step.hostMilliseconds.toFixed(2)} ms`
    : "";
  const toMebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const percent = share !== undefined
    ? `${(100 * share).toFixed(0)} %`
    : step.bytes !== undefined && step.lowerBoundBytes !== undefined
    ? `${toMebibytes(step.bytes)} MiB, bound ${toMebibytes(step.lowerBoundBytes)}`
    : "";
  console.log(
    `${name.padEnd(66)} ${milliseconds.toFixed(3).padStart(10)} ms ${rate.padStart(15)} ${
      percent.padStart(6)
    }`,
  );
}

const options = new Command("deno task bench")
  .description("Measures this adapter's peak speeds, the kernels and whole Mean Teacher steps.")
  .option("--json", "print one JSON object with ceilings and rows instead of lines")
  .option("--filter <TEXT>", "measure only cases whose name contains this text", "")
  .option("--timeline", "print the duration of each command of the training steps, longest first")
  .option("--samples <N>", "number of samples; the median counts", Number, 7)
  .addOption(
    new Option(
      "--tune <EFFORT>",
      "effort of measuring which kernels are fastest: off, fast or full (default: full; on processors off)",
    )
      .choices(["off", "fast", "full"]),
  )
  .parse(["deno", "bench", ...Deno.args])
  .opts<{ json?: boolean; filter: string; timeline?: boolean; samples: number; tune?: TuningEffort }>();

const device = await Device.request();
const tuning = new Tuning(options.tune ?? (device.isCpu ? "off" : "full"));
const sampling = { samples: options.samples, sampleMilliseconds: 100 };
const commandSampling = { samples: 3, sampleMilliseconds: 20 };
/** Number of separate steps whose median host time is reported. */
const hostSamples = 25;
const ceilings = await measureCeilings(device, sampling);
if (!options.json) {
  console.log(
    `${device.name}: ${ceilings.gflops.toFixed(1)} GFLOP/s, ${
      ceilings.gbps.toFixed(1)
    } GB/s (copying kernel ${ceilings.kernelGbps.toFixed(1)}), dispatch ${
      ceilings.dispatchMicroseconds.toFixed(1)
    } µs, read-back ${ceilings.readBackMilliseconds.toFixed(1)} ms`,
  );
}
const rows: Row[] = [];
const report = (row: Row) => {
  rows.push(row);
  if (!options.json) printRow(row);
};
const isWanted = ({ name, needsGpu = false }: { readonly name: string; readonly needsGpu?: boolean }) =>
  name.includes(options.filter) && !(needsGpu && device.isCpu);

for (const each of options.timeline ? [] : kernelCases.filter(isWanted)) {
  const { program, destroy } = await compileCase(device, each, { tuning });
  const milliseconds = await measureMilliseconds(device, createWork(program), sampling);
  report(createRow(each, milliseconds, ceilings, device.name));
  destroy();
}
for (const each of stepCases(device.isCpu).filter(isWanted)) {
  const { program, values, destroy } = await compileStepCase(device, each, tuning);
  if (options.timeline) {
    program.run(values);
    const times: { label: string; milliseconds: number }[] = [];
    for (const command of program.commands) {
      const work = (times: number) => program.repeat(command, times);
      times.push({
        label: command.label,
        milliseconds: await measureMilliseconds(device, work, commandSampling),
      });
    }
    const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    console.log(`${each.name}: ${times.length} commands, ${total.toFixed(2)} ms`);
    for (const { label, milliseconds } of times.toSorted((a, b) => b.milliseconds - a.milliseconds)) {
      console.log(`${milliseconds.toFixed(3).padStart(10)} ms  ${label}`);
    }
  } else {
    const work = (times: number) => {
      for (let i = 0; i < times; i++) program.run(values);
    };
    const milliseconds = await measureMilliseconds(device, work, sampling);
    const row = createRow(each, milliseconds, ceilings, device.name);
    const hostTimes: number[] = [];
    for (let i = 0; i < hostSamples; i++) {
      await device.finish(); // otherwise a submit may have to wait for steps still in the queue
      const start = performance.now();
      program.run(values);
      hostTimes.push(performance.now() - start);
    }
    await device.finish();
    const { bytes, lowerBound } = program;
    report({ ...row, hostMilliseconds: median(hostTimes), bytes, lowerBoundBytes: lowerBound });
  }
  destroy();
}
device[Symbol.dispose]();
if (options.json) {
  console.log(
    JSON.stringify({ device: device.name, date: new Date().toISOString(), ceilings, rows }, null, 2),
  );
}
