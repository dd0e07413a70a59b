/**
 * The rounds of a labelling: one run each, in the folder of the labelling.
 * @module
 */
import { join } from "node:path";
import { isFinished } from "../run_files/run_files.ts";
import { readSummary } from "../run_files/run_reader.ts";
import { withInterval } from "../terminal/figures.ts";

/** An error with its 95 % interval, as shares. */
export interface RoundError {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Number of pictures that it was measured on. */
  readonly examples: number;
  /** True if no picture was tested: the error is estimated from the training labels, and may be too low. */
  readonly isEstimate: boolean;
}

/** A finished round. */
export interface Round {
  readonly number: number;
  readonly folder: string;
  /** Number of labels that it was trained with. */
  readonly labels: number;
  /** Error of the teacher; null if there was nothing to measure it on. */
  readonly error: RoundError | null;
}

/** Returns the folder of a round. */
export function folderOfRound(folder: string, number: number): string {
  return join(folder, `round-${number}`);
}

/** Reads all finished rounds in a folder, and the number of the next one. */
export async function readRounds(
  folder: string,
): Promise<{ readonly rounds: readonly Round[]; readonly next: number }> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const numbers = entries.flatMap(({ name }) => Number(/^round-(\d{1,9})$/.exec(name)?.[1] ?? []))
    .filter((number) => number > 0).sort((a, b) => a - b);
  const rounds: Round[] = [];
  for (const number of numbers) {
    const path = folderOfRound(folder, number);
    if (await isFinished(path)) rounds.push(await readRound(path, number));
  }
  return { rounds, next: (numbers.at(-1) ?? 0) + 1 };
}

/** Reads a finished round. */
export async function readRound(folder: string, number: number): Promise<Round> {
  const { labels, teacher, probe } = await readSummary(folder), measured = teacher ?? probe;
  if (!measured || measured.examples === 0) return { number, folder, labels, error: null };
  const { testError: share, examples, interval: [low = 0, high = 1] } = withInterval(measured);
  return { number, folder, labels, error: { share, low, high, examples, isEstimate: !teacher } };
}
