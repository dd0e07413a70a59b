/**
 * `deno run -A cli/embed.ts MODEL FOLDER|FILE…`: writes the features of pictures before the model's heads, and
 * tests them where labels are known.
 * @module
 */
import { dirname, join } from "node:path";
import { counted, describeDamage, spread } from "../data/internal.ts";
import { checkLabelPattern, createFolder, streamFiles, writeAtomically } from "../data/files/mod.ts";
import { type DamagedFile, readBatches } from "../data/mod.ts";
import { extractFeatures, Model } from "../nn/mod.ts";
import { inGroup, neighborError, probeError } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { requestDevice } from "./command/device.ts";
import { checkNewFile } from "./command/given_file.ts";
import {
  debugRow,
  labelPatternRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import {
  type Embedding,
  embeddingFiles,
  projectorConfig,
  projectorFile,
  spriteSide,
  thumbnailPixels,
} from "./pictures/embedding_files.ts";
import { labelsOfFolders } from "./pictures/folder_labels.ts";
import { labelsOfNames } from "./pictures/named_labels.ts";
import { collectImages } from "./pictures/image_files.ts";
import { significantBitsIn } from "./plan/about_data.ts";
import { Counter } from "./terminal/counter.ts";
import { errorText, withInterval } from "./terminal/figures.ts";
import { printNote, printResult, printWarning } from "./terminal/output.ts";
import { openModel } from "./weights/open_model.ts";

/** Options of the command. */
const rows = {
  ...inGroup("labels", {
    labelPattern: { ...labelPatternRow, help: `for the test: ${labelPatternRow.help}` },
  }),
  ...inGroup("network", {
    student: switchRow("use the student of a checkpoint instead of the teacher"),
    neighbors: {
      kind: "integer",
      default: 5,
      minimum: 1,
      help: "neighbours that vote on the class of an image",
    },
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
  ...inGroup("output", {
    output: pathRow("DIR", "new folder (default: embedding in the folder of the model)"),
  }),
  ...reportingRows,
} as const satisfies Rows;

/** Name of the folder of an embedding beside its model. */
const ownFolder = "embedding";

type EmbedOptions = OptionsOf<typeof rows>;

/** Writes the features of the pictures of some paths. @returns the number of pictures left out. */
async function embed(modelPath: string, paths: readonly string[], options: EmbedOptions): Promise<number> {
  const { labelPattern } = options;
  if (labelPattern !== null) checkLabelPattern(labelPattern);
  const { files, arrays: [array] } = await collectImages(paths);
  if (array !== undefined) throw new RangeError(`Cannot embed ${array}: it is an array. Pass pictures.`);
  using device = await requestDevice();
  const { path, contents } = await openModel(modelPath, { student: options.student, device });
  const home = dirname(path), output = options.output ?? join(home, ownFolder);
  await checkNewFile(output, "features");
  using model = await Model.create(contents, { device }, path);
  const damaged: DamagedFile[] = [];
  const embedding = await computeEmbedding(
    model,
    files,
    damaged,
    (names) =>
      labelPattern === null
        ? labelsOfFolders(names, model.classes)
        : labelsOfNames(names, paths, labelPattern),
  );
  const [count, size] = embedding.features.shape;
  if (count === 0) throw new RangeError(`Cannot embed any picture: ${describeDamage(damaged, 5)}`);
  await createFolder(output);
  for (const [name, content] of Object.entries(embeddingFiles(embedding))) {
    await writeAtomically(join(output, name), content);
  }
  if (options.output === null) {
    // TensorBoard looks for settings beside the event files of a run.
    const settings = projectorConfig(embedding.spriteSide, `${ownFolder}/`);
    await writeAtomically(join(home, projectorFile), settings);
  }
  if (damaged.length > 0) printWarning(describeDamage(damaged));
  printResult(`${counted(count, "picture")}, ${size} features each: ${join(output, "features.npy")}`, {
    kind: "embedding",
    output,
    images: count,
    features: size,
    damaged: damaged.length,
  });
  testFeatures(embedding, options);
  return damaged.length;
}

/**
 * Computes features, labels and small images of files.
 * @param damaged Receives the files that cannot be decoded.
 * @param labelsOf Returns the label of each file; null if it has none.
 */
async function computeEmbedding(
  model: Model,
  files: readonly string[],
  damaged: DamagedFile[],
  labelsOf: (names: readonly string[]) => (string | null)[],
): Promise<Embedding> {
  const { imageShape, about } = model.description, side = spriteSide(files.length);
  const size = imageShape.reduce((product, length) => product * length), thumbnails: Uint8Array[] = [];
  const pictures = streamFiles({
    names: files,
    imageShape,
    significantBits: significantBitsIn(about),
    damaged,
  });
  const counter = new Counter(files.length);
  async function* readPictures() {
    for await (const batch of readBatches(pictures, Int32Array.from(files.keys()), model.batchSize)) {
      batch.indices.forEach((_, i) =>
        thumbnails.push(thumbnailPixels(batch.pixels.subarray(i * size, (i + 1) * size), imageShape, side))
      );
      yield batch;
      counter.add(batch.indices.length);
    }
  }
  try {
    const features = await extractFeatures(model, readPictures());
    const names = Array.from(features.indices, (index) => files[index] ?? "");
    return { features, names, labels: labelsOf(names), thumbnails, spriteSide: side };
  } finally {
    counter.stop();
  }
}

/** Largest number of pictures of the linear probe, whose time grows with the cube of the number. */
const maxProbed = 300;
/** Largest number of pictures that are compared with all others. */
const maxCompared = 2000;

/** Prints the errors of nearest neighbours and a linear probe on the labelled pictures, if there are any. */
function testFeatures(
  { features: { values, shape: [, size] }, labels }: Embedding,
  { neighbors, labelPattern }: EmbedOptions,
): void {
  const classes = [...new Set(labels.filter((label) => label !== null))].sort();
  const labelled = labels.flatMap((label, i) => label === null ? [] : [{ i, label: classes.indexOf(label) }]);
  if (classes.length < 2) {
    return printNote(
      labelPattern === null
        ? "The features are not tested: no folders named like classes, or only one, give labels"
        : "The features are not tested: --label-pattern captures fewer than two classes",
    );
  }
  const examplesOf = (chosen: typeof labelled) => ({
    features: chosen.map(({ i }) => values.subarray(i * size, (i + 1) * size)),
    labels: chosen.map(({ label }) => label),
    classCount: classes.length,
  });
  const all = examplesOf(labelled);
  const compared = neighborError(all, { neighbors, maxTested: maxCompared });
  const results = [
    { what: `${counted(neighbors, "nearest neighbour")}`, method: "neighbors", ...compared },
    { what: "a linear probe", method: "probe", ...probeError(examplesOf(spread(labelled, maxProbed))) },
  ];
  for (const { what, method, error, examples } of results) {
    const tested = { testError: error, examples };
    printResult(
      `Error of ${what}: ${errorText(tested)}, leave-one-out over ${
        counted(examples, "labelled picture")
      } of ${counted(classes.length, "class", "classes")}`,
      { kind: "features test", method, ...withInterval(tested), classes },
    );
  }
  printNote("These errors are too low if the model was trained with the labels of these pictures");
}

/** `embed`. */
export const embedCommand = defineCommand({
  name: "embed",
  permissions: { read: true, write: true, env: true, ffi: "for pictures" },
  description:
    "Writes the features of pictures before the model's heads, for NumPy and TensorBoard's projector, and tests them where folders give labels.",
  rows,
  operands: [
    { name: "MODEL", help: "folder of a run, checkpoint, or model" },
    { name: "FOLDER|FILE", help: "pictures, folders or ZIP archives of pictures", isMany: true },
  ],
  examples: [
    ["runs/a photos", "features of all pictures"],
    ["runs/a photos --neighbors 1", "test with the nearest neighbour"],
    ["runs/a photos --output features", "into another folder"],
  ],
  stopsAtOnce: true,
  run: async ({ options, operands: [model, paths] }) =>
    await embed(model, paths, options) === 0 ? "finished" : "incomplete",
});

if (import.meta.main) await embedCommand.start();
