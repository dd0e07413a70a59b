/**
 * Convolutions by Winograd's algorithm F(4×4, 3×3), with a quarter of the products: tiles of images and
 * kernels are treated as polynomials and multiplied pointwise at six points per axis (Lavin & Gray, "Fast
 * Algorithms for Convolutional Neural Networks", CVPR 2016). The products at each of the 36 points form one
 * group of a 1×1 convolution.
 * @module
 */
import type { KernelOp } from "../../op.ts";
import { apply, formatShape, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { linearWorkgroups } from "../../workgroups.ts";
import {
  createTileVariant,
  forwardGeometry,
  type Geometry,
  inputGradientGeometry,
  weightGradientGeometry,
} from "./conv_geometry.ts";
import { convolveBlocks } from "./conv_texels.ts";
import { gradientTileWins, storeForTile, type Tile, tileWins } from "../texel_tiles.ts";
import { computeWeightGradient } from "./conv_weight_gradient_texels.ts";
import {
  blockChannels,
  blocksPerGroup,
  checkBlocks,
  fitsTexels,
  loadBlockWgsl,
  unblockChannels,
} from "../texels.ts";
import imageWgsl from "./winograd_image.wgsl" with { type: "text" };
import resultWgsl from "./winograd_result.wgsl" with { type: "text" };
import weightWgsl from "./winograd_weight.wgsl" with { type: "text" };
import weightGradientWgsl from "./winograd_weight_gradient.wgsl" with { type: "text" };

/** Rows and columns of a tile of the result. */
const tileSize = 4;
/** Number of points at which a tile is evaluated. */
const points = 36;

/** Returns the number of tiles that cover a result along each axis. */
function tilesOf(height: number, width: number): Shape<2> {
  return [Math.ceil(height / tileSize), Math.ceil(width / tileSize)];
}

type ImageAttributes = {
  readonly tiles: Shape<2>;
  readonly padding: number;
  /** True for tiles of a result's gradient, false for patches of an image. */
  readonly isGradient: boolean;
};

const imageOp: KernelOp<ImageAttributes, [Shape<5>]> = {
  kind: "kernel",
  name: "winograd_image",
  infer([x], { tiles: [th, tw] }) {
    checkBlocks("transform tiles", [x]);
    const [n = 0, c4 = 0] = x.shape;
    return { shape: [1, points * c4, 1, n * th * tw, 4], dtype: "float32" };
  },
  kernel({ inputs: [x], attributes: { tiles: [TH, TW], padding: PADDING, isGradient }, shape }) {
    const [N, C4, H, W] = x.shape;
    const constants = { N, C4, H, W, TH, TW, PADDING, IS_GRADIENT: +isGradient };
    return {
      wgsl: imageWgsl + loadBlockWgsl(x),
      constants,
      workgroups: linearWorkgroups(sizeOf(shape) / points / 4),
    };
  },
};

const resultOp: KernelOp<{ readonly shape: Shape<5> }, [Shape]> = {
  kind: "kernel",
  name: "winograd_result",
  float32: ["operands"],
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  kernel({ inputs: [m], attributes: { shape: [n, o4, oh, ow] } }) {
    const [th, tw] = tilesOf(oh, ow);
    const constants = { N: n, O4: o4, OH: oh, OW: ow, TH: th, TW: tw };
    return {
      wgsl: resultWgsl + loadBlockWgsl(m),
      constants,
      workgroups: linearWorkgroups(sizeOf(m.shape) / points / 4),
    };
  },
};

/** Returns outputs and channels of `w [O, C, 3, 3]`, or of `[C, O, 3, 3]` to be rotated by 180°. */
function kernelsOf({ shape }: Tensor, isRotated: boolean): Shape<2> {
  if (!hasAxes(shape, 4) || shape[2] !== 3 || shape[3] !== 3) {
    throw new RangeError(
      `Cannot transform kernels: size must be 3×3, but the shape is ${formatShape(shape)}`,
    );
  }
  return isRotated ? [shape[1], shape[0]] : [shape[0], shape[1]];
}

const weightOp: KernelOp<{ readonly isRotated: boolean }, [Shape<4>]> = {
  kind: "kernel",
  name: "winograd_weight",
  infer([w], { isRotated }) {
    const [o, c] = kernelsOf(w, isRotated);
    return { shape: [1, blocksPerGroup(c), 1, points * o, 4], dtype: "float32" };
  },
  kernel({ inputs: [w], attributes: { isRotated }, shape }) {
    const [o, c] = kernelsOf(w, isRotated);
    const constants = { O: o, C: c, IS_ROTATED: +isRotated };
    return { wgsl: weightWgsl, constants, workgroups: linearWorkgroups(sizeOf(shape) / points / 4) };
  },
};

const weightGradientOp: KernelOp<{ readonly shape: Shape<4> }, [Shape]> = {
  kind: "kernel",
  name: "winograd_weight_gradient",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  kernel({ shape }) {
    const kernels = sizeOf(shape) / 9;
    return {
      wgsl: weightGradientWgsl,
      constants: { KERNELS: kernels },
      workgroups: linearWorkgroups(kernels),
    };
  },
};

function transformImage(x: Tensor, tile: Tile, attributes: ImageAttributes): Tensor {
  return storeForTile(tile, apply(imageOp, [storeForTile(tile, blockChannels(x))], attributes));
}

/** Convolves `x [N, C, H, W]` with `w [O, C, 3, 3]`, or with `[C, O, 3, 3]` rotated by 180°. */
function convolve(
  x: Tensor,
  w: Tensor,
  [n, o, oh, ow]: Shape<4>,
  { padding, isRotated, tile }: {
    readonly padding: number;
    readonly isRotated: boolean;
    readonly tile: Tile;
  },
): Tensor {
  const tiles = tilesOf(oh!, ow!);
  const values = transformImage(x, tile, { tiles, padding, isGradient: false });
  const weights = storeForTile(tile, apply(weightOp, [w], { isRotated }));
  const products = convolveBlocks(values, weights, {
    shape: [1, points * o, 1, n * tiles[0] * tiles[1]],
    kernel: [1, 1],
    stride: 1,
    groups: points,
    tile,
  });
  const shape: Shape<5> = [n, blocksPerGroup(o), oh!, ow!, 4];
  return unblockChannels(apply(resultOp, [storeForTile(tile, products)], { shape }), o);
}

/** Returns whether the algorithm applies to a convolution and intermediate values fit into textures. */
function supports(g: Geometry): boolean {
  const [th, tw] = tilesOf(g.oh, g.ow), [ih, iw] = tilesOf(g.h, g.w);
  return g.n > 0 && g.kh === 3 && g.kw === 3 && g.stride === 1 && g.groups === 1 && g.padding <= 2 &&
    fitsTexels([1, points * Math.max(g.c, g.o), 1, g.n * Math.max(th * tw, ih * iw)], points) &&
    fitsTexels([1, Math.max(g.c, g.o), 1, points * Math.max(g.c, g.o)], 1);
}

/** Returns whether the saved products are expected to outweigh the additional reads and writes. */
function isWorthwhile(g: Geometry): boolean {
  return g.c * g.o >= 8192 && g.n * g.oh * g.ow >= 1024;
}

/** Creates the variant of a convolution with a tile. */
export const forwardWinograd = (tile: Tile) =>
  createTileVariant("winograd", tile, forwardGeometry, {
    supports,
    wins: (g, device) => isWorthwhile(g) && tileWins(tile, g.o, device),
    lower: ([x, w], { n, o, oh, ow, padding }) =>
      convolve(x, w, [n, o, oh, ow], { padding, isRotated: false, tile }),
  });

/** Creates the variant of the input's gradient: a convolution of the gradient with the rotated weight. */
export const inputGradientWinograd = (tile: Tile) =>
  createTileVariant("winograd", tile, inputGradientGeometry, {
    supports,
    wins: (g, device) => isWorthwhile(g) && tileWins(tile, g.c, device),
    lower: ([dy, w], { n, c, h, w: width, padding }) =>
      convolve(dy, w, [n, c, h, width], { padding: 2 - padding, isRotated: true, tile }),
  });

/** Creates the variant of the weight's gradient: products of image patches and gradient tiles. */
export const weightGradientWinograd = (tile: Tile) =>
  createTileVariant("winograd", tile, weightGradientGeometry, {
    supports,
    wins: (g, device) =>
      isWorthwhile(g) && gradientTileWins(tile, { outputs: g.o, channels: g.c, taps: 1 }, device),
    lower([x, dy], { c, o, oh, ow, padding }) {
      const tiles = tilesOf(oh, ow);
      const values = transformImage(x, tile, { tiles, padding, isGradient: false });
      const gradients = transformImage(dy, tile, { tiles, padding: 0, isGradient: true });
      const products = computeWeightGradient(values, gradients, {
        shape: [points * o, c, 1, 1],
        stride: 1,
        groups: points,
        top: 0,
        left: 0,
        tile,
      });
      return apply(weightGradientOp, [products], { shape: [o, c, 3, 3] });
    },
  });
