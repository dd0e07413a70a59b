/**
 * Likeliest classes of pictures, and selections of the surest and the least sure ones.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";

/** Two likeliest classes of a picture, by their indices. */
export interface Guess {
  readonly prediction: number;
  readonly probability: number;
  /** Second likeliest class; null if there is only one. */
  readonly second: { readonly prediction: number; readonly probability: number } | null;
}

/** Returns the two likeliest classes. @param probabilities Probability of each class. */
export function guessOf(probabilities: ArrayLike<number>): Guess {
  const all = Array.from(probabilities), probability = largestOf(all), prediction = all.indexOf(probability);
  const others = all.map((each, c) => c === prediction ? -1 : each), next = largestOf(others);
  const second = all.length < 2 ? null : { prediction: others.indexOf(next), probability: next };
  return { prediction, probability, second };
}

/** Returns the two likeliest classes by logits, without a temperature. */
export function guessOfLogits(logits: Float32Array): Guess {
  const largest = largestOf(logits), weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return guessOf(weights.map((weight) => weight / sum));
}

/** A guess for the picture of an index. */
export interface IndexedGuess extends Guess {
  readonly index: number;
}

/** Selects the least sure pictures, the least sure first. */
export function leastSureOf<G extends IndexedGuess>(guesses: readonly G[], count: number): G[] {
  return guesses.toSorted((one, other) => one.probability - other.probability).slice(0, count);
}

/** Selects the surest pictures of each predicted class in turn, so that one easy class does not fill the list. */
export function surestOf<G extends IndexedGuess>(guesses: readonly G[], count: number): G[] {
  const sorted = guesses.toSorted((one, other) => other.probability - one.probability);
  const ranks = new Map<number, number>();
  const ranked = sorted.map((guess) => {
    const rank = ranks.get(guess.prediction) ?? 0;
    ranks.set(guess.prediction, rank + 1);
    return { guess, rank };
  });
  // A stable sort: within a rank, the surest comes first.
  return ranked.sort((one, other) => one.rank - other.rank).slice(0, count).map(({ guess }) => guess);
}
