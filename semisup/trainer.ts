/**
 * The training loop. It prints nothing and writes no file: it yields records.
 * @module
 */
import { type Device, type Tuning, viewShape } from "../kernels/mod.ts";
import { joinNames, readState } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { type Checkpoint, groupsIn } from "./checkpoint.ts";
import { CostMeter } from "./cost_meter.ts";
import type { LabeledLogits } from "./evaluation.ts";
import type { CheckpointRecord, CostRecord, EvaluationRecord, TrainingRecord } from "./records.ts";
import { pausesAfter, scheduleOf } from "./schedule.ts";
import { statesOf, type TrainingData } from "./setup.ts";
import { assemble, type TestEvaluator, type TrainerParts, type TrainerSettings } from "./trainer_parts.ts";
import { resolveOptions, type TrainingOptions } from "./options/training_options.ts";

/** Steps from one reading of costs to the next: enough to keep the device busy, few enough to be stopped soon. */
const stepsPerReading = 8;

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
 * using device = await Device.request();
 * using trainer = await Trainer.create(device, {
 *   train,
 *   test,
 *   classes: ["dark", "bright"],
 *   channelStatistics: { mean: [0.5], standardDeviation: [0.25], source: "made up" },
 * }, { batchSize: 20, labeledBatchSize: 10, epochs: 20, consistency: 4, evaluationEpochs: 10 });
 * for await (const record of trainer.run()) {
 *   if (record.kind === "evaluation") console.log(record.step, record.teacher.testError);
 * }
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
  /** Which kernels it takes. */
  readonly tuning: Tuning;
  readonly #parts: TrainerParts;
  readonly #held: readonly Disposable[];
  #step: number;

  private constructor(parts: TrainerParts, held: readonly Disposable[], step: number) {
    this.options = parts.options;
    this.stepsPerEpoch = parts.stepsPerEpoch;
    this.totalSteps = parts.totalSteps;
    this.algorithm = parts.algorithm;
    this.tuning = parts.tuning;
    this.#parts = parts;
    this.#held = held;
    this.#step = step;
  }

  /**
   * Builds the networks, compiles the training step, and goes to a checkpoint where one is given. Where that fails, nothing
   * stays on the device.
   * @throws {RangeError} if an option is out of range, there are too few examples, or the checkpoint is of another
   * network. @throws {GpuError} if the device has not enough memory.
   */
  static async create(
    device: Device,
    data: TrainingData,
    chosen: Partial<TrainingOptions> = {},
    settings: TrainerSettings = {},
  ): Promise<Trainer> {
    const held: Disposable[] = [];
    try {
      const parts = await assemble(device, data, resolveOptions(chosen), settings, held);
      return new Trainer(parts, held, settings.checkpoint?.step ?? 0);
    } catch (error) {
      disposeOf(held);
      throw error;
    }
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
    const { diagnostics, batches } = this.#parts;
    const meter = new CostMeter(), firstStep = this.#step;
    try {
      if (this.#step < this.totalSteps && !signal?.aborted) await diagnostics.begin(this.#step);
      while (this.#step < this.totalSteps && !signal?.aborted) {
        const next = this.#step + 1;
        const { isRecorded, isLookedAt, isEvaluated, isSaved } = pausesAfter(next, this.options, this);
        const isPause = isRecorded || isLookedAt || isSaved;
        await this.#takeStep(meter, isPause);
        if (!isPause) continue;
        await meter.settle();
        if (isRecorded) yield this.#costRecord(meter);
        if (isLookedAt) yield await diagnostics.record(this.#step);
        if (isEvaluated) yield await this.evaluate();
        if (isSaved) yield await this.#checkpointRecord();
      }
    } finally {
      batches.close();
    }
    await meter.settle();
    if (signal?.aborted) return;
    if (this.#step > firstStep) yield await diagnostics.record(this.#step);
    if (this.canEvaluate) yield await this.evaluate();
    yield await this.#checkpointRecord();
  }

  /** Whether there are test images. */
  get canEvaluate(): boolean {
    return this.#parts.evaluator !== undefined;
  }

  /**
   * Classifies the test set with student and teacher as they are now.
   * @throws {RangeError} if there are no test images. @throws {GpuError} if the GPU failed.
   */
  async evaluate(): Promise<EvaluationRecord> {
    const { student, teacher } = await this.#evaluator().evaluate();
    return { kind: "evaluation", step: this.#step, epoch: this.epoch, student, teacher };
  }

  /**
   * What student and teacher make of the test set as they are now.
   * @throws {RangeError} if there are no test images. @throws {GpuError} if the GPU failed.
   */
  async testLogits(): Promise<LabeledLogits<"student" | "teacher">> {
    return await this.#evaluator().logits();
  }

  /** The run as it is now, for {@linkcode writeCheckpoint}. @throws {GpuError} if the GPU failed. */
  async checkpoint(): Promise<Checkpoint> {
    const { device, data: { classes, channelStatistics, train }, about } = this.#parts;
    const { mean, standardDeviation } = channelStatistics;
    // One transfer for all, so that no step comes between.
    const state = await readState(device, joinNames(statesOf(this.algorithm)));
    return {
      step: this.#step,
      options: this.options,
      classes,
      imageShape: viewShape({ ...this.options, imageShape: train.imageShape }),
      canvas: [train.imageShape[1], train.imageShape[2]],
      channelStatistics: { mean, standardDeviation },
      labels: train.labels,
      about,
      kernels: Object.fromEntries(this.tuning.choices),
      ...groupsIn(state),
    };
  }

  /** Frees everything on the device. */
  [Symbol.dispose](): void {
    disposeOf(this.#held);
  }

  #evaluator(): TestEvaluator {
    const { evaluator } = this.#parts;
    if (evaluator) return evaluator;
    throw new RangeError("Cannot evaluate as there must be test images: there are none");
  }

  async #takeStep(meter: CostMeter, mustRead: boolean): Promise<void> {
    const { program, batches } = this.#parts;
    const values = {
      ...scheduleOf(this.options, this.#step, this.stepsPerEpoch),
      seed: this.options.seed,
      step: this.#step,
      ...await batches.take(this.#step),
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
    return { kind: "checkpoint", step: this.#step, epoch: this.epoch, checkpoint: await this.checkpoint() };
  }
}

function disposeOf(held: readonly Disposable[]): void {
  for (const each of held.toReversed()) each[Symbol.dispose]();
}
