/**
 * Counter-based random numbers: each element is a function of a seed, the training step, a stream number and
 * the element's position, so nothing is stored, nothing comes from the host, and the same node has the same
 * value in the forward and the backward pass.
 *
 * `threefry.ts` has how the words are drawn.
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
import { expand } from "../views/expansion.ts";
import { add, less, mul, where } from "../pointwise.ts";
import { eachBlock, threefry2x32 } from "./threefry.ts";
import threefryWgsl from "./threefry.wgsl" with { type: "text" };

/** What all random numbers of a training step depend on. */
export interface RandomKey {
  /** uint32 `[]`: the seed of the run. */
  readonly seed: Tensor;
  /** uint32 `[]`: the number of the step; other numbers come at every step. */
  readonly step: Tensor;
}

/** The upper 24 bits of a word as a multiple of 2⁻²⁴ in [0, 1). */
export function unitInterval(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Standard normal from two words (Box and Muller 1958), in float64. */
function boxMuller(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(1 - unitInterval(first))) * Math.cos(2 * Math.PI * unitInterval(second));
}

type RandomAttributes = { readonly stream: number };

/** @throws {RangeError} if a stream number is none. */
export function checkStream(stream: number): void {
  if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32) {
    throw new RangeError(
      `Cannot draw random numbers as the stream must be a whole number in 0 … 2³² − 1: it is ${stream}`,
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

/** An op whose element is a function of the two words drawn for it; inputs are seed and step of each element. */
function randomOp(
  name: string,
  dtype: DType,
  wgsl: (words: string) => string,
  of: (first: number, second: number) => number,
): PointwiseOp<RandomAttributes, [Shape, Shape]> {
  return {
    kind: "pointwise",
    name,
    infer([seed, step], { stream }) {
      if (seed.dtype !== "uint32" || step.dtype !== "uint32") {
        throw new TypeError(
          `Cannot draw random numbers as seed and step must be uint32: they are ${seed.dtype} and ${step.dtype}`,
        );
      }
      if (!sameShape(seed.shape, step.shape)) {
        const at = `shapes are ${formatShapes([seed, step])}`;
        throw new RangeError(`Cannot draw random numbers as seed and step must have one shape: ${at}`);
      }
      checkStream(stream);
      return { shape: seed.shape, dtype };
    },
    helpers: threefryWgsl,
    expression: ([seed, step], { attributes: { stream } }, index) =>
      wgsl(`threefry_2x32(vec2u(${seed}, ${step}), vec2u(${index.linear()}, ${stream}u))`),
    reference: ([seed, step], { attributes: { stream } }) =>
      seed.map((word, i) => of(...threefry2x32([word, step[i]!], [i, stream]))),
    samples,
    refusals,
  };
}

const bitsOp = randomOp("random_bits", "uint32", (words) => `${words}.x`, (word) => word);
const uniformOp = randomOp(
  "random_uniform",
  "float32",
  (words) => `unit_interval(${words}.x)`,
  unitInterval,
);
const normalOp = randomOp("random_normal", "float32", (words) => `box_muller(${words})`, boxMuller);

function draw(op: PointwiseOp<RandomAttributes>, key: RandomKey, stream: number, shape: Shape): Tensor {
  for (const name of ["seed", "step"] as const) {
    const given = formatShape(key[name].shape);
    if (given !== "[]") {
      throw new RangeError(
        `Cannot draw random numbers as the ${name} must be a scalar: its shape is ${given}`,
      );
    }
  }
  return apply(op, [expand(key.seed, shape), expand(key.step, shape)], { stream });
}

/**
 * Random words: element `i` is word 0 of Threefry-2x32 of key (seed, step) and counter (`i`, `stream`).
 * Draws with the same key and stream are the same numbers: give each use a stream of its own. No gradient.
 * @returns uint32 `shape`.
 * @throws {RangeError} if the stream is no uint32. @throws {TypeError} if the key is not uint32.
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
 * Uniform random numbers in [0, 1): `⌊bits / 2⁸⌋ · 2⁻²⁴` with the bits of {@linkcode randomBits}. No gradient.
 * @returns float32 `shape`, the same bits on every adapter.
 * @throws as {@linkcode randomBits}
 */
export function randomUniform(key: RandomKey, stream: number, shape: Shape): Tensor {
  return draw(uniformOp, key, stream, shape);
}

/**
 * Standard normal random numbers `√(−2 ln(1 − u₁)) · cos(2π u₂)`, with `u₁`, `u₂` from the two words of one
 * Threefry draw; always finite, at most 5.8 in magnitude. No gradient.
 *
 * `log` and `cos` are the adapter's. On llvmpipe (both within 2e-7 where it matters) a number is within 1.5e-5
 * of the float64 one, but for the one in 10 000 whose `u₁` is below 1e-4, where it is within 1e-3. WebGPU
 * itself allows `cos` an error of 2⁻¹¹.
 * @returns float32 `shape`.
 * @throws as {@linkcode randomBits}
 */
export function randomNormal(key: RandomKey, stream: number, shape: Shape): Tensor {
  return draw(normalOp, key, stream, shape);
}

/**
 * Inverted dropout: each element of `x` is 0 with `probability`, else `x / (1 − probability)`. Gradient goes
 * to `x`, through the same mask. Evaluation leaves it out.
 * @param x float32, any shape.
 * @param stream A stream of its own, as in {@linkcode randomBits}.
 * @throws {RangeError} if the probability is outside [0, 1).
 */
export function dropout(x: Tensor, probability: number, key: RandomKey, stream: number): Tensor {
  if (!(probability >= 0 && probability < 1)) {
    throw new RangeError(`Cannot drop elements as the probability must be in [0, 1): it is ${probability}`);
  }
  if (probability === 0) return x;
  const isKept = less(randomUniform(key, stream, x.shape), 1 - probability);
  return where(isKept, mul(x, 1 / (1 - probability)), 0);
}

/**
 * `x + standardDeviation · z` with standard normal `z`. Gradient goes to `x`.
 * @param x float32, any shape.
 * @param stream A stream of its own, as in {@linkcode randomBits}.
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
      `Cannot add noise as its standard deviation must be a number ≥ 0: it is ${standardDeviation}`,
    );
  }
  return standardDeviation === 0 ? x : add(x, mul(randomNormal(key, stream, x.shape), standardDeviation));
}

/** Fills an array with the numbers that `of` makes of pairs of words, one after the other. */
function filled<T extends Uint32Array | Float64Array>(
  numbers: T,
  key: readonly [number, number],
  stream: number,
  of: (first: number, second: number) => number,
): T {
  checkStream(stream);
  eachBlock(key, stream, numbers.length, (words, start) => {
    for (let i = 0; 2 * i < words.length; i++) numbers[start + i] = of(words[2 * i]!, words[2 * i + 1]!);
  });
  return numbers;
}

/** The first `count` numbers of {@linkcode randomBits} for key (seed, step), computed on the host. */
export function hostBits(key: readonly [number, number], stream: number, count: number): Uint32Array {
  return filled(new Uint32Array(count), key, stream, (word) => word);
}

/** The first `count` numbers of {@linkcode randomUniform}, computed on the host: the same bits. */
export function hostUniform(key: readonly [number, number], stream: number, count: number): Float64Array {
  return filled(new Float64Array(count), key, stream, unitInterval);
}

/** The first `count` numbers of {@linkcode randomNormal}, computed on the host in float64. */
export function hostNormal(key: readonly [number, number], stream: number, count: number): Float64Array {
  return filled(new Float64Array(count), key, stream, boxMuller);
}

/** The ops of this file, for the table of all ops. */
export const randomOps = [bitsOp, uniformOp, normalOp] as const;
