/**
 * Convolutions through textures: register tiles of many outputs, which read four channels at a time.
 * @module
 */
import { apply, type KernelOp, type Shape, type Tensor, type Variant, type ViewOp } from "../../tensor.ts";
import { subgroupSize, workgroupRows } from "../../workgroups.ts";
import subgroupWgsl from "./conv2d_subgroup.wgsl" with { type: "text" };
import operandsWgsl from "./conv2d_texel_operands.wgsl" with { type: "text" };
import texelsWgsl from "./conv2d_texels.wgsl" with { type: "text" };
import tileWgsl from "./conv2d_tile.wgsl" with { type: "text" };
import workgroupWgsl from "./conv2d_workgroup.wgsl" with { type: "text" };
import {
  type ConvAttributes,
  type Geometry,
  geometry,
  type InputGradientAttributes,
  inputGradientGeometry,
} from "./conv_geometry.ts";
import { operandOf, type Tile, tiles, tileTraits, tileWins, workgroup } from "../texel_tiles.ts";
import { reshape, transpose } from "../views/movement.ts";
import { flip, pad } from "../views/slicing.ts";
import { writtenOut } from "../tiles.ts";
import { blocked, blockedShape, blocksPerGroup, fitsTexels, unblocked } from "../texels.ts";

type TexelsConvAttributes = {
  /** Shape of the result, its channels not yet in blocks. */
  readonly shape: Shape;
  /** Height and width of the kernel. */
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly groups: number;
  readonly tile: Tile;
};

/** The dispatch of a tile: its shader, and how many workgroups there are to a chunk. */
function forwardKernel(tile: Tile, positions: number, outputs: number, groups: number) {
  if (tile === "workgroup") {
    return {
      wgsl: writtenOut(workgroupWgsl, { p: 8, o: 2, t: 4 }) + tileWgsl,
      workgroups: (chunks: number) => Math.ceil(positions / 64) * Math.ceil(outputs / 64) * groups * chunks,
      constants: {},
    };
  }
  const sizes = tiles[tile].forward;
  if (tile === "subgroup") {
    const subgroups = Math.ceil(positions / (32 * sizes.p)) * Math.ceil(outputs / (4 * sizes.o));
    return {
      wgsl: writtenOut(subgroupWgsl, { p: sizes.p, s: sizes.o / 2 }) + operandsWgsl + tileWgsl,
      workgroups: (chunks: number) => Math.ceil(subgroups * subgroupSize * groups * chunks / workgroup),
      constants: { WORKGROUP: workgroup },
    };
  }
  const results = Math.ceil(positions / (4 * sizes.p)) * Math.ceil(outputs / (4 * sizes.o));
  return {
    wgsl: writtenOut(texelsWgsl, sizes) + operandsWgsl + tileWgsl,
    workgroups: (chunks: number) => Math.ceil(results * groups * chunks / workgroup),
    constants: { WORKGROUP: workgroup },
  };
}

const conv2dTexelsOp: KernelOp<TexelsConvAttributes> = {
  kind: "kernel",
  name: "conv_2d_texels",
  infer: (_, { shape, groups }) => ({ shape: blockedShape(shape, groups), dtype: "float32" }),
  extent({ inputs: [, w], attributes: { kernel: [kh, kw], tile } }) {
    const rows = w!.shape[1]! * kh! * kw!;
    // Those that are shared add up product by product, not four at once, and lose digits sooner.
    return tile === "workgroup" ? { rows, length: 1, iterations: 2, wanted: 4096 } : { rows, length: 1 };
  },
  kernel({ inputs: [x, w], attributes: { shape, kernel: [kh, kw], stride, groups, tile } }, chunks) {
    const [n, o, oh, ow] = shape as [number, number, number, number];
    const { wgsl, workgroups, constants } = forwardKernel(tile, n * oh * ow, o / groups, groups);
    return {
      wgsl,
      constants: {
        N: n,
        H: x!.shape[2]!,
        W: x!.shape[3]!,
        C4: w!.shape[1]!,
        OG: o / groups,
        G: groups,
        KH: kh!,
        KW: kw!,
        OH: oh,
        OW: ow,
        STRIDE: stride,
        CHUNKS: chunks.CHUNKS,
        ROWS: chunks.ROWS,
        ...constants,
      },
      workgroups: workgroupRows(workgroups(chunks.CHUNKS)),
    };
  },
};

/** The convolution of texels, padded already, with weights `[1, ⌈C/groups/4⌉, KH·KW, O]`; its result is blocked. */
export function blockedConvolution(x: Tensor, w: Tensor, attributes: TexelsConvAttributes): Tensor {
  return apply(conv2dTexelsOp, [x, w], attributes) as unknown as Tensor;
}

/** Convolution of a padded input `x [N, C, H, W]` with `w [O, C/groups, KH, KW]` through textures. */
export function texelConvolution(
  x: Tensor,
  w: Tensor,
  { shape, stride, groups, tile }: Omit<TexelsConvAttributes, "kernel">,
): Tensor {
  const [o, cg, kh, kw] = w.shape as [number, number, number, number];
  if (foldsColumns(x.shape, w.shape, stride, groups)) {
    x = foldedColumns(x, kw);
    w = reshape(transpose(w, [0, 1, 3, 2]), [o, cg * kw, kh, 1]);
  }
  const [, channels, ...kernel] = w.shape as [number, number, number, number];
  // Outputs side by side: an invocation reads the weights of many.
  const taps = reshape(transpose(w, [1, 2, 3, 0]), [1, channels, kernel[0] * kernel[1], o]);
  const attributes = { shape, kernel, stride, groups, tile };
  const operand = (x: Tensor, groups = 1) => operandOf(tile, blocked(x, groups));
  return unblocked(blockedConvolution(operand(x, groups), operand(taps), attributes), o, groups);
}

