/**
 * Convolutions through textures: register tiles of many outputs, which read four channels at a time.
 * @module
 */
import {
  apply,
  type DeviceTraits,
  type KernelOp,
  type Shape,
  sizeOf,
  type Tensor,
  type Variant,
  type ViewOp,
} from "../tensor.ts";
import { workgroupRows } from "../workgroups.ts";
import texelsWgsl from "./conv2d_texels.wgsl" with { type: "text" };
import tileWgsl from "./conv2d_tile.wgsl" with { type: "text" };
import workgroupWgsl from "./conv2d_workgroup.wgsl" with { type: "text" };
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
import { writtenOut } from "./tiles.ts";
import { blockedShape, blocksPerGroup, fitsTexels, texels, unblocked } from "./texels.ts";

/** Which results an invocation of the texel kernels computes, in blocks of four. */
interface TileSizes {
  /** Of a convolution: positions and outputs. */
  readonly forward: { readonly p: number; readonly o: number };
  /** Of a weight's gradient: outputs and channels. */
  readonly gradient: { readonly o: number; readonly c: number };
}

/** What fits into the registers of a GPU's thread, and more, for processors, which keep the sums in their cache anyway. */
const tiles = {
  narrow: { forward: { p: 3, o: 4 }, gradient: { o: 4, c: 2 } },
  wide: { forward: { p: 3, o: 8 }, gradient: { o: 4, c: 4 } },
} as const satisfies Record<string, TileSizes>;

/** Name of a tile of an invocation's own. */
export type Tile = keyof typeof tiles;

/** Name of a tile of a convolution: an invocation's own, or one whose operands a workgroup shares. */
export type ForwardTile = Tile | "workgroup";

/** Tiles of convolutions, the first that wins by rule first. */
export const forwardTiles = ["wide", "narrow", "workgroup"] as const satisfies readonly ForwardTile[];
/** Tiles of weight gradients. */
export const gradientTiles = ["wide", "narrow"] as const satisfies readonly Tile[];

/** What all variants with a tile have in common. */
export function tileTraits(algorithm: string, tile: ForwardTile): Pick<Variant, "name" | "needs"> {
  return {
    name: tile === "narrow" ? algorithm : `${algorithm}-${tile}`,
    needs: tile === "workgroup" ? ["texels", "gpu"] : ["texels"],
  };
}

/** Whether a tile should be expected to win, where there are so many outputs. */
export function tileWins(tile: ForwardTile, outputs: number, { isCpu }: DeviceTraits): boolean {
  if (tile === "workgroup") return false; // Not before it was measured on the device at hand.
  return (tile === "wide") === (isCpu && outputs >= 4 * tiles.wide.forward.o);
}

/** Invocations per workgroup of the texel kernels. */
const workgroup = 32;

type TexelsConvAttributes = {
  /** Shape of the result, its channels not yet in blocks. */
  readonly shape: Shape;
  /** Height and width of the kernel. */
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly groups: number;
  readonly tile: ForwardTile;
};

/** The dispatch of a tile: its shader, and how many workgroups there are to a chunk. */
function forwardKernel(tile: ForwardTile, positions: number, outputs: number, groups: number) {
  if (tile === "workgroup") {
    return {
      wgsl: writtenOut(workgroupWgsl, { p: 8, o: 2, t: 4 }) + tileWgsl,
      workgroups: (chunks: number) => Math.ceil(positions / 64) * Math.ceil(outputs / 64) * groups * chunks,
      constants: {},
    };
  }
  const sizes = tiles[tile].forward;
  const results = Math.ceil(positions / (4 * sizes.p)) * Math.ceil(outputs / (4 * sizes.o));
  return {
    wgsl: writtenOut(texelsWgsl, sizes) + tileWgsl,
    workgroups: (chunks: number) => Math.ceil(results * groups * chunks / workgroup),
    constants: { WORKGROUP: workgroup },
  };
}

