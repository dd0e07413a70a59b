/**
 * Convolutions through textures: register tiles of many outputs, which read four channels at a time.
 * @module
 */
import { apply, type KernelOp, type Shape, sizeOf, type Tensor, type Variant } from "../tensor.ts";
import { workgroupRows } from "../workgroups.ts";
import texelsWgsl from "./conv2d_texels.wgsl" with { type: "text" };
import weightGradientTexelsWgsl from "./conv2d_weight_gradient_texels.wgsl" with { type: "text" };
import {
  type ConvAttributes,
  type Geometry,
  geometry,
  type InputGradientAttributes,
  inputGradientGeometry,
  type WeightGradientAttributes,
  weightGradientExtent,
  weightGradientGeometry,
} from "./conv_geometry.ts";
import { reshape, transpose } from "./movement.ts";
import { flip, pad } from "./slicing.ts";
import { fitsTexels, texels, texelsPerGroup } from "./texels.ts";

/** Outputs per invocation of the texel kernel, each a loop iteration per tap. */
const texelOutputs = 16;
/** Invocations per workgroup of the texel kernels. */
const workgroup = 32;

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

/** The variant of a convolution. */
export const forwardTexels: Variant<ConvAttributes> = {
  name: "texels",
  supports: ({ inputs: [x, w], attributes }) =>
    fitsConvolution(paddedShape(geometry(x!.shape, w!.shape, attributes)), w!.shape, attributes.groups),
  wins: ({ inputs: [x, w], attributes }) => suitsTexels(geometry(x!.shape, w!.shape, attributes)),
  lower: ({ inputs: [x, w], attributes, shape }) =>
    texelConvolution(paddedInput(x!, attributes.padding), w!, shape, attributes.stride, attributes.groups),
};

/** The variant of the input's gradient: a convolution of the spread gradient with the turned weight. */
export const inputGradientTexels: Variant<InputGradientAttributes> = {
  name: "texels",
  supports({ inputs, attributes }) {
    const g = inputGradientGeometry(inputs, attributes);
    return canSpread(g) && fitsConvolution(spreadShape(g), [g.c, g.o / g.groups, g.kh, g.kw], g.groups);
  },
  wins: ({ inputs, attributes }) => suitsTexels(inputGradientGeometry(inputs, attributes)),
  lower({ inputs, attributes, shape }) {
    const [dy, w] = inputs;
    const g = inputGradientGeometry(inputs, attributes);
    const og = g.o / g.groups, cg = g.c / g.groups;
    const grouped = transpose(reshape(w!, [g.groups, og, cg, g.kh, g.kw]), [0, 2, 1, 3, 4]);
    const turned = reshape(flip(grouped, [3, 4]), [g.c, og, g.kh, g.kw]);
    return texelConvolution(spreadGradient(dy!, g), turned, shape, 1, g.groups);
  },
};

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

/** The variant of the weight's gradient. */
export const weightGradientTexels: Variant<WeightGradientAttributes> = {
  name: "texels",
  supports({ inputs, attributes }) {
    const g = weightGradientGeometry(inputs, attributes);
    return canSpread(g) && fitsTexels(paddedShape(g), g.groups) && fitsTexels(spreadShape(g), g.groups);
  },
  wins: ({ inputs, attributes }) => suitsTexels(weightGradientGeometry(inputs, attributes)),
  lower({ inputs, attributes, shape }) {
    const [x, dy] = inputs;
    const g = weightGradientGeometry(inputs, attributes);
    const operands = [
      texels(paddedInput(x!, g.padding), g.groups),
      texels(spreadGradient(dy!, g), g.groups),
    ];
    return apply(weightGradientTexelsOp, operands, { ...attributes, shape }) as unknown as Tensor;
  },
};
