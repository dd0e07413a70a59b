/**
 * Operands as textures: four neighbouring channels per texel, so that one load brings what four
 * multiply-adds need.
 * @module
 */
import { apply, formatShape, type Shape, sizeOf, type Tensor, type TexelsOp } from "../tensor.ts";
import { texelsPerRow } from "../workgroups.ts";

/** Rows of texels that every WebGPU adapter allows. */
const mostRows = 8192;

type TexelsAttributes = { readonly groups: number };

/** Texels that hold the channels of one group at one position. */
export function texelsPerGroup(channelsPerGroup: number): number {
  return Math.ceil(channelsPerGroup / 4);
}

function texelsShape([n, c, h, w]: Shape, groups: number): Shape {
  return [n!, groups * texelsPerGroup(c! / groups), h!, w!, 4];
}

const texelsOp: TexelsOp<TexelsAttributes> = {
  kind: "texels",
  name: "texels",
  infer([x], { groups }) {
    if (x!.shape.length !== 4 || x!.shape[1]! % groups !== 0 || x!.dtype !== "float32") {
      throw new RangeError(
        `Cannot pack tensor as it must be float32 [N, C, H, W] with C a multiple of ${groups}: it is ${
          x!.dtype
        } ${formatShape(x!.shape)}`,
      );
    }
    return { shape: texelsShape(x!.shape, groups), dtype: "float32" };
  },
  source([n, block, y, x], lane, node) {
    const { groups } = node.attributes;
    const channels = node.inputs[0]!.shape[1]! / groups;
    const blocks = texelsPerGroup(channels);
    if (lane >= channels) return null;
    const inGroup = groups === 1 ? `${block} * 4u + ${lane}u` : `(${block} % ${blocks}u) * 4u + ${lane}u`;
    const channel = groups === 1 ? inGroup : `(${block} / ${blocks}u) * ${channels}u + ${inGroup}`;
    const axes = [n!, blocks === 1 && groups === 1 ? `${lane}u` : channel, y!, x!];
    return channels % 4 === 0 || blocks === 1 ? { axes } : { axes, inside: `${inGroup} < ${channels}u` };
  },
};

/** Whether an operand of this shape fits into a texture. */
export function fitsTexels(shape: Shape, groups: number): boolean {
  return sizeOf(texelsShape(shape, groups)) / 4 <= texelsPerRow * mostRows;
}

/**
 * Stores `x [N, C, H, W]` as a texture `[N, groups · ⌈C/groups/4⌉, H, W, 4]`; channels missing to a multiple of four are zero.
 * Only kernels that read textures can use it.
 */
export function texels(x: Tensor, groups = 1): Tensor {
  return apply(texelsOp, [x], { groups }) as unknown as Tensor;
}
