/**
 * Compares libraries ("peers") on one piece of work. Each peer first prepares; then all peers take samples in
 * turn, so that a temporary slowdown of the machine affects all of them.
 * @module
 */
import { median, quartiles } from "../timing.ts";
import { PeerProcess, UnavailableError } from "./peer_process.ts";
import { computeDeviation } from "./works.ts";

/** A library in the comparison. */
export interface PeerCommand {
  /** Name in the table. */
  readonly name: string;
  /** Program and arguments that start the peer's process. */
  readonly command: readonly [string, ...string[]];
}

/** Number and length of samples. */
export interface Plan {
  /** Number of samples of each peer. */
  readonly rounds: number;
  /** Minimum length of a sample in milliseconds, long enough to make the final wait negligible. */
  readonly sampleMilliseconds: number;
}

/** Result of one peer on one piece of work; unknown values are null. */
export interface Row {
  readonly work: string;
  readonly peer: string;
  /** Median of the samples in milliseconds, including the wait for the device. */
  readonly milliseconds: number | null;
  /** Median of this library's samples in milliseconds. */
  readonly oursMilliseconds: number | null;
  /** Median over the rounds of the peer's time divided by ours; above 1 if this library is faster. */
  readonly ratio: number | null;
  /** Lower and upper quartile of these ratios. */
  readonly ratioQuartiles: readonly [number, number] | null;
  /** Peak resident memory of the process, without the memory of a graphics card. */
  readonly peakMemoryMiB: number | null;
  /**
   * Time from the start of the process to the end of the first step, with loading and without cached shaders.
   */
  readonly firstStepMilliseconds: number | null;
  readonly device: string | null;
  readonly version: string | null;
  /** Largest relative difference between the peer's results and ours. */
  readonly deviation: number | null;
  /** Reason for a missing or doubtful number. */
  readonly note?: string;
}

/** Largest relative difference at which results count as equal. */
export const tolerance = 0.01;

/** Part of a row reported by the peer itself. */
type Facts = Pick<Row, "peakMemoryMiB" | "firstStepMilliseconds" | "device" | "version" | "note">;

/** A peer during a comparison. */
class Participant {
  readonly samples: number[] = [];
  facts: Facts = { peakMemoryMiB: null, firstStepMilliseconds: null, device: null, version: null };
  results: readonly number[][] = [];
  #process: PeerProcess | undefined;
  #times = 1;

  constructor(readonly peer: PeerCommand) {}

  /**
   * Calls a function with the peer's process unless the peer has failed; a failure becomes the note of its
   * row.
   */
  async #attempt(act: (process: PeerProcess) => Promise<void>): Promise<void> {
    if (this.facts.note !== undefined) return;
    try {
      this.#process ??= new PeerProcess(this.peer.command);
      await act(this.#process);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.samples.length = 0;
      this.facts = { ...this.facts, note: `not available: ${error.message}` };
    }
  }

  /** Runs the first step, then finds the number of repetitions in a sample. */
  async prepare(work: string, { sampleMilliseconds }: Plan): Promise<void> {
    await this.#attempt(async (process) => {
      const { device, version } = await process.ask({ ask: "prepare", work });
      this.facts = { ...this.facts, firstStepMilliseconds: process.age, device, version };
      for (;;) {
        const { milliseconds } = await process.ask({ ask: "run", times: this.#times });
        if (milliseconds >= sampleMilliseconds || this.#times >= 4096) break;
        const growth = 1.2 * sampleMilliseconds / Math.max(milliseconds, 0.1);
        this.#times = Math.ceil(this.#times * Math.min(8, Math.max(1.5, growth)));
      }
    });
  }

  async sample(): Promise<void> {
    await this.#attempt(async (process) => {
      const { milliseconds } = await process.ask({ ask: "run", times: this.#times });
      this.samples.push(milliseconds / this.#times);
    });
  }

  async finish(): Promise<void> {
    await this.#attempt(async (process) => {
      const { peakMemoryMiB } = await process.ask({ ask: "memory" }); // before reading results takes more memory
      this.facts = { ...this.facts, peakMemoryMiB };
      this.results = (await process.ask({ ask: "results" })).results;
    });
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }
}

/** Compares peers on one piece of work; the first peer is this library, the reference of all others. */
export async function compare(
  work: string,
  [first, ...others]: readonly [PeerCommand, ...PeerCommand[]],
  plan: Plan,
  onProgress: (message: string) => void,
): Promise<Row[]> {
  const ours = new Participant(first);
  const participants = [ours, ...others.map((peer) => new Participant(peer))];
  try {
    for (const each of participants) {
      onProgress(`${work}: first step of ${each.peer.name}`);
      await each.prepare(work, plan);
    }
    for (let round = 1; round <= plan.rounds; round++) {
      onProgress(`${work}: round ${round} of ${plan.rounds}`);
      for (const each of participants) await each.sample();
    }
    for (const each of participants) await each.finish();
  } finally {
    for (const each of participants) await each.close();
  }
  return participants.map((each) => createRow(work, each, ours));
}

function createRow(work: string, { peer, samples, results, facts }: Participant, ours: Participant): Row {
  const milliseconds = samples.length > 0 ? median(samples) : null;
  const oursMilliseconds = ours.samples.length > 0 ? median(ours.samples) : null;
  const isComparable = milliseconds !== null && oursMilliseconds !== null;
  const ratios = samples.map((sample, i) => sample / (ours.samples[i] ?? NaN));
  const difference = isComparable ? computeDeviation(results, ours.results) : null;
  const differs = difference !== null && !(difference <= tolerance);
  return {
    work,
    peer: peer.name,
    milliseconds,
    oursMilliseconds,
    ratio: isComparable ? median(ratios) : null,
    ratioQuartiles: isComparable ? quartiles(ratios) : null,
    ...facts,
    deviation: difference,
    ...(differs ? { note: `results differ from ours by ${(100 * difference).toPrecision(2)} %` } : {}),
  };
}
