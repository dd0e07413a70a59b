/**
 * Models from whatever a run left.
 * @module
 */
import { join } from "node:path";
import type { Device } from "../kernels/mod.ts";
import { isModelFormat, type ModelContents, readModel, readSafetensors, type Whitening } from "../nn/mod.ts";
import { type Checkpoint, modelOf, readCheckpoint } from "../semisup/mod.ts";
import { imageSizeIn, loadDataset, prepared } from "./inputs.ts";
import { reasonOf } from "./reason.ts";
import { exists, finalName, modelName } from "./run_folder.ts";

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
  const file = await fileOf(path, student);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    throw new RangeError(`Cannot read the model ${file} as it must be a file: ${reasonOf(error)}`);
  }
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
  const contents = modelOf(checkpoint, { network, source: file, ...(whitening && { whitening }) });
  return { path: file, contents };
}

/** The file to read of a path that may be the folder of a run. */
async function fileOf(path: string, student: boolean): Promise<string> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder) return path;
  const names = student ? [finalName] : [modelName, finalName];
  for (const name of names) if (await exists(join(path, name))) return join(path, name);
  throw new RangeError(
    `Cannot read a model in ${path} as it must be the folder of a finished run: it has no ${
      names.join(", no ")
    }`,
  );
}

/** What images of a checkpoint's run were whitened with, which is computed of its dataset again. */
async function whiteningOf(
  { options: { normalize }, about }: Checkpoint,
  device: Device,
): Promise<Whitening | undefined> {
  if (normalize !== "gcn-zca") return undefined;
  const { dataset = "", dataDir = null } = about;
  console.error(
    `Whitening as in the run, which takes its dataset ${dataset} (a model file has it in itself)`,
  );
  const run = { dataset, dataDir, download: false, imageSize: imageSizeIn(about) };
  return (await prepared(await loadDataset(run, {}), normalize, { device })).whitening;
}
