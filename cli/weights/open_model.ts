/**
 * Models from whatever a run left.
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
import { loadDatasetOf, preprocessDataset } from "../plan/inputs.ts";
import { readGivenFile } from "../command/given_file.ts";
import { exists } from "../command/given_file.ts";
import { runFiles } from "../run/run_folder.ts";
import { printNote } from "../command/output.ts";

/** A model, and which file it is in. */
export interface OpenedModel {
  readonly path: string;
  readonly contents: ModelContents;
}

/**
 * Reads a model file, or makes a model of a checkpoint. Of the folder of a run, it is its model, or where that is not there
 * or the student is wanted, of its last checkpoint.
 * @throws {RangeError} if there is no such file, or it has no student. @throws {SyntaxError} if it is neither.
 */
export async function openModel(
  path: string,
  { student, device }: { readonly student: boolean; readonly device: Device },
): Promise<OpenedModel> {
  const file = await fileOf(path, student ? [runFiles.final] : [runFiles.model, runFiles.final]);
  const bytes = await readGivenFile(file, "model");
  const { metadata } = readSafetensors(bytes, { source: file });
  if (!metadata["format"]?.startsWith("mean-teacher checkpoint")) {
    if (student && isModelFormat(metadata["format"])) {
      throw new RangeError(`Cannot take the student of ${file} as it must be a checkpoint: it is a model`);
    }
    return { path: file, contents: readModel(bytes, file) };
  }
  const checkpoint = readCheckpoint(bytes, file);
  const whitening = await whiteningOf(checkpoint, device);
  const network = student ? "student" : "teacher";
  const contents = modelOf(checkpoint, {
    network,
    source: file,
    about: originIn(checkpoint.about),
    ...(whitening && { whitening }),
  });
  return { path: file, contents };
}

/** What a model says of its run: no paths and no names of files, as it may go anywhere. */
export function originIn(
  { dataset, preset, significantBits }: Checkpoint["about"],
): Readonly<Record<string, string>> {
  return {
    ...(dataset !== undefined && { dataset }),
    ...(preset !== undefined && { preset }),
    ...(significantBits !== undefined && { significantBits }),
  };
}

/**
 * The file to read of a path that may be the folder of a run.
 * @param names Files of a run of which the first that is there will do.
 * @throws {RangeError} if it is a folder without any of them.
 */
export async function fileOf(path: string, names: readonly string[]): Promise<string> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder) return path;
  for (const name of names) if (await exists(join(path, name))) return join(path, name);
  throw new RangeError(
    `Cannot read a model in ${path} as it must be the folder of a finished run: it has no ${
      names.join(", no ")
    }`,
  );
}

/** A run, and what it was trained on. */
export interface RunAndData {
  /** The file of the checkpoint. */
  readonly path: string;
  readonly checkpoint: Checkpoint;
  /** With all its labels; those that the run may see are the checkpoint's. */
  readonly dataset: Dataset;
}

/**
 * The last checkpoint of a finished run, and its dataset.
 * @param path Its folder, a file in it, or a checkpoint.
 * @param dataDir The dataset's folder, where it is another than the run says.
 * @throws {RangeError} if there is no checkpoint, or the dataset is not that of the run.
 */
export async function runToSuggestFor(path: string, dataDir: string | null): Promise<RunAndData> {
  // A model file has no labels, but the checkpoint beside it.
  const isModel = basename(path) === runFiles.model;
  const file = await fileOf(isModel ? dirname(path) : path, [runFiles.final]);
  const bytes = await readGivenFile(file, "model");
  const checkpoint = readCheckpoint(bytes, file);
  const dataset = await loadDatasetOf(checkpoint, { directory: dataDir });
  if (checkpoint.labels.length !== dataset.train.labels.length) {
    throw new RangeError(
      `Cannot suggest images for ${file} as the dataset must be the run's: it has ${dataset.train.labels.length} training examples, the run's has ${checkpoint.labels.length}`,
    );
  }
  return { path: file, checkpoint, dataset };
}

/** What images of a checkpoint's run were whitened with, which is computed of its dataset again. */
export async function whiteningOf(
  checkpoint: Checkpoint,
  device: Device,
  known?: Dataset,
): Promise<Whitening | undefined> {
  const { options: { normalize }, about } = checkpoint;
  if (normalize !== "gcn-zca") return undefined;
  printNote(
    `Whitening as in the run, which takes its dataset ${about["dataset"]} (a model file has it in itself)`,
  );
  return (await preprocessDataset(known ?? await loadDatasetOf(checkpoint, {}), normalize, { device }))
    .whitening;
}