const conv2dTexelsOp: KernelOp<TexelsConvAttributes> = {
  kind: "kernel",
  name: "conv_2d_texels",
  infer: (_, { shape, groups }) => ({ shape: blockedShape(shape, groups), dtype: "float32" }),
  extent({ inputs: [, w], attributes: { kernel: [kh, kw], tile } }) {
    return { rows: w!.shape[1]! * kh! * kw!, length: 1, iterations: tile === "workgroup" ? 2 : 1 };
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
  return unblocked(blockedConvolution(texels(x, groups), texels(taps), attributes), o, groups);
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
function foldedColumns(x: Tensor, kernelWidth: number): Tensor {
  return apply(columnsOp, [x], { columns: kernelWidth }) as unknown as Tensor;
}

/** Whether columns as channels fill texels that would be partly empty, as those of images in grey are. */
function foldsColumns([n, c, h, w]: Shape, [, cg, , kw]: Shape, stride: number, groups: number): boolean {
  return stride === 1 && blocksPerGroup(cg! * kw!) < blocksPerGroup(cg!) * kw! &&
    fitsTexels([n!, c! * kw!, h!, w! - kw! + 1], groups);
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

/** The variant of a convolution with a tile. */
export const forwardTexels = (tile: ForwardTile): Variant<ConvAttributes> => ({
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
export const inputGradientTexels = (tile: ForwardTile): Variant<InputGradientAttributes> => ({
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

type TexelsWeightGradientAttributes = {
  readonly shape: Shape;
  readonly stride: number;
  readonly groups: number;
  readonly top: number;
  readonly left: number;
  readonly tile: Tile;
};

const weightGradientTexelsOp: KernelOp<TexelsWeightGradientAttributes> = {
  kind: "kernel",
  name: "conv_2d_weight_gradient_texels",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  extent({ inputs: [x], attributes }) {
    const { n, oh, ow } = weightGradientTexelsSizes(x!, attributes);
    return weightGradientExtent(n * oh * ow, 1, sizeOf(attributes.shape));
  },
  kernel({ inputs: [x, dy], attributes }, chunks) {
    const { shape, stride, groups, top, left, tile } = attributes;
    const sizes = tiles[tile].gradient;
    const [o, cg, kh, kw] = shape as [number, number, number, number];
    const { n, h, w, oh, ow } = weightGradientTexelsSizes(x!, attributes);
    const blocks = Math.ceil(blocksPerGroup(o / groups) / sizes.o) *
      Math.ceil(blocksPerGroup(cg) / sizes.c);
    return {
      wgsl: writtenOut(weightGradientTexelsWgsl, sizes),
      constants: {
        N: n,
        H: h,
        W: w,
        CG: cg,
        OG: o / groups,
        G: groups,
        KH: kh,
        KW: kw,
        OH: oh,
        OW: ow,
        DH: dy!.shape[2]!,
        DW: dy!.shape[3]!,
        TOP: top,
        LEFT: left,
        STEP: stride,
        STRIDE: stride,
        WORKGROUP: workgroup,
        CHUNKS: chunks.CHUNKS,
        ROWS: chunks.ROWS,
      },
      workgroups: workgroupRows(
        Math.ceil(chunks.CHUNKS * groups * blocks * kh * kw / workgroup),
      ),
    };
  },
};

function weightGradientTexelsSizes(x: Tensor, { shape, stride }: TexelsWeightGradientAttributes) {
  const [n, , h, w] = x.shape as [number, number, number, number];
  const [, , kh, kw] = shape as [number, number, number, number];
  return { n, h, w, oh: Math.floor((h - kh) / stride) + 1, ow: Math.floor((w - kw) / stride) + 1 };
}

/** The gradient of a weight from texels of input and result's gradient, both padded already; row-major. */
export function blockedWeightGradient(
  x: Tensor,
  dy: Tensor,
  attributes: TexelsWeightGradientAttributes,
): Tensor {
  return apply(weightGradientTexelsOp, [x, dy], attributes) as unknown as Tensor;
}

/** The variant of the weight's gradient with a tile. */
export const weightGradientTexels = (tile: Tile): Variant<WeightGradientAttributes> => ({
  ...tileTraits("texels", tile),
  supports({ inputs, attributes }) {
    const g = weightGradientGeometry(inputs, attributes);
    return canSpread(g) && fitsTexels(paddedShape(g), g.groups) && fitsTexels(spreadShape(g), g.groups);
  },
  wins({ inputs, attributes }, device) {
    const g = weightGradientGeometry(inputs, attributes);
    return suitsTexels(g) && tileWins(tile, g.o / g.groups, device);
  },
  lower({ inputs, attributes, shape }) {
    const [x, dy] = inputs;
    const g = weightGradientGeometry(inputs, attributes);
    const { stride, groups, kh, kw } = g;
    const padded = paddedInput(x!, g.padding);
    const gradient = (x: Tensor, shape: Shape) =>
      blockedWeightGradient(texels(x, groups), texels(spreadGradient(dy!, g), groups), {
        shape,
        stride,
        groups,
        top: kh - 1 - g.padding,
        left: kw - 1 - g.padding,
        tile,
      });
    if (!foldsColumns(padded.shape, shape, stride, groups)) return gradient(padded, shape);
    const cg = g.c / groups;
    const folded = gradient(foldedColumns(padded, kw), [g.o, cg * kw, kh, 1]);
    return transpose(reshape(folded, [g.o, cg, kw, kh]), [0, 1, 3, 2]);
  },
});
