import { FixMatch } from "../../semisup/methods/fixmatch.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertGolden } from "./golden_method.ts";

for (const [variant, counted] of [["unlabelled", 8], ["all", 12]] as const) {
  gpuTest(
    `FixMatch arrives where PyTorch does, with a consistency cost of ${variant} examples`,
    async (device) => {
      await assertGolden(device, {
        file: "fixmatch",
        variant,
        counted,
        views: ["strong", "weak"],
        weights: { consistency: "weight" },
        create: (parts) => new FixMatch(parts, { threshold: 0.6, consistencyToLabeled: variant === "all" }),
      });
    },
  );
}
