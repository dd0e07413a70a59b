/**
 * Two-dimensional convolution and its two gradients. Each has a direct shader, with one element per
 * invocation, and faster variants with register tiles.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import { apply, checkFloats, type Shape, type Shapes, sizeOf, type Tensor } from "../../tensor.ts";
import type { SumExtent } from "../../workgroups.ts";
import forwardWgsl from "./conv2d.wgsl" with { type: "text" };
import inputGradientWgsl from "./conv2d_input_gradient.wgsl" with { type: "text" };
import sizesWgsl from "./conv2d_sizes.wgsl" with { type: "text" };
import weightGradientWgsl from "./conv2d_weight_gradient.wgsl" with { type: "text" };
import {
  type ConvAttributes,
  type ConvOptions,
  directConstants,
  forwardGeometry,
  type Geometry,
  geometry,
  type InputGradientAttributes,
  inputGradientGeometry,
  visitProducts,
  type WeightGradientAttributes,
  weightGradientExtent,
  weightGradientGeometry,
} from "./conv_geometry.ts";
import { forwardTexels, inputGradientTexels } from "./conv_texels.ts";
import { weightGradientTexels } from "./conv_weight_gradient_texels.ts";
import { tileNames } from "../texel_tiles.ts";
import { forwardWinograd, inputGradientWinograd, weightGradientWinograd } from "./winograd.ts";

export type { ConvOptions } from "./conv_geometry.ts";

const samples: readonly { x: Shape<4>; w: Shape<4>; attributes: ConvAttributes }[] = [
  { x: [2, 3, 7, 6], w: [5, 3, 3, 3], attributes: { stride: 1, padding: 1, groups: 1 } },
  { x: [2, 4, 9, 8], w: [6, 2, 3, 3], attributes: { stride: 2, padding: 1, groups: 2 } },
  { x: [1, 8, 5, 5], w: [8, 1, 3, 3], attributes: { stride: 1, padding: 1, groups: 8 } },
  { x: [3, 6, 5, 4], w: [7, 6, 1, 1], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [1, 2, 9, 9], w: [4, 2, 5, 3], attributes: { stride: 3, padding: 2, groups: 1 } },
  { x: [2, 20, 6, 6], w: [36, 10, 2, 2], attributes: { stride: 2, padding: 0, groups: 2 } },
  { x: [0, 3, 5, 5], w: [4, 3, 3, 3], attributes: { stride: 1, padding: 1, groups: 1 } },
  { x: [2, 4, 3, 2], w: [5, 4, 1, 1], attributes: { stride: 1, padding: 1, groups: 1 } },
  { x: [2, 2, 7, 6], w: [5, 2, 3, 2], attributes: { stride: 1, padding: 1, groups: 1 } },
];
/** Samples with sums of more than 65 535 products, along each summed axis. */
const longSamples: typeof samples = [
  { x: [1, 22_003, 3, 3], w: [3, 22_003, 3, 3], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [1, 3, 3, 3], w: [22_003, 3, 3, 3], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [2, 7402, 2, 2], w: [6, 3701, 2, 2], attributes: { stride: 1, padding: 1, groups: 2 } },
  { x: [2, 6, 2, 2], w: [7402, 3, 2, 2], attributes: { stride: 1, padding: 1, groups: 2 } },
  { x: [1, 1, 1, 70_003], w: [2, 1, 1, 2], attributes: { stride: 1, padding: 0, groups: 1 } },
];

const plain: ConvAttributes = { stride: 1, padding: 0, groups: 1 };

function sampleOf(shapes: Shapes, attributes: ConvAttributes, differentiable = true): Sample<ConvAttributes> {
  return { shapes, attributes, differentiable };
}

type ConvolutionOp<A extends ConvAttributes> = KernelOp<A, [Shape<4>, Shape<4>]>;

