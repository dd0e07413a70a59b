/**
 * Channels in blocks of four: each block is one vector or texel, so that one load serves four multiply-adds,
 * and whole chains of kernels read and write vectors.
 * @module
 */
import type { TexelsOp, ViewOp } from "../op.ts";
import { apply, formatShape, hasAxes, sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { mostTextureSize, texelsPerRow, textureWidth } from "../workgroups.ts";
import bufferWgsl from "./block_buffer.wgsl" with { type: "text" };
import texelsWgsl from "./block_texels.wgsl" with { type: "text" };
import { moveElements } from "./views/coordinates.ts";
import { reshape } from "./views/movement.ts";

/** Most texels that fit into a texture and into its source buffer's binding on every WebGPU adapter. */
const mostTexels = 2 ** 27 / 16;

/** Returns the number of blocks for the channels of one group at one position. */
export function blocksPerGroup(channelsPerGroup: number): number {
  return Math.ceil(channelsPerGroup / 4);
}

/**
 * Returns the shape of {@linkcode blockChannels}.
 * @throws {RangeError} unless `shape` has 4 axes and C divides into groups.
 */
export function blockedShape(shape: Shape, groups: number): Shape<5> {
  if (!hasAxes(shape, 4) || shape[1] % groups !== 0) {
    throw new RangeError(
      `Cannot block channels: the shape must be [N, C, H, W] with C a multiple of ${groups}, but is ${
        formatShape(shape)
      }`,
    );
  }
  const [n, c, h, w] = shape;
  return [n, groups * blocksPerGroup(c / groups), h, w, 4];
}

/**
 * Throws unless all operands are in blocks. `action` completes "Cannot …" in the message.
 * @throws {RangeError}
 */
export function checkBlocks(action: string, operands: readonly Tensor[]): void {
  for (const { shape } of operands) {
    if (!hasAxes(shape, 5) || shape[4] !== 4) {
      throw new RangeError(
        `Cannot ${action}: operands must be in blocks, [N, C/4, H, W, 4], but a shape is ${
          formatShape(shape)
        }`,
      );
    }
  }
}

type BlockedAttributes = { readonly groups: number };

/** Returns block and lane of channel `c`, with `channels` channels per group. */
function placeOf(c: number, channels: number): readonly [block: number, lane: number] {
  const inGroup = c % channels;
  return [Math.floor(c / channels) * blocksPerGroup(channels) + Math.floor(inGroup / 4), inGroup % 4];
}

const blockedOp: ViewOp<BlockedAttributes, [Shape<4>], Shape<5>> = {
  kind: "view",
  name: "blocked",
  infer: ([x], { groups }) => ({ shape: blockedShape(x.shape, groups), dtype: x.dtype }),
  source([n, block, y, x, lane], { inputs: [input], attributes: { groups } }) {
    const channels = input.shape[1] / groups;
    const blocks = blocksPerGroup(channels);
    if (channels % 4 === 0) return { axes: [n, `${block} * 4u + ${lane}`, y, x] };
    const inGroup = groups === 1 ? `${block} * 4u + ${lane}` : `(${block} % ${blocks}u) * 4u + ${lane}`;
    const channel = groups === 1 ? inGroup : `(${block} / ${blocks}u) * ${channels}u + ${inGroup}`;
    return { axes: [n, channel, y, x], inside: `${inGroup} < ${channels}u` };
  },
  vjp: (gradient, { inputs: [x], attributes: { groups } }) => [unblockChannels(gradient, x.shape[1], groups)],
  reference([x], node) {
    const channels = node.inputs[0].shape[1] / node.attributes.groups, blocks = blocksPerGroup(channels);
    return moveElements(node, x, ([n, block, y, column, lane]) => {
      const inGroup = block % blocks * 4 + lane;
      return inGroup < channels ? [n, Math.floor(block / blocks) * channels + inGroup, y, column] : null;
    });
  },
  samples: [
    { shapes: [[2, 8, 3, 2]], attributes: { groups: 1 } },
    { shapes: [[2, 6, 3, 2]], attributes: { groups: 1 } },
    { shapes: [[1, 10, 2, 2]], attributes: { groups: 2 } },
    { shapes: [[1, 8, 2, 2]], attributes: { groups: 2 } },
  ],
  refusals: [{ shapes: [[2, 6, 3, 2]], attributes: { groups: 4 }, message: "C a multiple of 4" }],
};

type UnblockedAttributes = { readonly channels: number; readonly groups: number };

function unblockedShape(shape: Shape, { channels, groups }: UnblockedAttributes): Shape<4> {
  if (hasAxes(shape, 5) && channels % groups === 0) {
    const [n, , h, w] = shape;
    const result: Shape<4> = [n, channels, h, w];
    if (sameShape(shape, blockedShape(result, groups))) return result;
  }
  throw new RangeError(
    `Cannot unblock channels: the shape must be that of ${channels} channels in ${groups} groups, but is ${
      formatShape(shape)
    }`,
  );
}

const unblockedOp: ViewOp<UnblockedAttributes, [Shape<5>], Shape<4>> = {
  kind: "view",
  name: "unblocked",
  infer: ([x], attributes) => ({ shape: unblockedShape(x.shape, attributes), dtype: x.dtype }),
  source([n, c, y, x], { attributes: { channels, groups } }) {
    const perGroup = channels / groups;
    if (groups === 1 || perGroup % 4 === 0) return { axes: [n, `${c} / 4u`, y, x, `${c} % 4u`] };
    const inGroup = `(${c} % ${perGroup}u)`;
    const block = `(${c} / ${perGroup}u) * ${blocksPerGroup(perGroup)}u + ${inGroup} / 4u`;
    return { axes: [n, block, y, x, `${inGroup} % 4u`] };
  },
  vjp: (gradient, { attributes: { groups } }) => [blockChannels(gradient, groups)],
  reference: ([x], node) =>
    moveElements(node, x, ([n, c, y, column]) => {
      const [block, lane] = placeOf(c, node.attributes.channels / node.attributes.groups);
      return [n, block, y, column, lane];
    }),
  samples: [
    { shapes: [[2, 2, 3, 2, 4]], attributes: { channels: 8, groups: 1 } },
    { shapes: [[2, 2, 3, 2, 4]], attributes: { channels: 7, groups: 1 } },
    { shapes: [[1, 4, 2, 2, 4]], attributes: { channels: 10, groups: 2 } },
    { shapes: [[1, 4, 2, 2, 4]], attributes: { channels: 16, groups: 2 } },
  ],
  refusals: [{
    shapes: [[2, 2, 3, 2, 4]],
    attributes: { channels: 9, groups: 1 },
    message: "must be that of 9 channels",
  }],
};

/**
 * Arranges channels in blocks: `x [N, C, H, W]` becomes `[N, groups · ⌈C/groups/4⌉, H, W, 4]`; channels
 * beyond C are zero.
 * @throws {RangeError} unless `x` has 4 axes and C divides into groups.
 */
export function blockChannels(x: Tensor, groups = 1): Tensor {
  const shape = blockedShape(x.shape, groups);
  const [source] = x.inputs;
  if (source && isUnblocked(x) && sameShape(shape, source.shape)) return source;
  // In images of one pixel, the channels are adjacent already.
  const [, blocks, h, w] = shape;
  if (h === 1 && w === 1 && 4 * blocks === x.shape[1]) return reshape(x, shape);
  return apply(blockedOp, [x], { groups });
}

/**
 * Inverts {@linkcode blockChannels}: returns `[N, channels, H, W]`.
 * @throws {RangeError} unless the shape is that of `channels` channels in blocks.
 */
export function unblockChannels(x: Tensor, channels: number, groups = 1): Tensor {
  const shape = unblockedShape(x.shape, { channels, groups });
  const [, , h, w] = shape;
  if (h === 1 && w === 1 && channels / groups % 4 === 0) return reshape(x, shape);
  return apply(unblockedOp, [x], { channels, groups });
}

/** Returns whether a node is a result of {@linkcode blockChannels}. */
export function isBlocked(node: Tensor): boolean {
  return node.op === blockedOp as unknown;
}

/** Returns whether a node is a result of {@linkcode unblockChannels}. */
export function isUnblocked(node: Tensor): boolean {
  return node.op === unblockedOp;
}

const texelsOp: TexelsOp<{ readonly rowTexels: number }, [Shape]> = {
  kind: "texels",
  name: "texels",
  infer([x]) {
    if (x.shape.at(-1) !== 4 || x.dtype !== "float32") {
      const at = `${x.dtype} ${formatShape(x.shape)}`;
      throw new RangeError(
        `Cannot store texels: the tensor must be float32 with a last axis of 4, but is ${at}`,
      );
    }
    return { shape: x.shape, dtype: "float32" };
  },
};

/** Returns the texels per row of a texture; undefined for other nodes. */
export function rowTexelsOf({ op, attributes }: Tensor): number | undefined {
  return op === texelsOp ? Number(attributes.rowTexels) : undefined;
}

/** Returns the WGSL of `load_block`, which loads a block of an operand from its texture or its buffer. */
export function loadBlockWgsl(operand: Tensor): string {
  return rowTexelsOf(operand) === undefined ? bufferWgsl : texelsWgsl;
}

/** Returns whether blocks `[…, 4]` fit into a texture. */
export function fitsTexture(shape: Shape): boolean {
  return sizeOf(shape) / 4 <= mostTexels;
}

/** Returns whether the blocks of an operand `[N, C, H, W]` fit into a texture. */
export function fitsTexels(shape: Shape, groups: number): boolean {
  return fitsTexture(blockedShape(shape, groups));
}

/** Copies `x […, 4]` into a texture, for kernels that read textures. */
export function copyToTexture(x: Tensor): Tensor {
  return apply(texelsOp, [x], { rowTexels: texelsPerRow });
}

/** Returns whether a matrix fits into a texture row by row; copies need rows of a multiple of 256 bytes. */
export function fitsMatrixTexels([rows, columns]: Shape<2>): boolean {
  return columns > 0 && columns % 64 === 0 && rows <= mostTextureSize &&
    textureWidth(columns / 4) <= mostTextureSize;
}

/** Copies a matrix `[rows, columns]` into a texture with the same rows, four columns per texel. */
export function copyMatrixToTexture(x: Tensor, [rows, columns]: Shape<2>): Tensor {
  const rowTexels = columns / 4;
  return apply(texelsOp, [reshape(x, [rows, rowTexels, 4])], { rowTexels });
}

/** Ops of this file, for the table of all ops. */
export const blockedOps = [blockedOp, unblockedOp] as const;
