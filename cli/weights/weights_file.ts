/**
 * Weights in a file, from this project or PyTorch, and networks with these weights.
 * @module
 */
import { someOf } from "../../data/internal.ts";
import type { Dataset } from "../../data/mod.ts";
import { type Device, viewShape } from "../../kernels/mod.ts";
import {
  type ClassifierNetwork,
  findArchitecture,
  type HostTensor,
  isModelFormat,
  loadState,
  type ModelDescription,
  readModel,
  readSafetensors,
  stateOf,
} from "../../nn/mod.ts";
import { type Checkpoint, readCheckpoint } from "../../semisup/mod.ts";
import { imageSizeIn } from "../plan/about_data.ts";
import { readGivenFile } from "../command/given_file.ts";

/** Description of the networks in a file, and of the images they were trained on. */
export interface NetworkDescription extends
  Pick<
    ModelDescription,
    "architecture" | "classes" | "randomResizedCrop" | "normalize" | "channelStatistics"
  > {
  /** Shape `[C, H, W]` of the network's input. */
  readonly viewShape: readonly [number, number, number];
  /** Height and width that pictures are resampled to. */
  readonly canvas: readonly [number, number];
  /** Longer side that pictures of a folder are resampled to; null = the default. */
  readonly imageSize: number | null;
  /** Texts about the run. */
  readonly about: Readonly<Record<string, string>>;
}

/** The weights of a file: of student and teacher, or of one network. */
export interface Weights {
  /** Path of the file. */
  readonly path: string;
  /** Weights by name, for each network. */
  readonly networks: Readonly<Record<string, ReadonlyMap<string, HostTensor>>>;
  /** Description of the networks; only checkpoints and models have one. */
  readonly description?: NetworkDescription;
  /** Content of the file, if it is a checkpoint. */
  readonly checkpoint?: Checkpoint;
}

/**
 * Reads a checkpoint, a model, or any safetensors file with the state dict of a network: `student.…` and
 * `teacher.…` are two networks, anything else is one. The prefix `module.` that PyTorch puts before all names
 * is removed.
 * @throws {RangeError} if the file cannot be read.
 * @throws {SyntaxError} if it is not a safetensors file.
 */
export async function readWeights(path: string): Promise<Weights> {
  const bytes = await readGivenFile(path, "weights");
  const { tensors, metadata } = readSafetensors(bytes, { source: path });
  if (metadata["format"]?.startsWith("mean-teacher checkpoint")) {
    return weightsOf(path, readCheckpoint(bytes, path));
  }
  if (isModelFormat(metadata["format"])) {
    const { weights, ...model } = readModel(bytes, path);
    const [, ...canvas] = model.imageShape;
    const description = {
      ...model,
      canvas,
      viewShape: viewShape(model),
      imageSize: Math.max(...canvas),
    };
    return { path, networks: { model: weights }, description };
  }
  const names = ["student", "teacher"].filter((name) =>
    [...tensors.keys()].some((key) => key.startsWith(`${name}.`))
  );
  const isPaired = names.length > 0 && [...tensors.keys()].every((key) => /^(student|teacher)\./.test(key));
  const networks = isPaired
    ? Object.fromEntries(names.map((name) => [name, selectPrefixed(`${name}.`, tensors)]))
    : { weights: tensors };
  return {
    path,
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, values]) => [name, withoutModule(values)]),
    ),
  };
}

/** Returns the weights of a checkpoint. */
export function weightsOf(path: string, checkpoint: Checkpoint): Weights {
  const { student, teacher, options, imageShape, classes, channelStatistics, about } = checkpoint;
  const { architecture, randomResizedCrop, normalize } = options;
  const description = {
    architecture,
    classes,
    randomResizedCrop,
    normalize,
    channelStatistics,
    viewShape: imageShape,
    canvas: checkpoint.canvas,
    imageSize: imageSizeIn(about),
    about,
  };
  return { path, networks: { student, teacher }, description, checkpoint };
}

function selectPrefixed(prefix: string, tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map(
    [...tensors].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : []
    ),
  );
}

/** Removes the prefix that PyTorch's `DataParallel` puts before all names. */
function withoutModule(tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  const isWrapped = tensors.size > 0 && [...tensors.keys()].every((name) => name.startsWith("module."));
  return isWrapped ? selectPrefixed("module.", tensors) : tensors;
}

/**
 * Builds networks for the images and classes of a dataset, with the weights of a file.
 * @param architecture Name of the network; needed if the file does not have it.
 * @throws {RangeError} if weights, network and dataset do not fit together.
 */
export function loadNetworks(
  device: Device,
  weights: Weights,
  dataset: Dataset,
  architecture: string | null,
): Record<string, ClassifierNetwork> {
  const { description, path } = weights;
  if (description) checkDataset(path, description, dataset);
  const own = description?.architecture ?? null;
  if (own !== null && architecture !== null) {
    throw new RangeError(`Cannot use --arch with ${path}: the file determines the network, ${own}`);
  }
  const name = own ?? architecture;
  if (name === null) {
    const state = description ? "its network is custom and has no name" : "the file has only weights";
    throw new RangeError(
      `Cannot evaluate ${path}: ${state}. Name its network with --arch.`,
    );
  }
  const architectureOf = findArchitecture(name);
  const build = (headCount: 1 | 2) =>
    architectureOf.build({
      imageShape: description?.viewShape ?? dataset.train.imageShape,
      classCount: dataset.classes.length,
      headCount,
      // No effect in evaluation.
      dropout: 0,
      inputNoise: 0,
      seed: null,
    });
  return Object.fromEntries(
    Object.entries(weights.networks).map(([networkName, values]) => {
      const [one, two] = [build(1), build(2)];
      // As many heads as the file has weights for. Other mismatches throw in loadState.
      const network = Object.keys(stateOf(two)).every((key) => values.has(key)) ? two : one;
      const source = Object.keys(weights.networks).length === 1 ? path : `${path}'s ${networkName}`;
      loadState(device, stateOf(network), values, { source });
      return [networkName, network];
    }),
  );
}

/** @throws {RangeError} if a network does not fit the images and classes of a dataset. */
function checkDataset(path: string, description: NetworkDescription, dataset: Dataset): void {
  const { classes } = description;
  const views = viewShape({ ...description, imageShape: dataset.train.imageShape });
  const shapes = [description.viewShape, views].map((shape) => shape.join("×"));
  if (shapes[0] !== shapes[1]) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${dataset.name}: the network takes images of ${
        shapes[0]
      }, but the dataset has ${shapes[1]}`,
    );
  }
  const isSame = classes.length === dataset.classes.length &&
    classes.every((name, i) => name === dataset.classes[i]);
  if (isSame) return;
  const [own, other] = [classes, dataset.classes].map((names) => someOf(names, 3));
  throw new RangeError(
    `Cannot evaluate ${path} on ${dataset.name}: classes must be the same, but the file has ${own}, and the dataset ${other}`,
  );
}