const columnsOp: ViewOp<{ readonly columns: number }> = {
  kind: "view",
  name: "columns",
  infer([x], { columns }) {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, c * columns, h, w - columns + 1], dtype: x!.dtype };
  },
  source: ([n, c, y, x], { attributes: { columns } }) => ({
    axes: [n!, `${c} / ${columns}u`, y!, `${x} + ${c} % ${columns}u`],
  }),
};

/** The columns that a kernel sees of `x [N, C, H, W]`, as channels: `[N, C·KW, H, W − KW + 1]`. */
export function foldedColumns(x: Tensor, kernelWidth: number): Tensor {
  return apply(columnsOp, [x], { columns: kernelWidth }) as unknown as Tensor;
}

/** Whether columns as channels fill texels that would be partly empty, as those of images in grey are. */
export function foldsColumns(
  [n, c, h, w]: Shape,
  [, cg, , kw]: Shape,
  stride: number,
  groups: number,
): boolean {
  return stride === 1 && blocksPerGroup(cg! * kw!) < blocksPerGroup(cg!) * kw! &&
    fitsTexels([n!, c! * kw!, h!, w! - kw! + 1], groups);
}

/** Whether the texel kernels are worth their tiles: not for depthwise convolutions, whose groups have few channels. */
export function suitsTexels(g: Geometry): boolean {
  return g.o / g.groups >= 4 && g.c / g.groups * g.kh * g.kw >= 4;
}

/** Whether the operands of {@linkcode texelConvolution} fit into textures. */
function fitsConvolution(x: Shape, w: Shape, groups: number): boolean {
  return fitsTexels(x, groups) && fitsTexels(w, 1);
}

export function paddedShape(g: Geometry): Shape {
  return [g.n, g.c, g.h + 2 * g.padding, g.w + 2 * g.padding];
}

/** Shape of {@linkcode spreadGradient}. */
export function spreadShape(g: Geometry): Shape {
  return [g.n, g.o, g.h + g.kh - 1, g.w + g.kw - 1];
}

/** Whether there is a {@linkcode spreadGradient}: pad only adds. */
export function canSpread(g: Geometry): boolean {
  return g.padding < Math.min(g.kh, g.kw);
}

export function paddedInput(x: Tensor, padding: number): Tensor {
  return pad(x, [0, 0, padding, padding], [0, 0, padding, padding]);
}

/** The output's gradient, spread and padded so that a convolution of stride 1 gives the input's; both gradients read it. */
export function spreadGradient(dy: Tensor, g: Geometry): Tensor {
  const top = g.kh - 1 - g.padding, left = g.kw - 1 - g.padding;
  const bottom = g.h + g.kh - 1 - top - ((g.oh - 1) * g.stride + 1);
  const right = g.w + g.kw - 1 - left - ((g.ow - 1) * g.stride + 1);
  return pad(dy, [0, 0, top, left], [0, 0, bottom, right], [1, 1, g.stride, g.stride]);
}

/** The variant of a convolution with a tile. */
export const forwardTexels = (tile: Tile): Variant<ConvAttributes> => ({
  ...tileTraits("texels", tile),
  supports: ({ inputs: [x, w], attributes }) =>
    fitsConvolution(paddedShape(geometry(x!.shape, w!.shape, attributes)), w!.shape, attributes.groups),
  wins({ inputs: [x, w], attributes }, device) {
    const g = geometry(x!.shape, w!.shape, attributes);
    return suitsTexels(g) && tileWins(tile, g.o / g.groups, device);
  },
  lower: ({ inputs: [x, w], attributes: { stride, groups, padding }, shape }) =>
    texelConvolution(paddedInput(x!, padding), w!, { shape, stride, groups, tile }),
});

/** The variant of the input's gradient: a convolution of the spread gradient with the turned weight. */
export const inputGradientTexels = (tile: Tile): Variant<InputGradientAttributes> => ({
  ...tileTraits("texels", tile),
  supports({ inputs, attributes }) {
    const g = inputGradientGeometry(inputs, attributes);
    return canSpread(g) && fitsConvolution(spreadShape(g), [g.c, g.o / g.groups, g.kh, g.kw], g.groups);
  },
  wins({ inputs, attributes }, device) {
    const g = inputGradientGeometry(inputs, attributes);
    return suitsTexels(g) && tileWins(tile, g.c / g.groups, device);
  },
  lower({ inputs, attributes, shape }) {
    const [dy, w] = inputs;
    const g = inputGradientGeometry(inputs, attributes);
    const og = g.o / g.groups, cg = g.c / g.groups;
    const grouped = transpose(reshape(w!, [g.groups, og, cg, g.kh, g.kw]), [0, 2, 1, 3, 4]);
    const turned = reshape(flip(grouped, [3, 4]), [g.c, og, g.kh, g.kw]);
    return texelConvolution(spreadGradient(dy!, g), turned, { shape, stride: 1, groups: g.groups, tile });
  },
});
