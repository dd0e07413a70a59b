/**
 * The training loop. It yields records; it prints nothing and writes no files.
 * @module
 */
import { type Device, type Tuning, viewShape } from "../kernels/mod.ts";
import { joinNames, readState } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { augmentationsOf, withoutAugmentation } from "./augmentations/views.ts";
import { type Checkpoint, groupsIn } from "./checkpoint.ts";
import { CostMeter } from "./cost_meter.ts";
import type { LabeledLogits } from "./evaluation/evaluation.ts";
import { type Initialization, withInitialWeights } from "./initial_weights.ts";
import type { CheckpointRecord, CostRecord, EvaluationRecord, TrainingRecord } from "./records.ts";
import { planPause } from "./schedule.ts";
import { statesOf, type TrainingData } from "./setup.ts";
import {
  createTrainerParts,
  type TestEvaluator,
  type TrainerParts,
  type TrainerSettings,
} from "./trainer_parts.ts";
import { resolveOptions, type TrainingOptions } from "./options/training_options.ts";
import { type LayerStatistics, readLayerStatistics } from "./statistics/layer_statistics.ts";

/** Number of steps between readings of costs: enough to keep the device busy, few enough to stop soon. */
const stepsPerReading = 8;

/**
 * A training run of any method on a device.
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
 * }, { batchSize: 20, labeledBatchSize: 10, epochs: 20, consistency: 4, evaluationEpochs: 10 });
 * for await (const record of trainer.run()) {
 *   if (record.kind === "evaluation") console.log(record.step, record.teacher.testError);
 * }
 * ```
 */
export class Trainer {
  /** All options, defaults included. */
  readonly options: TrainingOptions;
  /** Number of steps in an epoch: a pass over the unlabelled examples, even if the run excludes them. */
  readonly stepsPerEpoch: number;
  /** Number of steps of the whole run. */
  readonly totalSteps: number;
  /** The algorithm, with its networks and optimiser. */
  readonly algorithm: Algorithm;
  /** Choice of kernels. */
  readonly tuning: Tuning;
  /** Weights that the run started with; undefined if it did not load any, or is resumed. */
  readonly initialization: Initialization | undefined;
  readonly #parts: TrainerParts;
  readonly #resources: readonly Disposable[];
  #step: number;

  private constructor(parts: TrainerParts, resources: readonly Disposable[], step: number) {
    this.options = parts.options;
    this.stepsPerEpoch = parts.stepsPerEpoch;
    this.totalSteps = parts.totalSteps;
    this.algorithm = parts.algorithm;
    this.tuning = parts.tuning;
    this.initialization = parts.initialization;
    this.#parts = parts;
    this.#resources = resources;
    this.#step = step;
  }

  /**
   * Creates the networks, compiles the training step, and loads the checkpoint or initial weights if some are
   * passed. If this fails, nothing stays on the device.
   * @throws {RangeError} if an option is out of range, there are too few examples, the checkpoint or the
   * weights are of another network, or the network is custom and no maker is passed.
   * @throws {GpuError} if the device has too little memory.
   */
  static async create(
    device: Device,
    data: TrainingData,
    options: Partial<TrainingOptions> = {},
    settings: TrainerSettings = {},
  ): Promise<Trainer> {
    const resources: Disposable[] = [];
    try {
      const augmentation = augmentationsOf(settings.augmentation).weak ? withoutAugmentation : {};
      const resolved = resolveOptions({
        ...augmentation,
        ...withInitialWeights(withCustomNetwork(options, settings), settings.init),
      });
      const parts = await createTrainerParts(device, data, resolved, settings, resources);
      return new Trainer(parts, resources, settings.checkpoint?.step ?? 0);
    } catch (error) {
      disposeAll(resources);
      throw error;
    }
  }

  /** Number of completed steps. */
  get step(): number {
    return this.#step;
  }

  /** Number of completed passes over the unlabelled examples, as a fraction. */
  get epoch(): number {
    return this.#step / this.stepsPerEpoch;
  }

