/**
 * From a run to a model.
 * @module
 */
import type { ModelContents, Whitening } from "../nn/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** What a checkpoint does not say of a model. */
export interface ModelOfOptions {
  /** Which network (default: the teacher). */
  readonly network?: "student" | "teacher";
  /** What probabilities are calibrated with (default: 1, as they are). */
  readonly temperature?: number;
  /** What images were whitened with; needed if and only if the run's `normalize` is `"gcn-zca"`. */
  readonly whitening?: Whitening;
  /** Texts for the model to carry, beside the network's name and its step; those of the checkpoint may tell of places and files. */
  readonly about?: Readonly<Record<string, string>>;
  /** The checkpoint's name, for errors. */
  readonly source?: string;
}

/**
 * The model that a checkpoint has come to, for {@linkcode writeModel}.
 * @throws {RangeError} if the whitening is missing, or is one that the run had not.
 */
export function modelOf(checkpoint: Checkpoint, options: ModelOfOptions = {}): ModelContents {
  const { network = "teacher", temperature = 1, whitening, source = "the checkpoint" } = options;
  const { options: { architecture, logitDistanceCost, randomResizedCrop, normalize }, step } = checkpoint;
  if ((normalize === "gcn-zca") !== (whitening !== undefined)) {
    throw new RangeError(
      `Cannot make a model of ${source} as there must be a whitening if its images are whitened, and only then: its normalisation is ${normalize}, there is ${
        whitening ? "one" : "none"
      }`,
    );
  }
  const [channels] = checkpoint.imageShape;
  return {
    architecture,
    headCount: logitDistanceCost < 0 ? 1 : 2,
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
