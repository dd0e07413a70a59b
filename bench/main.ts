/**
 * `deno task bench`: what this adapter can do, how near the kernels come, and how long whole training steps take.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { Device, Tuning, type TuningEffort } from "../kernels/mod.ts";
import { compileCase, kernelCases } from "./cases.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { compileStepCase, stepCases } from "./steps.ts";
import { median, millisecondsOf, running } from "./timing.ts";

/** A line of the result. */
interface Row {
  readonly name: string;
  readonly milliseconds: number;
  readonly gflops?: number;
  readonly gbps?: number;
  /** Share of the ceiling that limits it. */
  readonly share?: number;
  /** Of a step: milliseconds of JavaScript, from its inputs to its submit. */
  readonly hostMilliseconds?: number;
  /** Of a step: bytes on the device, variables not counted, … */
  readonly bytes?: number;
  /** … and how many no plan could do without. */
  readonly lowerBoundBytes?: number;
  readonly device: string;
}

function rowOf(
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

function show({ name, milliseconds, gflops, gbps, share, ...step }: Row): void {
  const rate = gflops !== undefined
    ? `${gflops.toFixed(1)} GFLOP/s`
    : gbps !== undefined
    ? `${gbps.toFixed(2)} GB/s`
    : step.hostMilliseconds !== undefined
    ? `host ${step.hostMilliseconds.toFixed(2)} ms`
    : "";
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const percent = share !== undefined
    ? `${(100 * share).toFixed(0)} %`
    : step.bytes !== undefined && step.lowerBoundBytes !== undefined
    ? `${mebibytes(step.bytes)} MiB, bound ${mebibytes(step.lowerBoundBytes)}`
    : "";
  console.log(
    `${name.padEnd(66)} ${milliseconds.toFixed(3).padStart(10)} ms ${rate.padStart(15)} ${
      percent.padStart(6)
    }`,
  );
}

const options = new Command("deno task bench")
  .description("Measures this adapter's ceilings, kernels and whole Mean Teacher steps.")
  .option("--json", "one JSON object with ceilings and rows instead of lines")
  .option("--filter <TEXT>", "only what has this text in its name", "")
  .option("--timeline", "what each command of a training step takes by itself, longest first")
  .option("--samples <N>", "samples, of which the median is taken", Number, 7)
  .addOption(
    new Option(
      "--tune <EFFORT>",
      "measure which kernels are fastest: off, fast or full (default: full, off on processors)",
    )
      .choices(["off", "fast", "full"]),
  )
  .parse(["deno", "bench", ...Deno.args])
  .opts<{ json?: boolean; filter: string; timeline?: boolean; samples: number; tune?: TuningEffort }>();

const device = await Device.request();
const tuning = new Tuning(options.tune ?? (device.isCpu ? "off" : "full"));
const thoroughness = { samples: options.samples, sampleMilliseconds: 100 };
const brief = { samples: 3, sampleMilliseconds: 20 };
/** Steps by themselves, of whose host times the median is taken. */
const hostSamples = 25;
const ceilings = await measureCeilings(device, thoroughness);
if (!options.json) {
  console.log(
    `${device.name}: ${ceilings.gflops.toFixed(1)} GFLOP/s, ${ceilings.gbps.toFixed(1)} GB/s (by a kernel ${
      ceilings.kernelGbps.toFixed(1)
    }), dispatch ${ceilings.dispatchMicroseconds.toFixed(1)} µs, read-back ${
      ceilings.readBackMilliseconds.toFixed(1)
    } ms`,
  );
}
const rows: Row[] = [];
const report = (row: Row) => {
  rows.push(row);
  if (!options.json) show(row);
};
const isWanted = ({ name, needsGpu = false }: { readonly name: string; readonly needsGpu?: boolean }) =>
  name.includes(options.filter) && !(needsGpu && device.isCpu);

for (const each of options.timeline ? [] : kernelCases.filter(isWanted)) {
  const { program, destroy } = await compileCase(device, each, { tuning });
  report(rowOf(each, await millisecondsOf(device, running(program), thoroughness), ceilings, device.name));
  destroy();
}
for (const each of stepCases(device.isCpu).filter(isWanted)) {
  const { program, values, destroy } = await compileStepCase(device, each, tuning);
  if (options.timeline) {
    program.run(values);
    const times: { label: string; milliseconds: number }[] = [];
    for (const command of program.commands) {
      const work = (times: number) => program.repeat(command, times);
      times.push({ label: command.label, milliseconds: await millisecondsOf(device, work, brief) });
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
    const row = rowOf(each, await millisecondsOf(device, work, thoroughness), ceilings, device.name);
    const hosts: number[] = [];
    for (let i = 0; i < hostSamples; i++) {
      await device.finish(); // who submits steps well ahead of the device may have to wait for it
      const start = performance.now();
      program.run(values);
      hosts.push(performance.now() - start);
    }
    await device.finish();
    const { bytes, lowerBound } = program;
    report({ ...row, hostMilliseconds: median(hosts), bytes, lowerBoundBytes: lowerBound });
  }
  destroy();
}
device[Symbol.dispose]();
if (options.json) {
  console.log(
    JSON.stringify({ device: device.name, date: new Date().toISOString(), ceilings, rows }, null, 2),
  );
}