  /**
   * Trains to the end of the run, or until the signal is aborted. Unless aborted, a run ends with an
   * evaluation and a checkpoint. Without test images there are no evaluations. The self-check runs after the
   * first steps, and whenever an evaluation is due, with or without test images.
   * @throws {DivergenceError} if a cost is not a number or above 1e5. @throws {GpuError} if the GPU failed.
   */
  async *run({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<TrainingRecord> {
    const { diagnostics, batches, program } = this.#parts;
    const meter = new CostMeter(program.extras.costNames), firstStep = this.#step;
    try {
      if (this.#step < this.totalSteps && !signal?.aborted) await diagnostics.begin(this.#step);
      while (this.#step < this.totalSteps && !signal?.aborted) {
        const next = this.#step + 1;
        const { mustRecord, mustCheck, mustEvaluate, mustSave } = planPause(next, this.options, this);
        const isPause = mustRecord || mustCheck || mustSave;
        await this.#takeStep(meter, isPause);
        if (!isPause) continue;
        await meter.settle();
        if (mustRecord) yield this.#costRecord(meter);
        if (mustCheck) yield await diagnostics.record(this.#step);
        if (mustEvaluate) yield await this.evaluate();
        if (mustSave) yield await this.#checkpointRecord();
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

  /** True if there are test images. */
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
   * Returns the logits of student and teacher, as they are now, on the test set.
   * @throws {RangeError} if there are no test images. @throws {GpuError} if the GPU failed.
   */
  async testLogits(): Promise<LabeledLogits<"student" | "teacher">> {
    return await this.#evaluator().logits();
  }

  /** Returns statistics of the layers in setting `observe`, at the last step. @throws {GpuError} if the GPU failed. */
  async layerStatistics(): Promise<Readonly<Record<string, LayerStatistics>>> {
    const { device, program } = this.#parts;
    return await readLayerStatistics(device, program.extras.layers);
  }

  /** Returns the run's state, for {@linkcode writeCheckpoint}. @throws {GpuError} if the GPU failed. */
  async checkpoint(): Promise<Checkpoint> {
    const { device, data: { classes, train }, channelStatistics: { mean, standardDeviation }, about } =
      this.#parts;
    // One transfer for all variables, so that they are of the same step.
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
      custom: this.#parts.custom,
      loaded: this.#parts.loaded,
      kernels: Object.fromEntries(this.tuning.choices),
      ...groupsIn(state),
    };
  }

  /** Frees all of the trainer's memory on the device. */
  [Symbol.dispose](): void {
    disposeAll(this.#resources);
  }

  #evaluator(): TestEvaluator {
    const { evaluator } = this.#parts;
    if (evaluator) return evaluator;
    throw new RangeError("Cannot evaluate: there are no test images");
  }

  async #takeStep(meter: CostMeter, mustRead: boolean): Promise<void> {
    const { program, batches } = this.#parts;
    const values = {
      ...this.#parts.schedule(this.#step),
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
    const hyperparameters = this.#parts.schedule(this.#step - 1);
    return { kind: "costs", step: this.#step, epoch: this.epoch, costs: meter.mean(), hyperparameters };
  }

  async #checkpointRecord(): Promise<CheckpointRecord> {
    return { kind: "checkpoint", step: this.#step, epoch: this.epoch, checkpoint: await this.checkpoint() };
  }
}

/** Returns options whose architecture is null if the network is custom. */
function withCustomNetwork(
  options: Partial<TrainingOptions>,
  { network }: TrainerSettings,
): Partial<TrainingOptions> {
  if (!network) return options;
  const { architecture = null } = options;
  if (architecture === null) return { ...options, architecture };
  throw new RangeError(
    `Cannot train: architecture is ${architecture}, but a network is passed too. Leave one of them out.`,
  );
}

function disposeAll(resources: readonly Disposable[]): void {
  for (const each of resources.toReversed()) each[Symbol.dispose]();
}
