/**
 * `--folds K`: K-fold cross-validation over the labels of a run. K more runs follow it. Each trains without
 * one part of the labels and is tested on that part; the reported error is pooled over all parts.
 * @module
 */
import { dirname, join } from "node:path";
import { drawFolds, formatLabelList, NO_LABEL, splitByLabel } from "../../data/mod.ts";
import { resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { errorText, type TestError, withInterval } from "../terminal/figures.ts";
import { flagOf } from "../command/options.ts";
import { checkFolds } from "../plan/folds_option.ts";
import type { FoldPlan, Plan } from "../plan/plan.ts";
import { loadNewestCheckpoint, type SavedCheckpoint } from "../plan/saved_checkpoint.ts";
import type { FollowUp } from "./follow_up_runs.ts";
import { runFiles } from "../run_files/run_files.ts";
import { RunFolder } from "../run_files/run_folder.ts";
import type { RunSummary } from "../run_files/run_summary.ts";
import { readList, readSummary } from "../run_files/run_reader.ts";
import { printResult } from "../terminal/output.ts";

/** Creates the K runs of a cross-validation, which follow a run. @param count K. */
export function createFolds(count: number): FollowUp {
  return {
    planRuns: (plan, final) => planFolds(plan, final, count),
    reportResult: (folder) => reportError(folder, count),
  };
}

/** Returns the folder of a fold, within the folder of the run. @param fold From 0 to K − 1. */
function foldFolder(folder: string, fold: number): string {
  return join(folder, `fold-${fold + 1}`);
}

/** Plans all folds of a finished run: its options and data, without the labels of the fold. */
async function planFolds(
  { run }: Plan,
  { path, checkpoint }: SavedCheckpoint,
  count: number,
): Promise<FoldPlan[]> {
  const { labels, classes, options } = checkpoint, folder = dirname(path);
  const { testImages } = await readSummary(folder);
  checkFolds({ folds: count }, { name: folder, testImages, labels, classes, seed: options.seed });
  const listed = [...await readList(folder, "labels") ?? []], indices = splitByLabel(labels).labeled;
  if (listed.length !== indices.length) {
    throw new RangeError(
      `Cannot draw folds in ${folder}: ${runFiles.labels} lists ${listed.length} labels, but the run has ${indices.length}`,
    );
  }
  const { preset: _, files: __, ...about } = checkpoint.about;
  const plans: FoldPlan[] = [];
  for (const [i, fold] of drawFolds(labels, classes.length, count, options.seed).entries()) {
    const left = new Set(fold);
    const heldOut = listed.filter((_, place) => left.has(indices[place] ?? NO_LABEL));
    const rest = labels.filter((_, index) => !left.has(index));
    const own = foldFolder(folder, i);
    await checkSameFold(own, heldOut, count);
    plans.push({
      kind: "fold",
      run: { ...run, preset: null },
      training: resolveOptions(shrinkBatches(options, rest), flagOf),
      folder: own,
      from: await loadNewestCheckpoint(own),
      original: {
        path,
        checkpoint: { ...checkpoint, labels: rest, about: { ...about, heldOut: formatLabelList(heldOut) } },
      },
    });
  }
  return plans;
}

/** @throws {RangeError} if a run in the folder holds out other images than the fold does. */
async function checkSameFold(folder: string, heldOut: readonly (readonly [string, string])[], count: number) {
  const there = await readList(folder, "heldOut");
  if (!there) return;
  const names = new Set(heldOut.map(([name]) => name));
  if ([...there.keys()].every((name) => names.has(name))) return;
  throw new RangeError(
    `Cannot resume in ${folder}: it holds out other images than a split of these labels into ${count} folds. Pass the number of folds that the run there was started with, or delete the folder.`,
  );
}

/**
 * Returns options whose batches are no larger than the number of examples left.
 * @param labels Labels of the fold's run.
 */
function shrinkBatches(options: TrainingOptions, labels: Int32Array): TrainingOptions {
  if (options.excludeUnlabeled) return options;
  const { labeled, unlabeled } = splitByLabel(labels);
  if (options.sampling === "vary") {
    return { ...options, batchSize: Math.min(options.batchSize, labels.length) };
  }
  const others = options.sampling === "two-stream" ? unlabeled : labels;
  const labeledBatchSize = Math.min(options.labeledBatchSize, labeled.length);
  const rest = Math.min(options.batchSize - options.labeledBatchSize, others.length);
  return { ...options, labeledBatchSize, batchSize: labeledBatchSize + rest };
}

/** Returns the error over the test images of all folds. */
function pooledError(errors: readonly TestError[]): TestError {
  const examples = errors.reduce((sum, { examples }) => sum + examples, 0);
  const wrong = errors.reduce((sum, { testError, examples }) => sum + Math.round(testError * examples), 0);
  return { testError: wrong / examples, examples };
}

/** Describes the result of a cross-validation in a sentence without its final period. */
export function describeFolds({ count, student, teacher }: NonNullable<RunSummary["folds"]>): string {
  return `${count}-fold cross-validation, each of ${teacher.examples} labelled images tested once by a run trained without it: test error student ${
    errorText(student)
  }, teacher ${
    errorText(teacher)
  }. The saved model is trained on all labels, so its error may be slightly lower`;
}

/** Prints the error pooled over all folds, and adds it to the run's summary. */
async function reportError(folder: string, count: number): Promise<void> {
  const summaries = [];
  for (let i = 0; i < count; i++) summaries.push(await readSummary(foldFolder(folder, i)));
  const student = pooledError(summaries.flatMap(({ student = [] }) => student));
  const teacher = pooledError(summaries.flatMap(({ teacher = [] }) => teacher));
  const folds = { count, student: withInterval(student), teacher: withInterval(teacher) };
  await (await RunFolder.open(folder)).writeSummary({ ...await readSummary(folder), folds });
  printResult(`\n${describeFolds(folds)}`, { kind: "folds", folder, ...folds });
}
