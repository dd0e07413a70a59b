/**
 * Convolutions with tiles: each invocation computes many outputs, and reads four channels at a time.
 * @module
 */
import type { KernelOp, ViewOp } from "../../op.ts";
import { apply, formatShape, hasAxes, type Shape, type Tensor } from "../../tensor.ts";
import { subgroupSize, workgroupRows } from "../../workgroups.ts";
import subgroupWgsl from "./conv2d_subgroup.wgsl" with { type: "text" };
import operandsWgsl from "./conv2d_texel_operands.wgsl" with { type: "text" };
import texelsWgsl from "./conv2d_texels.wgsl" with { type: "text" };
import tileWgsl from "./conv2d_tile.wgsl" with { type: "text" };
import workgroupWgsl from "./conv2d_workgroup.wgsl" with { type: "text" };
import {
  createTileVariant,
  forwardGeometry,
  type Geometry,
  geometry,
  inputGradientGeometry,
} from "./conv_geometry.ts";
import {
  splitSizes,
  storeForTile,
  type Tile,
  type TileKernel,
  tiles,
  tileWins,
  workgroupSize,
} from "../texel_tiles.ts";
import { reshape, transpose } from "../views/movement.ts";
import { flip, pad } from "../views/slicing.ts";
import { unrollTiles } from "../tiles.ts";
import {
  blockChannels,
  blockedShape,
  blocksPerGroup,
  checkBlocks,
  fitsTexels,
  unblockChannels,
} from "../texels.ts";

type TexelsConvAttributes = {
  /** Shape of the result, before channels are arranged in blocks. */
  readonly shape: Shape<4>;
  /** Height and width of the kernel. */
  readonly kernel: Shape<2>;
  readonly stride: number;
  readonly groups: number;
  readonly tile: Tile;
};

/** Returns shader, constants and number of workgroups of a tile. */
function forwardKernel(tile: Tile, positions: number, outputs: number, groups: number): TileKernel {
  if (tile === "workgroup") {
    return {
      wgsl: unrollTiles(workgroupWgsl, { p: 8, o: 2, t: 4 }) + tileWgsl,
      workgroups: (chunks: number) => Math.ceil(positions / 64) * Math.ceil(outputs / 64) * groups * chunks,
      constants: {},
    };
  }
  const sizes = tiles[tile].forward;
  if (tile === "subgroup") {
    const subgroups = Math.ceil(positions / (32 * sizes.p)) * Math.ceil(outputs / (4 * sizes.o));
    return {
      wgsl: unrollTiles(subgroupWgsl, { p: sizes.p, s: sizes.o / 2 }) + operandsWgsl + tileWgsl,
      workgroups: (chunks: number) => Math.ceil(subgroups * subgroupSize * groups * chunks / workgroupSize),
      constants: { WORKGROUP: workgroupSize },
    };
  }
  const results = Math.ceil(positions / (4 * sizes.p)) * Math.ceil(outputs / (4 * sizes.o));
  return {
    wgsl: unrollTiles(texelsWgsl, sizes) + operandsWgsl + tileWgsl,
    workgroups: (chunks: number) => Math.ceil(results * groups * chunks / workgroupSize),
    constants: { WORKGROUP: workgroupSize },
  };
}

const conv2dTexelsOp: KernelOp<TexelsConvAttributes, [Shape<5>, Shape<5>]> = {
  kind: "kernel",
  name: "conv_2d_texels",
  infer(inputs, { shape, groups }) {
    checkBlocks("convolve", inputs);
    return { shape: blockedShape(shape, groups), dtype: "float32" };
  },
  extent({ inputs: [, w], attributes: { kernel: [kh, kw], tile } }) {
    const rows = w.shape[1] * kh * kw;
    // The workgroup tile adds products one by one instead of four at once, so precision suffers sooner.
    return tile === "workgroup"
      ? { rows, length: 1, iterations: 2, chunkElements: 4096 }
      : { rows, length: 1 };
  },
  kernel({ inputs: [x, w], attributes }, { CHUNKS, ROWS }) {
    const { shape: [N, o, OH, OW], kernel: [KH, KW], stride: STRIDE, groups: G, tile } = attributes;
    const [, , H, W] = x.shape, [, C4] = w.shape, OG = o / G;
    const { wgsl, workgroups, constants } = forwardKernel(tile, N * OH * OW, OG, G);
    return {
      wgsl,
      // GPUs compile fast.
      ...splitSizes(
        tile !== "workgroup",
        { N, H, W, C4, OG, G, KH, KW, OH, OW, STRIDE, CHUNKS, ROWS },
        constants,
      ),
      workgroups: workgroupRows(workgroups(CHUNKS)),
    };
  },
};

/** Convolves padded blocks with weights `[1, ⌈C/groups/4⌉, KH·KW, O, 4]`; the result is in blocks, too. */
export function convolveBlocks(x: Tensor, w: Tensor, attributes: TexelsConvAttributes): Tensor {
  return apply(conv2dTexelsOp, [x, w], attributes);
}

