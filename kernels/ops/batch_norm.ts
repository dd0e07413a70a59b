/**
 * Batch normalisation with batch statistics.
 * @module
 */
import type { CompositeOp } from "../op.ts";
import { apply, formatShape, sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { sumAcross } from "./across.ts";
import { concat } from "./views/concat.ts";
import { sums } from "./views/expansion.ts";
import { reshape } from "./views/movement.ts";
import { full } from "./constants.ts";
import { add, maximum, mul, rsqrt, sub } from "./pointwise.ts";
import { slice } from "./views/slicing.ts";

/** Shape of a batch: examples, channels and any further axes. */
type Batch = readonly [n: number, c: number, ...number[]];
type BatchNormAttributes = { readonly epsilon: number };
type SharedAttributes = BatchNormAttributes & SharedBatch;

/** Batch whose statistics several processes compute together, each from its rows. */
export type SharedBatch = {
  /** Number of elements of a channel in the whole batch. */
  readonly count: number;
  /** Place of the sums among those of the same transfer, see {@linkcode sumAcross}. */
  readonly order: number;
};

/** Returns all axes except the channel axis. */
function batchAxes(x: Tensor): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

/** Reshapes a vector `[C]` so that it broadcasts over `x [N, C, …]`. */
export function perChannel(vector: Tensor, x: Tensor): Tensor {
  return reshape(vector, channelShape(x));
}

function channelShape(x: Tensor): Shape {
  return x.shape.map((size, axis) => axis === 1 ? size : 1);
}

/** Mean and variance of each channel, of shape `[1, C, 1, …]`. */
interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Computes mean and variance in one pass over `x`, from sums of differences to an element of the channel and
 * of their squares. The shift prevents cancellation if the mean is much larger than the deviation.
 */
function computeStatistics(x: Tensor): Statistics {
  const shape = channelShape(x), count = sizeOf(x.shape) / sizeOf(shape);
  const shift = count === 0 ? full(shape, 0) : slice(x, shape.map(() => 0), shape);
  const distance = sub(x, shift);
  const [total, squares] = sums([distance, mul(distance, distance)], batchAxes(x));
  const offset = mul(total, 1 / count);
  return {
    mean: add(shift, offset),
    variance: maximum(sub(mul(squares, 1 / count), mul(offset, offset)), 0),
  };
}

/** Sums two tensors `[1, C, 1, …]` over processes, in one exchange. */
function sumBothAcross(both: readonly [Tensor, Tensor], order: number): readonly [Tensor, Tensor] {
  const total = sumAcross(concat(both, 0), order), [{ shape }] = both;
  const at = (row: number) => slice(total, shape.map((_, axis) => axis === 0 ? row : 0), shape);
  return [at(0), at(1)];
}

/** Computes the statistics of a whole batch in one transfer. @param center `[C]`, equal in all processes and near the mean. */
function computeSharedStatistics(x: Tensor, center: Tensor, { count, order }: SharedBatch): Statistics {
  const shift = perChannel(center, x), distance = sub(x, shift);
  const own = sums([distance, mul(distance, distance)], batchAxes(x));
  const [total, squares] = sumBothAcross(own, order);
  const offset = mul(total, 1 / count);
  return {
    mean: add(shift, offset),
    variance: maximum(sub(mul(squares, 1 / count), mul(offset, offset)), 0),
  };
}

/**
 * Computes mean and variance (divided by the count) of each channel over a batch whose rows several processes share:
 * both `[C]`.
 * @param x The rows of this process, `[N, C, …]`.
 * @param center `[C]`, equal in all processes; values near the mean prevent cancellation.
 */
export function sharedBatchStatistics(
  x: Tensor,
  center: Tensor,
  batch: SharedBatch,
): { readonly mean: Tensor; readonly variance: Tensor } {
  const { mean, variance } = computeSharedStatistics(x, center, batch);
  return { mean: reshape(mean, [-1]), variance: reshape(variance, [-1]) };
}

/** Computes the mean of each channel of `x [N, C, …]` over the batch and all positions: `[C]`. */
export function batchMean(x: Tensor): Tensor {
  return reshape(computeStatistics(x).mean, [-1]);
}

/** Computes the variance (divided by the count) of each channel of `x [N, C, …]`: `[C]`. */
export function batchVariance(x: Tensor): Tensor {
  return reshape(computeStatistics(x).variance, [-1]);
}

function standardise(
  x: Tensor,
  epsilon: number,
  { mean, variance } = computeStatistics(x),
): { readonly normal: Tensor; readonly inverse: Tensor } {
  const inverse = rsqrt(add(variance, epsilon));
  return { normal: mul(sub(x, mean), inverse), inverse };
}

/**
 * Normalises batches one after the other with the statistics of them all: the reference of both ops.
 * @param shape Shape of each batch.
 */
function normaliseTogether(
  batches: readonly Float64Array[],
  weight: Float64Array,
  bias: Float64Array,
  [n, c, ...rest]: Batch,
  epsilon: number,
): Float64Array {
  const area = sizeOf(rest), x = Float64Array.from(batches.flatMap((batch) => [...batch]));
  const y = new Float64Array(x.length);
  for (let channel = 0; channel < c; channel++) {
    const positions = Array.from(
      { length: batches.length * n * area },
      (_, i) => (Math.floor(i / area) * c + channel) * area + i % area,
    );
    const average = positions.reduce((total, i) => total + x[i]!, 0) / positions.length;
    const variance = positions.reduce((total, i) => total + (x[i]! - average) ** 2, 0) / positions.length;
    for (const i of positions) {
      y[i] = (x[i]! - average) / Math.sqrt(variance + epsilon) * weight[channel]! + bias[channel]!;
    }
  }
  return y;
}

const batchNormOp: CompositeOp<BatchNormAttributes, [Batch, Shape<1>, Shape<1>]> = {
  kind: "composite",
  name: "batch_norm",
  infer([x, weight, bias]) {
    if (x.shape.length < 2 || [weight, bias].some(({ shape }) => shape.join() !== `${x.shape[1]}`)) {
      const [input, w, b] = [x, weight, bias].map(({ shape }) => formatShape(shape));
      throw new RangeError(
        `Cannot normalise batch: weight and bias need one element per channel, but shapes are ${input} (input), ${w} (weight) and ${b} (bias)`,
      );
    }
    return { shape: x.shape, dtype: x.dtype };
  },
  expand({ inputs: [x, weight, bias], attributes: { epsilon } }) {
    return add(mul(standardise(x, epsilon).normal, perChannel(weight, x)), perChannel(bias, x));
  },
  // Explicit, as autograd through mean and variance would need twice as many passes over x.
  vjp(gradient, { inputs: [x, weight], attributes: { epsilon } }) {
    const { normal, inverse } = standardise(x, epsilon);
    const count = sizeOf(x.shape) / x.shape[1];
    const [biasGradient, weightGradient] = sums([gradient, mul(gradient, normal)], batchAxes(x));
    const along = mul(normal, mul(weightGradient, 1 / count));
    const rest = sub(sub(gradient, mul(biasGradient, 1 / count)), along);
    const vector = weight.shape;
    return [
      mul(rest, mul(inverse, perChannel(weight, x))),
      reshape(weightGradient, vector),
      reshape(biasGradient, vector),
    ];
  },
  reference: ([x, weight, bias], { inputs: [{ shape }], attributes: { epsilon } }) =>
    normaliseTogether([x], weight, bias, shape, epsilon),
  samples: [
    { shapes: [[5, 3, 4, 2], [3], [3]], attributes: { epsilon: 1e-5 } },
    { shapes: [[7, 4], [4], [4]], attributes: { epsilon: 1e-3 } },
    { shapes: [[100, 5, 29, 31], [5], [5]], attributes: { epsilon: 1e-5 }, differentiable: false },
  ],
  refusals: [{
    shapes: [[2, 3, 4, 4], [4], [3]],
    attributes: { epsilon: 1e-5 },
    message: "one element per channel",
  }],
};

/**
 * Applies batch normalisation (Ioffe & Szegedy 2015) with batch statistics:
 * `y = (x − mean) / √(variance + epsilon) · weight + bias`, mean and variance per channel.
 * @param x `[N, C, …]`; gets gradient, including through the statistics.
 * @param weight `[C]`; gets gradient.
 * @param bias `[C]`; gets gradient.
 * @throws {RangeError} unless weight and bias have one element per channel.
 */
export function batchNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { epsilon = 1e-5 }: { readonly epsilon?: number } = {},
): Tensor {
  return apply(batchNormOp, [x, weight, bias], { epsilon });
}

