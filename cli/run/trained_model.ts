/**
 * The model file of a finished run.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { type Whitening, writeModel } from "../../nn/mod.ts";
import {
  calibrateTemperature,
  type Calibration,
  type Checkpoint,
  evaluatedOf,
  modelOf,
  type Trainer,
} from "../../semisup/mod.ts";
import type { TestError } from "../terminal/figures.ts";
import { publicAbout } from "../weights/open_model.ts";
import { probeModel } from "./probe.ts";

/** A model file, with the results of its calibration and probe. */
export interface TrainedModel {
  readonly bytes: Uint8Array;
  /** Absent if no labels are held out. */
  readonly calibration?: Calibration;
  /** An estimate of the error from training labels; absent with test images. */
  readonly probe?: TestError;
}

/**
 * Creates the model file of a run's teacher. The probabilities are calibrated on labels held out of training,
 * never on an official test set, because calibrating on it would bias the test results.
 * @param trainer The trainer, with the checkpoint's weights.
 * @param checkpoint The weights that the run keeps.
 */
export async function trainedModel(
  { trainer, dataset, labels, device, checkpoint, whitening }: {
    readonly trainer: Trainer;
    readonly dataset: Dataset;
    /** The training labels of the run. */
    readonly labels: Int32Array;
    readonly device: Device;
    readonly checkpoint: Checkpoint;
    readonly whitening: Whitening | undefined;
  },
): Promise<TrainedModel> {
  const calibration = dataset.heldOut && trainer.canEvaluate
    ? await calibrate(trainer, dataset.classes.length)
    : undefined;
  const contents = modelOf(checkpoint, {
    temperature: calibration?.temperature ?? 1,
    about: {
      ...publicAbout(checkpoint.about),
      ...(calibration && { calibratedOn: `${calibration.examples}` }),
    },
    ...(whitening && { whitening }),
  });
  const probe = trainer.canEvaluate ? null : await probeModel(contents, { device, dataset, labels });
  return { bytes: writeModel(contents), ...(calibration && { calibration }), ...(probe && { probe }) };
}

async function calibrate(trainer: Trainer, classCount: number): Promise<Calibration> {
  const { labels, logits: { [evaluatedOf(trainer.options)]: logits } } = await trainer.testLogits();
  return calibrateTemperature(logits, labels, classCount);
}

/** Describes the calibration of a model, as the end of a sentence that begins with "its probabilities". */
export function describeCalibration(calibration: Calibration | undefined): string {
  if (!calibration) return "are not calibrated (temperature 1), because no labels were held out";
  const { temperature, examples, costBefore, costAfter, limit } = calibration;
  const on = `on ${examples} held-out ${examples === 1 ? "label" : "labels"}`;
  if (limit === "separable") {
    return `are not calibrated (temperature 1), because the teacher makes no error ${on}`;
  }
  const text = `are calibrated ${on} (temperature ${temperature.toPrecision(3)}, cross-entropy ${
    costBefore.toFixed(4)
  } → ${costAfter.toFixed(4)})`;
  return limit === "chance" ? `${text}; its predictions are hardly better than chance` : text;
}
