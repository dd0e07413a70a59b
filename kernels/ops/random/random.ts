/**
 * Counter-based random numbers: each element is a function of a seed, the training step, a stream number and
 * the element's position. No state is stored or copied from the host, and a node has the same value in the
 * forward and the backward pass. The generator is in `threefry.ts`.
 * @module
 */
import type { PointwiseOp, Refusal, Sample } from "../../op.ts";
import {
  apply,
  type DType,
  formatShape,
  formatShapes,
  sameShape,
  type Shape,
  type Tensor,
} from "../../tensor.ts";
import { type BatchShare, rowsOfShare } from "../across.ts";
import { expand } from "../views/expansion.ts";
import { add, less, mul, where } from "../pointwise.ts";
import { threefry2x32, visitBlocks } from "./threefry.ts";
import threefryWgsl from "./threefry.wgsl" with { type: "text" };

/** Key of all random numbers of a training step. */
export interface RandomKey {
  /** Seed of the run: uint32 `[]`. */
  readonly seed: Tensor;
  /** Number of the step: uint32 `[]`; every step draws different numbers. */
  readonly step: Tensor;
  /**
   * Share of this process in the batch; the whole batch if absent. Draws with one row for each of its rows, or with
   * several batches of such rows, are the rows that one process would draw for them.
   */
  readonly share?: BatchShare | undefined;
}

/** Converts the upper 24 bits of a word to a multiple of 2⁻²⁴ in [0, 1). */
export function toUnitInterval(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Computes a standard normal number from two words (Box and Muller 1958), in float64. */
function boxMuller(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(1 - toUnitInterval(first))) * Math.cos(2 * Math.PI * toUnitInterval(second));
}

type RandomAttributes = { readonly stream: number };

/** Throws unless a stream number is valid. @throws {RangeError} if it is not an integer in 0 … 2³² − 1. */
export function checkStream(stream: number): void {
  if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32) {
    throw new RangeError(
      `Cannot draw random numbers: the stream must be a whole number in 0 … 2³² − 1, but is ${stream}`,
    );
  }
}

const uint32Pair: readonly DType[] = ["uint32", "uint32"];
const samples: readonly Sample<RandomAttributes>[] = [
  { shapes: [[3, 5], [3, 5]], attributes: { stream: 0 }, dtypes: uint32Pair, range: [0, 4_294_967_295] },
  { shapes: [[], []], attributes: { stream: 4_294_967_295 }, dtypes: uint32Pair, range: [0, 9] },
  { shapes: [[0, 4], [0, 4]], attributes: { stream: 1 }, dtypes: uint32Pair },
  { shapes: [[70_001], [70_001]], attributes: { stream: 7 }, dtypes: uint32Pair, range: [0, 4_294_967_295] },
];
const refusals: readonly Refusal<RandomAttributes>[] = [
  { shapes: [[2], [2]], attributes: { stream: 0 }, message: "seed and step must be uint32" },
];

/** Creates an op that converts the two words drawn per element, from seed and step of each element. */
function createRandomOp(
  name: string,
  dtype: DType,
  wgsl: (words: string) => string,
  convert: (first: number, second: number) => number,
): PointwiseOp<RandomAttributes, [Shape, Shape]> {
  return {
    kind: "pointwise",
    name,
    infer([seed, step], { stream }) {
      if (seed.dtype !== "uint32" || step.dtype !== "uint32") {
        throw new TypeError(
          `Cannot draw random numbers: seed and step must be uint32, but are ${seed.dtype} and ${step.dtype}`,
        );
      }
      if (!sameShape(seed.shape, step.shape)) {
        const shapes = formatShapes([seed, step]);
        throw new RangeError(
          `Cannot draw random numbers: shapes of seed and step must match, but are ${shapes}`,
        );
      }
      checkStream(stream);
      return { shape: seed.shape, dtype };
    },
    helpers: threefryWgsl,
    expression: ([seed, step], { attributes: { stream } }, index) =>
      wgsl(`threefry_2x32(vec2u(${seed}, ${step}), vec2u(${index.linear()}, ${stream}u))`),
    reference: ([seed, step], { attributes: { stream } }) =>
      seed.map((word, i) => convert(...threefry2x32([word, step[i]!], [i, stream]))),
    samples,
    refusals,
  };
}

const bitsOp = createRandomOp("random_bits", "uint32", (words) => `${words}.x`, (word) => word);
const uniformOp = createRandomOp(
  "random_uniform",
  "float32",
  (words) => `unit_interval(${words}.x)`,
  toUnitInterval,
);
const normalOp = createRandomOp("random_normal", "float32", (words) => `box_muller(${words})`, boxMuller);

function draw(op: PointwiseOp<RandomAttributes>, key: RandomKey, stream: number, shape: Shape): Tensor {
  for (const name of ["seed", "step"] as const) {
    const shape = formatShape(key[name].shape);
    if (shape !== "[]") {
      throw new RangeError(
        `Cannot draw random numbers: the ${name} must be a scalar, but its shape is ${shape}`,
      );
    }
  }
  const drawAll = (all: Shape) => apply(op, [expand(key.seed, all), expand(key.step, all)], { stream });
  const { share } = key, [rows = 0, ...rest] = shape;
  if (!share || rows % share.rows !== 0) return drawAll(shape);
  return rowsOfShare(drawAll([rows / share.rows * share.whole, ...rest]), share);
}

