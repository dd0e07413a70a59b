/**
 * The training loop. It prints nothing and writes no file: it yields records.
 * @module
 */
import type { Device, InputValues, Variable } from "../kernels/mod.ts";
import { type Dataset, residentImages, splitByLabel } from "../data/mod.ts";
import {
  Adam,
  findArchitecture,
  loadState,
  type NamedVariables,
  readState,
  Sgd,
  stateOf,
} from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts } from "./algorithm.ts";
import { type Checkpoint, writeCheckpoint } from "./checkpoint.ts";
import { type Evaluation, Evaluator } from "./evaluation.ts";
import { MeanTeacher } from "./mean_teacher.ts";
import { resolveOptions, type TrainingOptions } from "./options.ts";
import { scheduleOf, type StepSchedule } from "./schedule.ts";
import { Supervised } from "./supervised.ts";
import { compileStep, costNames, type TrainingStep } from "./training_step.ts";
import { type Sampler, ShuffledSampler, TwoStreamSampler } from "./two_stream.ts";

/** What to train on: labels of the training set are NO_LABEL (−1) where an example has none. */
export type TrainingData = Pick<Dataset, "train" | "test" | "classes" | "channelStatistics">;

/** Mean costs of the steps since the last such record, and what the last of them was told. */
export interface CostRecord extends StepSchedule {
  /** Discriminant. */
  readonly kind: "costs";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** What is minimised: the sum of the others. */
  readonly cost: number;
  /** The part of labels. */
  readonly classificationCost: number;
  /** The part of agreement with the teacher, weighted. */
  readonly consistencyCost: number;
  /** The part of the distance between heads, weighted. */
  readonly logitDistanceCost: number;
}

/** How student and teacher classify the test set. */
export interface EvaluationRecord {
  /** Discriminant. */
  readonly kind: "evaluation";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** The student. */
  readonly student: Evaluation;
  /** The teacher. */
  readonly teacher: Evaluation;
}

/** The state of the run, to be stored. */
export interface CheckpointRecord {
  /** Discriminant. */
  readonly kind: "checkpoint";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** A file for {@linkcode readCheckpoint}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the training loop yields. */
export type TrainingRecord = CostRecord | EvaluationRecord | CheckpointRecord;

/** A cost became so large, or no number at all, that training on means nothing. */
export class DivergenceError extends Error {
  /** The error's name. */
  override readonly name: string = "DivergenceError";
}

/** A cost above it has diverged. */
const largestCost = 1e5;
/** Steps from one reading of costs to the next: enough to keep the device busy, few enough to be stopped soon. */
const stepsPerReading = 8;

/** Sums of costs on their way to the host. */
interface Reading {
  readonly steps: number;
  readonly endStep: number;
  readonly values: Promise<{ readonly sums: ArrayLike<number>; readonly largest: ArrayLike<number> }>;
}

/** What {@linkcode Trainer.create} may be told. */
export interface TrainerSettings {
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
  /** Texts that every checkpoint is to carry, such as the name of the dataset. */
  readonly about?: Readonly<Record<string, string>>;
}

/**
 * A training run on a device: Mean Teacher, or with `excludeUnlabeled` its supervised baseline.
 * @example
 * ```ts
 * import { Device } from "../kernels/mod.ts";
 * import { Trainer } from "./mod.ts";
 *
 * // 60 grey images of 8×8 pixels: class 0 is dark, class 1 is bright; the first 20 have labels.
 * const labels = Int32Array.from({ length: 60 }, (_, i) => i % 2);
 * const images = Uint8Array.from({ length: 60 * 64 }, (_, i) => 60 + 120 * labels[Math.floor(i / 64)]! + i % 7);
 * const test = { images, labels, imageShape: [1, 8, 8] as const };
 * const train = { ...test, labels: labels.map((label, i) => i < 20 ? label : -1) };
 *
 * const device = await Device.request();
 * const trainer = await Trainer.create(device, {
 *   train,
 *   test,
 *   classes: ["dark", "bright"],
 *   channelStatistics: { mean: [0.5], standardDeviation: [0.25], source: "made up" },
 * }, { batchSize: 20, labeledBatchSize: 10, epochs: 10, translate: 1 });
 * for await (const record of trainer.run()) {
 *   if (record.kind === "evaluation") console.log(record.step, record.teacher.testError);
 * }
 * trainer.destroy();
 * device.destroy();
 * ```
 */
export class Trainer {
  /** All options, defaults included. */
  readonly options: TrainingOptions;
  /** Steps of an epoch: of a pass over the unlabelled examples, also where they are excluded. */
  readonly stepsPerEpoch: number;
  /** Steps of the whole run. */
  readonly totalSteps: number;
  /** The networks and how they are trained. */
  readonly algorithm: Algorithm;
  readonly #device: Device;
  readonly #data: TrainingData;
  readonly #about: Readonly<Record<string, string>>;
  readonly #sampler: Sampler;
  readonly #compiled: TrainingStep;
  readonly #evaluator: Evaluator<"student" | "teacher">;
  readonly #resident: readonly Variable[];
  #step: number;

