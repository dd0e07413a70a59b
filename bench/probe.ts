/**
 * `deno run -A bench/probe.ts`: how near the error that a linear probe estimates from the labels alone comes to the true one:
 * on MNIST with few labels, of which nothing is held out, tested on its 10 000 test images.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { errorText, percent } from "../cli/command/figures.ts";
import { chooseLabels, loadDataset } from "../cli/plan/inputs.ts";
import { findRecipe } from "../cli/plan/recipes.ts";
import { probeModel } from "../cli/run/probe.ts";
import { Device } from "../kernels/mod.ts";
import { modelOf, resolveOptions, Trainer } from "../semisup/mod.ts";

const numbers = (text: string) => text.split(",").map(Number);
const { dataset: name, labelsPerClass, seeds, steps } = new Command()
  .addOption(new Option("--dataset <name>", "what to train on").default("mnist"))
  .addOption(new Option("--labels-per-class <n,…>").argParser(numbers).default([2, 5, 10]))
  .addOption(new Option("--seeds <n,…>").argParser(numbers).default([1, 2, 3]))
  .addOption(new Option("--steps <n>").argParser(Number).default(200))
  .parse(["", "", ...Deno.args])
  .opts<{ dataset: string; labelsPerClass: number[]; seeds: number[]; steps: number }>();

const dataset = await loadDataset({ dataset: name, dataDir: null, download: false }, {});
using device = await Device.request();
console.log(`${name}, ${steps} steps on ${device.name}`);
for (const count of labelsPerClass) {
  for (const seed of seeds) {
    const labels = await chooseLabels(dataset, { labels: null, labelsPerClass: count, seed });
    const options = resolveOptions({
      ...findRecipe(name).training,
      steps,
      labeledBatchSize: Math.min(50, count * dataset.classes.length),
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
