/**
 * Products of row-major matrices in textures.
 * @module
 */
import type { KernelOp } from "../../op.ts";
import { apply, type Attributes, formatShape, hasAxes, type Shape, type Tensor } from "../../tensor.ts";
import { subgroupSize, workgroupRows } from "../../workgroups.ts";
import { workgroupSize } from "../texel_tiles.ts";
import subgroupWgsl from "./matmul_subgroup.wgsl" with { type: "text" };
import { reshape } from "../views/movement.ts";
import { unrollTiles } from "../tiles.ts";

/** Rows and blocks of four columns per invocation; each of a subgroup reads one block of `b`. */
const tile = { p: 4, q: subgroupSize } as const;

const matmulTexelsOp: KernelOp<Attributes, [Shape<3>, Shape<3>]> = {
  kind: "kernel",
  name: "matmul_texels",
  infer([{ shape: a }, { shape: b }]) {
    if (!hasAxes(a, 3) || !hasAxes(b, 3)) {
      throw new RangeError(
        `Cannot multiply texels: both must have 3 axes, but shapes are ${formatShape(a)} and ${
          formatShape(b)
        }`,
      );
    }
    return { shape: [a[0], b[1], 4], dtype: "float32" };
  },
  kernel({ inputs: [a, b] }) {
    const [m, k4] = a.shape, [, n4] = b.shape;
    const invocations = Math.ceil(m / (subgroupSize * tile.p)) * subgroupSize * Math.ceil(n4 / tile.q);
    return {
      wgsl: unrollTiles(subgroupWgsl, tile),
      constants: { M: m, N: 4 * n4, K: 4 * k4, WORKGROUP: workgroupSize },
      workgroups: workgroupRows(Math.ceil(invocations / workgroupSize)),
    };
  },
};

/** Multiplies `a [M, K]` and `b [K, N]`, both texels, to `shape [M, N]`, on a device with subgroups. */
export function multiplyTexels(a: Tensor, b: Tensor, shape: Shape): Tensor {
  return reshape(apply(matmulTexelsOp, [a, b], {}), shape);
}
