/**
 * The training loop. It yields records; it prints nothing and writes no files.
 * @module
 */
import type { Device, Tuning } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";
import { augmentationsOf, withoutAugmentation } from "../augmentations/views.ts";
import type { BatchViews } from "./batch_views.ts";
import type { Checkpoint, RunState } from "../checkpoint.ts";
import { checkTestCosts, CostMeter } from "./cost_meter.ts";
import type { LabeledLogits } from "../evaluation/evaluation.ts";
import { type Initialization, withInitialWeights } from "../initial_weights.ts";
import { PictureWatch } from "./picture_watch.ts";
import type { CheckpointRecord, CostRecord, EvaluationRecord, TrainingRecord } from "./records.ts";
import { planPause } from "../schedule.ts";
import { bestCheckpoint, Selection } from "./selection.ts";
import type { TrainingData } from "../setup.ts";
import { checkpointOf, readRunState } from "./trainer_checkpoint.ts";
import {
  createTrainerParts,
  disposeAll,
  loadStates,
  type TestEvaluator,
  type TrainerParts,
} from "./trainer_parts.ts";
import { type TrainerSettings, withCustomNetwork } from "./trainer_settings.ts";
import { resolveOptions, type TrainingOptions } from "../options/training_options.ts";
import { type LayerStatistics, readLayerStatistics } from "../statistics/layer_statistics.ts";

/** Request to a run between two steps; undefined if there is none. */
export type RunRequest = "checkpoint" | undefined;

/** Number of steps between readings of costs: enough to keep the device busy, few enough to stop soon. */
const stepsPerReading = 8;

