/**
 * `--folds K`: after a run, trains it K times again, each time without another part of the labels that is tested on, and says
 * how often all these runs together err.
 * @module
 */
import { dirname, join } from "node:path";
import { drawFolds, formatLabelList, NO_LABEL, splitByLabel } from "../../data/mod.ts";
import { resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { errorText, type TestError, withInterval } from "../command/figures.ts";
import { flagOf } from "../command/options.ts";
import { checkFolds } from "../plan/folds_option.ts";
import type { FoldPlan, Plan, SavedCheckpoint } from "../plan/run_plan.ts";
import { begunIn, type Following } from "./followed_run.ts";
import { RunFolder, type RunSummary } from "./run_folder.ts";
import { readList, readSummary } from "./run_reader.ts";
import { printResult } from "../command/output.ts";

/** So many folds of the labels of a run. */
export function foldsOf(count: number): Following {
  return {
    plans: (plan, final) => planFolds(plan, final, count),
    tell: (folder) => tellError(folder, count),
  };
}

/** The folder of a fold, of 0 to K − 1, within that of the run. */
function foldFolder(folder: string, fold: number): string {
  return join(folder, `fold-${fold + 1}`);
}

/** The plans of all folds of a finished run: all that the run was, without the labelled images of a fold. */
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
      `Cannot draw folds in ${folder} as its list of labels must be that of the run: it has ${listed.length} labels, the run ${indices.length}`,
    );
  }
  const { preset: _, files: __, ...about } = checkpoint.about;
  const plans: FoldPlan[] = [];
  for (const [i, fold] of drawFolds(labels, classes.length, count, options.seed).entries()) {
    const left = new Set(fold);
    const heldOut = listed.filter((_, place) => left.has(indices[place] ?? NO_LABEL));
    const rest = labels.filter((_, index) => !left.has(index));
    const own = foldFolder(folder, i);
    await checkSame(own, heldOut, count);
    plans.push({
      kind: "fold",
      run: { ...run, preset: null },
      training: resolveOptions(withFewer(options, rest), flagOf),
      folder: own,
      from: await begunIn(own),
      original: {
        path,
        checkpoint: { ...checkpoint, labels: rest, about: { ...about, heldOut: formatLabelList(heldOut) } },
      },
    });
  }
  return plans;
}

/** Makes sure that a fold that has begun is of the same images. */
async function checkSame(folder: string, heldOut: readonly (readonly [string, string])[], count: number) {
  const there = await readList(folder, "heldOut");
  if (!there) return;
  const names = new Set(heldOut.map(([name]) => name));
  if ([...there.keys()].every((name) => names.has(name))) return;
  throw new RangeError(
    `Cannot go on in ${folder} as it must be of ${count} folds of these labels: it holds out other images. Give --folds the number that it was begun with, or delete the folder.`,
  );
}

/** Batches of no more examples than there are. @param labels Those that are left. */
function withFewer(options: TrainingOptions, labels: Int32Array): TrainingOptions {
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

/** The error of all folds together. */
function pooledError(errors: readonly TestError[]): TestError {
  const examples = errors.reduce((sum, { examples }) => sum + examples, 0);
  const wrong = errors.reduce((sum, { testError, examples }) => sum + Math.round(testError * examples), 0);
  return { testError: wrong / examples, examples };
}

/** What folds came to, in words. */
export function describeFolds({ count, student, teacher }: NonNullable<RunSummary["folds"]>): string {
  return `By ${count} folds, each of ${teacher.examples} labelled images tested once by a run that had not learned from it: test error student ${
    errorText(student)
  }, teacher ${
    errorText(teacher)
  }. The model itself has learned from all labels, so it may err a little less`;
}

/** Says how often all folds together err, and adds it to the run's summary. */
async function tellError(folder: string, count: number): Promise<void> {
  const summaries = [];
  for (let i = 0; i < count; i++) summaries.push(await readSummary(foldFolder(folder, i)));
  const student = pooledError(summaries.flatMap(({ student = [] }) => student));
  const teacher = pooledError(summaries.flatMap(({ teacher = [] }) => teacher));
  const folds = { count, student: withInterval(student), teacher: withInterval(teacher) };
  await (await RunFolder.open(folder)).writeSummary({ ...await readSummary(folder), folds });
  printResult(`\n${describeFolds(folds)}`, { kind: "folds", folder, ...folds });
}