/** Convolves a padded input `x [N, C, H, W]` with `w [O, C/groups, KH, KW]` by a tile. */
export function convolveTexels(
  x: Tensor,
  w: Tensor,
  { stride, groups, tile }: Pick<TexelsConvAttributes, "stride" | "groups" | "tile">,
): Tensor {
  const g = geometry(x.shape, w.shape, { stride, padding: 0, groups });
  const isFolded = shouldFoldColumns(paddedShape(g), g);
  const channels = g.c / groups * (isFolded ? g.kw : 1), kernel: Shape<2> = [g.kh, isFolded ? 1 : g.kw];
  if (isFolded) {
    x = foldColumns(x, g.kw);
    w = reshape(transpose(w, [0, 1, 3, 2]), [g.o, channels, ...kernel]);
  }
  // Adjacent outputs, as an invocation reads the weights of many.
  const taps = reshape(transpose(w, [1, 2, 3, 0]), [1, channels, kernel[0] * kernel[1], g.o]);
  const shape: Shape<4> = [g.n, g.o, g.oh, g.ow];
  const operand = (x: Tensor, groups = 1) => storeForTile(tile, blockChannels(x, groups));
  const result = convolveBlocks(operand(x, groups), operand(taps), {
    shape,
    kernel,
    stride,
    groups,
    tile,
  });
  return unblockChannels(result, g.o, groups);
}

const columnsOp: ViewOp<{ readonly columns: number }, [Shape<4>], Shape<4>> = {
  kind: "view",
  name: "columns",
  infer([x], { columns }) {
    if (!hasAxes(x.shape, 4)) {
      throw new RangeError(`Cannot fold columns: shape must have 4 axes, but is ${formatShape(x.shape)}`);
    }
    const [n, c, h, w] = x.shape;
    return { shape: [n, c * columns, h, w - columns + 1], dtype: x.dtype };
  },
  source: ([n, c, y, x], { attributes: { columns } }) => ({
    axes: [n, `${c} / ${columns}u`, y, `${x} + ${c} % ${columns}u`],
  }),
};

/** Turns the columns under a kernel into channels: `x [N, C, H, W]` becomes `[N, C·KW, H, W − KW + 1]`. */
export function foldColumns(x: Tensor, kernelWidth: number): Tensor {
  return apply(columnsOp, [x], { columns: kernelWidth });
}

/** Returns whether folding columns fills texels that would be partly empty, as in grey images. */
export function shouldFoldColumns([n, c, h, w]: Shape<4>, { kw, stride, groups }: Geometry): boolean {
  const cg = c / groups;
  return stride === 1 && blocksPerGroup(cg * kw) < blocksPerGroup(cg) * kw &&
    fitsTexels([n, c * kw, h, w - kw + 1], groups);
}

/** Returns whether tiles pay off; false for depthwise convolutions, whose groups have few channels. */
export function suitsTexels(g: Geometry): boolean {
  return g.o / g.groups >= 4 && g.c / g.groups * g.kh * g.kw >= 4;
}

/** Returns whether the operands of {@linkcode convolveTexels} fit into textures. */
function fitsConvolution(x: Shape<4>, w: Shape<4>, groups: number): boolean {
  return fitsTexels(x, groups) && fitsTexels(w, 1);
}

/** Returns the shape of {@linkcode padInput}. */
export function paddedShape(g: Geometry): Shape<4> {
  return [g.n, g.c, g.h + 2 * g.padding, g.w + 2 * g.padding];
}

/** Returns the shape of {@linkcode spreadGradient}. */
export function spreadShape(g: Geometry): Shape<4> {
  return [g.n, g.o, g.h + g.kh - 1, g.w + g.kw - 1];
}

/** Returns whether {@linkcode spreadGradient} is possible: its padding must not be negative. */
export function canSpread(g: Geometry): boolean {
  return g.padding < Math.min(g.kh, g.kw);
}

/** Pads an input with zeros. */
export function padInput(x: Tensor, padding: number): Tensor {
  return pad(x, [0, 0, padding, padding], [0, 0, padding, padding]);
}

/** Spreads and pads the output's gradient: a convolution of stride 1 then yields the input's gradient. */
export function spreadGradient(dy: Tensor, g: Geometry): Tensor {
  const top = g.kh - 1 - g.padding, left = g.kw - 1 - g.padding;
  const bottom = g.h + g.kh - 1 - top - ((g.oh - 1) * g.stride + 1);
  const right = g.w + g.kw - 1 - left - ((g.ow - 1) * g.stride + 1);
  return pad(dy, [0, 0, top, left], [0, 0, bottom, right], [1, 1, g.stride, g.stride]);
}

/** Creates the variant of a convolution with a tile. */
export const forwardTexels = (tile: Tile) =>
  createTileVariant("texels", tile, forwardGeometry, {
    supports: (g) => fitsConvolution(paddedShape(g), [g.o, g.c / g.groups, g.kh, g.kw], g.groups),
    wins: (g, device) => suitsTexels(g) && tileWins(tile, g.o / g.groups, device),
    lower: ([x, w], { stride, padding, groups }) =>
      convolveTexels(padInput(x, padding), w, { stride, groups, tile }),
  });

/** Creates the variant of the input's gradient: the spread gradient, convolved with the rotated weight. */
export const inputGradientTexels = (tile: Tile) =>
  createTileVariant("texels", tile, inputGradientGeometry, {
    supports: (g) =>
      canSpread(g) && fitsConvolution(spreadShape(g), [g.c, g.o / g.groups, g.kh, g.kw], g.groups),
    wins: (g, device) => suitsTexels(g) && tileWins(tile, g.c / g.groups, device),
    lower([dy, w], g) {
      const og = g.o / g.groups, cg = g.c / g.groups;
      const grouped = transpose(reshape(w, [g.groups, og, cg, g.kh, g.kw]), [0, 2, 1, 3, 4]);
      const rotated = reshape(flip(grouped, [3, 4]), [g.c, og, g.kh, g.kw]);
      return convolveTexels(spreadGradient(dy, g), rotated, { stride: 1, groups: g.groups, tile });
    },
  });
