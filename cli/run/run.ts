/**
 * Carries a plan out.
 * @module
 */
import { join, resolve } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { DownloadProgress } from "../../data/files/mod.ts";
import type { OpenedDataset } from "../../data/mod.ts";
import { Device } from "../../kernels/mod.ts";
import type { Whitening } from "../../nn/mod.ts";
import {
  type Calibration,
  type Evaluation,
  type EvaluationRecord,
  Trainer,
  type TrainingOptions,
  type Warning,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { evaluateWeights } from "../weights/evaluate_weights.ts";
import {
  aboutOwn,
  chooseLabels,
  countLabels,
  damageReporter,
  formatLabels,
  heldOutList,
  loadDataset,
  loadDatasetOf,
  prepared,
} from "../plan/inputs.ts";
import { flagOf } from "../command/options.ts";
import { openOwn } from "../plan/folder_plan.ts";
import { describeOwn } from "../plan/folder_text.ts";
import { Pace } from "../command/pace.ts";
import { labelsOfOwn, type Plan } from "../plan/run_plan.ts";
import { createProgress, duration, percent, type Progress, standardTerminal } from "../command/progress.ts";
import type { Outcome } from "../command/process.ts";
import { resumeCommand } from "./resume_command.ts";
import { finalName, modelName, RunFolder } from "./run_folder.ts";
import { describeCalibration, trainedModel } from "./trained_model.ts";
import { knownKernels, rememberKernels } from "./tuning_cache.ts";
import { standingText, WarningTeller } from "./warnings.ts";
import { weightsOf } from "../weights/weights_file.ts";

/**
 * Trains or evaluates.
 * @param shared The device to do it on; one of its own where absent.
 * @throws if anything is not as it must be, before training where that can be known.
 */
export async function carryOut(planned: Plan, signal: AbortSignal, shared?: Device): Promise<Outcome> {
  const { plan, dataset } = await load(planned, signal);
  const { run, checkpoint } = plan;
  const reportDamage = damageReporter(dataset);
  reportDamage();
  if (plan.own) console.log(describeOwn(plan.own, plan.training, run));
  const laidDown = checkpoint ?? plan.twin?.checkpoint;
  const labels = laidDown?.labels ?? (plan.own ? dataset.train.labels : await chooseLabels(dataset, {
    ...run,
    labelsPerClass: plan.labelsPerClass,
    seed: plan.training.seed,
  }));
  // Who only evaluates needs no training images, and some may be new.
  if (!run.evaluate && labels.length !== dataset.train.labels.length) {
    throw new RangeError(
      `Cannot go on from ${run.resume} as the dataset must be the checkpoint's: it has ${dataset.train.labels.length} training examples, the checkpoint's has ${labels.length}`,
    );
  }
  const device = shared ?? await Device.request();
  try {
    if (!run.evaluate || !checkpoint) return await train(plan, { dataset, labels, device }, signal);
    const weights = weightsOf(run.resume!, checkpoint);
    console.log(testErrors(dataset, await evaluateWeights(device, weights, dataset, null)));
    return "finished";
  } finally {
    reportDamage();
    if (!shared) device.destroy();
  }
}

/** The dataset of a plan, and the plan as the dataset makes it. */
async function load(plan: Plan, signal: AbortSignal): Promise<{ plan: Plan; dataset: OpenedDataset }> {
  const { run, own, twin } = plan;
  const checkpoint = plan.checkpoint ?? twin?.checkpoint;
  const options = { signal, onProgress: reportDownload() };
  if (checkpoint) {
    const { data, dataDir, download, memoryLimit, evaluate } = run;
    const testOnly = evaluate && plan.training.normalize === "channel";
    const directory = data ?? dataDir;
    const dataset = await loadDatasetOf(checkpoint, {
      directory,
      download,
      memoryLimit,
      testOnly,
      ...options,
    });
    return { plan, dataset };
  }
  if (!own) return { plan, dataset: await loadDataset(run, options) };
  const opened = await openOwn(own, run, signal);
  return { plan: { ...plan, own: opened.own, training: opened.training }, dataset: opened.dataset };
}

async function train(
  plan: Plan,
  { dataset, labels, device }: Pick<Parts, "dataset" | "labels" | "device">,
  signal: AbortSignal,
): Promise<Outcome> {
  const { run, checkpoint } = plan;
  const { train, whitening, ...rest } = await prepared(dataset, plan.training.normalize, { device, signal });
  const data = { ...rest, train: { ...train, labels } };
  const about = plan.own
    ? aboutOwn(plan.own.folder, dataset)
    : plan.twin
    ? plan.twin.checkpoint.about
    : checkpoint && run.data !== null
    ? { ...checkpoint.about, data: resolve(run.data) }
    : {
      ...(run.preset !== null && { preset: run.preset }),
      dataset: run.dataset,
      ...(run.dataDir !== null && { dataDir: resolve(run.dataDir) }),
      ...(run.imageSize !== null && { imageSize: `${run.imageSize}` }),
    };
  const kernels = checkpoint ? { checkpoint } : { tuning: await knownKernels(device, run.tune) };
  const settings = { about, nameOf: flagOf, ...kernels };
  using trainer = await Trainer.create(device, data, plan.training, settings);
  await rememberKernels(device, trainer.tuning);
  if (trainer.step > trainer.totalSteps) {
    throw new RangeError(
      `Cannot go on from ${run.resume} as the run must be longer: it is to have ${trainer.totalSteps} steps, ${trainer.step} are done`,
    );
  }
  signal.throwIfAborted();
  return await trainInFolder(plan, { trainer, dataset, labels, device, about, whitening }, signal);
}

/** What methods are called. */
const methods = { "mean-teacher": "Mean Teacher", pi: "Π model", supervised: "Supervised training" } as const;

function algorithmOf({ excludeUnlabeled, algorithm }: TrainingOptions): keyof typeof methods {
  return excludeUnlabeled ? "supervised" : algorithm;
}

/** What a run works with. */
interface Parts {
  readonly trainer: Trainer;
  readonly dataset: OpenedDataset;
  readonly labels: Int32Array;
  readonly device: Device;
  /** What checkpoints say of the data. */
  readonly about: Readonly<Record<string, string>>;
  /** What images were whitened with, where they were. */
  readonly whitening: Whitening | undefined;
}

async function trainInFolder(plan: Plan, parts: Parts, signal: AbortSignal): Promise<Outcome> {
  const { trainer, dataset, labels, device } = parts;
  const { options, totalSteps, step: firstStep } = trainer;
  const folder = await RunFolder.open(plan.folder);
  await describeRun(folder, plan, parts);
  const method = methods[algorithmOf(options)];
  console.log(
    `${method} on ${dataset.name} with ${countLabels(labels)} labels: ${
      totalSteps - firstStep
    } steps of ${options.batchSize} images on ${device.name}, writing to ${plan.folder}`,
  );
  const pace = new Pace({ firstStep, totalSteps, batchSize: options.batchSize });
  const progress = createProgress({ totalSteps, pace, currentStep: () => trainer.step }, standardTerminal());
  const summary = await trainWithRecords(parts, folder, progress, signal).finally(() => progress.stop());
  if (!summary) {
    const path = await folder.writeCheckpoint(trainer.step, writeCheckpoint(await trainer.checkpoint()));
    console.error(
      `Stopped at step ${trainer.step} of ${totalSteps}. To go on:\n  ${commandToGoOn(plan, path)}`,
    );
    return "interrupted";
  }
  const { student, teacher, steps, seconds } = summary;
  const errors = student && teacher
    ? testErrors(dataset, { student, teacher })
    : "Trained without test images, so the error is not known";
  console.log(`${errors}; ${steps} steps, ${duration(seconds)}`);
  if (summary.warnings.length > 0) console.error(standingText(summary.warnings));
  console.log(
    `Model: ${join(plan.folder, modelName)}; its probabilities ${describeCalibration(summary.calibration)}`,
  );
  console.log(`Results: ${join(plan.folder, "summary.json")}, weights: ${join(plan.folder, finalName)}`);
  return "finished";
}

function commandToGoOn({ twin, run }: Plan, checkpoint: string): string {
  if (twin) return resumeCommand(join(twin.of, finalName), "--baseline");
  return run.baseline ? resumeCommand(checkpoint, "--baseline") : resumeCommand(checkpoint);
}

/** What the run is, for whoever finds its folder. */
async function describeRun(
  folder: RunFolder,
  { run, labelsPerClass, checkpoint, twin }: Plan,
  { trainer: { options, step }, dataset, labels, device, about: { heldOut: _, ...about } }: Parts,
) {
  const { version } = config;
  const origin = checkpoint
    ? { resume: resolve(run.resume!) }
    : twin
    ? { twinOf: resolve(twin.of) }
    : run.data !== null
    ? labelsOfOwn(run)
    : run.labels === null
    ? { labelsPerClass }
    : { labels: resolve(run.labels) };
  await folder.describe({
    "config.json": `${JSON.stringify({ version, ...about, ...origin, ...options }, null, 2)}\n`,
    "labels.txt": formatLabels(labels, dataset.classes, dataset.train.names),
    ...(dataset.heldOut && { "held-out.txt": heldOutList(dataset) }),
  });
  // Also here, as a run that goes on may have other options than those that the folder began with.
  await folder.log({ kind: "start", step, device: device.name, version, ...about, ...origin, options });
}

/** Trains, and stores every record. @returns the summary, or nothing where the signal ended the run. */
async function trainWithRecords(
  parts: Parts,
  folder: RunFolder,
  progress: Progress,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const { trainer } = parts;
  const firstStep = trainer.step;
  const start = performance.now();
  const teller = new WarningTeller();
  let evaluation: EvaluationRecord | undefined, warnings: readonly Warning[] = [];
  for await (const record of trainer.run({ signal })) {
    const seconds = (performance.now() - start) / 1000;
    if (record.kind === "checkpoint") {
      const { checkpoint } = record;
      if (record.step < trainer.totalSteps) {
        await folder.writeCheckpoint(record.step, writeCheckpoint(checkpoint));
      } else {
        const { bytes, calibration } = await trainedModel({ ...parts, checkpoint });
        const summary = summaryOf(evaluation, parts, { firstStep, seconds, warnings, calibration });
        await folder.writeJson("summary.json", summary);
        await folder.writeModel(bytes);
        await folder.writeFinal(writeCheckpoint(checkpoint));
        return summary;
      }
      continue;
    }
    await folder.log({ ...record, seconds });
    if (record.kind === "costs") progress.costs(record);
    else if (record.kind === "diagnostics") {
      warnings = record.warnings;
      for (const text of teller.news(record)) progress.warning(text);
    } else {
      progress.evaluation(record);
      evaluation = record;
    }
  }
  return undefined;
}

type Summary = ReturnType<typeof summaryOf>;

/** What is told at the end; nothing of errors where there were no test images. */
function summaryOf(
  evaluation: EvaluationRecord | undefined,
  { trainer: { options, step, epoch, tuning }, dataset, labels, device }: Parts,
  { firstStep, seconds, warnings, calibration }: {
    readonly firstStep: number;
    readonly seconds: number;
    readonly warnings: readonly Warning[];
    readonly calibration: Calibration | undefined;
  },
) {
  return {
    ...(evaluation && { student: evaluation.student, teacher: evaluation.teacher }),
    ...(calibration && { calibration }),
    steps: step,
    epochs: epoch,
    firstStep,
    seconds,
    imagesPerSecond: (step - firstStep) * options.batchSize / seconds,
    device: device.name,
    kernels: Object.fromEntries(tuning.choices),
    dataset: dataset.name,
    labels: countLabels(labels),
    seed: options.seed,
    algorithm: algorithmOf(options),
    testImages: dataset.test.labels.length,
    warnings,
    version: config.version,
  };
}

function testErrors(
  { name, test, heldOut }: OpenedDataset,
  networks: Readonly<Record<string, Pick<Evaluation, "testError">>>,
): string {
  const errors = ["student", "teacher"].map((who) => `${who} ${percent(networks[who]!.testError)}`);
  return `Test error on ${test.labels.length} ${heldOut ? "held-out " : ""}images of ${name}: ${
    errors.join(", ")
  }`;
}

/** Says how far a download is, every 16 MiB. */
export function reportDownload(): (progress: DownloadProgress) => void {
  const step = 2 ** 24;
  let shown = 0;
  return ({ url, receivedBytes, totalBytes }) => {
    if (receivedBytes < totalBytes! && receivedBytes - shown < step) return;
    shown = receivedBytes;
    const total = totalBytes === undefined ? "" : ` of ${(totalBytes / 2 ** 20).toFixed(0)}`;
    console.error(`Fetching ${url}: ${(receivedBytes / 2 ** 20).toFixed(0)}${total} MiB`);
  };
}
