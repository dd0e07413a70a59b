/**
 * Models made from checkpoints.
 * @module
 */
import type { ModelContents, Whitening } from "../nn/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { evaluatedOf } from "./methods/mod.ts";

/** Options of {@linkcode modelOf}. */
export interface ModelOfOptions {
  /** Network that becomes the model (default: the one that the method evaluates, see {@linkcode evaluatedOf}). */
  readonly network?: "student" | "teacher";
  /** Temperature that probabilities are calibrated with (default: 1, uncalibrated). */
  readonly temperature?: number;
  /** Whitening of the training images; required if the run's `normalize` is `"gcn-zca"`, else forbidden. */
  readonly whitening?: Whitening;
  /**
   * Texts for the model to carry, beside the network's name and its step. The checkpoint's own texts are left
   * out, as they may name folders and files.
   */
  readonly about?: Readonly<Record<string, string>>;
  /** Name of the checkpoint, for errors. */
  readonly source?: string;
}

/**
 * Returns the model of a checkpoint, for {@linkcode writeModel}.
 * @throws {RangeError} if the whitening is missing, or is passed although the run's images were not whitened.
 */
export function modelOf(checkpoint: Checkpoint, options: ModelOfOptions = {}): ModelContents {
  const { network = evaluatedOf(checkpoint.options), temperature = 1, whitening, source = "the checkpoint" } =
    options;
  const { options: { architecture, logitDistanceCost, randomResizedCrop, normalize }, step } = checkpoint;
  if (normalize === "gcn-zca" && !whitening) {
    throw new RangeError(`Cannot make a model of ${source}: its images were whitened. Pass the whitening.`);
  }
  if (normalize !== "gcn-zca" && whitening) {
    throw new RangeError(
      `Cannot make a model of ${source}: its normalisation is ${normalize}, but a whitening was passed. Leave it out.`,
    );
  }
  const [channels] = checkpoint.imageShape;
  return {
    architecture,
    headCount: architecture === null ? null : logitDistanceCost < 0 ? 1 : 2,
    classes: checkpoint.classes,
    imageShape: [channels, ...checkpoint.canvas],
    randomResizedCrop,
    normalize,
    channelStatistics: checkpoint.channelStatistics,
    temperature,
    about: { ...options.about, network, step: `${step}` },
    weights: checkpoint[network],
    ...(whitening && { whitening }),
  };
}
