// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * `deno run -A cli/suggest.ts RUN`: which unlabelled images of a run to label next, as a list and as a page to look at.
 * @module
 */
import { basename, dirname, join } from "node:path";
import {
  type Dataset,
  exampleName,
  formatLabelList,
  NO_LABEL,
  readBatches,
  shownName,
  SUGGESTED,
} from "../data/mod.ts";
import { writeAtomically } from "../data/files/mod.ts";
import { Device } from "../kernels/mod.ts";
import { Model } from "../nn/mod.ts";
import { type Checkpoint, modelOf, Suggestions } from "../semisup/mod.ts";
import { contactSheet, type Suggested } from "./report/contact_sheet.ts";
import { Counter } from "./command/counter.ts";
import { rankClasses } from "./pictures/prediction_text.ts";
import { damageReporter } from "./plan/inputs.ts";
import { loadFinishedRun, recomputeWhitening } from "./weights/open_model.ts";
import { defineCommand } from "./command/command.ts";
import {
  dataDirRow,
  debugRow,
  type OptionsOf,
  pathRow,
  type Rows,
  seedRow,
  switchRow,
} from "./command/rows.ts";
import type { Outcome } from "./command/process.ts";
import { labelCommand } from "./run/label_command.ts";
import { thumbnailOf } from "./report/thumbnail.ts";
import { exists } from "./command/given_file.ts";

/** What is asked of the program. */
const rows = {
  count: { kind: "integer", default: 20, minimum: 1, help: "how many images" },
  seed: { ...seedRow, default: 1, help: "seed of the draw: the same run and seed suggest the same" },
  output: pathRow(
    "FILE",
    "a new .txt for the list; the page is beside it (default: suggestions.txt in the run's folder)",
  ),
  dataDir: { ...dataDirRow, help: "folder with the dataset's files (default: what the run says)" },
  student: switchRow("the student's doubts in the place of the teacher's"),
  debug: debugRow,
} as const satisfies Rows;

type SuggestCommandOptions = OptionsOf<typeof rows>;

/** Suggests images of a run to be labelled. */
async function suggest(run: string, options: SuggestCommandOptions): Promise<Outcome> {
  const { path, checkpoint, dataset } = await loadFinishedRun(run, options.dataDir);
  const files = await outputsOf(options.output ?? join(dirname(path), "suggestions.txt"));
  const reportDamage = damageReporter(dataset);
  using device = await Device.request();
  const whitening = await recomputeWhitening(checkpoint, device, dataset);
  const network = options.student ? "student" : "teacher";
  const contents = modelOf(checkpoint, { network, source: path, ...(whitening && { whitening }) });
  using model = await Model.create(contents, { device }, path);
  const indices = candidatesOf(dataset, checkpoint);
  const chosen = await choose(model, dataset, indices, options);
  const suggested = await shown(model, dataset, chosen);
  reportDamage();
  const { about } = checkpoint, data = options.dataDir ?? about["data"] ?? about["dataDir"] ?? null;
  await writeOutputs(files, suggested, { model, path, network, about, data });
  return "finished";
}

/** The files of the list and the page. @throws {RangeError} if one is there, or the name is another. */
async function outputsOf(list: string): Promise<{ readonly list: string; readonly page: string }> {
  if (!list.endsWith(".txt")) {
    throw new RangeError(`Cannot write suggestions to ${list} as its name must end with .txt`);
  }
  const files = { list, page: list.replace(/\.txt$/, ".html") };
  for (const file of Object.values(files)) {
    if (!await exists(file)) continue;
    throw new RangeError(
      `Cannot write suggestions to ${file} as it must be a new file: it is there. Give another --output.`,
    );
  }
  return files;
}

function nameOf({ train }: Dataset, index: number): string {
  return train.names?.[index] ?? exampleName(index);
}

/** Examples without a label, but those whose names no label list can have. */
function candidatesOf(dataset: Dataset, { labels }: Checkpoint): Int32Array {
  const unlabeled = Int32Array.from(labels.keys()).filter((index) => labels[index] === NO_LABEL);
  const listable = unlabeled.filter((index) => {
    const name = nameOf(dataset, index);
    return name === name.trim() && !/[\t\r\n]/.test(name);
  });
  const rest = unlabeled.length - listable.length;
  if (rest > 0) console.error(`${rest} files are passed over as lists cannot have their names`);
  if (listable.length === 0) {
    throw new RangeError("Cannot suggest images to label as some must be without a label: none is");
  }
  return listable;
}

async function choose(
  model: Model,
  dataset: Dataset,
  indices: Int32Array,
  { count, seed }: SuggestCommandOptions,
): Promise<number[]> {
  const suggestions = new Suggestions();
  const counter = new Counter(indices.length);
  try {
    for await (const batch of readBatches(dataset.train, indices, model.batchSize)) {
      const predictions = await model.predictPlanes(batch.pixels, batch.aspects, { features: true });
      predictions.forEach(({ probabilities, features }, i) =>
        suggestions.add({ index: batch.indices[i]!, features: features!, probabilities })
      );
      counter.add(batch.indices.length);
    }
  } finally {
    counter.stop();
  }
  return suggestions.choose({ count, seed });
}

/** Classes that are shown of an image. */
const shownClasses = 2;

/** The chosen images as they are put into the page, in their order. */
async function shown(model: Model, dataset: Dataset, chosen: readonly number[]): Promise<Suggested[]> {
  const { imageShape } = model.description;
  const size = imageShape.reduce((product, length) => product * length);
  const suggested: Suggested[] = [];
  for await (
    const { indices, pixels, aspects } of readBatches(dataset.train, Int32Array.from(chosen), model.batchSize)
  ) {
    const predictions = await model.predictPlanes(pixels, aspects);
    indices.forEach((index, i) => {
      const thumbnail = thumbnailOf(pixels.subarray(i * size, (i + 1) * size), imageShape, aspects[i]);
      suggested.push({
        name: nameOf(dataset, index),
        thumbnail,
        likeliest: rankClasses(model.classes, predictions[i]!).slice(0, shownClasses),
      });
    });
  }
  return suggested;
}

async function writeOutputs(
  { list, page }: { readonly list: string; readonly page: string },
  suggested: readonly Suggested[],
  { model, path, network, about, data }: {
    readonly model: Model;
    readonly path: string;
    readonly network: string;
    readonly about: Checkpoint["about"];
    readonly data: string | null;
  },
): Promise<void> {
  const { classes } = model;
  await writeAtomically(list, `${SUGGESTED}\n${formatLabelList(suggested.map(({ name }) => [name, "?"]))}`);
  await writeAtomically(
    page,
    contactSheet(suggested, { list: basename(list), classes, run: path, network }),
  );
  console.log(`${suggested.length} images to label: ${list}, to be looked at: ${page}`);
  console.log(
    `Put the class in the place of each ? (${classes.slice(0, 10).map(shownName).join(", ")}${
      classes.length > 10 ? " …" : ""
    }); what stays ? has no label. Then train with these labels and all others:`,
  );
  console.log(`  ${labelCommand({ path, about, data }, list)}`);
}

/** The command. */
export const suggestCommand = defineCommand({
  name: "cli/suggest.ts",
  description:
    "Tells which unlabelled images of a run to label next: those that its teacher is unsure about and that " +
    "differ from each other. Writes a label list to be filled in, and a page with the images.",
  rows,
  operands: [{ name: "RUN", help: "the folder of a finished run, or a checkpoint" }],
  stopsAtOnce: true,
  run: ({ options, operands: [run] }) => suggest(run, options),
});

if (import.meta.main) await suggestCommand.start();