const sharedBatchNormOp: CompositeOp<SharedAttributes, [Batch, Shape<1>, Shape<1>, Shape<1>]> = {
  kind: "composite",
  name: "shared_batch_norm",
  infer([x, weight, bias, center], attributes) {
    if (!sameShape(center.shape, bias.shape)) {
      const [b, other] = [bias, center].map(({ shape }) => formatShape(shape));
      throw new RangeError(
        `Cannot normalise batch: the center must have the shape of the bias, ${b}, but has ${other}`,
      );
    }
    return batchNormOp.infer([x, weight, bias], attributes);
  },
  expand({ inputs: [x, weight, bias, center], attributes: { epsilon, ...batch } }) {
    const { normal } = standardise(x, epsilon, computeSharedStatistics(x, center, batch));
    return add(mul(normal, perChannel(weight, x)), perChannel(bias, x));
  },
  vjp(gradient, { inputs: [x, weight, , center], attributes: { epsilon, ...batch } }) {
    const { normal, inverse } = standardise(x, epsilon, computeSharedStatistics(x, center, batch));
    const own = sums([gradient, mul(gradient, normal)], batchAxes(x)), [ownBias, ownWeight] = own;
    // Parameters get the gradients of this process, as all parameters do; images those of the whole batch.
    const [biasGradient, weightGradient] = sumBothAcross(own, batch.order);
    const along = mul(normal, mul(weightGradient, 1 / batch.count));
    const rest = sub(sub(gradient, mul(biasGradient, 1 / batch.count)), along);
    return [
      mul(rest, mul(inverse, perChannel(weight, x))),
      reshape(ownWeight, weight.shape),
      reshape(ownBias, weight.shape),
      null,
    ];
  },
  referenceTogether(inputs, { inputs: [{ shape }], attributes: { epsilon } }) {
    const batches = inputs.map(([x]) => x), [[, weight, bias] = []] = inputs;
    const y = normaliseTogether(batches, weight!, bias!, shape, epsilon), length = sizeOf(shape);
    return inputs.map((_, rank) => y.subarray(rank * length, (rank + 1) * length));
  },
  samples: [
    {
      shapes: [[5, 3, 4, 2], [3], [3], [3]],
      attributes: { epsilon: 1e-5, count: 80, order: 0 },
      common: [1, 2, 3],
    },
    { shapes: [[1, 4], [4], [4], [4]], attributes: { epsilon: 1e-3, count: 2, order: 3 }, common: [1, 2, 3] },
    {
      shapes: [[50, 5, 29, 31], [5], [5], [5]],
      attributes: { epsilon: 1e-5, count: 89_900, order: 0 },
      common: [1, 2, 3],
      differentiable: false,
    },
  ],
  refusals: [
    {
      shapes: [[2, 3, 4, 4], [4], [3], [3]],
      attributes: { epsilon: 1e-5, count: 64, order: 0 },
      message: "one element per channel",
    },
    {
      shapes: [[2, 3, 4, 4], [3], [3], [4]],
      attributes: { epsilon: 1e-5, count: 64, order: 0 },
      message: "must have the shape of the bias",
    },
  ],
};

/**
 * Applies {@linkcode batchNorm} with the statistics of a batch whose rows several processes share.
 * @param x The rows of this process, `[N, C, …]`; gets gradient, including through the statistics.
 * @param weight `[C]`, equal in all processes; gets the gradient of this process, to be summed over processes.
 * @param bias `[C]`; gets the gradient of this process.
 * @param center `[C]`, as for {@linkcode sharedBatchStatistics}; gets no gradient.
 * @throws {RangeError} unless weight, bias and center have one element per channel.
 */
export function sharedBatchNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  center: Tensor,
  { epsilon = 1e-5, ...batch }: SharedBatch & { readonly epsilon?: number },
): Tensor {
  return apply(sharedBatchNormOp, [x, weight, bias, center], { epsilon, ...batch });
}

/** Ops of this file, for the table of all ops. */
export const batchNormOps = [batchNormOp, sharedBatchNormOp] as const;
