/**
 * The model file that a run leaves.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { type Whitening, writeModel } from "../../nn/mod.ts";
import {
  calibrateTemperature,
  type Calibration,
  type Checkpoint,
  modelOf,
  type Trainer,
} from "../../semisup/mod.ts";
import type { TestError } from "../command/figures.ts";
import { originIn } from "../weights/open_model.ts";
import { probeModel } from "./probe.ts";

/** A model file, and what its probabilities were calibrated on. */
export interface TrainedModel {
  readonly bytes: Uint8Array;
  /** Absent where no labels are held out. */
  readonly calibration?: Calibration;
  /** An estimate of the error from labels that were trained with; absent where there are test images. */
  readonly probe?: TestError;
}

/**
 * The teacher that a run has come to. Its probabilities are calibrated on labels that were held out of training, never on
 * an official test set, whose labels are only for testing.
 * @param checkpoint The run's last checkpoint.
 */
export async function trainedModel(
  { trainer, dataset, labels, device, checkpoint, whitening }: {
    readonly trainer: Trainer;
    readonly dataset: Dataset;
    /** Those that the run learned from. */
    readonly labels: Int32Array;
    readonly device: Device;
    readonly checkpoint: Checkpoint;
    readonly whitening: Whitening | undefined;
  },
): Promise<TrainedModel> {
  const calibration = dataset.heldOut && trainer.canEvaluate
    ? await calibrated(trainer, dataset.classes.length)
    : undefined;
  const contents = modelOf(checkpoint, {
    temperature: calibration?.temperature ?? 1,
    about: { ...originIn(checkpoint.about), ...(calibration && { calibratedOn: `${calibration.examples}` }) },
    ...(whitening && { whitening }),
  });
  const probe = trainer.canEvaluate ? null : await probeModel(contents, { device, dataset, labels });
  return { bytes: writeModel(contents), ...(calibration && { calibration }), ...(probe && { probe }) };
}

async function calibrated(trainer: Trainer, classCount: number): Promise<Calibration> {
  const { labels, logits: { teacher } } = await trainer.testLogits();
  return calibrateTemperature(teacher, labels, classCount);
}

/** How far probabilities can be trusted, in words that follow "its probabilities". */
export function describeCalibration(calibration: Calibration | undefined): string {
  if (!calibration) return "are not calibrated (temperature 1), as no labels are held out";
  const { temperature, examples, costBefore, costAfter, limit } = calibration;
  const on = `on ${examples} held-out ${examples === 1 ? "label" : "labels"}`;
  if (limit === "separable") return `are not calibrated (temperature 1), as nothing is wrong ${on}`;
  const what = `are calibrated ${on} (temperature ${temperature.toPrecision(3)}, cross-entropy ${
    costBefore.toFixed(4)
  } → ${costAfter.toFixed(4)})`;
  return limit === "chance" ? `${what}: they say hardly more than chance` : what;
}
