/**
 * Compares peers at one work: first steps one after the other, then samples in turn, so that whatever slows the
 * machine for a while slows all of them.
 * @module
 */
import { median } from "../timing.ts";
import { PeerProcess, UnavailableError } from "./peer_process.ts";
import { deviation, type WorkName } from "./works.ts";

/** A library in the comparison. */
export interface PeerCommand {
  /** Its name in the table. */
  readonly name: string;
  /** What starts it. */
  readonly command: readonly [string, ...string[]];
}

/** How thoroughly to compare. */
export interface Plan {
  /** Samples of each peer. */
  readonly rounds: number;
  /** Milliseconds that a sample takes at least, so that waiting for its end hardly counts. */
  readonly sampleMilliseconds: number;
}

/** A line of the result. What is not known is null. */
export interface Row {
  readonly work: WorkName;
  readonly peer: string;
  /** Median of the samples, each with the wait for the device. */
  readonly milliseconds: number | null;
  readonly oursMilliseconds: number | null;
  /** The peer's time over ours: above 1 where we are faster. */
  readonly ratio: number | null;
  /** Most that its process had resident; without the memory of a graphics card. */
  readonly peakMemoryMiB: number | null;
  /** From the start of the process, with the library's loading, to the end of the first step; no cached shaders. */
  readonly firstStepMilliseconds: number | null;
  readonly device: string | null;
  readonly version: string | null;
  /** Largest relative difference of its results from ours. */
  readonly deviation: number | null;
  /** Why there is no number, or why not to trust it. */
  readonly note?: string;
}

/** Results that differ more than this are not of the same work. */
export const tolerance = 0.01;

/** What a peer tells of itself. */
type Facts = Pick<Row, "peakMemoryMiB" | "firstStepMilliseconds" | "device" | "version" | "note">;

/** A peer while it takes part. */
class Contestant {
  readonly samples: number[] = [];
  facts: Facts = { peakMemoryMiB: null, firstStepMilliseconds: null, device: null, version: null };
  results: readonly number[][] = [];
  #process: PeerProcess | undefined;
  #times = 1;

  constructor(readonly peer: PeerCommand) {}

  /** Goes on unless it has failed; a failure becomes the note of its row. */
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

  /** The first step, then how often to repeat it in a sample. */
  async prepare(work: WorkName, { sampleMilliseconds }: Plan): Promise<void> {
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
      const { peakMemoryMiB } = await process.ask({ ask: "memory" }); // before results are read
      this.facts = { ...this.facts, peakMemoryMiB };
      this.results = (await process.ask({ ask: "results" })).results;
    });
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }
}

/** Compares peers at a work. The first is the one that all are compared with. */
export async function compare(
  work: WorkName,
  [first, ...others]: readonly [PeerCommand, ...PeerCommand[]],
  plan: Plan,
  onProgress: (what: string) => void,
): Promise<Row[]> {
  const ours = new Contestant(first);
  const contestants = [ours, ...others.map((peer) => new Contestant(peer))];
  try {
    for (const each of contestants) {
      onProgress(`${work}: first step of ${each.peer.name}`);
      await each.prepare(work, plan);
    }
    for (let round = 1; round <= plan.rounds; round++) {
      onProgress(`${work}: round ${round} of ${plan.rounds}`);
      for (const each of contestants) await each.sample();
    }
    for (const each of contestants) await each.finish();
  } finally {
    for (const each of contestants) await each.close();
  }
  return contestants.map((each) => rowOf(work, each, ours));
}

function rowOf(work: WorkName, { peer, samples, results, facts }: Contestant, ours: Contestant): Row {
  const milliseconds = samples.length > 0 ? median(samples) : null;
  const oursMilliseconds = ours.samples.length > 0 ? median(ours.samples) : null;
  const isComparable = milliseconds !== null && oursMilliseconds !== null;
  const difference = isComparable ? deviation(results, ours.results) : null;
  const differs = difference !== null && !(difference <= tolerance);
  return {
    work,
    peer: peer.name,
    milliseconds,
    oursMilliseconds,
    ratio: isComparable ? milliseconds / oursMilliseconds : null,
    ...facts,
    deviation: difference,
    ...(differs ? { note: `results differ from ours by ${(100 * difference).toPrecision(2)} %` } : {}),
  };
}
