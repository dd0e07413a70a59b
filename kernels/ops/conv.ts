/**
 * Two-dimensional convolution and its two gradients. Each has a direct shader, one element per invocation,
 * and a variant that reads its operands from textures in register tiles.
 * @module
 */
import {
  apply,
  formatShape,
  type KernelOp,
  type Sample,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
} from "../tensor.ts";
import { linearWorkgroups, type SumExtent, workgroupRows } from "../workgroups.ts";
import forwardWgsl from "./conv2d.wgsl" with { type: "text" };
import inputGradientWgsl from "./conv2d_input_gradient.wgsl" with { type: "text" };
import texelsWgsl from "./conv2d_texels.wgsl" with { type: "text" };
import weightGradientWgsl from "./conv2d_weight_gradient.wgsl" with { type: "text" };
import weightGradientTexelsWgsl from "./conv2d_weight_gradient_texels.wgsl" with { type: "text" };
import { flip, pad, reshape, transpose } from "./movement.ts";
import { fitsTexels, texels, texelsPerGroup } from "./texels.ts";

/** How a convolution moves over its input; every number holds for both axes. */
export interface ConvOptions {
  /** Step between positions of the kernel; 1 where absent. */
  readonly stride?: number;
  /** Zeros around the input; 0 where absent. */
  readonly padding?: number;
  /** Channels are split into this many independent convolutions; 1 where absent. */
  readonly groups?: number;
}

type ConvAttributes = { readonly stride: number; readonly padding: number; readonly groups: number };
type InputGradientAttributes = ConvAttributes & { readonly height: number; readonly width: number };
type WeightGradientAttributes = ConvAttributes & {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
};

/** Products that one invocation of a weight gradient adds up, about, … */
const weightGradientLength = 1024;
/** … unless there would be more partial sums than this. */
const mostPartialSums = 2 ** 22;
/** Outputs per invocation of the texel kernel, each a loop iteration per tap. */
const texelOutputs = 16;
/** Invocations per workgroup of the texel kernels. */
const workgroup = 32;

/** All sizes of a convolution. */
interface Geometry extends ConvAttributes {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly o: number;
  readonly kh: number;
  readonly kw: number;
  readonly oh: number;
  readonly ow: number;
}

function geometry(x: Shape, w: Shape, { stride, padding, groups }: ConvAttributes): Geometry {
  const [n, c, h, width] = x as [number, number, number, number];
  const [o, cg, kh, kw] = w as [number, number, number, number];
  const at = `input ${formatShape(x)}, weight ${
    formatShape(w)
  }, stride ${stride}, padding ${padding}, groups ${groups}`;
  if (x.length !== 4 || w.length !== 4) {
    throw new RangeError(`Cannot convolve as input and weight must have 4 axes: ${at}`);
  }
  if (
    ![stride, groups].every((v) => Number.isSafeInteger(v) && v >= 1) ||
    !(Number.isSafeInteger(padding) && padding >= 0)
  ) {
    throw new RangeError(`Cannot convolve as stride and groups must be ≥ 1 and padding ≥ 0: ${at}`);
  }
  if (c % groups !== 0 || o % groups !== 0 || c / groups !== cg) {
    throw new RangeError(`Cannot convolve as channels must match: ${at}`);
  }
  const oh = Math.floor((h + 2 * padding - kh) / stride) + 1;
  const ow = Math.floor((width + 2 * padding - kw) / stride) + 1;
  if (kh < 1 || kw < 1 || oh < 1 || ow < 1) {
    throw new RangeError(
      `Cannot convolve as the kernel must be 1×1 or more and fit into the padded input: ${at}`,
    );
  }
  return { n, c, h, w: width, o, kh, kw, oh, ow, stride, padding, groups };
}

/** The geometry of a gradient: that of the convolution it belongs to. */
function gradientGeometry(x: Shape, w: Shape, dy: Shape, attributes: ConvAttributes): Geometry {
  const g = geometry(x, w, attributes);
  if (dy.join() !== [g.n, g.o, g.oh, g.ow].join()) {
    throw new RangeError(
      `Cannot differentiate convolution as the gradient must have the shape of its result, ${
        formatShape([g.n, g.o, g.oh, g.ow])
      }: it is ${formatShape(dy)}`,
    );
  }
  return g;
}

