/**
 * How long work on a device takes.
 * @module
 */
import type { Device, Program } from "../kernels/mod.ts";

/** The middle one of some numbers, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Work to be timed: submits itself `times` times, without waiting. */
export type Work = (times: number) => void;

/** How thoroughly to measure. */
export interface Thoroughness {
  /** Samples, whose median is taken. */
  readonly samples: number;
  /** Milliseconds that a sample takes at least, so that waiting for its end does not count. */
  readonly sampleMilliseconds: number;
}

/** Milliseconds that one piece of work takes: the median of samples of many at once, after a warm-up. */
export async function millisecondsOf(
  device: Device,
  work: Work,
  thoroughness: Thoroughness,
): Promise<number> {
  const wait = async (times: number) => {
    const start = performance.now();
    work(times);
    await device.finish();
    return performance.now() - start;
  };
  await wait(1);
  const idle = await idleMilliseconds(device);
  let times = 1;
  for (;;) {
    const elapsed = await wait(times);
    if (elapsed - idle >= thoroughness.sampleMilliseconds || times >= 4096) break;
    times = Math.ceil(
      times *
        Math.min(8, Math.max(1.5, 1.2 * thoroughness.sampleMilliseconds / Math.max(elapsed - idle, 0.1))),
    );
  }
  const samples: number[] = [];
  for (let i = 0; i < thoroughness.samples; i++) samples.push((await wait(times) - idle) / times);
  return median(samples);
}

/** What waiting for nothing takes. */
async function idleMilliseconds(device: Device): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    device.gpu.queue.submit([]);
    await device.finish();
    samples.push(performance.now() - start);
  }
  return median(samples);
}

/** A Program without inputs as work. */
export function running(program: Program<never, string>): Work {
  return (times) => {
    for (let i = 0; i < times; i++) program.run({});
  };
}
