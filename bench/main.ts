/**
 * `deno task bench`: measures the adapter's peak speeds, the speed of kernels relative to them, and whole
 * training steps; or compares them with another version of the project.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { Device, Tuning, type TuningEffort } from "../kernels/mod.ts";
import { kernelCases } from "./cases.ts";
import { type Ceilings, measureCeilings } from "./ceilings.ts";
import { compareCheckouts } from "./compare_checkouts.ts";
import { measureKernel, measureStep, printTimeline, printTraffic } from "./measure_cases.ts";
import { printRow, type Row } from "./rows.ts";
import { stepCases } from "./steps.ts";

const options = new Command("deno task bench")
  .description("Measures this adapter's peak speeds, the kernels and whole Mean Teacher steps.")
  .option("--json", "print one JSON object with ceilings and rows instead of lines")
  .option("--filter <TEXT>", "measure only cases whose name contains this text", "")
  .option("--timeline", "print the duration of each command of the training steps, longest first")
  .option("--traffic", "print the bytes that the commands of the training steps read and write")
  .option(
    "--compare <REF>",
    "compare with another version of the project, a commit, branch, tag or folder: same cases, samples in turn",
  )
  .option("--samples <N>", "number of samples; the median counts", Number, 7)
  .addOption(
    new Option(
      "--tune <EFFORT>",
      "effort of measuring which kernels are fastest: off, fast or full (default: full; on processors off)",
    )
      .choices(["off", "fast", "full"]),
  )
  .parse(["deno", "bench", ...Deno.args])
  .opts<
    {
      json?: boolean;
      filter: string;
      timeline?: boolean;
      traffic?: boolean;
      samples: number;
      tune?: TuningEffort;
      compare?: string;
    }
  >();

const device = await Device.request();
const isWanted = ({ name, needsGpu = false }: { readonly name: string; readonly needsGpu?: boolean }) =>
  name.includes(options.filter) && !(needsGpu && device.isCpu);
const kernels = kernelCases.filter(isWanted), steps = stepCases(device.isCpu).filter(isWanted);
const tuning = new Tuning(options.tune ?? (device.isCpu ? "off" : "full"));
const printSteps = options.timeline ? printTimeline : options.traffic ? printTraffic : undefined;
if (printSteps) {
  for (const step of steps) await printSteps(device, step, tuning);
  device[Symbol.dispose]();
} else if (options.compare === undefined) await measureAll();
else await compareWith(options.compare);

/** Compares the cases with those of another version. */
async function compareWith(reference: string): Promise<void> {
  device[Symbol.dispose]();
  const plan = { rounds: options.samples, sampleMilliseconds: 300 };
  const cases = [...kernels, ...steps].map(({ name }) => name);
  const output = { tune: options.tune, isSilent: options.json ?? false };
  try {
    const rows = await compareCheckouts(reference, { cases, ...plan, ...output });
    if (options.json) console.log(JSON.stringify({ date: new Date().toISOString(), rows }, null, 2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}

/** Measures the ceilings, then every case. */
async function measureAll(): Promise<void> {
  const sampling = { samples: options.samples, sampleMilliseconds: 100 };
  const peaks = await measureCeilings(device, sampling);
  if (!options.json) printCeilings(peaks.ceilings);
  const rows: Row[] = [];
  const report = (row: Row) => {
    rows.push(row);
    if (!options.json) printRow(row);
  };
  for (const kernel of kernels) report(await measureKernel(device, kernel, { tuning, sampling, peaks }));
  peaks.destroy();
  for (const step of steps) report(await measureStep(device, step, { tuning, sampling }));
  const { name } = device;
  device[Symbol.dispose]();
  if (options.json) {
    const { ceilings } = peaks;
    console.log(JSON.stringify({ device: name, date: new Date().toISOString(), ceilings, rows }, null, 2));
  }
}

function printCeilings(ceilings: Ceilings): void {
  const { gflops, gbps, kernelGbps, dispatchMicroseconds, readBackMilliseconds } = ceilings;
  const copies = `${gbps.toFixed(1)} GB/s (copying kernel ${kernelGbps.toFixed(1)})`;
  const waits = `dispatch ${dispatchMicroseconds.toFixed(1)} µs, read-back ${
    readBackMilliseconds.toFixed(1)
  } ms`;
  console.log(`${device.name}: ${gflops.toFixed(1)} GFLOP/s, ${copies}, ${waits}`);
}
