/**
 * The training loop. It prints nothing and writes no file: it yields records.
 * @module
 */
import { type Device, Tuning, type Variable, viewShape } from "../kernels/mod.ts";
import { type FedBatches, type Feed, feedOf } from "../data/mod.ts";
import { joinNames, loadState, readState } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { type Checkpoint, groupsIn, writeCheckpoint } from "./checkpoint.ts";
import { CostMeter } from "./cost_meter.ts";
import { Diagnostics } from "./self_check/diagnostics.ts";
import { Evaluator, type LabeledLogits } from "./evaluation.ts";
import { resolveOptions, type TrainingOptions } from "./training_options.ts";
import { pausesAfter } from "./pauses.ts";
import type { CheckpointRecord, CostRecord, EvaluationRecord, TrainingRecord } from "./records.ts";
import { runSteps, scheduleOf } from "./schedule.ts";
import {
  type AlgorithmMaker,
  type BatchPlan,
  createAlgorithm,
  planBatches,
  statesOf,
  type TrainingData,
} from "./setup.ts";
import { compileStep, initializeFromBatch, type TrainingStep } from "./training_step.ts";

/** Steps from one reading of costs to the next: enough to keep the device busy, few enough to be stopped soon. */
const stepsPerReading = 8;

/** What {@linkcode Trainer.create} may be told. */
export interface TrainerSettings {
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
  /** Texts that every checkpoint is to carry, such as the name of the dataset. */
  readonly about?: Readonly<Record<string, string>>;
  /** A method of one's own, in the place of that of the options; `algorithm` and `excludeUnlabeled` say what the self-check expects. */
  readonly algorithm?: AlgorithmMaker;
  /** What the self-check is to call an option; its own name where absent. */
  readonly nameOf?: (option: keyof TrainingOptions) => string;
}

