/**
 * Weights to start from: of a model file, or of a state dict under PyTorch's names.
 * @module
 */
import { findArchitecture } from "../architectures/mod.ts";
import { isModelFormat, type ModelContents, type ModelDescription, readModel } from "../model_file.ts";
import { type HostTensor, readSafetensors } from "../safetensors/safetensors.ts";
import { featureVariables } from "./feature_variables.ts";
import { imageNet, publishedName, publishedNetworks } from "./published.ts";
import { describeDesign, fitWeights, type WeightFit } from "./weight_fit.ts";

/** Weights that a run can start from, with facts about the images that they were trained on. */
export interface PretrainedWeights {
  /** Name of the file in messages. */
  readonly source: string;
  /** Values of one network by the file's names. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Name of the architecture; null = a custom network. */
  readonly architecture: string | null;
  /** Origin of the weights, for messages. */
  readonly origin: string;
  /** Class names of the heads, in the order of the logits; null if unknown. */
  readonly classes: readonly string[] | null;
  /** Number of channels of the images; null if unknown. */
  readonly channels: number | null;
  /** Height and width of the images in pixels; null if unknown. */
  readonly imageSize: readonly [height: number, width: number] | null;
  /** Normalisation of images before the channel statistics are applied. */
  readonly normalize: ModelDescription["normalize"];
  /** Statistics that pixels were normalised with; null if unknown. */
  readonly channelStatistics: ModelDescription["channelStatistics"] | null;
}

/** Options of {@linkcode readPretrained}. */
export interface ReadPretrainedOptions {
  /** Name of the file in messages; default "the weights". */
  readonly source?: string;
  /** Name of the architecture of a state dict; if absent, a published network that the values fit. */
  readonly architecture?: string | undefined;
}

/**
 * Reads weights to start from: a model file, or a safetensors file with a state dict. The architecture of a
 * state dict under the names of torchvision or timm is recognised: ResNet-18, -34, -50, ResNeXt-50 32×4d. Its
 * images are then expected to be normalised with ImageNet's statistics and at least 224×224.
 * @throws {SyntaxError} if the bytes are not a safetensors file. @throws {RangeError} if no architecture is
 * passed and the values fit none.
 */
export function readPretrained(bytes: Uint8Array, options: ReadPretrainedOptions = {}): PretrainedWeights {
  const { source = "the weights", architecture } = options;
  const { tensors, metadata } = readSafetensors(bytes, { source });
  if (isModelFormat(metadata["format"])) return pretrainedOf(readModel(bytes, source), source);
  return architecture === undefined || isPublished(architecture)
    ? readPublished(tensors, source, architecture)
    : {
      source,
      weights: tensors,
      architecture,
      origin: `a state dict of ${architecture}`,
      classes: null,
      channels: null,
      imageSize: null,
      normalize: "channel",
      channelStatistics: null,
    };
}

/** The parts of a model that a run can start from. */
export type TrainedNetwork = Pick<
  ModelContents,
  "weights" | "architecture" | "classes" | "imageShape" | "normalize" | "channelStatistics"
>;

/** Returns the weights of a model, for a run that starts from them. */
export function pretrainedOf(model: TrainedNetwork, source: string): PretrainedWeights {
  const { weights, architecture, classes, imageShape, normalize, channelStatistics } = model;
  const [channels, ...imageSize] = imageShape;
  return {
    source,
    weights,
    architecture,
    origin: "a model of this library",
    classes,
    channels,
    imageSize,
    normalize,
    channelStatistics,
  };
}

function isPublished(architecture: string): architecture is (typeof publishedNetworks)[number] {
  return publishedNetworks.some((name) => name === architecture);
}

/**
 * Returns weights under the names of torchvision or timm.
 * @param wanted Architecture; if undefined, the one that the values fit.
 * @throws {RangeError} if the values fit no published network.
 */
export function readPublished(
  weights: ReadonlyMap<string, HostTensor>,
  source: string,
  wanted: (typeof publishedNetworks)[number] | undefined,
): PretrainedWeights {
  const fits = (wanted === undefined ? publishedNetworks : [wanted]).map((architecture) => ({
    architecture,
    fit: fitWeights(weights, publishedFeatures(architecture)),
  }));
  // If an architecture is passed, the trainer says what does not fit.
  const found = fits.find(({ fit }) => wanted !== undefined || fitsButForChannels(fit));
  if (!found) throw new RangeError(explainUnknown(weights, source));
  const { architecture, fit: { renamed } } = found;
  const channels = renamed?.values.get("conv1.weight")?.shape[1] ?? null;
  return {
    source,
    weights,
    architecture,
    origin: `${publishedName(architecture)}, ${renamed?.convention ?? "unknown names"}`,
    classes: null,
    channels,
    imageSize: imageNet.imageSize,
    normalize: "channel",
    channelStatistics: channels === 3 ? imageNet.channelStatistics : null,
  };
}

/** Returns the variables of a published network's features for colour images. */
function publishedFeatures(architecture: string) {
  const imageShape = [3, 32, 32] as const;
  const network = findArchitecture(architecture).build({
    imageShape,
    classCount: 2,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
  return featureVariables(network, imageShape);
}

/** Returns whether all fits, except the number of channels of the images. */
function fitsButForChannels({ missing, different, surplus }: WeightFit): boolean {
  return missing.length === 0 && surplus.length === 0 &&
    different.every(({ name, here, there: { shape } }) =>
      name === "conv1.weight" && shape.length === 4 &&
      shape.every((size, axis) => axis === 1 || size === here[axis])
    );
}

function explainUnknown(weights: ReadonlyMap<string, HostTensor>, source: string): string {
  const names = [...weights.keys()], design = describeDesign(names);
  const shown = names.slice(0, 3).map((name) => name.length > 100 ? `${name.slice(0, 100)}…` : name).join(
    ", ",
  );
  const state = names.length === 0
    ? "the file has no values"
    : design
    ? `their names are those of a network with ${design}`
    : `their names (${shown}${names.length > 3 ? ", …" : ""}) and shapes fit none of these`;
  return `Cannot start from ${source}: weights must be of ${
    publishedNetworks.map(publishedName).join(", ")
  }, or of an architecture that is named, but ${state}. Set the architecture that they are of.`;
}
