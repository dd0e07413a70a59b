// deno-lint-ignore-file no-non-null-assertion -- shapes are known
import { concat, matmul, oneHot, reshape, slice, type Tensor } from "../../kernels/mod.ts";
import { Ict } from "../../semisup/methods/ict.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertGolden } from "./golden_method.ts";

const unlabelled = 8;

/** Reorders the unlabelled examples, which come first. */
function reorder(x: Tensor, permutation: Tensor): Tensor {
  const [count, ...rest] = x.shape, start = rest.map(() => 0), size = rest.reduce((a, b) => a * b, 1);
  const first = reshape(slice(x, [0, ...start], [unlabelled, ...rest]), [unlabelled, size]);
  const moved = reshape(matmul(oneHot(permutation, unlabelled), first), [unlabelled, ...rest]);
  return concat([moved, slice(x, [unlabelled, ...start], [count! - unlabelled, ...rest])], 0);
}

gpuTest("ICT arrives where PyTorch does", async (device) => {
  await assertGolden(device, {
    file: "ict",
    variant: "probabilities",
    counted: 8,
    views: ["images", "images"],
    weights: { consistency: "weight" },
    create: (parts, drawn) =>
      new Ict(parts, {
        alpha: 1,
        consistencyType: "mse",
        consistencyTrust: 1,
        consistencyToLabeled: false,
        draw: () => drawn("lambda"),
        partnersOf: (x) => reorder(x, drawn("permutation")),
      }),
  });
});
