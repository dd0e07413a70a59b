/** Pictures as the networks of a run see them. */
import {
  type PictureWatch,
  Trainer,
  type TrainingOptions,
  watchCheckpoint,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 4,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
  recordSteps: 2,
  strongAugment: "randaugment",
};

gpuTest("a watch shows the views of the run and the networks' logits, and changes no bit", async (device) => {
  const train = async (isWatched: boolean) => {
    const data = madeUpData();
    using trainer = await Trainer.create(device, data, small);
    using watch = isWatched ? await trainer.watchPictures(4) : undefined;
    for await (const record of trainer.run()) {
      if (!watch || record.kind !== "costs") continue;
      const seen = await watch.views(trainer.step - 1), expected = await trainer.views(4);
      assertEquals(seen.student, expected.student);
      assertEquals(seen.target, expected.target);
      assertEquals([seen.count, seen.imageShape], [4, expected.imageShape]);
    }
    const checkpoint = await trainer.checkpoint();
    if (watch) await compareWithCheckpoint(watch, trainer);
    return writeCheckpoint(checkpoint);
  };
  assertEquals(await train(true), await train(false));

  async function compareWithCheckpoint(watch: PictureWatch, trainer: Trainer) {
    const data = madeUpData(), checkpoint = await trainer.checkpoint();
    using again = await watchCheckpoint(device, data, checkpoint, 4);
    assertEquals(await again.views(2), await watch.views(2));
    // The logits of plain images are those of an evaluation.
    const indices = Int32Array.from(data.train.labels.keys()).slice(0, watch.batchSize);
    const { student, teacher } = await watch.classify(indices);
    const tested = { ...data, test: { ...data.train, labels: data.train.labels.map(() => 0) } };
    using evaluated = await Trainer.create(device, tested, small, { checkpoint });
    const { logits } = await evaluated.testLogits();
    assertEquals(student, logits.student.slice(0, student.length));
    assertEquals(teacher, logits.teacher.slice(0, teacher.length));
    const three = await watch.classify(indices.slice(0, 3));
    assertEquals(three.teacher, teacher.slice(0, three.teacher.length));
    assert(three.teacher.length === 3 * data.classes.length);
  }
});

gpuTest(
  "views of a run with a custom augmentation are refused, as a checkpoint does not contain it",
  async (device) => {
    using trainer = await Trainer.create(device, madeUpData(), small, { augmentation: (images) => images });
    const checkpoint = await trainer.checkpoint();
    await assertRejects(
      () => watchCheckpoint(device, madeUpData(), checkpoint, 4),
      RangeError,
      "the run had a custom augmentation",
    );
  },
);
