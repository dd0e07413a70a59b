/**
 * A simulation of the schedule of processes that train one run: in each part of a step all compute, then all wait for
 * the slowest and sum.
 * @module
 */

/** Time of one process, in seconds. */
export interface Duration {
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** A part of a step: work of each process, then a transfer and sum of all. */
export interface Part {
  /** Returns the time of the work of a process. */
  readonly work: (rank: number) => Duration;
  /** Seconds of transfer and sum, after the slowest process is ready. */
  readonly exchange: number;
  /** Seconds of the work that may continue during the exchange; 0 if absent. */
  readonly overlap?: number;
}

/** Returns numbers that are the same in every run, evenly spread between 0 and 1. */
function* uniforms(): Generator<number, never> {
  for (let state = 1;;) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    yield state / 2 ** 32;
  }
}

/** Returns the mean and the deviation of some seconds. */
export function durationOf(seconds: readonly number[]): Duration {
  const mean = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  const squares = seconds.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / seconds.length) };
}

/** Simulates steps whose times are normally distributed, and returns the mean seconds of a step. */
export function simulate(ranks: number, parts: readonly Part[], steps = 2000): number {
  const random = uniforms();
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.next().value)) * Math.cos(2 * Math.PI * random.next().value);
  let total = 0;
  for (let step = 0; step < steps; step++) {
    for (const { work, exchange, overlap = 0 } of parts) {
      let slowest = 0;
      for (let rank = 0; rank < ranks; rank++) {
        const { mean, deviation } = work(rank);
        slowest = Math.max(slowest, mean + deviation * normal());
      }
      total += slowest + Math.max(0, exchange - overlap);
    }
  }
  return total / steps;
}
