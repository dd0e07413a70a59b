/**
 * Trains a run, and writes its records, checkpoints and results to the run's folder.
 * @module
 */
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Whitening } from "../../nn/mod.ts";
import {
  type EvaluationRecord,
  methodOf,
  type Trainer,
  type Warning,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { describeDifferences } from "../config/differences.ts";
import { Pace } from "../terminal/pace.ts";
import type { Outcome } from "../command/process.ts";
import { type ExpectedRun, tellExpectation } from "../terminal/expectation.ts";
import { duration, withInterval } from "../terminal/figures.ts";
import { createProgress, type Progress, standardTerminal } from "../terminal/progress.ts";
import { countLabels, formatLabels, heldOutList } from "../plan/inputs.ts";
import { describeOrigin, describePlan } from "../plan/describe_plan.ts";
import type { Plan } from "../plan/run_plan.ts";
import { testErrors } from "../weights/evaluate_weights.ts";
import { followUpFlags, pluginFlags, recordFlags, resumeCommand } from "./resume_command.ts";
import { openRecordFiles, type RecordFile } from "../record_files/record_file.ts";
import { runFiles, RunFolder } from "./run_folder.ts";
import { describeProbe } from "./probe.ts";
import { describeCalibration, type TrainedModel, trainedModel } from "./trained_model.ts";
import { finalWarningsText, WarningTracker } from "./warnings.ts";
import { printNotice, printProgress, printRecord, printResult, printWarning } from "../terminal/output.ts";

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
}

/**
 * Trains until the end or the signal, and prints the result.
 * @throws {Error} if a file cannot be written, or training fails.
 */
export async function trainInFolder(plan: Plan, parts: TrainingParts, signal: AbortSignal): Promise<Outcome> {
  const { trainer, dataset, labels, device } = parts;
  const { options, totalSteps, step: firstStep } = trainer;
  const folder = await RunFolder.open(plan.folder);
  await describeRun(folder, plan, parts);
  printProgress(
    `${methodOf(options).title} on ${dataset.name} with ${countLabels(labels)} labels: ${
      totalSteps - firstStep
    } steps of ${options.batchSize} images on ${device.name}, writing to ${plan.folder}`,
  );
  printProgress(describeDifferences({ ...plan, training: options }));
  const pace = new Pace({ firstStep, totalSteps, batchSize: options.batchSize });
  const progress = createProgress({ totalSteps, pace, currentStep: () => trainer.step }, standardTerminal());
  const stopTelling = tellExpectation(expectedOf(plan, trainer, dataset), (text) => progress.note(text));
  const { classes } = dataset;
  const files = await openRecordFiles(plan.run, { folder: plan.folder, trainer, classes });
  const summary = await trainWithRecords(parts, { folder, files, progress }, signal).finally(async () => {
    stopTelling();
    progress.stop();
    await files.close();
  });
  if (!summary) {
    const path = await folder.writeCheckpoint(trainer.step, writeCheckpoint(await trainer.checkpoint()));
    printNotice(
      `Stopped at step ${trainer.step} of ${totalSteps}. To continue:\n  ${resumeCommandFor(plan, path)}`,
    );
    return "interrupted";
  }
  const { student, teacher, steps, seconds } = summary;
  const errors = student && teacher
    ? testErrors(dataset, { student, teacher })
    : summary.probe
    ? `Trained without test images. ${describeProbe(summary.probe)}`
    : "Trained without test images, so the test error is unknown";
  printResult(`${errors}; ${steps} steps, ${duration(seconds)}`, {
    kind: "summary",
    folder: plan.folder,
    ...summary,
  });
  if (summary.warnings.length > 0) printWarning(finalWarningsText(summary.warnings));
  const pathOf = (kind: keyof typeof runFiles) => join(plan.folder, runFiles[kind]);
  printResult(
    `Model: ${
      pathOf("model")
    } (the teacher, an average of the student's weights that usually makes fewer errors). Its probabilities ${
      describeCalibration(summary.calibration)
    }`,
  );
  printResult(`Results: ${pathOf("summary")}, final checkpoint: ${pathOf("final")}`);
  return "finished";
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

function resumeCommandFor(plan: Plan, checkpoint: string): string {
  const path = "original" in plan ? plan.original.path : checkpoint;
  return resumeCommand(
    path,
    ...followUpFlags(plan.run),
    ...recordFlags(plan.run),
    ...pluginFlags(plan.run),
  );
}

/** Writes the files that describe the run, and a start record to the log. */
async function describeRun(
  folder: RunFolder,
  plan: Plan,
  { trainer: { options, step, tuning }, dataset, labels, device, about: { heldOut: _, ...about } }:
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
  const start = { kind: "start", step, device: device.name, version, ...about, ...origin, options };
  await folder.log(start);
  printRecord({ ...start, folder: plan.folder });
}

/** Trains, and writes every record. @returns the summary, or undefined if the signal stopped the run. */
async function trainWithRecords(
  parts: TrainingParts,
  { folder, files, progress }: {
    readonly folder: RunFolder;
    readonly files: RecordFile;
    readonly progress: Progress;
  },
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const { trainer } = parts;
  const firstStep = trainer.step;
  const start = performance.now();
  const tracker = new WarningTracker();
  let evaluation: EvaluationRecord | undefined, warnings: readonly Warning[] = [];
  for await (const record of trainer.run({ signal })) {
    const seconds = (performance.now() - start) / 1000;
    if (record.kind === "checkpoint") {
      const { checkpoint } = record, encoded = writeCheckpoint(checkpoint);
      if (record.step < trainer.totalSteps) await folder.writeCheckpoint(record.step, encoded);
      else {
        const { bytes, ...measured } = await trainedModel({ ...parts, checkpoint });
        const summary = summaryOf(evaluation, parts, { firstStep, seconds, warnings, ...measured });
        await folder.writeSummary(summary);
        await folder.write("model", bytes);
        await files.end(trainer, parts.dataset.classes);
        await folder.write("final", encoded);
        return summary;
      }
      continue;
    }
    await folder.log({ ...record, seconds });
    await files.record({ ...record, seconds });
    printRecord({ ...record, seconds });
    if (record.kind === "costs") progress.costs(record);
    else if (record.kind === "diagnostics") {
      warnings = record.warnings;
      for (const text of tracker.newTexts(record)) progress.warning(text);
    } else {
      progress.evaluation(record);
      evaluation = record;
    }
  }
  return undefined;
}

type Summary = ReturnType<typeof summaryOf>;

/** Returns the content of `summary.json`; without test images it has no errors. */
function summaryOf(
  evaluation: EvaluationRecord | undefined,
  { trainer: { options, step, epoch, tuning }, dataset, labels, device }: TrainingParts,
  { firstStep, seconds, warnings, calibration, probe }: Omit<TrainedModel, "bytes"> & {
    readonly firstStep: number;
    readonly seconds: number;
    readonly warnings: readonly Warning[];
  },
) {
  return {
    ...(evaluation &&
      { student: withInterval(evaluation.student), teacher: withInterval(evaluation.teacher) }),
    ...(calibration && { calibration }),
    ...(probe && { probe: withInterval(probe) }),
    steps: step,
    epochs: epoch,
    firstStep,
    seconds,
    imagesPerSecond: (step - firstStep) * options.batchSize / seconds,
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
