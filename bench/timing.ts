/**
 * Measurement of the duration of work on a device.
 * @module
 */
import type { Device, Program } from "../kernels/mod.ts";

/** Returns the median: the middle number, or the mean of the two middle numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Returns the lower and the upper quartile, interpolated between neighbours. */
export function quartiles(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const position = share * (sorted.length - 1), below = Math.floor(position);
    const [low = NaN, high = low] = sorted.slice(below, below + 2);
    return low + (high - low) * (position - below);
  };
  return [at(0.25), at(0.75)];
}

/** Work to measure: a function that submits the work `times` times without waiting. */
export type Work = (times: number) => void;

/** Number and length of samples. */
export interface Sampling {
  /** Number of samples; their median counts. */
  readonly samples: number;
  /** Minimum length of a sample in milliseconds, long enough to make the final wait negligible. */
  readonly sampleMilliseconds: number;
}

/** Time that a GPU works before it is measured, in milliseconds: its clock rises slowly. */
const warmUpMilliseconds = 2000;

/** Measures the milliseconds of one piece of work: the median of {@linkcode sampleInTurn}. */
export async function measureMilliseconds(device: Device, work: Work, sampling: Sampling): Promise<number> {
  const [samples = []] = await sampleInTurn(device, [work], sampling);
  return median(samples);
}

/**
 * Returns samples of several pieces of work, for each the milliseconds of one repetition. All take their
 * samples in turn, so that a temporary slowdown of the machine affects all of them; their ratios hardly change.
 */
export async function sampleInTurn(
  device: Device,
  works: readonly Work[],
  { samples: sampleCount, sampleMilliseconds }: Sampling,
): Promise<number[][]> {
  const wait = async (work: Work, times: number) => {
    const start = performance.now();
    work(times);
    await device.finish();
    return performance.now() - start;
  };
  const start = performance.now();
  const idle = await measureIdleMilliseconds(device);
  const repeated: { work: Work; times: number; samples: number[] }[] = [];
  for (const work of works) {
    await wait(work, 1);
    let times = 1;
    for (;;) {
      const elapsed = await wait(work, times);
      if (elapsed - idle >= sampleMilliseconds || times >= 4096) break;
      const growth = 1.2 * sampleMilliseconds / Math.max(elapsed - idle, 0.1);
      times = Math.ceil(times * Math.min(8, Math.max(1.5, growth)));
    }
    repeated.push({ work, times, samples: [] });
  }
  while (!device.isCpu && performance.now() - start < warmUpMilliseconds) {
    for (const { work, times } of repeated) await wait(work, times);
  }
  for (let i = 0; i < sampleCount; i++) {
    for (const { work, times, samples } of repeated) samples.push((await wait(work, times) - idle) / times);
  }
  return repeated.map(({ samples }) => samples);
}

/** Measures the milliseconds of waiting for an empty submit. */
async function measureIdleMilliseconds(device: Device): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    device.gpu.queue.submit([]);
    await device.finish();
    samples.push(performance.now() - start);
  }
  return median(samples);
}

/** Creates work that runs a program without inputs. */
export function createWork(program: Program<never, string>): Work {
  return (times) => {
    for (let i = 0; i < times; i++) program.run({});
  };
}
