/**
 * Models from model files, checkpoints and folders of runs.
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import {
  isModelFormat,
  type ModelContents,
  readModel,
  readSafetensors,
  type Whitening,
} from "../../nn/mod.ts";
import { type Checkpoint, modelOf, readCheckpoint } from "../../semisup/mod.ts";
import { hasPicturesOf, USER_FOLDER } from "../plan/about_data.ts";
import { loadDatasetOf, preprocessDataset } from "../plan/inputs.ts";
import { matchLabels } from "../plan/training_labels.ts";
import { requestDevice } from "../command/device.ts";
import { readGivenFile } from "../command/given_file.ts";
import { exists } from "../command/given_file.ts";
import { runFiles } from "../run_files/run_files.ts";
import { findKept } from "../run_files/run_reader.ts";
import { printNote } from "../terminal/output.ts";

/** A model with the path of its file. */
export interface OpenedModel {
  readonly path: string;
  readonly contents: ModelContents;
}

/**
 * Reads a model file, or converts a checkpoint to a model. In the folder of a run, reads the model file; if
 * it is absent or the student is requested, reads the checkpoint that the run keeps.
 * @param options.device Computes the whitening of a checkpoint's images; if absent, a GPU is opened for that.
 * @throws {RangeError} if the file is missing, or has no student.
 * @throws {SyntaxError} if it is neither model nor checkpoint.
 */
export async function openModel(
  path: string,
  { student, device }: { readonly student: boolean; readonly device?: Device },
): Promise<OpenedModel> {
  const file = await findRunFile(path, student ? ["checkpoint"] : ["model", "checkpoint"]);
  const bytes = await readGivenFile(file, "model");
  const { metadata } = readSafetensors(bytes, { source: file });
  if (!metadata["format"]?.startsWith("mean-teacher checkpoint")) {
    if (student && isModelFormat(metadata["format"])) {
      throw new RangeError(
        `Cannot load the student from ${file}: a model file has only one network. Pass a checkpoint.`,
      );
    }
    return { path: file, contents: readModel(bytes, file) };
  }
  const checkpoint = readCheckpoint(bytes, file);
  const whitening = await recomputeWhitening(checkpoint, device);
  const network = student ? "student" : "teacher";
  const contents = modelOf(checkpoint, {
    network,
    source: file,
    about: publicAbout(checkpoint.about),
    ...(whitening && { whitening }),
  });
  return { path: file, contents };
}

/**
 * Returns the texts about a run that its model file stores: no paths or file names, because model files get
 * shared.
 */
export function publicAbout(
  { dataset, preset, significantBits }: Checkpoint["about"],
): Readonly<Record<string, string>> {
  return {
    ...(dataset !== undefined && { dataset }),
    ...(preset !== undefined && { preset }),
    ...(significantBits !== undefined && { significantBits }),
  };
}

/** Files of a finished run that commands read. */
export type ReadFile = "model" | "checkpoint";

/**
 * Finds the file to read for a path that may be the folder of a run.
 * @param kinds Files to look for in the folder of a run, the first that exists is used: the model, or the checkpoint
 * with the weights that the run keeps.
 * @throws {RangeError} if the folder has none of these files.
 */
export async function findRunFile(path: string, kinds: readonly ReadFile[]): Promise<string> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder) return path;
  const model = join(path, runFiles.model);
  for (const kind of kinds) {
    const file = kind === "checkpoint" ? await findKept(path) : await exists(model) ? model : null;
    if (file !== null) return file;
  }
  throw new RangeError(
    `Cannot read a model in ${path}: the folder has no ${
      kinds.map((kind) => kind === "checkpoint" ? runFiles.final : runFiles.model).join(" and no ")
    }. Pass the folder of a finished run, or a file.`,
  );
}

/** A finished run with its dataset. */
export interface RunAndData {
  /** File of the checkpoint. */
  readonly path: string;
  readonly checkpoint: Checkpoint;
  /** The dataset with all its labels; the checkpoint has the run's training labels. */
  readonly dataset: Dataset;
}

/**
 * Loads the checkpoint that a run keeps and its dataset, for suggestions.
 * @param path Folder of the run, a file in it, or a checkpoint.
 * @param dataDir Folder of the dataset, if it has moved since the run; otherwise null.
 * Pictures of a user's own may have been added, removed or moved since.
 * @throws {RangeError} if there is no checkpoint, or a known dataset has changed.
 */
export async function loadFinishedRun(path: string, dataDir: string | null): Promise<RunAndData> {
  const { path: file, checkpoint } = await loadRunCheckpoint(path);
  const list = join(dirname(file), runFiles.labels);
  const mayDiffer = checkpoint.about["dataset"] === USER_FOLDER && await exists(list);
  const dataset = await loadDatasetOf(checkpoint, { directory: dataDir, mayDiffer });
  if (mayDiffer && !hasPicturesOf(checkpoint, dataset)) {
    printNote("The pictures have changed since the run; its labels are matched with them by their names");
    const labels = matchLabels(new TextDecoder().decode(await readGivenFile(list, "label list")), dataset);
    return { path: file, checkpoint: { ...checkpoint, labels }, dataset };
  }
  if (checkpoint.labels.length !== dataset.train.labels.length) {
    throw new RangeError(
      `Cannot suggest images for ${file}: the dataset has ${dataset.train.labels.length} training examples, but had ${checkpoint.labels.length} in the run`,
    );
  }
  return { path: file, checkpoint, dataset };
}

/**
 * Loads the checkpoint that a run keeps.
 * @param path Folder of the run, a file in it, or a checkpoint.
 * @throws {RangeError} if there is no checkpoint.
 */
export async function loadRunCheckpoint(path: string): Promise<Omit<RunAndData, "dataset">> {
  // A model file has no labels; the checkpoint beside it has.
  const isModel = basename(path) === runFiles.model;
  const file = await findRunFile(isModel ? dirname(path) : path, ["checkpoint"]);
  return { path: file, checkpoint: readCheckpoint(await readGivenFile(file, "model"), file) };
}

/**
 * Computes the whitening of a checkpoint's run again from its dataset; undefined if images were not whitened.
 * @param device If undefined, a GPU is opened.
 */
export async function recomputeWhitening(
  checkpoint: Checkpoint,
  device: Device | undefined,
  known?: Dataset,
): Promise<Whitening | undefined> {
  const { options: { normalize }, about } = checkpoint;
  if (normalize !== "gcn-zca") return undefined;
  printNote(
    `Computing the run's whitening from its dataset, ${
      about["dataset"]
    } (not needed with a model file, which contains it)`,
  );
  const dataset = known ?? await loadDatasetOf(checkpoint, {});
  const whiten = async (on: Device) =>
    (await preprocessDataset(dataset, normalize, { device: on })).whitening;
  if (device) return await whiten(device);
  using opened = await requestDevice();
  return await whiten(opened);
}
