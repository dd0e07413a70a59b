/**
 * Selection of the examples to label next.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";
import { hostUniform } from "../../kernels/mod.ts";

/** An unlabelled example as a classifier sees it. */
export interface Candidate {
  /** Index of the example, or any other number that identifies it. */
  readonly index: number;
  /** Input of the classifier's heads `[D]`. */
  readonly features: ArrayLike<number>;
  /** Probability of each class `[C]`. */
  readonly probabilities: ArrayLike<number>;
}

/** Options of {@linkcode Suggestions.choose}. */
export interface SuggestOptions {
  /** Number of examples to choose. */
  readonly count: number;
  /** An integer from 0 to 2³² − 1; equal candidates and seeds give equal choices. */
  readonly seed: number;
}

/** Default memory for candidates, in bytes. */
const defaultBytes = 2 ** 28;

/** Stream of random numbers, different from the streams of splits and batches. */
const stream = 0x5e1ec7;

/**
 * Chooses examples that a classifier is unsure about and that differ from each other, from any number of
 * candidates: BADGE, Ash et al. 2020 (Deep Batch Active Learning by Diverse, Uncertain Gradient Lower
 * Bounds).
 *
 * An example is represented by the gradient of its cost in the last layer if the likeliest class ŷ were its
 * label: `g = (p − onehot(ŷ)) ⊗ h`, with probabilities p and features h. The gradient is long if the
 * classifier is unsure, and shows the direction in which a label would move it. Examples are drawn by
 * k-means++ (Arthur & Vassilvitskii 2007): each with a probability proportional to its squared distance from
 * the nearest example drawn before. The C·D numbers of `g` are never computed: `⟨g, g′⟩ = ⟨a, a′⟩ · ⟨h, h′⟩`
 * with `a = p − onehot(ŷ)`.
 *
 * In the paper, the first example is the one with the longest gradient. Here, 0 counts as drawn from the
 * start. Gradients of well-learnt examples, above all of labelled ones, are near 0, so that even the first
 * draw avoids them.
 *
 * Memory is bounded: if there are too many candidates, the ones with the shortest gradients are dropped, as
 * they are hardly ever drawn.
 *
 * @example
 * ```ts
 * import { Suggestions } from "../mod.ts";
 *
 * const suggestions = new Suggestions();
 * suggestions.add({ index: 0, features: [1, 0], probabilities: [1, 0] }); // The classifier is sure.
 * suggestions.add({ index: 1, features: [1, 0], probabilities: [0.5, 0.5] });
 * suggestions.add({ index: 2, features: [1, 0], probabilities: [0.5, 0.5] }); // A duplicate of example 1.
 * suggestions.add({ index: 3, features: [0, 1], probabilities: [0.4, 0.6] });
 * const chosen = suggestions.choose({ count: 2, seed: 1 });
 * console.assert(chosen.length === 2 && chosen.includes(3) && !chosen.includes(0));
 * ```
 */
export class Suggestions {
  readonly #bytes: number;
  #candidates: StoredCandidate[] = [];
  #capacity = Infinity;

  /** Starts without candidates. @param bytes Upper bound of the memory for candidates. */
  constructor(bytes: number = defaultBytes) {
    this.#bytes = bytes;
  }

  /** Number of stored candidates. */
  get size(): number {
    return this.#candidates.length;
  }

  /**
   * Adds a candidate.
   * @throws {RangeError} if its number of features or classes differs from earlier candidates, or a value is
   * not finite.
   */
  add({ index, features, probabilities }: Candidate): void {
    const candidate = toStored(index, features, probabilities), { h, a } = candidate;
    const [first] = this.#candidates;
    if (first && (first.h.length !== h.length || first.a.length !== a.length)) {
      throw new RangeError(
        `Cannot add example ${index}: all examples must have equally many features and classes, but it has ${h.length} and ${a.length}, others have ${first.h.length} and ${first.a.length}`,
      );
    }
    // Half is dropped whenever the memory is full, so that sorting is rare.
    if (!first) this.#capacity = Math.max(2, Math.floor(this.#bytes / 4 / (h.length + a.length)));
    this.#candidates.push(candidate);
    if (this.#candidates.length > this.#capacity) this.#keepLongest(Math.floor(this.#capacity / 2));
  }

  /**
   * Returns the indices of the chosen examples in the order of drawing. There are fewer than `count` if too
   * few candidates differ from each other and from what the classifier has learnt.
   * @throws {RangeError} if the count is not a whole number above 0.
   */
  choose({ count, seed }: SuggestOptions): number[] {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(
        `Cannot choose examples: their number must be a whole number above 0, but is ${count}`,
      );
    }
    const candidates = this.#candidates;
    const distances = Float64Array.from(candidates, ({ square }) => square);
    const uniform = hostUniform([seed, 0], stream, count);
    const chosen: number[] = [];
    for (const draw of uniform) {
      const at = drawIndex(distances, draw), center = candidates[at];
      if (!center) break;
      chosen.push(center.index);
      candidates.forEach((candidate, i) => {
        const { [i]: distance = 0 } = distances;
        if (distance > 0) distances[i] = Math.min(distance, squaredDistance(candidate, center));
      });
      distances[at] = 0;
    }
    return chosen;
  }

  #keepLongest(count: number): void {
    this.#candidates = this.#candidates
      .sort((a, b) => b.square - a.square || a.index - b.index)
      .slice(0, count)
      .sort((a, b) => a.index - b.index);
  }
}

/** A candidate, stored as the two factors of its gradient. */
interface StoredCandidate {
  readonly index: number;
  /** `p − onehot(ŷ)` */
  readonly a: Float32Array;
  readonly h: Float32Array;
  /** `‖g‖²` */
  readonly square: number;
}

function toStored(
  index: number,
  features: ArrayLike<number>,
  probabilities: ArrayLike<number>,
): StoredCandidate {
  const h = Float32Array.from(features), a = Float32Array.from(probabilities);
  const likeliest = a.indexOf(largestOf(a));
  // The sum of the others, as 1 − p would lose precision.
  a[likeliest] = -a.reduce((sum, p, c) => c === likeliest ? sum : sum + p, 0);
  const square = dot(a, a) * dot(h, h);
  if (!Number.isFinite(square)) {
    throw new RangeError(`Cannot add example ${index}: its features and probabilities must be finite`);
  }
  return { index, a, h, square };
}

function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** Computes `‖g − g′‖²`; rounding errors below 0 become 0. */
function squaredDistance(one: StoredCandidate, other: StoredCandidate): number {
  return Math.max(0, one.square + other.square - 2 * dot(one.a, other.a) * dot(one.h, other.h));
}

/** Returns an index drawn in proportion to its weight by a number in [0, 1); −1 if all weights are 0. */
function drawIndex(weights: Float64Array, uniform: number): number {
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