/** Creates the op of a convolution or gradient: all sum the same products, into different tensors. */
function createConvolutionOp<A extends ConvAttributes>(
  { geometryOf, shapeOf, extentOf, wgsl, accumulate, ...rest }:
    & Pick<ConvolutionOp<A>, "name" | "resultIsWeight" | "variants" | "vjp" | "samples" | "refusals">
    & {
      readonly wgsl: string;
      geometryOf(inputs: readonly [Tensor, Tensor], attributes: A): Geometry;
      /** Returns the shape of the result. */
      shapeOf(g: Geometry): Shape<4>;
      /** Returns the extent of the sum behind each element of the result. */
      extentOf(g: Geometry): SumExtent;
      /** Returns a function that adds a product, from positions in input, weight and output. */
      accumulate(
        a: Float64Array,
        b: Float64Array,
        sum: Float64Array,
      ): (x: number, w: number, y: number) => void;
    },
): ConvolutionOp<A> {
  return {
    kind: "kernel",
    infer(inputs, attributes) {
      checkFloats("convolve", inputs);
      return { shape: shapeOf(geometryOf(inputs, attributes)), dtype: "float32" };
    },
    kernel: ({ inputs, attributes }, chunks) => ({
      wgsl: wgsl + sizesWgsl,
      constants: { ...directConstants(geometryOf(inputs, attributes)), ...chunks },
    }),
    extent: ({ inputs, attributes }) => extentOf(geometryOf(inputs, attributes)),
    reference([a, b], { inputs, attributes, shape }) {
      const result = new Float64Array(sizeOf(shape));
      visitProducts(geometryOf(inputs, attributes), accumulate(a, b, result));
      return result;
    },
    ...rest,
  };
}

const conv2dOp = createConvolutionOp<ConvAttributes>({
  name: "conv_2d",
  wgsl: forwardWgsl,
  geometryOf: forwardGeometry,
  shapeOf: ({ n, o, oh, ow }) => [n, o, oh, ow],
  extentOf: ({ c, groups, kh, kw }) => ({ rows: c / groups * kh, length: kw }),
  accumulate: (x, w, y) => (i, j, k) => y[k]! += x[i]! * w[j]!,
  variants: [...tileNames.map(forwardWinograd), ...tileNames.map(forwardTexels)],
  vjp(gradient, { inputs: [x, w], attributes }) {
    return [
      conv2dInputGradient(gradient, w, x.shape, attributes),
      conv2dWeightGradient(x, gradient, w.shape, attributes),
    ];
  },
  samples: [
    ...samples.map(({ x, w, attributes }) => sampleOf([x, w], attributes)),
    ...longSamples.map(({ x, w, attributes }) => sampleOf([x, w], attributes, false)),
    sampleOf([[1, 1, 1, 70_003], [2, 1, 1, 70_002]], plain, false),
    sampleOf([[1, 1, 292, 251], [4, 1, 290, 250]], plain, false),
    sampleOf([[300, 3, 30, 30], [16, 3, 3, 3]], { stride: 1, padding: 1, groups: 1 }, false),
  ],
  refusals: [
    { ...sampleOf([[1, 3, 5, 5], [4, 2, 3, 3]], plain), message: "channels must match" },
    { ...sampleOf([[1, 3, 2, 2], [4, 3, 3, 3]], plain), message: "fit into the padded input" },
    { ...sampleOf([[1, 3, 2, 2], [4, 3, 3, 0]], { ...plain, padding: 1 }), message: "must be 1×1 or more" },
    { ...sampleOf([[1, 3, 5, 5], [4, 3, 3, 3]], { ...plain, stride: 0 }), message: "stride and groups" },
    { ...sampleOf([[3, 5, 5], [4, 3, 3, 3]], plain), message: "4 axes" },
  ],
});