/**
 * A training run of any method on a device.
 * @example
 * ```ts
 * import { Device } from "../../kernels/mod.ts";
 * import { Trainer } from "../mod.ts";
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
  readonly #selection: Selection;
  #step: number;

  private constructor(parts: TrainerParts, resources: readonly Disposable[], start: Checkpoint | undefined) {
    this.options = parts.options;
    this.stepsPerEpoch = parts.stepsPerEpoch;
    this.totalSteps = parts.totalSteps;
    this.algorithm = parts.algorithm;
    this.tuning = parts.tuning;
    this.initialization = parts.initialization;
    this.#parts = parts;
    this.#resources = resources;
    this.#selection = new Selection(parts.options, start?.best);
    this.#step = start?.step ?? 0;
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
      return new Trainer(parts, resources, settings.checkpoint);
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
   * first steps, and whenever an evaluation is due, with or without test images. A run ends early by option
   * `patience`, or if `mustEnd` returns true, which is called before each step but the first. `nextRequest` is called
   * before every step; the run waits until it resolves, and a request for a checkpoint yields one at once.
   * @throws {DivergenceError} if a cost is not a number or above 1e5, or a value is not finite when it is saved.
   * @throws {GpuError} if the GPU failed.
   */
  async *run(
    { signal, mustEnd = () => false, nextRequest }: {
      readonly signal?: AbortSignal;
      readonly mustEnd?: () => boolean;
      readonly nextRequest?: () => RunRequest | Promise<RunRequest>;
    } = {},
  ): AsyncGenerator<TrainingRecord> {
    const { diagnostics, batches, program, shared } = this.#parts, firstStep = this.#step;
    const meter = new CostMeter(program.extras.costNames);
    let checkedStep = firstStep, evaluatedStep = -1, isStopped = false;
    const mustContinue = async () => {
      const isOver = this.#step >= this.totalSteps || this.#selection.isExhausted;
      const own = [signal?.aborted ?? false, isOver || this.#step > firstStep && mustEnd()] as const;
      const [isAborted, isEnd] = await shared?.isAny(own) ?? own;
      isStopped = isAborted;
      return !isAborted && !isEnd;
    };
    try {
      await shared?.compareWeights(this.#step);
      let isContinued = await mustContinue();
      if (isContinued) await diagnostics.begin(this.#step);
      for (; isContinued; isContinued = await mustContinue()) {
        const request = await nextRequest?.();
        if (request === "checkpoint") {
          await meter.settle();
          yield this.#checkpointRecord(await this.#readState(), false);
        }
        // The run may have waited until it was stopped.
        if (nextRequest && (request || signal?.aborted)) continue;
        const next = this.#step + 1;
        const { mustRecord, mustCheck, mustEvaluate, mustSave } = planPause(next, this.options, this);
        const mustCompare = shared !== undefined && next % this.stepsPerEpoch === 0;
        const isPause = mustRecord || mustCheck || mustSave || mustCompare;
        await this.#takeStep(meter, isPause);
        if (!isPause) continue;
        await meter.settle();
        if (mustCompare) await shared.compareWeights(this.#step);
        if (mustRecord) yield this.#costRecord(meter);
        if (mustCheck) yield await diagnostics.record(checkedStep = this.#step);
        if (mustEvaluate) {
          evaluatedStep = this.#step;
          yield* this.#evaluateAndCompare();
        }
        if (mustSave) yield this.#checkpointRecord(await this.#readState(), false);
      }
    } finally {
      batches.close();
    }
    await meter.end(this.#step, () => this.#readCosts());
    if (shared ? isStopped : signal?.aborted) return;
    // Read first, so that nothing is recorded of a run that diverged in its last step.
    const state = await this.#readState();
    if (this.#step > checkedStep) yield await diagnostics.record(this.#step);
    if (this.canEvaluate && this.#step > evaluatedStep) yield* this.#evaluateAndCompare();
    yield this.#checkpointRecord(state, true);
  }

  /**
   * Takes steps without records, evaluations and checkpoints, and waits until the device has completed them.
   * @param count Number of steps; fewer if the run ends before.
   * @throws the same as {@linkcode Trainer.run}.
   */
  async advance(count: number): Promise<void> {
    const meter = new CostMeter(this.#parts.program.extras.costNames);
    for (let left = Math.min(count, this.totalSteps - this.#step); left > 0; left--) {
      await this.#takeStep(meter, left === 1);
    }
    await meter.settle();
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
    await this.#parts.shared?.averageStatistics();
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

  /**
   * Returns the views of the first images in the batch of the last step, before the first step in that of the first:
   * the same as in training. @param limit Largest number of images. @throws {GpuError} if the GPU failed.
   */
  async views(limit = 8): Promise<BatchViews> {
    return await this.#parts.readViews(Math.max(0, this.#step - 1), limit);
  }

  /**
   * Creates a watch of the trainer's networks; dispose of it before the trainer.
   * @param limit Largest number of images in {@linkcode PictureWatch.views}.
   * @throws {GpuError} if the device has too little memory.
   */
  async watchPictures(limit = 8): Promise<PictureWatch> {
    const { device, pictures, tuning } = this.#parts, kernels = Object.fromEntries(tuning.choices);
    return await PictureWatch.create(device, this.algorithm, pictures, { limit, kernels });
  }

  /**
   * Returns the run's state, for {@linkcode writeCheckpoint}.
   * @param options.isAlone True if other processes of the run do not call it: running statistics that are not
   * synchronised are then those of this process.
   * @throws {DivergenceError} if a value is not a finite number. @throws {GpuError} if the GPU failed.
   */
  async checkpoint({ isAlone = false }: { readonly isAlone?: boolean } = {}): Promise<Checkpoint> {
    return this.#checkpointWith(await this.#readState(isAlone));
  }

  /** Checkpoint of the best step so far; undefined if no evaluation was compared. */
  get best(): Checkpoint | undefined {
    const { best } = this.#selection;
    return best && bestCheckpoint(this.#checkpointWith(best.state));
  }

  /**
   * Loads the best weights of a completed run into the networks, to evaluate them.
   * @throws {RangeError} if the run compared no evaluations. @throws {GpuError} if the GPU failed.
   */
  loadBest(): void {
    const { best } = this.#selection;
    if (!best) throw new RangeError("Cannot load the best weights: the run compared no evaluations");
    loadStates(this.#parts.device, this.algorithm, best.state);
    this.#step = best.evaluation.step;
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
      await program.run(values);
      meter.skip();
    }
  }

  #costRecord(meter: CostMeter): CostRecord {
    const hyperparameters = { ...this.#parts.schedule(this.#step - 1), ...meter.lossScaling };
    return { kind: "costs", step: this.#step, epoch: this.epoch, costs: meter.mean(), hyperparameters };
  }

  #checkpointRecord(state: RunState, isFinal: boolean): CheckpointRecord {
    const checkpoint = this.#checkpointWith(state);
    return { kind: "checkpoint", step: this.#step, epoch: this.epoch, checkpoint, isFinal };
  }

  async #readState(isAlone = false): Promise<RunState> {
    if (!isAlone) await this.#parts.shared?.averageStatistics();
    return await readRunState(this.#parts, this.#step);
  }

  async #readCosts() {
    const { device, program } = this.#parts;
    const [sums, largest] = await device.read(program.extras.costVariables);
    return { sums, largest };
  }

  #checkpointWith(state: RunState): Checkpoint {
    const { best } = this.#selection;
    return checkpointOf(this.#parts, { step: this.#step, state, ...(best && { best }) });
  }

  async *#evaluateAndCompare(): AsyncGenerator<TrainingRecord> {
    const evaluation = await this.evaluate(), { step, epoch } = this;
    checkTestCosts(evaluation);
    await this.#selection.compare(evaluation, () => this.#readState());
    yield evaluation;
    const { best } = this;
    if (best?.step === step) yield { kind: "best", step, epoch, checkpoint: best };
  }
}
