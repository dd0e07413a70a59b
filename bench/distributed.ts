/**
 * A model of the time of a step in several processes, and a simulation of their schedule:
 * `deno run -A bench/distributed.ts`. The part of this machine, the transfer of gradients between GPU and host, is
 * measured in processor time.
 * @module
 */
import process from "node:process";
import { add, compile, Device, sumAcross, variable } from "../kernels/mod.ts";
import { simulate } from "./schedule.ts";

/** A network whose gradients are summed. */
interface Load {
  readonly name: string;
  readonly parameters: number;
  /** Milliseconds of a step of one process, and its images. */
  readonly step: number;
  readonly images: number;
}

/**
 * Steps on an H100 in float32: that of ConvNet-13 is measured (docs/performance.md), the others are in proportion to
 * their multiply-adds per image, 3.8 and 11.8 billion instead of 0.73.
 */
const loads: readonly Load[] = [
  { name: "ConvNet-13", parameters: 3_121_812, step: 18.9, images: 100 },
  { name: "Shake-Shake-26", parameters: 26_193_466, step: 98, images: 100 },
  { name: "ResNeXt-152", parameters: 57_922_890, step: 305, images: 100 },
];

/** Seconds of a message between two processes. */
const latency = 30e-6;

/** Relative deviation of the step of a process. */
const deviation = 0.03;

/** Share of the passes that could continue during the exchange, if it overlapped the backward pass. */
const backward = 0.5;

/** Returns the seconds of a sum by a ring: each process sends `2 (n − 1) / n` of the bytes, in `2 (n − 1)` messages. */
export function sumSeconds(bytes: number, ranks: number, gigabits: number): number {
  const rounds = 2 * (ranks - 1);
  return rounds * (bytes / ranks / (gigabits * 1e9 / 8) + latency);
}

/** Measures the processor seconds per byte of the transfer from GPU to host and back. */
async function measureStaging(): Promise<number> {
  using device = await Device.request();
  const count = 2 ** 23, x = variable([count], new Float32Array(count));
  const options = { sumAcross: () => Promise.resolve() };
  const programs = await Promise.all([
    compile(device, {}, () => ({ updates: [[x, add(sumAcross(x, 0), 1)]] }), options),
    compile(device, {}, () => ({ updates: [[x, add(x, 1)]] })),
  ]);
  const seconds: number[] = [];
  for (const program of programs) {
    await program.run({});
    await device.finish();
    const start = process.cpuUsage();
    for (let i = 0; i < 8; i++) await program.run({});
    await device.finish();
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6 / 8);
    program[Symbol.dispose]();
  }
  const [withSum = 0, without = 0] = seconds;
  return (withSum - without) / (4 * count);
}

/** A run of which the speed-up is computed. */
interface Setting {
  readonly ranks: number;
  readonly gigabits: number;
  /** Seconds of the transfer between GPU and host and back, per byte. */
  readonly staging: number;
  /** True if 100 images are shared by all processes, instead of 100 for each. */
  readonly isShared: boolean;
  /** True if transfer and sum overlapped the backward pass perfectly. */
  readonly isOverlapped?: boolean;
}

/** Returns the speed-up over one process that computes the same images. */
export function speedUp(
  load: Load,
  { ranks, gigabits, staging, isShared, isOverlapped = false }: Setting,
): number {
  const bytes = 4 * load.parameters, single = load.step / 1000;
  const mean = isShared ? single / ranks : single;
  const step = simulate(ranks, [{
    work: () => ({ mean, deviation: deviation * mean }),
    exchange: staging * bytes + sumSeconds(bytes, ranks, gigabits),
    overlap: isOverlapped ? backward * mean : 0,
  }]);
  return (isShared ? single : single * ranks) / step;
}

if (import.meta.main) {
  const staging = await measureStaging();
  console.log(`GPU to host and back: ${(staging * 1e9 * 1000).toFixed(0)} ms of processor time per GB`);
  for (
    const [title, isShared, isOverlapped] of [
      ["Batch of 100 per process", false, false],
      ["Batch of 100 per process, with perfect overlap", false, true],
      ["Batch of 100 in all", true, false],
    ] as const
  ) {
    console.log(`\n${title}: speed-up`);
    console.log(
      ["network", "MB", ...[10, 100].flatMap((g) => [2, 8, 64].map((n) => `${n} at ${g}`))].join("\t"),
    );
    for (const load of loads) {
      const figures = [10, 100].flatMap((gigabits) =>
        [2, 8, 64].map((ranks) =>
          speedUp(load, { ranks, gigabits, staging, isShared, isOverlapped }).toFixed(1)
        )
      );
      console.log([load.name, (4 * load.parameters / 1e6).toFixed(1), ...figures].join("\t"));
    }
  }
}
