/** The views of a batch outside of the compiled step. */
import { mean, mul } from "../../kernels/mod.ts";
import { MeanTeacher, Trainer, type TrainingOptions } from "../../semisup/mod.ts";
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 3,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
  recordSteps: 1,
  strongAugment: "randaugment",
};

const meanSquare = (values: Float32Array) =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

gpuTest(
  "the views of a trainer are those that its step trains on, and reading them changes nothing",
  async (device) => {
    const costs = async (isRead: boolean) => {
      using trainer = await Trainer.create(device, madeUpData(), small, {
        algorithm: (parts, options) => {
          const inner = new MeanTeacher(parts, options);
          return Object.assign(inner, {
            step(inputs: Parameters<MeanTeacher["step"]>[0]) {
              const result = MeanTeacher.prototype.step.call(inner, inputs);
              const [student, target] = inputs.views.map((view) => mean(mul(view, view)));
              assert(student && target);
              return { ...result, costs: { ...result.costs, student, target } };
            },
          });
        },
      });
      const all: Record<string, number>[] = [];
      for await (const record of trainer.run()) {
        if (record.kind !== "costs") continue;
        all.push(record.costs);
        if (!isRead) continue;
        const { count, student, target, imageShape } = await trainer.views(20);
        assertEquals([count, student.length, target.length], [
          20,
          20 * imageShape.reduce((a, b) => a * b),
          student.length,
        ]);
        assertAlmostEquals(meanSquare(student), record.costs["student"] ?? NaN, 1e-4);
        assertAlmostEquals(meanSquare(target), record.costs["target"] ?? NaN, 1e-4);
        assertGreater(Math.abs(meanSquare(student) - meanSquare(target)), 1e-3);
      }
      return all;
    };
    assertEquals(await costs(true), await costs(false));
  },
);
