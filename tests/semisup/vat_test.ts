import { Vat } from "../../semisup/methods/vat.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertGolden } from "./golden_method.ts";

for (const [variant, counted] of [["unlabelled", 8], ["all", 12]] as const) {
  gpuTest(
    `VAT arrives where PyTorch does, with unsupervised costs of ${variant} examples`,
    async (device) => {
      await assertGolden(device, {
        file: "vat",
        variant,
        counted,
        views: ["images", "images"],
        weights: { consistency: "weight", entropy: "entropy_weight" },
        create: (parts, drawn) =>
          new Vat(parts, {
            epsilon: 2,
            xi: 0.1,
            consistencyToLabeled: variant === "all",
            draw: () => drawn("direction"),
          }),
      });
    },
  );
}
