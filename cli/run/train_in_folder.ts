/**
 * Trains a run, and writes its records, checkpoints and results to the run's folder.
 * @module
 */
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Whitening } from "../../nn/mod.ts";
import {
  type Checkpoint,
  comparesEvaluations,
  methodOf,
  type Trainer,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { describeDifferences } from "../config/differences.ts";
import { Pace } from "../terminal/pace.ts";
import type { Outcome } from "../command/process.ts";
import { type ExpectedRun, tellExpectation } from "../terminal/expectation.ts";
import { duration } from "../terminal/figures.ts";
import { createProgress, standardTerminal } from "../terminal/progress.ts";
import { countLabels, formatLabels, heldOutList } from "../plan/training_labels.ts";
import { describeOrigin, describePlan } from "../plan/describe_plan.ts";
import type { Plan } from "../plan/plan.ts";
import { testErrors } from "../weights/evaluate_weights.ts";
import { followUpFlags, resumeCommand, resumeFlags } from "../hints/resume_command.ts";
import { openRecordFiles } from "../record_files/record_file.ts";
import { runFiles } from "../run_files/run_files.ts";
import { RunFolder } from "../run_files/run_folder.ts";
import type { RunObserver } from "./run_observer.ts";
import { describeProbe } from "./probe.ts";
import { describeComparison, describeEnd, describeKept } from "./kept_weights.ts";
import type { TimeLimit } from "./time_limit.ts";
import { type Summary, trainWithRecords } from "./train_with_records.ts";
import { describeCalibration } from "./trained_model.ts";
import { endByError } from "../storage/rescue.ts";
import { finalWarningsText } from "./warnings.ts";
import {
  printNote,
  printNotice,
  printProgress,
  printRecord,
  printResult,
  printWarning,
} from "../terminal/output.ts";

/** Everything that a run needs. */
export interface TrainingParts {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly labels: Int32Array;
  readonly device: Device;
  /** Texts about the data that checkpoints store. */
  readonly about: Readonly<Record<string, string>>;
  /** Whitening of the images; undefined if they were not whitened. */
  readonly whitening: Whitening | undefined;
  /** Sentence on the space that the files of the run need. */
  readonly space: string;
  /** Limit of the time; absent without one. */
  readonly limit?: TimeLimit;
  /** Follows the run; absent if nothing does. */
  readonly observer?: RunObserver | undefined;
}

/**
 * Trains until the end or the signal, and prints the result.
 * @param onCheckpoint Receives each checkpoint before it is written.
 * @throws {Error} if a file cannot be written, or training fails.
 */
export async function trainInFolder(
  plan: Plan,
  parts: TrainingParts,
  signal: AbortSignal,
  onCheckpoint: (checkpoint: Checkpoint) => void = () => {},
): Promise<Outcome> {
  const { trainer, dataset, labels, device } = parts;
  const { options, totalSteps, step: firstStep } = trainer;
  const folder = await RunFolder.open(plan.folder);
  await describeRun(folder, plan, parts);
  if (comparesEvaluations(options)) printProgress(describeComparison(dataset));
  printProgress(
    `${methodOf(options).title} on ${dataset.name} with ${countLabels(labels)} labels: ${
      totalSteps - firstStep
    } steps of ${options.batchSize} images on ${device.name}, writing to ${plan.folder}`,
  );
  printProgress(describeDifferences({ ...plan, training: options }));
  printProgress(parts.space);
  let last: Checkpoint | undefined;
  try {
    const summary = await trainAndRecord(plan, parts, folder, signal, (checkpoint) => {
      last = checkpoint;
      onCheckpoint(checkpoint);
    });
    if (!summary) {
      const bytes = writeCheckpoint(last = await trainer.checkpoint());
      await folder.writeCheckpoint(trainer.step, bytes, plan.run.keepCheckpoints);
      printNotice(
        `Stopped at step ${trainer.step} of ${totalSteps}. To continue:\n  ${resumeCommandFor(plan)}`,
      );
      return "interrupted";
    }
    printSummary(plan.folder, dataset, summary, totalSteps);
    return "finished";
  } catch (error) {
    // The trainer may have the weights of an earlier step by now, if these are the best. Other processes wait elsewhere.
    const readState = async () =>
      last && last.step >= trainer.step ? last : await trainer.checkpoint({ isAlone: true });
    throw await endByError(error, plan, readState);
  }
}

/** Trains, and writes and shows all records. @returns the summary, or undefined if the signal stopped the run. */
async function trainAndRecord(
  plan: Plan,
  parts: TrainingParts,
  folder: RunFolder,
  signal: AbortSignal,
  onCheckpoint: (checkpoint: Checkpoint) => void,
): Promise<Summary | undefined> {
  const { trainer, dataset } = parts, { totalSteps, step: firstStep, options } = trainer;
  const pace = new Pace({ firstStep, totalSteps, batchSize: options.batchSize });
  const progress = createProgress({ totalSteps, pace, currentStep: () => trainer.step }, standardTerminal());
  const stopTelling = tellExpectation(expectedOf(plan, trainer, dataset), (text) => progress.note(text));
  const { keepCheckpoints } = plan.run, { classes } = dataset;
  const files = await openRecordFiles(plan.run, { folder: plan.folder, trainer, classes });
  const watcher = await parts.observer?.begin({ ...parts, folder: plan.folder });
  const records = { folder, files, progress, keepCheckpoints, onCheckpoint, watcher };
  const stops = watcher ? AbortSignal.any([signal, watcher.signal]) : signal;
  let summary: Summary | undefined;
  try {
    return summary = await trainWithRecords(parts, records, stops);
  } finally {
    stopTelling();
    progress.stop();
    await watcher?.close(summary !== undefined);
    await files.close();
  }
}

/** Prints the results of a finished run. */
function printSummary(folder: string, dataset: Dataset, summary: Summary, totalSteps: number): void {
  const { student, teacher, steps, seconds, kept, ended } = summary;
  const errors = student && teacher
    ? testErrors(dataset, { student, teacher })
    : summary.probe
    ? `Trained without test images. ${describeProbe(summary.probe)}`
    : "Trained without test images, so the test error is unknown";
  const best = kept ? ` (${describeKept(kept)})` : "";
  printResult(`${errors}${best}; ${steps} steps, ${duration(seconds)}`, {
    kind: "summary",
    folder,
    ...summary,
  });
  if (ended) printNote(describeEnd(ended, steps, totalSteps));
  if (summary.warnings.length > 0) printWarning(finalWarningsText(summary.warnings));
  const pathOf = (kind: keyof typeof runFiles) => join(folder, runFiles[kind]);
  printResult(
    `Model: ${
      pathOf("model")
    } (the teacher, an average of the student's weights that usually makes fewer errors). Its probabilities ${
      describeCalibration(summary.calibration)
    }`,
  );
  const checkpoints = `final checkpoint: ${pathOf("final")}${kept ? `, best: ${pathOf("best")}` : ""}`;
  printResult(`Results: ${pathOf("summary")}, ${checkpoints}`);
}

/** Returns the facts that the expected duration depends on. */
function expectedOf(
  plan: Plan,
  trainer: Trainer,
  { train: { imageShape: [, height, width] } }: Dataset,
): ExpectedRun {
  const { run } = plan;
  const [flag] = "original" in plan ? [] : followUpFlags(run);
  return {
    totalSteps: trainer.totalSteps,
    canvas: [height, width],
    canShrink: plan.kind === "folder"
      ? !plan.own.facts.areArrays
      : plan.kind === "fresh" && run.dataset === "folder",
    ...(flag !== undefined && { others: { count: run.folds ?? 1, flag } }),
    currentStep: () => trainer.step,
  };
}

/** Returns the command that resumes a run; for a run that follows another one, that of the other one. */
function resumeCommandFor(plan: Plan): string {
  if (!("original" in plan)) return resumeCommand(plan.folder, ...resumeFlags(plan));
  // The other run is finished, and has its length.
  const { original, run, training } = plan;
  return resumeCommand(
    dirname(original.path),
    ...resumeFlags({ run, training: { ...training, maxSteps: null } }),
  );
}

/** Returns the facts of `--minutes` for the log. */
function timeOf(limit: TimeLimit | undefined) {
  return limit && { minutes: limit.minutes, secondsPerStep: limit.costs.step };
}

/** Writes the files that describe the run, and a start record to the log. */
async function describeRun(
  folder: RunFolder,
  plan: Plan,
  { trainer: { options, step, tuning }, dataset, labels, device, about: { heldOut: _, ...about }, limit }:
    TrainingParts,
) {
  const { version } = config, { classes } = dataset;
  const origin = describeOrigin(plan), kernels = Object.fromEntries(tuning.choices);
  const facts = { ...about, classes, ...(tuning.choices.size > 0 && { kernels }) };
  await folder.describe({
    config: `${JSON.stringify(describePlan(plan, facts), null, 2)}\n`,
    labels: formatLabels(labels, classes, dataset.train.names),
    ...(dataset.heldOut && { heldOut: heldOutList(dataset) }),
  });
  // The log has the options too, because a resumed run may have others than config.json.
  const start = {
    kind: "start",
    step,
    device: device.name,
    version,
    ...about,
    ...origin,
    options,
    ...timeOf(limit),
  };
  await folder.log(start);
  printRecord({ ...start, folder: plan.folder });
}
