/**
 * Layers with weight normalisation: weights stored as direction and length.
 * @module
 */
import {
  add,
  batchMean,
  batchVariance,
  conv2d,
  type ConvOptions,
  greater,
  matmul,
  mul,
  neg,
  perChannel,
  reshape,
  rsqrt,
  sizeOf,
  sum,
  type Tensor,
  type Variable,
  variable,
  where,
} from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { ForwardContext, Module, NamedVariables } from "../module.ts";

/** Options of layers with weight normalisation. */
export interface WeightNormOptions {
  /** True if each output has a bias; default true. */
  readonly bias?: boolean;
}

/** Options of {@linkcode WeightNormConv2d}. */
export interface WeightNormConv2dOptions extends ConvOptions, WeightNormOptions {}

/** Standard deviation of the initial `v` (Salimans & Kingma 2016, section 3). */
const standardDeviation = 0.05;

/** Returns all axes but the first, the axis of outputs. */
function inputAxes({ shape }: Tensor): number[] {
  return shape.map((_, axis) => axis).slice(1);
}

function sumOfSquares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 2, 0);
}

/** Computes `v / ‖v‖` `[out, …]`, with one norm per output. */
function computeDirection(v: Tensor): Tensor {
  return mul(v, rsqrt(sum(mul(v, v), inputAxes(v), { keepAxes: true })));
}

/** Base class of layers with weight normalisation; subclasses define the product of input and weight. */
export abstract class WeightNormLayer implements Module {
  /** `weight_g`, `weight_v`, and `bias` if the layer has one. */
  readonly parameters: {
    readonly weight_g: Variable;
    readonly weight_v: Variable;
    readonly bias?: Variable;
  };
  /** Empty. */
  readonly buffers: NamedVariables = {};

  /** Creates a layer. @param shape `[out, …]`, the weight's shape. */
  constructor(
    shape: readonly [outputs: number, ...number[]],
    initializer: Initializer,
    { bias = true }: WeightNormOptions,
  ) {
    const v = initializer.normal("weight_v", shape, standardDeviation);
    const [outputs, ...rest] = shape, inputs = sizeOf(rest);
    // Each access may create the array anew.
    const { initial } = v;
    const lengths = Array.from(
      { length: outputs },
      (_, o) => Math.sqrt(sumOfSquares(Array.from(initial.subarray(o * inputs, (o + 1) * inputs)))),
    );
    // Order and shapes as in PyTorch; initially the weight equals v.
    const weight = {
      weight_g: variable(shape.map((size, axis) => axis === 0 ? size : 1), lengths, { name: "weight_g" }),
      weight_v: v,
    };
    this.parameters = bias ? { ...weight, bias: initializer.constant("bias", [outputs], 0) } : weight;
  }

  /** Computes the layer's output without bias, for a weight `[out, …]`. */
  protected abstract product(x: Tensor, weight: Tensor): Tensor;

  /** Returns `[N, out, …]`. @throws {RangeError} if `x` does not fit the layer. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const { weight_g: g, weight_v: v, bias } = this.parameters;
    const direction = computeDirection(v);
    if (context.initialValues) return this.#initialise(this.product(x, direction), context.initialValues);
    const y = this.product(x, mul(direction, g));
    return bias ? add(y, perChannel(bias, y)) : y;
  }

  /** Computes `g` and `b` that standardise `t = x · v / ‖v‖`: `g = 1 / σ[t]`, `b = −μ[t] / σ[t]`. */
  #initialise(t: Tensor, initialValues: NonNullable<ForwardContext["initialValues"]>): Tensor {
    const { weight_g: g, bias } = this.parameters;
    const variance = batchVariance(t);
    // An output that is constant over the batch has no scale: its length becomes 1.
    const length = where(greater(variance, 0), rsqrt(variance), 1);
    initialValues.push([g, reshape(length, g.shape)]);
    const y = mul(t, perChannel(length, t));
    if (!bias) return y;
    const offset = neg(mul(batchMean(t), length));
    initialValues.push([bias, offset]);
    return add(y, perChannel(offset, y));
  }
}

/**
 * Two-dimensional convolution with weight normalisation (Salimans & Kingma 2016): `weight = g · v / ‖v‖`,
 * with one norm per output channel, as `torch.nn.utils.weight_norm` of `nn.Conv2d`. The variables are
 * `weight_g` `[out, 1, 1, 1]` and `weight_v` `[out, in/groups, k, k]`. Initially `v` is drawn from
 * N(0, .05²), `g` is the norm of `v` and the bias is 0; {@linkcode initializeFromData} sets `g` and bias so
 * that each output channel has mean 0 and variance 1.
 */
export class WeightNormConv2d extends WeightNormLayer {
  readonly #options: ConvOptions;

  /** Creates a layer from `inputs` to `outputs` channels with a kernel of `kernel`×`kernel`. */
  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    initializer: Initializer,
    { bias = true, ...options }: WeightNormConv2dOptions = {},
  ) {
    const { groups = 1 } = options;
    super([outputs, Math.floor(inputs / groups), kernel, kernel], initializer, { bias });
    this.#options = options;
  }

  /** Computes the convolution without bias. */
  protected override product(x: Tensor, weight: Tensor): Tensor {
    return conv2d(x, weight, this.#options);
  }
}

/**
 * Fully connected layer with weight normalisation, `x [N, in]` to `[N, out]`, as `torch.nn.utils.weight_norm`
 * of `nn.Linear`: `weight_g` is `[out, 1]`, `weight_v` `[out, in]`. The initial values follow
 * {@linkcode WeightNormConv2d}.
 */
export class WeightNormLinear extends WeightNormLayer {
  /** Creates a layer from `inputs` to `outputs` features. */
  constructor(inputs: number, outputs: number, initializer: Initializer, options: WeightNormOptions = {}) {
    super([outputs, inputs], initializer, options);
  }

  /** Computes the matrix product without bias. */
  protected override product(x: Tensor, weight: Tensor): Tensor {
    return matmul(x, weight, { transposeB: true });
  }
}
