/**
 * The training of a run, with a file or a line for each record.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import {
  type Checkpoint,
  type CheckpointRecord,
  type EvaluationRecord,
  keptWeights,
  methodOf,
  type TrainingRecord,
  type Warning,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { withInterval } from "../terminal/figures.ts";
import { printRecord } from "../terminal/output.ts";
import type { Progress } from "../terminal/progress.ts";
import { countLabels } from "../plan/training_labels.ts";
import type { RecordFile } from "../record_files/record_file.ts";
import { comparedImages } from "./kept_weights.ts";
import { runFiles } from "../run_files/run_files.ts";
import type { RunFolder } from "../run_files/run_folder.ts";
import type { KeptWeights, RunSummary } from "../run_files/run_summary.ts";
import type { TrainingParts } from "./train_in_folder.ts";
import { type TrainedModel, trainedModel } from "./trained_model.ts";
import type { RunWatcher } from "./run_observer.ts";
import { WarningTracker } from "./warnings.ts";

/** Destinations of records. */
export interface RecordSinks {
  readonly folder: RunFolder;
  readonly files: RecordFile;
  readonly progress: Progress;
  /** Number of checkpoints that stay in the folder. */
  readonly keepCheckpoints: number;
  /** Receives each checkpoint before it is written. */
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
  /** Follows the run, and may pause it; undefined if nothing does. */
  readonly watcher: RunWatcher | undefined;
}

/** Facts about a run that its records and its clock tell. */
interface Course {
  readonly firstStep: number;
  readonly seconds: number;
  readonly evaluation: Omit<EvaluationRecord, "kind"> | undefined;
  readonly warnings: readonly Warning[];
  /** True if the run ended at the limit of its time. */
  readonly isTimeOver: boolean;
}

/** Trains, and writes every record. @returns the summary, or undefined if the signal stopped the run. */
export async function trainWithRecords(
  parts: TrainingParts,
  { folder, files, progress, keepCheckpoints, onCheckpoint, watcher }: RecordSinks,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const { trainer, limit } = parts, firstStep = trainer.step;
  const start = performance.now();
  const tracker = new WarningTracker();
  let evaluation: EvaluationRecord | undefined, warnings: readonly Warning[] = [], isTimeOver = false;
  const mustEnd = () => isTimeOver = limit?.mustEnd() ?? false;
  // A process that was killed may have left one more.
  await folder.pruneCheckpoints(firstStep, keepCheckpoints);
  // The folder may be another than that of the checkpoint, or have later weights than the checkpoint.
  if (trainer.best) await folder.write("best", writeCheckpoint(trainer.best));
  const requests = watcher && { nextRequest: () => watcher.nextRequest() };
  for await (const record of trainer.run({ signal, mustEnd, ...requests })) {
    const seconds = (performance.now() - start) / 1000 - (watcher?.pausedSeconds ?? 0);
    if (record.kind === "best") await folder.write("best", writeCheckpoint(record.checkpoint));
    else if (record.kind === "checkpoint") {
      onCheckpoint(record.checkpoint);
      const encoded = writeCheckpoint(record.checkpoint);
      if (!record.isFinal) await folder.writeCheckpoint(record.step, encoded, keepCheckpoints);
      else {
        const course = { firstStep, seconds, evaluation, warnings, isTimeOver };
        const summary = await finishRun(parts, folder, record, course);
        await files.end(trainer, parts.dataset.classes);
        await folder.write("final", encoded);
        return summary;
      }
    } else {
      await folder.log({ ...record, seconds });
      await files.record({ ...record, seconds });
      printRecord({ ...record, seconds });
      watcher?.record(record);
      show(record, progress, tracker);
      if (record.kind === "diagnostics") warnings = record.warnings;
      if (record.kind === "evaluation") evaluation = record;
    }
  }
  return undefined;
}

type ShownRecord = Exclude<TrainingRecord, { readonly kind: "checkpoint" | "best" }>;

function show(record: ShownRecord, progress: Progress, tracker: WarningTracker): void {
  if (record.kind === "costs") progress.costs(record);
  else if (record.kind === "evaluation") progress.evaluation(record);
  else for (const text of tracker.newTexts(record)) progress.warning(text);
}

/** Writes the model and the summary of a run, of the weights that it keeps. */
async function finishRun(
  parts: TrainingParts,
  folder: RunFolder,
  { checkpoint, step, epoch }: CheckpointRecord,
  course: Course,
): Promise<Summary> {
  const { trainer, dataset } = parts;
  const best = keptWeights(trainer.options) === "best" ? trainer.best : undefined;
  if (best) trainer.loadBest();
  const { bytes, ...measured } = await trainedModel({ ...parts, checkpoint: best ?? checkpoint });
  const kept: KeptWeights | undefined = best &&
    { file: runFiles.best, step: best.step, by: comparedImages(dataset) };
  const evaluation = best?.best?.evaluation ?? course.evaluation;
  const summary = summaryOf(parts, { ...course, ...measured, evaluation, kept, steps: step, epochs: epoch });
  await folder.writeSummary(summary);
  await folder.write("model", bytes);
  return summary;
}

/** Content of `summary.json`. */
export type Summary = ReturnType<typeof summaryOf>;

/** Returns the content of `summary.json`; without test images it has no errors. */
function summaryOf(
  { trainer: { options, totalSteps, tuning }, dataset, labels, device }: TrainingParts,
  { firstStep, seconds, warnings, isTimeOver, evaluation, calibration, probe, kept, steps, epochs }:
    & Course
    & Omit<TrainedModel, "bytes">
    & { readonly kept: KeptWeights | undefined; readonly steps: number; readonly epochs: number },
) {
  const ended: RunSummary["ended"] = isTimeOver ? "time" : "patience";
  return {
    ...(evaluation &&
      { student: withInterval(evaluation.student), teacher: withInterval(evaluation.teacher) }),
    ...(calibration && { calibration }),
    ...(probe && { probe: withInterval(probe) }),
    ...(kept && { kept }),
    ...(steps < totalSteps && { ended }),
    steps,
    epochs,
    firstStep,
    seconds,
    imagesPerSecond: (steps - firstStep) * options.batchSize / seconds,
    device: device.name,
    kernels: Object.fromEntries(tuning.choices),
    dataset: dataset.name,
    labels: countLabels(labels),
    unlabeled: labels.length - countLabels(labels),
    seed: options.seed,
    algorithm: methodOf(options).name,
    testImages: dataset.test.labels.length,
    warnings,
    version: config.version,
  };
}
