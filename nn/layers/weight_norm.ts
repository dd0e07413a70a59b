/**
 * Layers whose weights are held as direction and length.
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

/** What a layer with weight normalisation may be told. */
export interface WeightNormOptions {
  /** Whether each output has a bias; it has where absent. */
  readonly bias?: boolean;
}

/** What a {@linkcode WeightNormConv2d} may be told. */
export interface WeightNormConv2dOptions extends ConvOptions, WeightNormOptions {}

/** Spread of the directions at the start (Salimans & Kingma 2016, section 3). */
const standardDeviation = 0.05;

/** All axes but the first, that of the outputs. */
function inputAxes({ shape }: Tensor): number[] {
  return shape.map((_, axis) => axis).slice(1);
}

function sumOfSquares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 2, 0);
}

/** `v / ‖v‖`, a norm for each output: `[out, …]`. */
function direction(v: Tensor): Tensor {
  return mul(v, rsqrt(sum(mul(v, v), inputAxes(v), { keepAxes: true })));
}

/** A layer with weight normalisation: all but the product of input and weight. */
export abstract class WeightNormLayer implements Module {
  /** `weight_g`, `weight_v` and, where there is one, `bias`. */
  readonly parameters: {
    readonly weight_g: Variable;
    readonly weight_v: Variable;
    readonly bias?: Variable;
  };
  /** None. */
  readonly buffers: NamedVariables = {};

  /** A layer whose weight has a shape `[out, …]`. */
  constructor(
    shape: readonly [outputs: number, ...number[]],
    initializer: Initializer,
    { bias = true }: WeightNormOptions,
  ) {
    const v = initializer.normal("weight_v", shape, standardDeviation);
    const [outputs, ...rest] = shape, inputs = sizeOf(rest);
    const lengths = Array.from(
      { length: outputs },
      (_, o) => Math.sqrt(sumOfSquares(Array.from(v.initial.subarray(o * inputs, (o + 1) * inputs)))),
    );
    // In PyTorch's order and shapes; the weight starts as v.
    const weight = {
      weight_g: variable(shape.map((size, axis) => axis === 0 ? size : 1), lengths, { name: "weight_g" }),
      weight_v: v,
    };
    this.parameters = bias ? { ...weight, bias: initializer.constant("bias", [outputs], 0) } : weight;
  }

  /** The output of the layer for a weight `[out, …]`, without bias. */
  protected abstract product(x: Tensor, weight: Tensor): Tensor;

  /**
   * `[N, out, …]`. @throws {RangeError} if `x` does not fit the layer.
   */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const { weight_g: g, weight_v: v, bias } = this.parameters;
    if (context.initialValues) return this.#initialise(this.product(x, direction(v)), context.initialValues);
    const y = this.product(x, mul(direction(v), g));
    return bias ? add(y, perChannel(bias, y)) : y;
  }

  /** Finds `g` and `b` for which `t = x · v / ‖v‖` becomes standardised: `g = 1 / σ[t]`, `b = −μ[t] / σ[t]`. */
  #initialise(t: Tensor, initialValues: NonNullable<ForwardContext["initialValues"]>): Tensor {
    const { weight_g: g, bias } = this.parameters;
    const variance = batchVariance(t);
    // An output that is the same for the whole batch has no scale: its length is left at 1.
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
 * Two-dimensional convolution with weight normalisation (Salimans & Kingma 2016): `weight = g · v / ‖v‖`, a norm for each
 * output channel, as `torch.nn.utils.weight_norm` of `nn.Conv2d`. `weight_g` is `[out, 1, 1, 1]`, `weight_v`
 * `[out, in/groups, k, k]`. `v` starts from N(0, .05²), `g` as its norm and the bias as 0; in
 * {@linkcode initializeFromData} `g` and bias become such that each output channel has mean 0 and variance 1.
 */
export class WeightNormConv2d extends WeightNormLayer {
  readonly #options: ConvOptions;

  /** A layer from `inputs` to `outputs` channels with a square kernel. */
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

  /** Convolution. */
  protected override product(x: Tensor, weight: Tensor): Tensor {
    return conv2d(x, weight, this.#options);
  }
}

/**
 * Fully connected layer with weight normalisation, `x [N, in]` to `[N, out]`, as `torch.nn.utils.weight_norm` of
 * `nn.Linear`: `weight_g` is `[out, 1]`, `weight_v` `[out, in]`. Initial values as {@linkcode WeightNormConv2d}'s.
 */
export class WeightNormLinear extends WeightNormLayer {
  /** A layer from `inputs` to `outputs` features. */
  constructor(inputs: number, outputs: number, initializer: Initializer, options: WeightNormOptions = {}) {
    super([outputs, inputs], initializer, options);
  }

  /** Matrix product. */
  protected override product(x: Tensor, weight: Tensor): Tensor {
    return matmul(x, weight, { transposeB: true });
  }
}
