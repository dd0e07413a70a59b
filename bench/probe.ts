/**
 * `deno run -A bench/probe.ts`: compares the error that a linear probe estimates from the training labels
 * alone with the true error on test images. Trains on MNIST with few labels and without a validation set.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { errorText, percent } from "../cli/terminal/figures.ts";
import { loadDataset } from "../cli/plan/inputs.ts";
import { chooseLabels } from "../cli/plan/training_labels.ts";
import { findRecipe } from "../cli/plan/recipes.ts";
import { probeModel } from "../cli/run/probe.ts";
import { readImages } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { modelOf, resolveOptions, Trainer } from "../semisup/mod.ts";

const parseNumbers = (text: string) => text.split(",").map(Number);
const { dataset: name, labelsPerClass, seeds, steps, batchSize, testImages } = new Command()
  .addOption(new Option("--dataset <name>", "dataset to train on").default("mnist"))
  .addOption(
    new Option("--labels-per-class <n,…>", "labels per class of each run").argParser(parseNumbers).default([
      2,
      5,
      10,
    ]),
  )
  .addOption(new Option("--seeds <n,…>", "seeds of the runs").argParser(parseNumbers).default([1, 2, 3]))
  .addOption(new Option("--steps <n>", "training steps of each run").argParser(Number).default(200))
  .addOption(new Option("--batch-size <n>", "images per step").argParser(Number).default(100))
  .addOption(
    new Option("--test-images <n>", "number of test images, taken from the start").argParser(Number).default(
      10_000,
    ),
  )
  .parse(["", "", ...Deno.args])
  .opts<
    {
      dataset: string;
      labelsPerClass: number[];
      seeds: number[];
      steps: number;
      batchSize: number;
      testImages: number;
    }
  >();

const whole = await loadDataset({ dataset: name, dataDir: null, download: false }, {});
const indices = Int32Array.from({ length: Math.min(testImages, whole.test.labels.length) }, (_, i) => i);
const dataset = { ...whole, test: await readImages(whole.test, { indices }) };
using device = await Device.request();
console.log(`${name}, ${steps} steps of ${batchSize} images on ${device.name}, tested on ${indices.length}`);
for (const seed of seeds) {
  for (const count of labelsPerClass) {
    const labels = await chooseLabels(dataset, { labels: null, labelsPerClass: count, seed });
    const options = resolveOptions({
      ...findRecipe(name).training,
      steps,
      batchSize,
      labeledBatchSize: Math.min(batchSize / 2, count * dataset.classes.length),
      evaluationEpochs: 0,
      seed,
    });
    const data = { ...dataset, train: { ...dataset.train, labels } };
    using trainer = await Trainer.create(device, data, options, { about: { dataset: name } });
    const errors = { teacher: NaN, student: NaN };
    for await (const record of trainer.run()) {
      if (record.kind === "evaluation") {
        errors.teacher = record.teacher.testError;
        errors.student = record.student.testError;
      }
      if (record.kind !== "checkpoint" || record.step < trainer.totalSteps) continue;
      const probe = await probeModel(modelOf(record.checkpoint), { device, dataset, labels });
      console.log(
        `${count * dataset.classes.length} labels, seed ${seed}: teacher ${
          percent(errors.teacher)
        }, student ${percent(errors.student)}, probe ${probe ? errorText(probe) : "–"}`,
      );
    }
  }
}
