/**
 * `deno run -A bench/probe.ts`: how near the error that a linear probe estimates from the labels alone comes to the true one:
 * on MNIST with few labels, of which nothing is held out, tested on test images of its own.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { errorText, percent } from "../cli/command/figures.ts";
import { chooseLabels, loadDataset } from "../cli/plan/inputs.ts";
import { findRecipe } from "../cli/plan/recipes.ts";
import { probeModel } from "../cli/run/probe.ts";
import { readImages } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { modelOf, resolveOptions, Trainer } from "../semisup/mod.ts";

const numbers = (text: string) => text.split(",").map(Number);
const { dataset: name, labelsPerClass, seeds, steps, batchSize, testImages } = new Command()
  .addOption(new Option("--dataset <name>", "what to train on").default("mnist"))
  .addOption(new Option("--labels-per-class <n,…>").argParser(numbers).default([2, 5, 10]))
  .addOption(new Option("--seeds <n,…>").argParser(numbers).default([1, 2, 3]))
  .addOption(new Option("--steps <n>").argParser(Number).default(200))
  .addOption(new Option("--batch-size <n>").argParser(Number).default(100))
  .addOption(new Option("--test-images <n>", "the first so many").argParser(Number).default(10_000))
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