  private constructor(parts: {
    readonly device: Device;
    readonly data: TrainingData;
    readonly options: TrainingOptions;
    readonly about: Readonly<Record<string, string>>;
    readonly plan: BatchPlan;
    readonly algorithm: Algorithm;
    readonly compiled: TrainingStep;
    readonly evaluator: Evaluator<"student" | "teacher">;
    readonly resident: readonly Variable[];
    readonly step: number;
  }) {
    const { options, plan: { sampler, stepsPerEpoch } } = parts;
    this.options = options;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = Math.min(
      Math.max(1, Math.round(options.epochs * stepsPerEpoch)),
      options.maxSteps ?? Infinity,
    );
    this.algorithm = parts.algorithm;
    this.#device = parts.device;
    this.#data = parts.data;
    this.#about = parts.about;
    this.#sampler = sampler;
    this.#compiled = parts.compiled;
    this.#evaluator = parts.evaluator;
    this.#resident = parts.resident;
    this.#step = parts.step;
  }

  /**
   * Builds the networks, compiles the training step, and goes to a checkpoint where one is given.
   * @throws {RangeError} if an option is out of range, there are too few examples, or the checkpoint is of another
   * network. @throws {GpuError} if the device has not enough memory.
   */
  static async create(
    device: Device,
    data: TrainingData,
    chosen: Partial<TrainingOptions> = {},
    { checkpoint, about = {} }: TrainerSettings = {},
  ): Promise<Trainer> {
    const options = resolveOptions(chosen);
    const plan = planBatches(data, options);
    const algorithm = createAlgorithm(data, options);
    const { imageShape } = data.train;
    const { mean, standardDeviation } = data.channelStatistics;
    const images = residentImages(data.train, device.largestBinding);
    const { translate, rotate, flip, batchSize } = options;
    const augmentation = { imageShape, mean, standardDeviation, translate, rotate, flip };
    const compiled = await compileStep(device, algorithm, images, batchSize, augmentation);
    const { student, teacher } = algorithm;
    const evaluator = await Evaluator.create(device, { student, teacher }, data.test, data.channelStatistics);
    if (checkpoint) {
      for (const [group, variables] of Object.entries(statesOf(algorithm))) {
        const values = checkpoint[group as "student" | "teacher" | "optimizer"];
        loadState(device, variables, values, { source: `the checkpoint's ${group}` });
      }
    }
    const resident = [...images.pixels, images.labels];
    const step = checkpoint?.step ?? 0;
    return new Trainer({
      device,
      data,
      options,
      about,
      plan,
      algorithm,
      compiled,
      evaluator,
      resident,
      step,
    });
  }

  /** Completed steps. */
  get step(): number {
    return this.#step;
  }

  /** Completed passes over the unlabelled examples, as a fraction. */
  get epoch(): number {
    return this.#step / this.stepsPerEpoch;
  }

