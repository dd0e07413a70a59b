// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * `deno run -A cli/suggest.ts RUN`: suggests unlabelled images of a run to label next, as a list and a page.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { counted, shownName, SUGGESTED } from "../data/internal.ts";
import { type Dataset, exampleName, formatLabelList, NO_LABEL, readBatches } from "../data/mod.ts";
import { writeAtomically } from "../data/files/mod.ts";
import { Model } from "../nn/mod.ts";
import { type Checkpoint, inGroup, modelOf } from "../semisup/mod.ts";
import { contactSheet, type Suggested } from "./report/contact_sheet.ts";
import { chooseImages } from "./pictures/choose_images.ts";
import { isListable, writeReview } from "./pictures/review_list.ts";
import { rankClasses } from "./pictures/prediction_text.ts";
import { damageReporter } from "./plan/inputs.ts";
import { loadFinishedRun, recomputeWhitening } from "./weights/open_model.ts";
import { defineCommand } from "./command/command.ts";
import {
  dataDirRow,
  debugRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  seedRow,
  switchRow,
} from "./command/rows.ts";
import { flagOf } from "./command/options.ts";
import type { Outcome } from "./command/process.ts";
import { label, labelCommand } from "./label.ts";
import { labelCommand as trainingCommand } from "./hints/label_command.ts";
import { quoted } from "./command/caller.ts";
import { pathFromHere } from "./hints/shell_command.ts";
import { thumbnailOf } from "./report/thumbnail.ts";
import { exists } from "./command/given_file.ts";
import { printProgress, printRecord, printResult, printWarning } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    dataDir: { ...dataDirRow, help: "folder of the images (default: that of the run)" },
  }),
  ...inGroup("network", { student: switchRow("use the student's uncertainty instead of the teacher's") }),
  ...inGroup("running", {
    seed: { ...seedRow, default: 1, help: "seed of the selection" },
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    count: { kind: "integer", default: 20, minimum: 1, help: "number of images" },
    review: switchRow(
      "suggest labels to check instead: those that the network's features contradict most surely",
    ),
    open: switchRow("label the images in the browser and train on, as the command label does"),
    output: pathRow(
      "FILE",
      "new .txt file for the list, with a page of the images beside it (default: suggestions.txt in the run's folder, with --review review.txt)",
    ),
  }),
  ...reportingRows,
} as const satisfies Rows;

type SuggestCommandOptions = OptionsOf<typeof rows>;

/** Suggests images of a run to label next. */
async function suggest(run: string, options: SuggestCommandOptions): Promise<Outcome> {
  const { path, checkpoint, dataset } = await loadFinishedRun(run, options.dataDir);
  const files = await outputsOf(
    options.output ?? join(dirname(path), options.review ? "review.txt" : "suggestions.txt"),
  );
  const reportDamage = damageReporter(dataset);
  using device = await requestDevice();
  const whitening = await recomputeWhitening(checkpoint, device, dataset);
  const network = options.student ? "student" : "teacher";
  const contents = modelOf(checkpoint, { network, source: path, ...(whitening && { whitening }) });
  using model = await Model.create(contents, { device }, path);
  const { about } = checkpoint, data = options.dataDir ?? about["data"] ?? about["dataDir"] ?? null;
  if (options.review) {
    const { labels } = checkpoint, { count } = options;
    await writeReview(files, { model, dataset, labels, count }, { path, about, data });
    reportDamage();
    return "finished";
  }
  const indices = candidatesOf(dataset, checkpoint);
  const chosen = await chooseImages(model, dataset.train, indices, options);
  const suggested = await describeImages(model, dataset, chosen);
  reportDamage();
  await writeOutputs(files, suggested, { model, path, network, about, data });
  return "finished";
}

