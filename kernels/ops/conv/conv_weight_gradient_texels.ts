/**
 * Gradients of convolution weights with tiles: matrix products over four positions.
 * @module
 */
import type { KernelOp } from "../../op.ts";
import { apply, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { subgroupSize, workgroupRows } from "../../workgroups.ts";
import subgroupWgsl from "./conv2d_weight_gradient_subgroup.wgsl" with { type: "text" };
import operandsWgsl from "./conv2d_weight_gradient_texel_operands.wgsl" with { type: "text" };
import texelsWgsl from "./conv2d_weight_gradient_texels.wgsl" with { type: "text" };
import tileWgsl from "./conv2d_weight_gradient_tile.wgsl" with { type: "text" };
import workgroupWgsl from "./conv2d_weight_gradient_workgroup.wgsl" with { type: "text" };
import { createTileVariant, weightGradientExtent, weightGradientGeometry } from "./conv_geometry.ts";
import {
  canSpread,
  foldColumns,
  paddedShape,
  padInput,
  shouldFoldColumns,
  spreadGradient,
  spreadShape,
  suitsTexels,
} from "./conv_texels.ts";
import {
  gradientTileWins,
  splitSizes,
  storeForTile,
  type Tile,
  type TileKernel,
  tiles,
  workgroupSize,
} from "../texel_tiles.ts";
import { reshape, transpose } from "../views/movement.ts";
import { unrollTiles } from "../tiles.ts";
import { blockChannels, blocksPerGroup, checkBlocks, fitsTexels } from "../texels.ts";

type TexelsWeightGradientAttributes = {
  readonly shape: Shape<4>;
  readonly stride: number;
  readonly groups: number;
  readonly top: number;
  readonly left: number;
  readonly tile: Tile;
};

/** Returns shader, constants and number of workgroups of a tile. */
function gradientKernel(tile: Tile, outputs: number, channels: number, taps: number): TileKernel {
  const [outputBlocks, channelBlocks] = [blocksPerGroup(outputs), blocksPerGroup(channels)];
  if (tile === "workgroup") {
    return {
      wgsl: unrollTiles(workgroupWgsl, { o: 2, c: 2, t: 4 }) + tileWgsl,
      workgroups: (count: number) =>
        Math.ceil(outputBlocks / 16) * Math.ceil(channelBlocks / 16) * taps * count,
      constants: {},
    };
  }
  const sizes = tiles[tile].gradient;
  const columns = Math.ceil(channelBlocks / sizes.c) * taps;
  const perRow = tile === "subgroup" ? Math.ceil(columns / subgroupSize) * subgroupSize : columns;
  const invocations = Math.ceil(outputBlocks / sizes.o) * perRow;
  return {
    wgsl:
      (tile === "subgroup"
        ? unrollTiles(subgroupWgsl, { s: sizes.o / 2, c: sizes.c })
        : unrollTiles(texelsWgsl, sizes)) + operandsWgsl + tileWgsl,
    workgroups: (count: number) => Math.ceil(count * invocations / workgroupSize),
    constants: { WORKGROUP: workgroupSize },
  };
}

const weightGradientTexelsOp: KernelOp<TexelsWeightGradientAttributes, [Shape<5>, Shape<5>]> = {
  kind: "kernel",
  name: "conv_2d_weight_gradient_texels",
  resultIsWeight: true,
  infer(inputs, { shape }) {
    checkBlocks("differentiate convolution", inputs);
    return { shape, dtype: "float32" };
  },
  extent({ inputs: [x], attributes }) {
    const { n, oh, ow } = weightGradientTexelsSizes(x, attributes);
    return weightGradientExtent(n * oh * ow, 1, sizeOf(attributes.shape));
  },
  kernel({ inputs: [x, dy], attributes }, { CHUNKS, ROWS }) {
    const { shape: [o, CG, KH, KW], stride: STRIDE, groups: G, top: TOP, left: LEFT, tile } = attributes;
    const { n: N, h: H, w: W, oh: OH, ow: OW } = weightGradientTexelsSizes(x, attributes);
    const [, , DH, DW] = dy.shape, OG = o / G;
    const { wgsl, workgroups, constants } = gradientKernel(tile, OG, CG, KH * KW);
    const sizes = { N, H, W, CG, OG, G, KH, KW, OH, OW, DH, DW, TOP, LEFT, STEP: STRIDE, STRIDE };
    return {
      wgsl,
      // The other tiles divide each position by sizes, which costs little only if these are constants.
      ...splitSizes(tile === "subgroup", { ...sizes, CHUNKS, ROWS }, constants),
      workgroups: workgroupRows(workgroups(CHUNKS * G)),
    };
  },
};

function weightGradientTexelsSizes(x: Tensor<Shape<5>>, { shape, stride }: TexelsWeightGradientAttributes) {
  const [n, , h, w] = x.shape, [, , kh, kw] = shape;
  return { n, h, w, oh: Math.floor((h - kh) / stride) + 1, ow: Math.floor((w - kw) / stride) + 1 };
}

/** Computes a weight's gradient, row-major, from padded blocks of input and result's gradient. */
export function computeWeightGradient(
  x: Tensor,
  dy: Tensor,
  attributes: TexelsWeightGradientAttributes,
): Tensor {
  return apply(weightGradientTexelsOp, [x, dy], attributes);
}

/** Creates the variant of the weight's gradient with a tile. */
export const weightGradientTexels = (tile: Tile) =>
  createTileVariant("texels", tile, weightGradientGeometry, {
    supports: (g) =>
      canSpread(g) && fitsTexels(paddedShape(g), g.groups) && fitsTexels(spreadShape(g), g.groups),
    wins(g, device) {
      const sizes = { outputs: g.o / g.groups, channels: g.c / g.groups, taps: g.kh * g.kw };
      return suitsTexels(g) && gradientTileWins(tile, sizes, device);
    },
    lower([x, dy], g) {
      const { o, kh, kw, stride, padding, groups } = g;
      const cg = g.c / groups, top = kh - 1 - padding, left = kw - 1 - padding;
      const padded = padInput(x, padding);
      const operand = (x: Tensor) => storeForTile(tile, blockChannels(x, groups));
      const gradient = (x: Tensor, shape: Shape<4>) =>
        computeWeightGradient(operand(x), operand(spreadGradient(dy, g)), {
          shape,
          stride,
          groups,
          top,
          left,
          tile,
        });
      if (!shouldFoldColumns(paddedShape(g), g)) return gradient(padded, [o, cg, kh, kw]);
      const folded = gradient(foldColumns(padded, kw), [o, cg * kw, kh, 1]);
      return transpose(reshape(folded, [o, cg, kw, kh]), [0, 1, 3, 2]);
    },
  });