  /**
   * Trains to the end of the run, or until the signal says stop; ends with an evaluation and a checkpoint unless
   * stopped.
   * @throws {DivergenceError} if a cost is not a number or above 1e5. @throws {GpuError} if the GPU failed.
   */
  async *run({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<TrainingRecord> {
    const costs = new CostMeter();
    let pending: Reading | undefined;
    let unread = 0;
    while (this.#step < this.totalSteps && !signal?.aborted) {
      const values = this.#inputs(unread > 0);
      unread++;
      const isRecorded = this.#isDue(this.options.recordSteps, this.#step + 1);
      const isPause = this.#isEvaluationDue(this.#step + 1) || this.#isCheckpointDue(this.#step + 1);
      if (unread === stepsPerReading || isRecorded || isPause || signal?.aborted) {
        const reading = this.#compiled.program.runAndRead(values);
        reading.catch(() => undefined); // It is awaited later, where its failure is thrown.
        const former = pending;
        pending = { steps: unread, endStep: ++this.#step, values: reading };
        unread = 0;
        if (former) costs.add(await checked(former));
      } else {
        this.#compiled.program.run(values);
        this.#step++;
      }
      if (!(isRecorded || isPause) || !pending) continue;
      costs.add(await checked(pending));
      pending = undefined;
      if (isRecorded) yield this.#costRecord(costs.mean());
      if (this.#isEvaluationDue(this.#step)) yield await this.evaluate();
      if (this.#isCheckpointDue(this.#step)) yield await this.#checkpointRecord();
    }
    if (pending) await checked(pending);
    if (signal?.aborted) return;
    yield await this.evaluate();
    yield await this.#checkpointRecord();
  }

  /** Classifies the test set with student and teacher as they are now. @throws {GpuError} if the GPU failed. */
  async evaluate(): Promise<EvaluationRecord> {
    const { student, teacher } = await this.#evaluator.evaluate();
    return { kind: "evaluation", step: this.#step, epoch: this.epoch, student, teacher };
  }

  /** The run as it is now, as the bytes of a file that {@linkcode readCheckpoint} reads. @throws {GpuError} if the GPU failed. */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const states = Object.entries(statesOf(this.algorithm));
    // One transfer for all, so that no step comes between.
    const all = await readState(
      this.#device,
      Object.fromEntries(
        states.flatMap(([group, variables]) =>
          Object.entries(variables).map(([name, variable]) => [`${group} ${name}`, variable])
        ),
      ),
    );
    const groupOf = (group: string) =>
      new Map(
        [...all].filter(([name]) => name.startsWith(`${group} `)).map(([name, tensor]) => [
          name.slice(group.length + 1),
          tensor,
        ]),
      );
    const { classes, channelStatistics: { mean, standardDeviation }, train } = this.#data;
    return writeCheckpoint({
      step: this.#step,
      options: this.options,
      classes,
      imageShape: train.imageShape,
      channelStatistics: { mean, standardDeviation },
      labels: train.labels,
      about: this.#about,
      student: groupOf("student"),
      teacher: groupOf("teacher"),
      optimizer: groupOf("optimizer"),
    });
  }

  /** Frees everything on the device. */
  destroy(): void {
    this.#compiled.program.destroy();
    this.#evaluator.destroy();
    const states = Object.values(statesOf(this.algorithm)).flatMap((state) => Object.values(state));
    for (const each of [...states, ...this.#compiled.variables, ...this.#resident]) {
      this.#device.release(each);
    }
  }

  #inputs(keepsSums: boolean): InputValues<"seed" | "step" | "indices" | "keep" | keyof StepSchedule> {
    return {
      ...scheduleOf(this.options, this.#step, this.stepsPerEpoch),
      seed: this.options.seed,
      step: this.#step,
      indices: this.#sampler.batch(this.#step),
      keep: Number(keepsSums),
    };
  }

  /** Whether something done every so many steps is due after a step; at the end all is done anyway. */
  #isDue(interval: number, step: number): boolean {
    if (interval <= 0) return false;
    return Math.floor(step / interval) > Math.floor((step - 1) / interval);
  }

  #isEvaluationDue(step: number): boolean {
    return step < this.totalSteps && this.#isDue(this.options.evaluationEpochs * this.stepsPerEpoch, step);
  }

  #isCheckpointDue(step: number): boolean {
    return step < this.totalSteps && this.#isDue(this.options.checkpointEpochs * this.stepsPerEpoch, step);
  }

  #costRecord(means: Record<(typeof costNames)[number], number>): CostRecord {
    const schedule = scheduleOf(this.options, this.#step - 1, this.stepsPerEpoch);
    return { kind: "costs", step: this.#step, epoch: this.epoch, ...means, ...schedule };
  }

  async #checkpointRecord(): Promise<CheckpointRecord> {
    return { kind: "checkpoint", step: this.#step, epoch: this.epoch, bytes: await this.checkpoint() };
  }
}

/** The values of a reading. @throws {DivergenceError} if they mean that training has failed. */
async function checked(
  { steps, endStep, values }: Reading,
): Promise<{ steps: number; sums: ArrayLike<number> }> {
  const { sums, largest } = await values;
  const total = sums[0]!;
  if (!Number.isFinite(total) || largest[0]! > largestCost) {
    const state = Number.isFinite(total) ? `${largest[0]}` : `${total}`;
    throw new DivergenceError(
      `Cannot go on training as the cost must stay below ${largestCost}: it is ${state} at step ${endStep}. Try a lower learning rate or consistency weight.`,
    );
  }
  return { steps, sums };
}

/** Averages costs over steps. */
class CostMeter {
  #steps = 0;
  #sums: number[] = costNames.map(() => 0);

  add({ steps, sums }: { readonly steps: number; readonly sums: ArrayLike<number> }): void {
    this.#steps += steps;
    this.#sums = this.#sums.map((sum, i) => sum + sums[i]!);
  }

  /** The means since the last call. */
  mean(): Record<(typeof costNames)[number], number> {
    const entries = costNames.map((name, i) => [name, this.#sums[i]! / this.#steps]);
    this.#steps = 0;
    this.#sums = costNames.map(() => 0);
    return Object.fromEntries(entries);
  }
}

/** Which examples are in which batch, and how many batches are an epoch. */
interface BatchPlan {
  readonly sampler: Sampler;
  readonly stepsPerEpoch: number;
}

/** The supervised baseline takes as many steps to an epoch as Mean Teacher would, so that runs compare. */
function planBatches({ train }: TrainingData, options: TrainingOptions): BatchPlan {
  const { labeled, unlabeled } = splitByLabel(train.labels);
  const { batchSize, labeledBatchSize, seed } = options;
  if (!options.excludeUnlabeled) {
    const sampler = new TwoStreamSampler({ labeled, unlabeled, batchSize, labeledBatchSize, seed });
    return { sampler, stepsPerEpoch: sampler.stepsPerEpoch };
  }
  const sampler = new ShuffledSampler({ indices: labeled, batchSize, seed });
  const unlabeledSteps = Math.floor(unlabeled.length / (batchSize - labeledBatchSize));
  return { sampler, stepsPerEpoch: unlabeledSteps > 0 ? unlabeledSteps : sampler.stepsPerEpoch };
}

function createAlgorithm({ train, classes }: TrainingData, options: TrainingOptions): Algorithm {
  const { architecture, seed, dropout, inputNoise, logitDistanceCost, consistencyType } = options;
  const { build } = findArchitecture(architecture);
  const network = () =>
    build({
      imageShape: train.imageShape,
      classCount: classes.length,
      headCount: logitDistanceCost < 0 ? 1 : 2,
      dropout,
      inputNoise,
      seed,
    });
  const parts: AlgorithmParts = {
    student: network(),
    teacher: network(),
    optimizer: (parameters) =>
      options.optimizer === "sgd" ? new Sgd(parameters, options) : new Adam(parameters, options),
  };
  return options.excludeUnlabeled
    ? new Supervised(parts)
    : new MeanTeacher(parts, { consistencyType, logitDistanceCost });
}

/** All variables that make up a run. */
function statesOf(
  { student, teacher, optimizer }: Algorithm,
): Record<"student" | "teacher" | "optimizer", NamedVariables> {
  return { student: stateOf(student), teacher: stateOf(teacher), optimizer: optimizer.state };
}