/**
 * A training run on a device: Mean Teacher, the Π model, or with `excludeUnlabeled` the supervised baseline.
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
 * }, { batchSize: 20, labeledBatchSize: 10, epochs: 20, consistency: 4, evaluationEpochs: 10 });
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
  readonly #batches: FedBatches;
  readonly #compiled: TrainingStep;
  readonly #diagnostics: Diagnostics;
  readonly #evaluator: Evaluator<"student" | "teacher"> | undefined;
  readonly #fed: readonly Variable[];
  #step: number;

  private constructor(parts: {
    readonly device: Device;
    readonly data: TrainingData;
    readonly options: TrainingOptions;
    readonly about: Readonly<Record<string, string>>;
    readonly plan: BatchPlan;
    readonly algorithm: Algorithm;
    readonly compiled: TrainingStep;
    readonly evaluator: Evaluator<"student" | "teacher"> | undefined;
    readonly feed: Feed;
    readonly step: number;
    readonly nameOf: TrainerSettings["nameOf"];
  }) {
    const { options, device, algorithm, plan: { sampler, stepsPerEpoch } } = parts;
    this.options = options;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = Math.min(runSteps(options, stepsPerEpoch), options.maxSteps ?? Infinity);
    this.algorithm = algorithm;
    this.#device = device;
    this.#data = parts.data;
    this.#about = parts.about;
    this.#batches = parts.feed.batches((step) => step < this.totalSteps ? sampler.batch(step) : undefined);
    this.#compiled = parts.compiled;
    this.#diagnostics = new Diagnostics({
      device,
      algorithm,
      observation: parts.compiled.observation,
      settings: { options, stepsPerEpoch, classes: parts.data.classes, nameOf: parts.nameOf },
    });
    this.#evaluator = parts.evaluator;
    this.#fed = parts.feed.variables;
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
    { checkpoint, about = {}, algorithm: maker, nameOf }: TrainerSettings = {},
  ): Promise<Trainer> {
    const options = resolveOptions(chosen);
    // Other kernels would round otherwise: the run would not go on as if nothing had happened.
    if (checkpoint) device.tuning = new Tuning("off", checkpoint.kernels);
    const plan = planBatches(data, options);
    const algorithm = createAlgorithm(data, options, {
      isLoaded: checkpoint !== undefined,
      ...(maker && { maker }),
    });
    const { imageShape } = data.train;
    const { mean, standardDeviation } = data.channelStatistics;
    const feed = feedOf(data.train, options.batchSize, device);
    const views = { ...options, imageShape, mean, standardDeviation, fill: options.translateFill };
    const compiled = await compileStep(device, algorithm, feed, views);
    const { student, teacher } = algorithm;
    const evaluator = data.test.labels.length === 0
      ? undefined
      : await Evaluator.create(device, { student, teacher }, data.test, views);
    if (checkpoint) {
      for (const [group, variables] of Object.entries(statesOf(algorithm))) {
        const values = checkpoint[group as "student" | "teacher" | "optimizer"];
        loadState(device, variables, values, { source: `the checkpoint's ${group}` });
      }
    } else {
      const batches = feed.batches((step) => step === 0 ? plan.sampler.batch(0) : undefined);
      try {
        const values = await batches.take(0);
        await initializeFromBatch(device, algorithm, feed, {
          values,
          seed: options.seed,
          augmentation: views,
        });
      } finally {
        batches.close();
      }
    }
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
      feed,
      step,
      nameOf,
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
   * stopped. Where there are no test images, there are no evaluations. The self-check looks at the run after its first steps
   * and whenever there is, or would be, an evaluation.
   * @throws {DivergenceError} if a cost is not a number or above 1e5. @throws {GpuError} if the GPU failed.
   */
  async *run({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<TrainingRecord> {
    const meter = new CostMeter(), firstStep = this.#step;
    try {
      if (this.#step < this.totalSteps && !signal?.aborted) await this.#diagnostics.begin(this.#step);
      while (this.#step < this.totalSteps && !signal?.aborted) {
        const next = this.#step + 1;
        const { isRecorded, isLookedAt, isEvaluated, isSaved } = pausesAfter(next, this.options, this);
        const isPause = isRecorded || isLookedAt || isSaved;
        await this.#takeStep(meter, isPause);
        if (!isPause) continue;
        await meter.settle();
        if (isRecorded) yield this.#costRecord(meter);
        if (isLookedAt) yield await this.#diagnostics.record(this.#step);
        if (isEvaluated) yield await this.evaluate();
        if (isSaved) yield await this.#checkpointRecord();
      }
    } finally {
      this.#batches.close();
    }
    await meter.settle();
    if (signal?.aborted) return;
    if (this.#step > firstStep) yield await this.#diagnostics.record(this.#step);
    if (this.canEvaluate) yield await this.evaluate();
    yield await this.#checkpointRecord();
  }

  /** Whether there are test images. */
  get canEvaluate(): boolean {
    return this.#evaluator !== undefined;
  }

  /**
   * Classifies the test set with student and teacher as they are now.
   * @throws {RangeError} if there are no test images. @throws {GpuError} if the GPU failed.
   */
  async evaluate(): Promise<EvaluationRecord> {
    if (!this.#evaluator) {
      throw new RangeError("Cannot evaluate as there must be test images: there are none");
    }
    const { student, teacher } = await this.#evaluator.evaluate();
    return { kind: "evaluation", step: this.#step, epoch: this.epoch, student, teacher };
  }

  /**
   * What student and teacher make of the test set as they are now.
   * @throws {RangeError} if there are no test images. @throws {GpuError} if the GPU failed.
   */
  async testLogits(): Promise<LabeledLogits<"student" | "teacher">> {
    if (!this.#evaluator) {
      throw new RangeError("Cannot evaluate as there must be test images: there are none");
    }
    return await this.#evaluator.logits();
  }

  /** The run as it is now, as the bytes of a file that {@linkcode readCheckpoint} reads. @throws {GpuError} if the GPU failed. */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    // One transfer for all, so that no step comes between.
    const state = await readState(this.#device, joinNames(statesOf(this.algorithm)));
    const { classes, channelStatistics: { mean, standardDeviation }, train } = this.#data;
    return writeCheckpoint({
      step: this.#step,
      options: this.options,
      classes,
      imageShape: viewShape({ ...this.options, imageShape: train.imageShape }),
      canvas: [train.imageShape[1], train.imageShape[2]],
      channelStatistics: { mean, standardDeviation },
      labels: train.labels,
      about: this.#about,
      kernels: Object.fromEntries(this.#device.tuning.choices),
      ...groupsIn(state),
    });
  }

  /** Frees everything on the device. */
  destroy(): void {
    this.#batches.close();
    this.#compiled.program.destroy();
    this.#evaluator?.destroy();
    const states = Object.values(statesOf(this.algorithm)).flatMap((state) => Object.values(state));
    for (const each of [...states, ...this.#compiled.variables, ...this.#fed]) {
      this.#device.release(each);
    }
  }

  async #takeStep(meter: CostMeter, mustRead: boolean): Promise<void> {
    const { program } = this.#compiled;
    const values = {
      ...scheduleOf(this.options, this.#step, this.stepsPerEpoch),
      seed: this.options.seed,
      step: this.#step,
      ...await this.#batches.take(this.#step),
      keep: Number(meter.unread > 0),
    };
    this.#step++;
    if (mustRead || meter.unread === stepsPerReading - 1) {
      await meter.read(this.#step, program.runAndRead(values));
    } else {
      program.run(values);
      meter.skip();
    }
  }

  #costRecord(meter: CostMeter): CostRecord {
    const schedule = scheduleOf(this.options, this.#step - 1, this.stepsPerEpoch);
    return { kind: "costs", step: this.#step, epoch: this.epoch, ...meter.mean(), ...schedule };
  }

  async #checkpointRecord(): Promise<CheckpointRecord> {
    return { kind: "checkpoint", step: this.#step, epoch: this.epoch, bytes: await this.checkpoint() };
  }
}