function directConstants(g: Geometry): Record<string, number> {
  return {
    N: g.n,
    H: g.h,
    W: g.w,
    CG: g.c / g.groups,
    OG: g.o / g.groups,
    G: g.groups,
    KH: g.kh,
    KW: g.kw,
    OH: g.oh,
    OW: g.ow,
    STRIDE: g.stride,
    PADDING: g.padding,
  };
}

/** Visits every product of a convolution by the flat positions of its three factors; the gradients are the same walk. */
function eachProduct(g: Geometry, visit: (x: number, w: number, y: number) => void): void {
  const xs = stridesOf([g.n, g.c, g.h, g.w]), ys = stridesOf([g.n, g.o, g.oh, g.ow]);
  const cg = g.c / g.groups, og = g.o / g.groups;
  const ws = stridesOf([g.o, cg, g.kh, g.kw]);
  for (let n = 0; n < g.n; n++) {
    for (let o = 0; o < g.o; o++) {
      for (let c = 0; c < cg; c++) {
        const channel = n * xs[0]! + (Math.floor(o / og) * cg + c) * xs[1]!;
        for (let ky = 0; ky < g.kh; ky++) {
          for (let kx = 0; kx < g.kw; kx++) {
            const w = o * ws[0]! + c * ws[1]! + ky * g.kw + kx;
            for (let oy = 0; oy < g.oh; oy++) {
              const iy = oy * g.stride + ky - g.padding;
              if (iy < 0 || iy >= g.h) continue;
              for (let ox = 0; ox < g.ow; ox++) {
                const ix = ox * g.stride + kx - g.padding;
                if (ix >= 0 && ix < g.w) {
                  visit(channel + iy * g.w + ix, w, n * ys[0]! + o * ys[1]! + oy * g.ow + ox);
                }
              }
            }
          }
        }
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------- texel variants

/** Whether the texel kernels are worth their tiles: not for depthwise convolutions, whose groups have few channels. */
function suitsTexels(g: Geometry): boolean {
  return g.o / g.groups >= 4 && g.c / g.groups * g.kh * g.kw >= 4;
}

/** Whether the operands of {@linkcode texelConvolution} fit into textures. */
function fitsConvolution(x: Shape, w: Shape, groups: number): boolean {
  return fitsTexels(x, groups) && fitsTexels(w, 1);
}

function paddedShape(g: Geometry): Shape {
  return [g.n, g.c, g.h + 2 * g.padding, g.w + 2 * g.padding];
}

/** Shape of {@linkcode spreadGradient}. */
function spreadShape(g: Geometry): Shape {
  return [g.n, g.o, g.h + g.kh - 1, g.w + g.kw - 1];
}

/** Whether there is a {@linkcode spreadGradient}: pad only adds. */
function canSpread(g: Geometry): boolean {
  return g.padding < Math.min(g.kh, g.kw);
}

type TexelsConvAttributes = { readonly shape: Shape; readonly stride: number; readonly groups: number };

const conv2dTexelsOp: KernelOp<TexelsConvAttributes> = {
  kind: "kernel",
  name: "conv_2d_texels",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  extent({ inputs: [, w] }) {
    const [, c4, kh, kw] = w!.shape as [number, number, number, number];
    return { rows: c4 * kh, length: kw, iterations: 1 + texelOutputs };
  },
  kernel({ inputs: [x, w], attributes: { shape, stride, groups } }, chunks) {
    const [n, o, oh, ow] = shape as [number, number, number, number];
    const tiles = Math.ceil(Math.ceil(n * oh * ow / 8) / workgroup);
    const blocks = Math.ceil(o / groups / texelOutputs);
    return {
      wgsl: texelsWgsl,
      constants: {
        N: n,
        H: x!.shape[2]!,
        W: x!.shape[3]!,
        C4: w!.shape[1]!,
        OG: o / groups,
        G: groups,
        KH: w!.shape[2]!,
        KW: w!.shape[3]!,
        OH: oh,
        OW: ow,
        STRIDE: stride,
        WORKGROUP: workgroup,
        ...chunks,
      },
      workgroups: workgroupRows(tiles * blocks * groups * chunks.CHUNKS),
    };
  },
};

/** Convolution of a padded input `x [N, C, H, W]` with `w [O, C/groups, KH, KW]` through textures. */
export function texelConvolution(x: Tensor, w: Tensor, shape: Shape, stride: number, groups: number): Tensor {
  return apply(conv2dTexelsOp, [texels(x, groups), texels(w)], {
    shape,
    stride,
    groups,
  }) as unknown as Tensor;
}

function paddedInput(x: Tensor, padding: number): Tensor {
  return pad(x, [0, 0, padding, padding], [0, 0, padding, padding]);
}

/** The output's gradient, spread and padded so that a convolution of stride 1 gives the input's; both gradients read it. */
function spreadGradient(dy: Tensor, g: Geometry): Tensor {
  const top = g.kh - 1 - g.padding, left = g.kw - 1 - g.padding;
  const bottom = g.h + g.kh - 1 - top - ((g.oh - 1) * g.stride + 1);
  const right = g.w + g.kw - 1 - left - ((g.ow - 1) * g.stride + 1);
  return pad(dy, [0, 0, top, left], [0, 0, bottom, right], [1, 1, g.stride, g.stride]);
}

function texelInputGradient(dy: Tensor, w: Tensor, g: Geometry): Tensor {
  const og = g.o / g.groups, cg = g.c / g.groups;
  const grouped = transpose(reshape(w, [g.groups, og, cg, g.kh, g.kw]), [0, 2, 1, 3, 4]);
  const turned = reshape(flip(grouped, [3, 4]), [g.c, og, g.kh, g.kw]);
  return texelConvolution(spreadGradient(dy, g), turned, [g.n, g.c, g.h, g.w], 1, g.groups);
}

const weightGradientTexelsOp: KernelOp<WeightGradientAttributes & { readonly shape: Shape }> = {
  kind: "kernel",
  name: "conv_2d_weight_gradient_texels",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  extent({ inputs: [x], attributes }) {
    const { n, oh, ow } = weightGradientTexelsSizes(x!, attributes);
    return weightGradientExtent(n * oh, ow, sizeOf(attributes.shape));
  },
  kernel({ inputs: [x, dy], attributes }, chunks) {
    const { groups, kernelHeight, kernelWidth, padding, stride, shape } = attributes;
    const [o, cg] = shape as [number, number];
    const { n, h, w, oh, ow } = weightGradientTexelsSizes(x!, attributes);
    const blocks = Math.ceil(texelsPerGroup(o / groups) / 2) * Math.ceil(texelsPerGroup(cg) / 2);
    return {
      wgsl: weightGradientTexelsWgsl,
      constants: {
        N: n,
        H: h,
        W: w,
        CG: cg,
        OG: o / groups,
        G: groups,
        KH: kernelHeight,
        KW: kernelWidth,
        OH: oh,
        OW: ow,
        DH: dy!.shape[2]!,
        DW: dy!.shape[3]!,
        TOP: kernelHeight - 1 - padding,
        LEFT: kernelWidth - 1 - padding,
        STEP: stride,
        STRIDE: stride,
        WORKGROUP: workgroup,
        ...chunks,
      },
      workgroups: workgroupRows(
        Math.ceil(chunks.CHUNKS * groups * blocks * kernelHeight * kernelWidth / workgroup),
      ),
    };
  },
};

function weightGradientTexelsSizes(x: Tensor, attributes: WeightGradientAttributes) {
  const [n, , h, w] = x.shape as [number, number, number, number];
  const { kernelHeight, kernelWidth, stride } = attributes;
  const oh = Math.floor((h - kernelHeight) / stride) + 1, ow = Math.floor((w - kernelWidth) / stride) + 1;
  return { n, h, w, oh, ow };
}

/** The sum that each of so many weights' gradients is, in parts for want of other work to share out. */
function weightGradientExtent(rows: number, length: number, weights: number): SumExtent {
  const wanted = Math.max(weightGradientLength, Math.ceil(rows * length * weights / mostPartialSums));
  return { rows, length, wanted };
}

// --------------------------------------------------------------------------------------------------------- ops

const samples: readonly { x: Shape; w: Shape; attributes: ConvAttributes }[] = [
  { x: [2, 3, 7, 6], w: [5, 3, 3, 3], attributes: { stride: 1, padding: 1, groups: 1 } },
  { x: [2, 4, 9, 8], w: [6, 2, 3, 3], attributes: { stride: 2, padding: 1, groups: 2 } },
  { x: [1, 8, 5, 5], w: [8, 1, 3, 3], attributes: { stride: 1, padding: 1, groups: 8 } },
  { x: [3, 6, 5, 4], w: [7, 6, 1, 1], attributes: { stride: 1, padding: 0, groups: 1 } },
  { x: [1, 2, 9, 9], w: [4, 2, 5, 3], attributes: { stride: 3, padding: 2, groups: 1 } },
  { x: [2, 20, 6, 6], w: [36, 10, 2, 2], attributes: { stride: 2, padding: 0, groups: 2 } },
  { x: [0, 3, 5, 5], w: [4, 3, 3, 3], attributes: { stride: 1, padding: 1, groups: 1 } },
  { x: [2, 4, 3, 2], w: [5, 4, 1, 1], attributes: { stride: 1, padding: 1, groups: 1 } },
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
  variants: [{
    name: "texels",
    supports: ({ inputs: [x, w], attributes }) =>
      fitsConvolution(paddedShape(geometry(x!.shape, w!.shape, attributes)), w!.shape, attributes.groups),
    wins: ({ inputs: [x, w], attributes }) => suitsTexels(geometry(x!.shape, w!.shape, attributes)),
    lower: ({ inputs: [x, w], attributes, shape }) =>
      texelConvolution(paddedInput(x!, attributes.padding), w!, shape, attributes.stride, attributes.groups),
  }],
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
  variants: [{
    name: "texels",
    supports({ inputs, attributes }) {
      const g = inputGradientGeometry(inputs, attributes);
      return canSpread(g) &&
        fitsConvolution(spreadShape(g), [g.c, g.o / g.groups, g.kh, g.kw], g.groups);
    },
    wins: ({ inputs, attributes }) => suitsTexels(inputGradientGeometry(inputs, attributes)),
    lower: ({ inputs, attributes }) =>
      texelInputGradient(inputs[0]!, inputs[1]!, inputGradientGeometry(inputs, attributes)),
  }],
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

function inputGradientGeometry([dy, w]: readonly Tensor[], attributes: InputGradientAttributes): Geometry {
  const x = [dy!.shape[0]!, w!.shape[1]! * attributes.groups, attributes.height, attributes.width];
  return gradientGeometry(x, w!.shape, dy!.shape, attributes);
}

const weightGradientOp: KernelOp<WeightGradientAttributes> = {
  kind: "kernel",
  name: "conv_2d_weight_gradient",
  infer(inputs, attributes) {
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
  variants: [{
    name: "texels",
    supports({ inputs, attributes }) {
      const g = weightGradientGeometry(inputs, attributes);
      return canSpread(g) && fitsTexels(paddedShape(g), g.groups) && fitsTexels(spreadShape(g), g.groups);
    },
    wins: ({ inputs, attributes }) => suitsTexels(weightGradientGeometry(inputs, attributes)),
    lower({ inputs: [x, dy], attributes, shape }) {
      const g = weightGradientGeometry([x!, dy!], attributes);
      const operands = [
        texels(paddedInput(x!, g.padding), g.groups),
        texels(spreadGradient(dy!, g), g.groups),
      ];
      return apply(weightGradientTexelsOp, operands, { ...attributes, shape }) as unknown as Tensor;
    },
  }],
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

function weightGradientGeometry([x, dy]: readonly Tensor[], attributes: WeightGradientAttributes): Geometry {
  const { kernelHeight, kernelWidth, groups } = attributes;
  const w = [dy!.shape[1]!, x!.shape[1]! / groups, kernelHeight, kernelWidth];
  return gradientGeometry(x!.shape, w, dy!.shape, attributes);
}

/**
 * Convolution (cross-correlation, as in every framework): `y[n, o] = Σ_c x[n, c] ⋆ weight[o, c]`.
 * @param x `[N, C, H, W]`; gets gradient.
 * @param weight `[O, C / groups, KH, KW]`; gets gradient.
 * @returns `[N, O, ⌊(H + 2·padding − KH) / stride⌋ + 1, …]`
 * @throws {RangeError} if channels do not match or the kernel does not fit.
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
