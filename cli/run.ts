/**
 * Carries a plan out.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import type { Dataset, DownloadProgress } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { type EvaluationRecord, Trainer } from "../semisup/mod.ts";
import { chooseLabels, countLabels, formatLabels, loadDataset } from "./inputs.ts";
import { runDefaults } from "./options.ts";
import type { Plan } from "./plan.ts";
import { createProgress, duration, percent, type Progress } from "./progress.ts";
import { RunFolder } from "./run_folder.ts";

/** How a run ended. */
export type Outcome = "finished" | "interrupted";

/** Trains or evaluates. @throws if anything is not as it must be, before training where that can be known. */
export async function carryOut(plan: Plan, signal: AbortSignal): Promise<Outcome> {
  const { run, checkpoint } = plan;
  using device = await Device.request();
  const dataset = await loadDataset(run, { signal, onProgress: reportDownload() });
  const labels = checkpoint?.labels ??
    await chooseLabels(dataset, { ...run, labelsPerClass: plan.labelsPerClass, seed: plan.training.seed });
  if (labels.length !== dataset.train.labels.length) {
    throw new RangeError(
      `Cannot resume as the dataset must be the checkpoint's: it has ${dataset.train.labels.length} examples, not ${labels.length}`,
    );
  }
  const data = { ...dataset, train: { ...dataset.train, labels } };
  const about = { dataset: run.dataset, ...(run.dataDir === null ? {} : { dataDir: run.dataDir }) };
  const settings = checkpoint ? { checkpoint, about } : { about };
  const trainer = await Trainer.create(device, data, plan.training, settings);
  if (run.evaluate) {
    console.log(testErrors(dataset, await trainer.evaluate()));
    return "finished";
  }
  signal.throwIfAborted();
  return await trainInFolder(plan, { trainer, dataset, labels, device }, signal);
}

/** What a run works with. */
interface Parts {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly labels: Int32Array;
  readonly device: Device;
}

async function trainInFolder(plan: Plan, parts: Parts, signal: AbortSignal): Promise<Outcome> {
  const { trainer, dataset, labels, device } = parts;
  const { options, totalSteps, step: firstStep } = trainer;
  const folder = await RunFolder.open(plan.folder);
  await describeRun(folder, plan, parts);
  const method = options.excludeUnlabeled ? "Supervised training" : "Mean Teacher";
  console.log(
    `${method} on ${dataset.name} with ${countLabels(labels)} labels: ${
      totalSteps - firstStep
    } steps of ${options.batchSize} images on ${device.name}, writing to ${plan.folder}`,
  );
  const progress = createProgress({
    isTerminal: Deno.stdout.isTerminal() && Deno.stderr.isTerminal(),
    firstStep,
    totalSteps,
    batchSize: options.batchSize,
  });
  const start = performance.now();
  const evaluation = await trainWithRecords(trainer, folder, progress, signal).finally(() => progress.stop());
  const seconds = (performance.now() - start) / 1000;
  if (!evaluation) {
    const path = await folder.writeCheckpoint(trainer.step, await trainer.checkpoint());
    console.log(
      `Stopped at step ${trainer.step} of ${totalSteps}. To go on: deno run -A cli/train.ts --resume ${path}`,
    );
    return "interrupted";
  }
  await folder.writeJson("summary.json", summaryOf(evaluation, { ...parts, firstStep, seconds }));
  console.log(`${testErrors(dataset, evaluation)}; ${evaluation.step} steps, ${duration(seconds)}`);
  return "finished";
}

/** What the run is, for whoever finds its folder. */
async function describeRun(
  folder: RunFolder,
  { run, checkpoint }: Plan,
  { trainer, dataset, labels, device }: Parts,
) {
  const { version } = config;
  const { dataset: name, dataDir, labels: labelList, labelsPerClass } = run;
  await folder.describe({
    "config.json": `${
      JSON.stringify(
        { version, dataset: name, dataDir, labels: labelList, labelsPerClass, ...trainer.options },
        null,
        2,
      )
    }\n`,
    "labels.txt": formatLabels(labels, dataset.classes),
  });
  const resumed = checkpoint ? { resume: run.resume ?? runDefaults.resume } : {};
  await folder.log({ kind: "start", step: trainer.step, device: device.name, version, ...resumed });
}

/** Trains, and stores every record. @returns the last evaluation, or nothing where the signal ended the run. */
async function trainWithRecords(
  trainer: Trainer,
  folder: RunFolder,
  progress: Progress,
  signal: AbortSignal,
): Promise<EvaluationRecord | undefined> {
  const start = performance.now();
  let evaluation: EvaluationRecord | undefined;
  for await (const record of trainer.run({ signal })) {
    if (record.kind === "checkpoint") {
      if (record.step < trainer.totalSteps) await folder.writeCheckpoint(record.step, record.bytes);
      else await folder.writeFinal(record.bytes);
      continue;
    }
    await folder.log({ ...record, seconds: (performance.now() - start) / 1000 });
    if (record.kind === "costs") progress.costs(record);
    else progress.evaluation(evaluation = record);
  }
  return signal.aborted ? undefined : evaluation;
}

function summaryOf(
  { student, teacher, step, epoch }: EvaluationRecord,
  { trainer: { options }, dataset, labels, device, firstStep, seconds }: Parts & {
    readonly firstStep: number;
    readonly seconds: number;
  },
) {
  return {
    student,
    teacher,
    steps: step,
    epochs: epoch,
    firstStep,
    seconds,
    imagesPerSecond: (step - firstStep) * options.batchSize / seconds,
    device: device.name,
    dataset: dataset.name,
    labels: countLabels(labels),
    seed: options.seed,
    algorithm: options.excludeUnlabeled ? "supervised" : "mean-teacher",
    version: config.version,
  };
}

function testErrors({ name, test }: Dataset, { student, teacher }: EvaluationRecord): string {
  return `Test error on ${test.labels.length} images of ${name}: student ${
    percent(student.testError)
  }, teacher ${percent(teacher.testError)}`;
}

/** Says how far a download is, every 16 MiB. */
function reportDownload(): (progress: DownloadProgress) => void {
  const step = 2 ** 24;
  let shown = 0;
  return ({ url, receivedBytes, totalBytes }) => {
    if (receivedBytes < totalBytes! && receivedBytes - shown < step) return;
    shown = receivedBytes;
    const total = totalBytes === undefined ? "" : ` of ${(totalBytes / 2 ** 20).toFixed(0)}`;
    console.error(`Fetching ${url}: ${(receivedBytes / 2 ** 20).toFixed(0)}${total} MiB`);
  };
}
