/**
 * `deno run -A bench/label_errors.ts`: counts the planted label errors that the review of labels finds. Of 300
 * labelled images, a fifth is held out and ten get a wrong label; the review names 20 of the 300.
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { reviewLabels } from "../cli/pictures/label_review.ts";
import { loadDataset } from "../cli/plan/inputs.ts";
import { findRecipe } from "../cli/plan/recipes.ts";
import { balancedSplit, type Dataset, exampleName, NO_LABEL, readImages } from "../data/mod.ts";
import { Device, hostUniform } from "../kernels/mod.ts";
import { Model } from "../nn/mod.ts";
import { modelOf, resolveOptions, Trainer } from "../semisup/mod.ts";

const parseNumbers = (text: string) => text.split(",").map(Number);
const { seeds, steps, batchSize, ...given } = new Command()
  .addOption(new Option("--dataset <name>", "dataset of the images").default("mnist"))
  .addOption(new Option("--seeds <n,…>", "seeds of the runs").argParser(parseNumbers).default([1, 2, 3]))
  .addOption(new Option("--steps <n>", "training steps of each run").argParser(Number).default(200))
  .addOption(new Option("--batch-size <n>", "images per step").argParser(Number).default(40))
  .addOption(
    new Option("--unlabeled <n>", "number of unlabelled images").argParser(Number).default(1500),
  )
  .parse(["", "", ...Deno.args])
  .opts<{ dataset: string; seeds: number[]; steps: number; batchSize: number; unlabeled: number }>();

const perClass = 30, heldOutPerClass = 6, errorCount = 10, named = 20;
/** Streams of the random numbers that choose the wrong labels and the unlabelled images. */
const errorStream = 0xbad, unlabeledStream = 0xcab;

/** A small dataset with held-out images, and the names of its images with wrong labels. */
interface Planted {
  readonly dataset: Dataset;
  readonly wrong: ReadonlySet<string>;
}

/** Returns whole numbers from 0 to `count` − 1 in random order. */
function shuffle(count: number, seed: number, stream: number): number[] {
  const keys = hostUniform([seed, 0], stream, count);
  return [...Array(count).keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

/** Chooses images of a dataset and plants wrong labels among them. */
async function plant(whole: Dataset, seed: number): Promise<Planted> {
  const { train: { labels }, classes } = whole;
  const labelled = balancedSplit(labels, classes.length, perClass, seed, classes);
  const seen = new Map<number, number>();
  const isHeldOut = Array.from(labelled, (index) => {
    const label = labels[index] ?? 0, count = seen.get(label) ?? 0;
    seen.set(label, count + 1);
    return count < heldOutPerClass;
  });
  const isLabelled = new Set(labelled);
  const unlabeled = shuffle(labels.length, seed, unlabeledStream).filter((index) => !isLabelled.has(index));
  const read = async (indices: readonly number[]) =>
    await readImages(whole.train, { indices: Int32Array.from(indices) });
  const kept = Array.from(labelled).filter((_, i) => !isHeldOut[i]);
  const train = await read([...kept, ...unlabeled.slice(0, given.unlabeled)]);
  const test = await read(Array.from(labelled).filter((_, i) => isHeldOut[i]));
  train.labels.fill(NO_LABEL, kept.length);
  const sets = [{ set: train, count: kept.length }, { set: test, count: test.labels.length }];
  const names = sets.map(({ set }, s) => Array.from(set.labels, (_, i) => exampleName(100_000 * s + i)));
  const wrong = new Set<string>(), shifts = hostUniform([seed, 1], errorStream, errorCount);
  for (const [k, place] of shuffle(labelled.length, seed, errorStream).slice(0, errorCount).entries()) {
    const s = place < kept.length ? 0 : 1, at = place - s * kept.length, target = sets[s]?.set.labels;
    if (!target) throw new RangeError("there is no such set");
    // Another class, each as likely as the next.
    const shift = 1 + Math.floor((shifts[k] ?? 0) * (classes.length - 1));
    target[at] = ((target[at] ?? 0) + shift) % classes.length;
    wrong.add(names[s]?.[at] ?? "");
  }
  const [trainNames = [], testNames = []] = names;
  const dataset = {
    ...whole,
    train: { ...train, names: trainNames },
    test: { ...test, names: testNames },
    heldOut: true,
  };
  return { dataset, wrong };
}

const whole = await loadDataset({ dataset: given.dataset, dataDir: null, download: false }, {});
using device = await Device.request();
console.log(
  `${given.dataset}: ${errorCount} wrong labels of ${
    perClass * whole.classes.length
  }, ${given.unlabeled} unlabelled images, ${steps} steps of ${batchSize} on ${device.name}`,
);
for (const seed of seeds) {
  const { dataset, wrong } = await plant(whole, seed);
  const options = resolveOptions({
    ...findRecipe("folder").training,
    flip: findRecipe(given.dataset).training.flip ?? false,
    steps,
    batchSize,
    labeledBatchSize: batchSize / 2,
    excludeUnlabeled: given.unlabeled === 0,
    evaluationEpochs: 0,
    seed,
  });
  using trainer = await Trainer.create(device, dataset, options, { about: { dataset: given.dataset } });
  for await (const record of trainer.run()) {
    if (record.kind !== "checkpoint" || record.step < trainer.totalSteps) continue;
    using model = await Model.create(modelOf(record.checkpoint), { device });
    const { labels } = dataset.train;
    const review = await reviewLabels({ model, dataset, labels, count: named });
    const found = review?.suspects.filter(({ name }) => wrong.has(name)).length ?? 0;
    console.log(`seed ${seed}: ${found} of ${errorCount} among the first ${named}`);
  }
}
