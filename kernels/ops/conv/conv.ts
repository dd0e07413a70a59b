/**
 * Two-dimensional convolution and its two gradients. Each has a direct shader, one element per invocation,
 * and variants that read their operands from textures in register tiles.
 * @module
 */
import {
  apply,
  checkFloats,
  type KernelOp,
  type Sample,
  type Shape,
  sizeOf,
  type Tensor,
} from "../../tensor.ts";
import { linearWorkgroups } from "../../workgroups.ts";
import forwardWgsl from "./conv2d.wgsl" with { type: "text" };
import inputGradientWgsl from "./conv2d_input_gradient.wgsl" with { type: "text" };
import weightGradientWgsl from "./conv2d_weight_gradient.wgsl" with { type: "text" };
import {
  type ConvAttributes,
  type ConvOptions,
  directConstants,
  eachProduct,
  geometry,
  type InputGradientAttributes,
  inputGradientGeometry,
  type WeightGradientAttributes,
  weightGradientExtent,
  weightGradientGeometry,
} from "./conv_geometry.ts";
import { forwardTexels, inputGradientTexels } from "./conv_texels.ts";
import { tileNames } from "../texel_tiles.ts";
import { weightGradientTexels } from "./conv_weight_gradient_texels.ts";
import { forwardWinograd, inputGradientWinograd, weightGradientWinograd } from "./winograd.ts";

export type { ConvOptions } from "./conv_geometry.ts";

