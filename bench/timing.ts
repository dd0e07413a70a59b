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

/** Work to measure: a function that submits the work `times` times without waiting. */
export type Work = (times: number) => void;

/** Number and length of samples. */
export interface Sampling {
  /** Number of samples; their median counts. */
  readonly samples: number;
  /** Minimum length of a sample in milliseconds, long enough to make the final wait negligible. */
  readonly sampleMilliseconds: number;
}

/**
 * Measures the milliseconds of one piece of work: after a warm-up, the median of samples of many repetitions.
 */
export async function measureMilliseconds(
  device: Device,
  work: Work,
  { samples: sampleCount, sampleMilliseconds }: Sampling,
): Promise<number> {
  const wait = async (times: number) => {
    const start = performance.now();
    work(times);
    await device.finish();
    return performance.now() - start;
  };
  await wait(1);
  const idle = await measureIdleMilliseconds(device);
  let times = 1;
  for (;;) {
    const elapsed = await wait(times);
    if (elapsed - idle >= sampleMilliseconds || times >= 4096) break;
    const growth = 1.2 * sampleMilliseconds / Math.max(elapsed - idle, 0.1);
    times = Math.ceil(times * Math.min(8, Math.max(1.5, growth)));
  }
  const samples: number[] = [];
  for (let i = 0; i < sampleCount; i++) samples.push((await wait(times) - idle) / times);
  return median(samples);
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
