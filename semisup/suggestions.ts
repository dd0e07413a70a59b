/**
 * Which examples to label next.
 * @module
 */
import { largestOf } from "../nn/mod.ts";
import { hostUniform } from "../kernels/mod.ts";

/** What a classifier makes of an example without a label. */
export interface Candidate {
  /** The example's index, or whatever it is to be known by. */
  readonly index: number;
  /** What the classifier's heads are put on `[D]`. */
  readonly features: ArrayLike<number>;
  /** Probability of each class `[C]`. */
  readonly probabilities: ArrayLike<number>;
}

/** How to choose. */
export interface SuggestOptions {
  /** How many examples. */
  readonly count: number;
  /** An integer from 0 to 2³² − 1: the same candidates and seed give the same choice. */
  readonly seed: number;
}

/** Bytes of candidates that are kept, at most. */
const usualBytes = 2 ** 28;

/** Stream of random numbers, unlike those of splits and batches with the same seed. */
const stream = 0x5e1ec7;

/**
 * Chooses examples that a classifier is unsure about and that differ from each other, out of any number of them: BADGE, Ash
 * et al. 2020 (Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds).
 *
 * An example stands at the gradient that its cost would have in the last layer if the likeliest class ŷ were its label:
 * `g = (p − onehot(ŷ)) ⊗ h`, with probabilities p and features h. It is long where the classifier is unsure, and points
 * where a label would move it. Examples are drawn by k-means++ (Arthur & Vassilvitskii 2007): each with a probability in
 * proportion to its squared distance from the nearest that was drawn before. `g` itself, of C·D numbers, is never made:
 * `⟨g, g′⟩ = ⟨a, a′⟩ · ⟨h, h′⟩` with `a = p − onehot(ŷ)`.
 *
 * In the paper the first is the one with the longest gradient. Here distances are from 0 as well, where all examples are
 * that the classifier has learnt, the labelled ones above all; so none of them is drawn, not even once.
 *
 * Memory is bounded: where there are too many candidates, those of the shortest gradients, which hardly ever are drawn,
 * are forgotten.
 *
 * @example
 * ```ts
 * import { Suggestions } from "./mod.ts";
 *
 * const suggestions = new Suggestions();
 * suggestions.add({ index: 0, features: [1, 0], probabilities: [1, 0] }); // Sure.
 * suggestions.add({ index: 1, features: [1, 0], probabilities: [0.5, 0.5] });
 * suggestions.add({ index: 2, features: [1, 0], probabilities: [0.5, 0.5] }); // The same again.
 * suggestions.add({ index: 3, features: [0, 1], probabilities: [0.4, 0.6] });
 * const chosen = suggestions.choose({ count: 2, seed: 1 });
 * console.assert(chosen.length === 2 && chosen.includes(3) && !chosen.includes(0));
 * ```
 */
export class Suggestions {
  readonly #bytes: number;
  #candidates: Kept[] = [];
  #most = Infinity;

  /** A choice among nothing yet. @param bytes Memory for candidates, at most. */
  constructor(bytes: number = usualBytes) {
    this.#bytes = bytes;
  }

  /** How many candidates are remembered. */
  get size(): number {
    return this.#candidates.length;
  }

  /**
   * Considers an example.
   * @throws {RangeError} if it has other numbers of features or classes than those before, or one is not finite.
   */
  add({ index, features, probabilities }: Candidate): void {
    const kept = keptOf(index, features, probabilities);
    const [first] = this.#candidates;
    if (first && (first.h.length !== kept.h.length || first.a.length !== kept.a.length)) {
      throw new RangeError(
        `Cannot consider example ${index} as all must have as many features and classes: it has ${kept.h.length} and ${kept.a.length}, others ${first.h.length} and ${first.a.length}`,
      );
    }
    // Twice as many as are kept for long, so that it is seldom that some have to go.
    if (!first) this.#most = Math.max(2, Math.floor(this.#bytes / 4 / (kept.h.length + kept.a.length)));
    this.#candidates.push(kept);
    if (this.#candidates.length > this.#most) this.#forget(Math.floor(this.#most / 2));
  }

  /**
   * The indices of the chosen examples, in the order that they were drawn in; fewer where not so many differ from each
   * other and from what has been learnt.
   * @throws {RangeError} if count is not a whole number above 0.
   */
  choose({ count, seed }: SuggestOptions): number[] {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(
        `Cannot choose examples as their number must be a whole one above 0: it is ${count}`,
      );
    }
    const candidates = this.#candidates;
    const distances = Float64Array.from(candidates, ({ square }) => square);
    const uniform = hostUniform([seed, 0], stream, count);
    const chosen: number[] = [];
    for (const draw of uniform) {
      const at = drawn(distances, draw), center = candidates[at];
      if (!center) break;
      chosen.push(center.index);
      candidates.forEach((candidate, i) => {
        const { [i]: distance = 0 } = distances;
        if (distance > 0) distances[i] = Math.min(distance, distanceOf(candidate, center));
      });
      distances[at] = 0;
    }
    return chosen;
  }

  #forget(most: number): void {
    this.#candidates = this.#candidates
      .sort((a, b) => b.square - a.square || a.index - b.index)
      .slice(0, most)
      .sort((a, b) => a.index - b.index);
  }
}

/** A candidate by the two factors of its gradient. */
interface Kept {
  readonly index: number;
  /** `p − onehot(ŷ)` */
  readonly a: Float32Array;
  readonly h: Float32Array;
  /** `‖g‖²` */
  readonly square: number;
}

function keptOf(index: number, features: ArrayLike<number>, probabilities: ArrayLike<number>): Kept {
  const h = Float32Array.from(features), a = Float32Array.from(probabilities);
  const likeliest = a.indexOf(largestOf(a));
  // Of the others' sum, as 1 − p would lose what is left of it.
  a[likeliest] = -a.reduce((sum, p, c) => c === likeliest ? sum : sum + p, 0);
  const square = dot(a, a) * dot(h, h);
  if (!Number.isFinite(square)) {
    throw new RangeError(`Cannot consider example ${index} as what is made of it must be finite: it is not`);
  }
  return { index, a, h, square };
}

function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** `‖g − g′‖²`, which rounding may not bring below 0. */
function distanceOf(one: Kept, other: Kept): number {
  return Math.max(0, one.square + other.square - 2 * dot(one.a, other.a) * dot(one.h, other.h));
}

/** The index that a number in [0, 1) draws, each in proportion to its weight; −1 where all weights are 0. */
function drawn(weights: Float64Array, uniform: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = uniform * total, last = -1;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = i;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}
