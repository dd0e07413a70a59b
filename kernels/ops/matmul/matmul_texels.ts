/**
 * Products of matrices whose operands lie in textures as they are.
 * @module
 */
import { apply, type KernelOp, type Shape, type Tensor } from "../../tensor.ts";
import { subgroupSize, workgroupRows } from "../../workgroups.ts";
import { tiles, workgroup } from "../texel_tiles.ts";
import subgroupWgsl from "./matmul_subgroup.wgsl" with { type: "text" };
import { reshape } from "../views/movement.ts";
import { fitsMatrixTexels, matrixTexels } from "../texels.ts";
import { writtenOut } from "../tiles.ts";

/** Rows and blocks of four columns that an invocation computes: one block of `b` for each of a subgroup to read. */
const tile = { p: 4 * tiles.subgroup.forward.p, q: subgroupSize } as const;

const matmulTexelsOp: KernelOp = {
  kind: "kernel",
  name: "matmul_texels",
  infer: ([a, b]) => ({ shape: [a!.shape[0]!, b!.shape[1]!, 4], dtype: "float32" }),
  kernel({ inputs: [a, b] }) {
    const [m, k4] = a!.shape as [number, number], n4 = b!.shape[1]!;
    const invocations = Math.ceil(m / (subgroupSize * tile.p)) * subgroupSize * Math.ceil(n4 / tile.q);
    return {
      wgsl: writtenOut(subgroupWgsl, tile),
      constants: { M: m, N: 4 * n4, K: 4 * k4, WORKGROUP: workgroup },
      workgroups: workgroupRows(Math.ceil(invocations / workgroup)),
    };
  },
};

/** Whether there is a {@linkcode texelProduct} of matrices of such shapes. */
export function fitsTexelProduct(a: Shape, b: Shape): boolean {
  return fitsMatrixTexels(a) && fitsMatrixTexels(b);
}

/** `[M, N]` of `a [M, K]` and `b [K, N]`, on a device with subgroups. */
export function texelProduct(a: Tensor, b: Tensor): Tensor {
  const product = apply(matmulTexelsOp, [matrixTexels(a), matrixTexels(b)], {}) as unknown as Tensor;
  return reshape(product, [a.shape[0]!, b.shape[1]!]);
}