/**
 * Draws random words: element `i` is word 0 of Threefry-2x32 with key (seed, step) and counter (`i`,
 * `stream`). Equal keys and streams yield equal numbers, so each use needs its own stream. No gradient.
 * @returns uint32 `shape`.
 * @throws {RangeError} if the stream is out of range. @throws {TypeError} if the key is not uint32.
 * @example
 * ```ts
 * import { compile, Device, hostBits, randomBits, variable } from "../../mod.ts";
 * const seed = variable([], [1], { dtype: "uint32" }), step = variable([], [0], { dtype: "uint32" });
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { bits: randomBits({ seed, step }, 0, [4]) } }));
 * const { bits } = await program.runAndRead({});
 * console.assert(bits.join() === hostBits([1, 0], 0, 4).join());
 * ```
 */
export function randomBits(key: RandomKey, stream: number, shape: Shape): Tensor {
  return draw(bitsOp, key, stream, shape);
}

/**
 * Draws uniform numbers in [0, 1): `⌊bits / 2⁸⌋ · 2⁻²⁴` with the bits of {@linkcode randomBits}. No
 * gradient.
 * @returns float32 `shape`, bitwise equal on every adapter.
 * @throws as {@linkcode randomBits}
 */
export function randomUniform(key: RandomKey, stream: number, shape: Shape): Tensor {
  return draw(uniformOp, key, stream, shape);
}

/**
 * Draws standard normal random numbers `√(−2 ln(1 − u₁)) · cos(2π u₂)`, with `u₁` and `u₂` from the two words
 * of one Threefry draw; always finite, at most 5.8 in magnitude. No gradient.
 *
 * The precision is that of the adapter's `log` and `cos`. On llvmpipe numbers are within 1.5e-5 of the
 * float64 result, or within 1e-3 for the one in 10 000 with `u₁` below 1e-4. WebGPU itself allows `cos` an
 * error of 2⁻¹¹.
 * @returns float32 `shape`.
 * @throws as {@linkcode randomBits}
 */
export function randomNormal(key: RandomKey, stream: number, shape: Shape): Tensor {
  return draw(normalOp, key, stream, shape);
}

/**
 * Applies inverted dropout: each element of `x` becomes 0 with `probability`, else `x / (1 − probability)`.
 * Gradient goes to `x`, through the same mask. Not used in evaluation.
 * @param x float32, any shape.
 * @param stream Stream used only here, as in {@linkcode randomBits}.
 * @throws {RangeError} if the probability is outside [0, 1).
 */
export function dropout(x: Tensor, probability: number, key: RandomKey, stream: number): Tensor {
  if (!(probability >= 0 && probability < 1)) {
    throw new RangeError(`Cannot drop elements: the probability must be in [0, 1), but is ${probability}`);
  }
  if (probability === 0) return x;
  const isKept = less(randomUniform(key, stream, x.shape), 1 - probability);
  return where(isKept, mul(x, 1 / (1 - probability)), 0);
}

/**
 * Adds Gaussian noise: `x + standardDeviation · z` with standard normal `z`. Gradient goes to `x`.
 * @param x float32, any shape.
 * @param stream Stream used only here, as in {@linkcode randomBits}.
 * @throws {RangeError} if the standard deviation is not a number ≥ 0.
 */
export function gaussianNoise(
  x: Tensor,
  standardDeviation: number,
  key: RandomKey,
  stream: number,
): Tensor {
  if (!(standardDeviation >= 0 && standardDeviation < Infinity)) {
    throw new RangeError(
      `Cannot add noise: the standard deviation must be a number ≥ 0, but is ${standardDeviation}`,
    );
  }
  return standardDeviation === 0 ? x : add(x, mul(randomNormal(key, stream, x.shape), standardDeviation));
}

/** Fills an array with consecutive draws, each converted from a pair of words. */
function fillNumbers<T extends Uint32Array | Float64Array>(
  numbers: T,
  key: readonly [number, number],
  stream: number,
  convert: (first: number, second: number) => number,
): T {
  checkStream(stream);
  visitBlocks(key, stream, numbers.length, (words, start) => {
    for (let i = 0; 2 * i < words.length; i++) numbers[start + i] = convert(words[2 * i]!, words[2 * i + 1]!);
  });
  return numbers;
}

/** Computes the first `count` numbers of {@linkcode randomBits} for key (seed, step) on the host. */
export function hostBits(key: readonly [number, number], stream: number, count: number): Uint32Array {
  return fillNumbers(new Uint32Array(count), key, stream, (word) => word);
}

/** Computes the first `count` numbers of {@linkcode randomUniform} on the host, bitwise equal. */
export function hostUniform(key: readonly [number, number], stream: number, count: number): Float64Array {
  return fillNumbers(new Float64Array(count), key, stream, toUnitInterval);
}

/** Computes the first `count` numbers of {@linkcode randomNormal} on the host, in float64. */
export function hostNormal(key: readonly [number, number], stream: number, count: number): Float64Array {
  return fillNumbers(new Float64Array(count), key, stream, boxMuller);
}

/** Ops of this file, for the table of all ops. */
export const randomOps = [bitsOp, uniformOp, normalOp] as const;