/** Serves the page of `label` for a run. @throws {RangeError} if options are set that the page does not know. */
async function openPage(
  run: string,
  options: SuggestCommandOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const { count, seed, plugin, debug, json, quiet } = options;
  const unknown = (["dataDir", "student", "review", "output"] as const).find((name) => options[name]);
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot use ${flagOf(unknown)} with --open: the page shows images that the teacher is uncertain about`,
    );
  }
  const { options: defaults } = labelCommand.parse([run]);
  const chosen = { ...defaults, count, seed, plugin, debug, json, quiet };
  return await label(run, chosen, signal);
}

/** Returns the files of the list and the page. @throws {RangeError} if one exists, or the name does not end with .txt. */
async function outputsOf(list: string): Promise<{ readonly list: string; readonly page: string }> {
  if (!list.endsWith(".txt")) {
    throw new RangeError(`Cannot write suggestions to ${list}: the name must end with .txt`);
  }
  const files = { list, page: list.replace(/\.txt$/, ".html") };
  for (const file of Object.values(files)) {
    if (!await exists(file)) continue;
    throw new RangeError(
      `Cannot write suggestions to ${file}: the file exists. Name another file with --output.`,
    );
  }
  return files;
}

function nameOf({ train }: Dataset, index: number): string {
  return train.names?.[index] ?? exampleName(index);
}

/** Returns examples without a label, except those with names that label lists cannot hold. */
function candidatesOf(dataset: Dataset, { labels }: Checkpoint): Int32Array {
  const unlabeled = Int32Array.from(labels.keys()).filter((index) => labels[index] === NO_LABEL);
  const listable = unlabeled.filter((index) => isListable(nameOf(dataset, index)));
  const rest = unlabeled.length - listable.length;
  if (rest > 0) {
    printWarning(
      `${rest} files are left out: label lists cannot hold their names (line breaks, tabs, blanks at the ends)`,
    );
  }
  if (listable.length === 0) {
    throw new RangeError("Cannot suggest images to label: all have labels");
  }
  return listable;
}

/** Number of classes shown for an image. */
const shownClasses = 2;

/** Returns thumbnails and classes of the chosen images, in order. */
async function describeImages(
  model: Model,
  dataset: Dataset,
  chosen: readonly number[],
): Promise<Suggested[]> {
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
  for (const { name, likeliest } of suggested) printRecord({ kind: "suggestion", name, likeliest });
  printResult(`${counted(suggested.length, "image")} to label: ${list}, with a page of them: ${page}`, {
    kind: "suggestions",
    list,
    page,
  });
  printProgress(
    `Replace each ? by a class (${classes.slice(0, 10).map(shownName).join(", ")}${
      classes.length > 10 ? " …" : ""
    }); images left with ? have no label. Then train with these labels and all others (add --init ${
      quoted(pathFromHere(path))
    } to begin with this run's weights):`,
  );
  printProgress(`  ${trainingCommand({ path, about, data }, list)}`);
}

/** `suggest`. */
export const suggestCommand = defineCommand({
  name: "suggest",
  permissions: {
    read: true,
    write: true,
    env: true,
    ffi: "for pictures",
    net: "for --open",
    sys: "for --open",
  },
  description:
    "Suggests unlabelled images to label next: images that the teacher is uncertain about and that differ. " +
    "Writes a label list to fill in and a page with the images. With --review, suggests labels that may be wrong.",
  rows,
  operands: [{ name: "RUN", help: "folder of a finished run, or checkpoint" }],
  examples: [
    ["runs/a", "20 images, list and page in runs/a"],
    ["runs/a --open", "label them in the browser"],
    ["runs/a --review", "labels that may be wrong, as a list to correct"],
  ],
  stopsAtOnce: ({ open }) => !open,
  ...(labelCommand.stopNotice !== undefined && { stopNotice: labelCommand.stopNotice }),
  run: ({ options, operands: [run] }, signal) =>
    options.open ? openPage(run, options, signal) : suggest(run, options),
});

if (import.meta.main) await suggestCommand.start();
