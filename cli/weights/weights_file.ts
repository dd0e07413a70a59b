/**
 * Weights in a file, ours or PyTorch's, and networks that hold them.
 * @module
 */
import { type Dataset, someOf } from "../../data/mod.ts";
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
import { imageSizeIn } from "../plan/inputs.ts";
import { readGivenFile } from "../command/given_file.ts";

/** What networks were trained for. */
export interface Purpose extends
  Pick<
    ModelDescription,
    "architecture" | "classes" | "randomResizedCrop" | "normalize" | "channelStatistics"
  > {
  /** `[C, H, W]` of the images that they see. */
  readonly viewShape: readonly [number, number, number];
  /** Height and width that pictures are kept at. */
  readonly canvas: readonly [number, number];
  /** Size of the largest side that pictures of a folder are kept at; null = the usual one. */
  readonly imageSize: number | null;
  /** Texts about the run. */
  readonly about: Readonly<Record<string, string>>;
}

/** The weights of a file: of student and teacher, or of one network. */
export interface Weights {
  /** Where they come from. */
  readonly path: string;
  /** Values by name, of each network. */
  readonly networks: Readonly<Record<string, ReadonlyMap<string, HostTensor>>>;
  /** What the networks were trained for, where the file says it: a checkpoint and a model do. */
  readonly purpose?: Purpose;
  /** All that the file says, where it is a checkpoint. */
  readonly checkpoint?: Checkpoint;
}

/**
 * Reads a checkpoint, a model, or any safetensors file with the state dict of a network: `student.…` and `teacher.…` are
 * two networks, anything else is one. PyTorch's `module.` in front of all names is left out.
 * @throws {RangeError} if there is no such file. @throws {SyntaxError} if it is no safetensors file.
 */
export async function readWeights(path: string): Promise<Weights> {
  const bytes = await readGivenFile(path, "weights");
  const { tensors, metadata } = readSafetensors(bytes, { source: path });
  if (metadata["format"]?.startsWith("mean-teacher checkpoint")) {
    return weightsOf(path, readCheckpoint(bytes, path));
  }
  if (isModelFormat(metadata["format"])) {
    const { weights, ...description } = readModel(bytes, path);
    const [, ...canvas] = description.imageShape;
    const purpose = {
      ...description,
      canvas,
      viewShape: viewShape(description),
      imageSize: Math.max(...canvas),
    };
    return { path, networks: { model: weights }, purpose };
  }
  const names = ["student", "teacher"].filter((name) =>
    [...tensors.keys()].some((key) => key.startsWith(`${name}.`))
  );
  const isPaired = names.length > 0 && [...tensors.keys()].every((key) => /^(student|teacher)\./.test(key));
  const networks = isPaired
    ? Object.fromEntries(names.map((name) => [name, below(`${name}.`, tensors)]))
    : { weights: tensors };
  return {
    path,
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, values]) => [name, withoutModule(values)]),
    ),
  };
}

/** The weights of a checkpoint. */
export function weightsOf(path: string, checkpoint: Checkpoint): Weights {
  const { student, teacher, options, imageShape, classes, channelStatistics, about } = checkpoint;
  const { architecture, randomResizedCrop, normalize } = options;
  const purpose = {
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
  return { path, networks: { student, teacher }, purpose, checkpoint };
}

function below(prefix: string, tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map(
    [...tensors].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : []
    ),
  );
}

/** What PyTorch's `DataParallel` puts in front of every name. */
function withoutModule(tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  const isWrapped = tensors.size > 0 && [...tensors.keys()].every((name) => name.startsWith("module."));
  return isWrapped ? below("module.", tensors) : tensors;
}

/**
 * Networks for the images and classes of a dataset, with the weights of a file.
 * @param architecture Needed where the file does not name its own.
 * @throws {RangeError} if weights, network and dataset do not fit together.
 */
export function loadNetworks(
  device: Device,
  weights: Weights,
  dataset: Dataset,
  architecture: string | null,
): Record<string, ClassifierNetwork> {
  const { purpose, path } = weights;
  if (purpose) checkDataset(path, purpose, dataset);
  const own = purpose?.architecture ?? null;
  if (own !== null && architecture !== null) {
    throw new RangeError(`Cannot use --arch with ${path} as the file lays it down: ${own}`);
  }
  const name = own ?? architecture;
  if (name === null) {
    throw new RangeError(
      `Cannot evaluate ${path} as --arch must name its network: it is ${
        purpose ? "of a custom network without a name" : "neither a checkpoint nor a model"
      }`,
    );
  }
  const architectureOf = findArchitecture(name);
  const build = (headCount: 1 | 2) =>
    architectureOf.build({
      imageShape: purpose?.viewShape ?? dataset.train.imageShape,
      classCount: dataset.classes.length,
      headCount,
      // Without effect in evaluation.
      dropout: 0,
      inputNoise: 0,
      seed: null,
    });
  return Object.fromEntries(
    Object.entries(weights.networks).map(([who, values]) => {
      const [one, two] = [build(1), build(2)];
      // As many heads as the file has weights for; whatever else is wrong is said on loading.
      const network = Object.keys(stateOf(two)).every((key) => values.has(key)) ? two : one;
      const source = Object.keys(weights.networks).length === 1 ? path : `${path}'s ${who}`;
      loadState(device, stateOf(network), values, { source });
      return [who, network];
    }),
  );
}

/** Makes sure that a network knows the images and classes of a dataset. */
function checkDataset(path: string, purpose: Purpose, dataset: Dataset): void {
  const { classes } = purpose;
  const views = viewShape({ ...purpose, imageShape: dataset.train.imageShape });
  const shapes = [purpose.viewShape, views].map((shape) => shape.join("×"));
  if (shapes[0] !== shapes[1]) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${dataset.name} as images must be of one shape: its are ${
        shapes[0]
      }, the dataset's ${shapes[1]}`,
    );
  }
  const isSame = classes.length === dataset.classes.length &&
    classes.every((name, i) => name === dataset.classes[i]);
  if (isSame) return;
  const [own, other] = [classes, dataset.classes].map((names) => someOf(names, 3));
  throw new RangeError(
    `Cannot evaluate ${path} on ${dataset.name} as classes must be the same: its are ${own}, the dataset's ${other}`,
  );
}