const inputGradientOp = createConvolutionOp<InputGradientAttributes>({
  name: "conv_2d_input_gradient",
  wgsl: inputGradientWgsl,
  geometryOf: inputGradientGeometry,
  shapeOf: ({ n, c, h, w }) => [n, c, h, w],
  extentOf: ({ o, groups, kh, kw }) => ({ rows: o / groups * kh, length: kw }),
  accumulate: (dy, w, dx) => (i, j, k) => dx[i]! += dy[k]! * w[j]!,
  variants: [...tileNames.map(inputGradientWinograd), ...tileNames.map(inputGradientTexels)],
  vjp(gradient, { inputs: [dy, w], attributes }) {
    return [conv2d(gradient, w, attributes), conv2dWeightGradient(gradient, dy, w.shape, attributes)];
  },
  samples: [...samples, ...longSamples].map(({ x, w, attributes }) => {
    const { n, o, oh, ow } = geometry(x, w, attributes);
    return {
      shapes: [[n, o, oh, ow], w],
      attributes: { ...attributes, height: x[2], width: x[3] },
      differentiable: samples.some((sample) => sample.x === x),
    };
  }),
  refusals: [{
    shapes: [[1, 4, 4, 4], [4, 3, 3, 3]],
    attributes: { ...plain, height: 5, width: 5 },
    message: "shape of the result",
  }],
});

const weightGradientOp = createConvolutionOp<WeightGradientAttributes>({
  name: "conv_2d_weight_gradient",
  resultIsWeight: true,
  wgsl: weightGradientWgsl,
  geometryOf: weightGradientGeometry,
  shapeOf: ({ o, c, groups, kh, kw }) => [o, c / groups, kh, kw],
  extentOf: ({ n, o, c, groups, kh, kw, oh, ow }) =>
    weightGradientExtent(n * oh, ow, o * (c / groups) * kh * kw),
  accumulate: (x, dy, dw) => (i, j, k) => dw[j]! += x[i]! * dy[k]!,
  variants: [...tileNames.map(weightGradientWinograd), ...tileNames.map(weightGradientTexels)],
  vjp(gradient, { inputs: [x, dy], attributes }) {
    return [conv2dInputGradient(dy, gradient, x.shape, attributes), conv2d(x, gradient, attributes)];
  },
  samples: [
    ...[...samples, ...longSamples].map(({ x, w, attributes }) => {
      const { n, o, oh, ow } = geometry(x, w, attributes);
      return {
        shapes: [x, [n, o, oh, ow]],
        attributes: { ...attributes, kernelHeight: w[2], kernelWidth: w[3] },
        differentiable: samples.some((sample) => sample.x === x),
      };
    }),
    {
      shapes: [[80, 2, 31, 29], [80, 4, 31, 29]],
      attributes: { stride: 1, padding: 1, groups: 1, kernelHeight: 3, kernelWidth: 3 },
      differentiable: false,
    },
  ],
});

/**
 * Convolves images with a kernel (cross-correlation, as in other frameworks):
 * `y[n, o] = Σ_c x[n, c] ⋆ weight[o, c]`.
 * @param x `[N, C, H, W]`; gets gradient.
 * @param weight `[O, C / groups, KH, KW]`; gets gradient.
 * @returns `[N, O, ⌊(H + 2·padding − KH) / stride⌋ + 1, …]`
 * @throws {RangeError} if channels do not match or the kernel does not fit.
 * @throws {TypeError} if an operand is not float32.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0, groups = 1 }: ConvOptions = {},
): Tensor {
  return apply(conv2dOp, [x, weight], { stride, padding, groups });
}

/** Computes the input's gradient of {@linkcode conv2d}, of shape `inputShape`, from `dy` of the result. */
export function conv2dInputGradient(
  dy: Tensor,
  weight: Tensor,
  inputShape: Shape,
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const [, , height = 0, width = 0] = inputShape;
  return apply(inputGradientOp, [dy, weight], { stride, padding, groups, height, width });
}

/** Computes the weight's gradient of {@linkcode conv2d}, of shape `weightShape`, from `dy` of the result. */
export function conv2dWeightGradient(
  x: Tensor,
  dy: Tensor,
  weightShape: Shape,
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const [, , kernelHeight = 0, kernelWidth = 0] = weightShape;
  return apply(weightGradientOp, [x, dy], { stride, padding, groups, kernelHeight, kernelWidth });
}

/** Ops of this file, for the table of all ops. */
export const convOps = [conv2dOp, inputGradientOp, weightGradientOp] as const;
