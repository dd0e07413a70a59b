/**
 * A stand-in for training that needs no GPU: its weights follow from the step alone. Folders, locks, checkpoints, logs
 * and results are those of the command, so that hundreds of kills take minutes.
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { HostTensor } from "../../nn/mod.ts";
import type { Checkpoint, Trainer, TrainingRecord } from "../../semisup/mod.ts";
import type { Arguments } from "../../cli/command/options.ts";
import type { Outcome } from "../../cli/command/process.ts";
import { automatic, isComplete } from "../../cli/plan/resumption.ts";
import type { Plan } from "../../cli/plan/plan.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { trainInFolder } from "../../cli/run/train_in_folder.ts";
import { FolderClaims } from "../../cli/storage/folder_claims.ts";

const classes = ["a", "b"], images = { imageShape: [1, 2, 2] as const, images: new Uint8Array(4) };
const labels = Int32Array.of(0);

/** Runs `train` with a stand-in for the trainer. */
export async function trainStandIn(chosen: Arguments, signal: AbortSignal): Promise<Outcome> {
  await using claims = new FolderClaims();
  const plan = await planRun(chosen, new Date(), undefined, claims);
  if (plan.run.resume === automatic && await isComplete(plan)) return "finished";
  const set = { ...images, labels };
  const dataset = { name: "mnist", classes, train: set, test: set } as unknown as Dataset;
  const device = { name: "stand-in" } as Device, about = { dataset: "mnist" };
  const trainer = new StandIn(plan) as unknown as Trainer;
  return await trainInFolder(plan, {
    trainer,
    dataset,
    labels,
    device,
    about,
    whitening: undefined,
    space: "",
  }, signal);
}

/** The parts of a trainer that a run uses. */
class StandIn {
  readonly totalSteps: number;
  readonly options: Plan["training"];
  readonly tuning = { choices: new Map() };
  readonly canEvaluate = true;
  readonly best = undefined;
  step: number;
  #values: Float32Array<ArrayBuffer>;

  constructor({ training, from }: Plan) {
    this.options = training;
    this.totalSteps = Math.min(training.steps ?? 16, training.maxSteps ?? Infinity);
    this.step = from?.checkpoint.step ?? 0;
    const { data } = from?.checkpoint.student.get("a") ?? {};
    this.#values = data instanceof Float32Array
      ? data.slice()
      : Float32Array.from({ length: 20_000 }, Math.sin);
  }

  async *run({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<TrainingRecord> {
    const { totalSteps } = this;
    const costs = { cost: 1 }, hyperparameters = {} as never;
    while (this.step < totalSteps && !signal.aborted) {
      this.#values = this.#values.map((value, i) => Math.sin(value + i + this.step));
      const step = ++this.step, epoch = step;
      await Promise.resolve();
      yield { kind: "costs", step, epoch, costs, hyperparameters };
      if (step % 2 === 0 && step < totalSteps) yield this.#record(false);
    }
    if (!signal.aborted) yield this.#record(true);
  }

  checkpoint(): Promise<Checkpoint> {
    return Promise.resolve(this.#state());
  }

  #record(isFinal: boolean): TrainingRecord {
    return { kind: "checkpoint", step: this.step, epoch: this.step, checkpoint: this.#state(), isFinal };
  }

  #state(): Checkpoint {
    const tensor: HostTensor = { shape: [this.#values.length], dtype: "float32", data: this.#values };
    const values = new Map([["a", tensor]]), { step, options } = this;
    return {
      step,
      options,
      classes,
      imageShape: images.imageShape,
      canvas: [2, 2],
      channelStatistics: { mean: [0], standardDeviation: [1] },
      labels,
      about: { dataset: "mnist" },
      custom: [],
      loaded: [],
      kernels: {},
      student: values,
      teacher: values,
      optimizer: values,
    };
  }
}