const samples: readonly { x: Shape; w: Shape; attributes: ConvAttributes }[] = [
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
/** Sums of more than 65 535 products, along each of the axes that the ops add up. */
const longSamples: typeof samples = [
  { x: [1, 22_003, 3, 3], w: [3, 22_003, 3, 3], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [1, 3, 3, 3], w: [22_003, 3, 3, 3], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [2, 7402, 2, 2], w: [6, 3701, 2, 2], attributes: { stride: 1, padding: 1, groups: 2 } },
  { x: [2, 6, 2, 2], w: [7402, 3, 2, 2], attributes: { stride: 1, padding: 1, groups: 2 } },
  { x: [1, 1, 1, 70_003], w: [2, 1, 1, 2], attributes: { stride: 1, padding: 0, groups: 1 } },
];

function sampleOf(
  shapes: readonly Shape[],
  attributes: ConvAttributes,
  differentiable = true,
): Sample<ConvAttributes> {
  return { shapes, attributes, differentiable };
}

const conv2dOp: KernelOp<ConvAttributes> = {
  kind: "kernel",
  name: "conv_2d",
  infer([x, w], attributes) {
    checkFloats("convolve", [x!, w!]);
    const g = geometry(x!.shape, w!.shape, attributes);
    return { shape: [g.n, g.o, g.oh, g.ow], dtype: "float32" };
  },
  kernel: ({ inputs: [x, w], attributes, shape }, chunks) => ({
    wgsl: forwardWgsl,
    constants: { ...directConstants(geometry(x!.shape, w!.shape, attributes)), ...chunks },
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  extent({ inputs: [, w] }) {
    const [, cg, kh, kw] = w!.shape as [number, number, number, number];
    return { rows: cg * kh, length: kw };
  },
  variants: [...tileNames.map(forwardWinograd), ...tileNames.map(forwardTexels)],
  vjp(gradient, { inputs: [x, w], attributes }) {
    return [
      conv2dInputGradient(gradient, w!, x!.shape, attributes),
      conv2dWeightGradient(x!, gradient, w!.shape, attributes),
    ];
  },
  reference([x, w], node) {
    const y = new Float64Array(sizeOf(node.shape));
    const g = geometry(node.inputs[0]!.shape, node.inputs[1]!.shape, node.attributes);
    eachProduct(g, (i, j, k) => y[k]! += x![i]! * w![j]!);
    return y;
  },
  samples: [
    ...samples.map(({ x, w, attributes }) => sampleOf([x, w], attributes)),
    ...longSamples.map(({ x, w, attributes }) => sampleOf([x, w], attributes, false)),
    sampleOf([[1, 1, 1, 70_003], [2, 1, 1, 70_002]], { stride: 1, padding: 0, groups: 1 }, false),
    sampleOf([[1, 1, 292, 251], [4, 1, 290, 250]], { stride: 1, padding: 0, groups: 1 }, false),
    sampleOf([[300, 3, 30, 30], [16, 3, 3, 3]], { stride: 1, padding: 1, groups: 1 }, false),
  ],
  refusals: [
    {
      shapes: [[1, 3, 5, 5], [4, 2, 3, 3]],
      attributes: { stride: 1, padding: 0, groups: 1 },
      message: "channels must match",
    },
    {
      shapes: [[1, 3, 2, 2], [4, 3, 3, 3]],
      attributes: { stride: 1, padding: 0, groups: 1 },
      message: "fit into the padded input",
    },
    {
      shapes: [[1, 3, 2, 2], [4, 3, 3, 0]],
      attributes: { stride: 1, padding: 1, groups: 1 },
      message: "must be 1×1 or more",
    },
    {
      shapes: [[1, 3, 5, 5], [4, 3, 3, 3]],
      attributes: { stride: 0, padding: 0, groups: 1 },
      message: "stride and groups",
    },
    {
      shapes: [[3, 5, 5], [4, 3, 3, 3]],
      attributes: { stride: 1, padding: 0, groups: 1 },
      message: "4 axes",
    },
  ],
};

const inputGradientOp: KernelOp<InputGradientAttributes> = {
  kind: "kernel",
  name: "conv_2d_input_gradient",
  infer(inputs, attributes) {
    checkFloats("convolve", inputs);
    const g = inputGradientGeometry(inputs, attributes);
    return { shape: [g.n, g.c, g.h, g.w], dtype: "float32" };
  },
  kernel: ({ inputs, attributes, shape }, chunks) => ({
    wgsl: inputGradientWgsl,
    constants: { ...directConstants(inputGradientGeometry(inputs, attributes)), ...chunks },
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  extent({ inputs, attributes }) {
    const { o, groups, kh, kw } = inputGradientGeometry(inputs, attributes);
    return { rows: o / groups * kh, length: kw };
  },
  variants: [...tileNames.map(inputGradientWinograd), ...tileNames.map(inputGradientTexels)],
  vjp(gradient, { inputs: [dy, w], attributes }) {
    return [conv2d(gradient, w!, attributes), conv2dWeightGradient(gradient, dy!, w!.shape, attributes)];
  },
  reference([dy, w], node) {
    const dx = new Float64Array(sizeOf(node.shape));
    eachProduct(inputGradientGeometry(node.inputs, node.attributes), (i, j, k) => dx[i]! += dy![k]! * w![j]!);
    return dx;
  },
  samples: [...samples, ...longSamples].map(({ x, w, attributes }) => {
    const { n, o, oh, ow } = geometry(x, w, attributes);
    return {
      shapes: [[n, o, oh, ow], w],
      attributes: { ...attributes, height: x[2]!, width: x[3]! },
      differentiable: samples.some((sample) => sample.x === x),
    };
  }),
  refusals: [{
    shapes: [[1, 4, 4, 4], [4, 3, 3, 3]],
    attributes: { stride: 1, padding: 0, groups: 1, height: 5, width: 5 },
    message: "shape of its result",
  }],
};

const weightGradientOp: KernelOp<WeightGradientAttributes> = {
  kind: "kernel",
  name: "conv_2d_weight_gradient",
  givesWeight: true,
  infer(inputs, attributes) {
    checkFloats("convolve", inputs);
    const g = weightGradientGeometry(inputs, attributes);
    return { shape: [g.o, g.c / g.groups, g.kh, g.kw], dtype: "float32" };
  },
  kernel: ({ inputs, attributes, shape }, chunks) => ({
    wgsl: weightGradientWgsl,
    constants: { ...directConstants(weightGradientGeometry(inputs, attributes)), ...chunks },
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  extent({ inputs, attributes, shape }) {
    const { n, oh, ow } = weightGradientGeometry(inputs, attributes);
    return weightGradientExtent(n * oh, ow, sizeOf(shape));
  },
  variants: [...tileNames.map(weightGradientWinograd), ...tileNames.map(weightGradientTexels)],
  vjp(gradient, { inputs: [x, dy], attributes }) {
    return [conv2dInputGradient(dy!, gradient, x!.shape, attributes), conv2d(x!, gradient, attributes)];
  },
  reference([x, dy], node) {
    const dw = new Float64Array(sizeOf(node.shape));
    eachProduct(
      weightGradientGeometry(node.inputs, node.attributes),
      (i, j, k) => dw[j]! += x![i]! * dy![k]!,
    );
    return dw;
  },
  samples: [
    ...[...samples, ...longSamples].map(({ x, w, attributes }) => {
      const { n, o, oh, ow } = geometry(x, w, attributes);
      return {
        shapes: [x, [n, o, oh, ow]],
        attributes: { ...attributes, kernelHeight: w[2]!, kernelWidth: w[3]! },
        differentiable: samples.some((sample) => sample.x === x),
      };
    }),
    {
      shapes: [[80, 2, 31, 29], [80, 4, 31, 29]],
      attributes: { stride: 1, padding: 1, groups: 1, kernelHeight: 3, kernelWidth: 3 },
      differentiable: false,
    },
  ],
};

/**
 * Convolution (cross-correlation, as in every framework): `y[n, o] = Σ_c x[n, c] ⋆ weight[o, c]`.
 * @param x `[N, C, H, W]`; gets gradient.
 * @param weight `[O, C / groups, KH, KW]`; gets gradient.
 * @returns `[N, O, ⌊(H + 2·padding − KH) / stride⌋ + 1, …]`
 * @throws {RangeError} if channels do not match or the kernel does not fit. @throws {TypeError} if an operand is not float32.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0, groups = 1 }: ConvOptions = {},
): Tensor {
  return apply(conv2dOp, [x, weight], { stride, padding, groups }) as unknown as Tensor;
}

/** Gradient of {@linkcode conv2d} with respect to its input of shape `inputShape`, from that of its result. */
export function conv2dInputGradient(
  dy: Tensor,
  weight: Tensor,
  inputShape: Shape,
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const [, , height, width] = inputShape as [number, number, number, number];
  return apply(inputGradientOp, [dy, weight], {
    stride,
    padding,
    groups,
    height,
    width,
  }) as unknown as Tensor;
}

/** Gradient of {@linkcode conv2d} with respect to its weight of shape `weightShape`, from that of its result. */
export function conv2dWeightGradient(
  x: Tensor,
  dy: Tensor,
  weightShape: Shape,
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const [, , kernelHeight, kernelWidth] = weightShape as [number, number, number, number];
  return apply(weightGradientOp, [x, dy], {
    stride,
    padding,
    groups,
    kernelHeight,
    kernelWidth,
  }) as unknown as Tensor;
}

/** The ops of this file, for the table of all ops. */
export const convOps = [conv2dOp, inputGradientOp, weightGradientOp] as const;
