/**
 * Training with Mean Teacher, beside its supervised baseline.
 * @module
 */
import {
  type Checkpoint,
  type Device,
  supervisedBaseline,
  Trainer,
  type TrainingData,
  type TrainingOptions,
  type TrainingRecord,
} from "../../browser.ts";

/** Test errors after a step, as shares. */
export interface Errors {
  readonly step: number;
  readonly student: number;
  readonly teacher: number;
  /** Absent until a baseline is tested. */
  readonly baseline?: number;
}

/** Receives what happens during training. */
export interface Watcher {
  /** Ends the training. */
  readonly signal: AbortSignal;
  /** True if a supervised baseline is trained and tested beside it; default false. */
  readonly withBaseline?: boolean;
  /** Receives the share of steps that are done. */
  onProgress(share: number): void;
  /** Receives all test errors so far; never called without test images. */
  onErrors?(errors: readonly Errors[]): void;
}

/** Trains, and a baseline step by step beside it if the watcher wants one. @returns the trained weights. */
export async function train(
  device: Device,
  data: TrainingData,
  options: Partial<TrainingOptions>,
  watcher: Watcher,
): Promise<Checkpoint> {
  const trainer = await Trainer.create(device, data, options);
  let baseline: Trainer | undefined;
  try {
    if (watcher.withBaseline) {
      baseline = await Trainer.create(device, data, { ...options, ...supervisedBaseline });
    }
    return await trainBoth(trainer, baseline, watcher);
  } finally {
    baseline?.[Symbol.dispose]();
    trainer[Symbol.dispose]();
  }
}

async function trainBoth(
  trainer: Trainer,
  baseline: Trainer | undefined,
  watcher: Watcher,
): Promise<Checkpoint> {
  const errors: Errors[] = [], ofBaseline = new Map<number, number>();
  const report = () =>
    watcher.onErrors?.(errors.map((each) => {
      const error = ofBaseline.get(each.step);
      return error === undefined ? each : { ...each, baseline: error };
    }));
  let last: Checkpoint | undefined;
  const note = (record: TrainingRecord) => {
    if (record.kind === "checkpoint") last = record.checkpoint;
    if (record.kind === "costs") watcher.onProgress(record.step / trainer.totalSteps);
    if (record.kind !== "evaluation") return;
    errors.push({ step: record.step, student: record.student.testError, teacher: record.teacher.testError });
    report();
  };
  const noteBaseline = (record: TrainingRecord) => {
    // Without consistency only the student learns from the labels directly.
    if (record.kind !== "evaluation") return;
    ofBaseline.set(record.step, record.student.testError);
    report();
  };
  const { signal } = watcher;
  await alternate([
    [trainer.run({ signal }), note],
    ...baseline ? [[baseline.run({ signal }), noteBaseline] as const] : [],
  ]);
  return last ?? await trainer.checkpoint();
}

/** Takes records of several runs in turn, until all have ended. */
async function alternate(
  runs: readonly (readonly [AsyncGenerator<TrainingRecord>, (record: TrainingRecord) => void])[],
): Promise<void> {
  let open = [...runs];
  while (open.length > 0) {
    for (const run of [...open]) {
      const { value, done } = await run[0].next();
      if (done) open = open.filter((each) => each !== run);
      else run[1](value);
    }
  }
}

/** Returns the options of a short run. */
export function optionsFor(
  { labeled, unlabeled, side, steps, batch }: {
    readonly labeled: number;
    readonly unlabeled: number;
    /** Height and width of images in pixels. */
    readonly side: number;
    readonly steps: number;
    /** Largest number of images in a batch. */
    readonly batch: number;
  },
): Partial<TrainingOptions> {
  const labeledBatchSize = Math.min(batch / 2, labeled);
  return {
    batchSize: labeledBatchSize + Math.min(batch / 2, unlabeled),
    labeledBatchSize,
    // The weight of the command's default is right for much longer runs.
    consistency: 50,
    translate: Math.floor(side / 14),
    steps,
    consistencyRampup: `${Math.round(steps / 3)}steps`,
    learningRateRampup: `${Math.round(steps / 20)}steps`,
    evaluationEpochs: `${Math.round(steps / 6)}steps`,
    checkpointEpochs: 0,
    recordSteps: 5,
  };
}
