/** Statistics of layers: of a run's last step, and without effect on its weights. */
import type { Device } from "../../kernels/mod.ts";
import { Trainer, type TrainerSettings, type TrainingData } from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";

const labels = Int32Array.from({ length: 30 }, (_, i) => i % 2);
const images = Uint8Array.from({ length: 30 * 64 }, (_, i) => 60 + 120 * (Math.floor(i / 64) % 2) + i % 7);
const data: TrainingData = {
  train: { images, labels: labels.map((label, i) => i < 12 ? label : -1), imageShape: [1, 8, 8] },
  classes: ["dark", "bright"],
  channelStatistics: { mean: [0.5], standardDeviation: [0.25], source: "made up" },
};
const options = { batchSize: 8, labeledBatchSize: 4, maxSteps: 3 };

async function train(device: Device, settings: TrainerSettings) {
  using trainer = await Trainer.create(device, data, options, settings);
  for await (const _ of trainer.run());
  return { checkpoint: await trainer.checkpoint(), statistics: await trainer.layerStatistics() };
}

gpuTest(
  "layerStatistics describes activations and gradients of the chosen layers, and weights stay the same",
  async (device) => {
    const plain = await train(device, {});
    assertEquals(plain.statistics, {});
    const { checkpoint, statistics } = await train(device, { observe: ["features.1", "heads.0"] });
    assertEquals(checkpoint, plain.checkpoint);
    assertEquals(Object.keys(statistics), ["features.1", "heads.0"]);
    for (const { mean, standardDeviation, zeros, gradient } of Object.values(statistics)) {
      assert(Number.isFinite(mean) && standardDeviation > 0 && zeros >= 0 && zeros < 1 && gradient > 0);
    }
  },
);

gpuTest("an unknown layer is refused with the names of all layers", async (device) => {
  const error = await assertRejects(() => train(device, { observe: ["feature.1"] }), RangeError);
  assertStringIncludes(
    error.message,
    `Unknown layer "feature.1"; the network's layers: features, features.0`,
  );
});
