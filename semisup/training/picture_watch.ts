/**
 * Views and predictions of training images outside of the compiled training step.
 * @module
 */
import {
  compile,
  type Device,
  plainView,
  type Program,
  sizeOf,
  slice,
  type Tensor,
  Tuning,
  type ViewOptions,
  viewShape,
} from "../../kernels/mod.ts";
import { type FedValues, type Feed, feedOf } from "../../data/mod.ts";
import { evaluationContext, loadState, stateOf, trainingContext } from "../../nn/mod.ts";
import type { ViewMaker } from "../augmentations/views.ts";
import type { BatchViews } from "./batch_views.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { createNetworks, type Networks } from "../networks.ts";
import { planBatches, type TrainingData } from "../setup.ts";
import { holdVariables } from "./trainer_parts.ts";
import { createViews } from "./training_plan.ts";
import type { Sampler } from "../two_stream.ts";

/** Views of the first images of a batch, with the logits that the networks give them. */
export interface JudgedViews extends BatchViews {
  /** Indices of the images in the training set. */
  readonly indices: Int32Array;
  /** Logits of the student, in evaluation mode, for its own views: `[N, C]`, row by row. */
  readonly studentLogits: Float32Array;
  /** Logits of the teacher, in evaluation mode, for the target's views: `[N, C]`, row by row. */
  readonly teacherLogits: Float32Array;
}

/** Training images of a run, and the functions that create their views. */
export interface TrainingPictures {
  /** The images, in batches of the run's size. */
  readonly feed: Feed;
  /** Selection of the images of each step. */
  readonly sampler: Sampler;
  /** Functions that create the views of student and target. */
  readonly viewMakers: readonly [student: ViewMaker, target: ViewMaker];
  /** Options of views, with the statistics of the training set. */
  readonly view: ViewOptions & BatchViews["channelStatistics"];
  /** Seed of the run. */
  readonly seed: number;
}

/** Options of {@linkcode PictureWatch.create}. */
interface WatchOptions {
  /** Largest number of images in {@linkcode PictureWatch.views}. */
  readonly limit: number;
  /** Choice of kernels; no others are measured. */
  readonly kernels: Readonly<Record<string, string>>;
  /** Freed with the watch. */
  readonly resources?: readonly Disposable[];
}

type ViewsProgram = Program<string, "student" | "target" | "studentLogits" | "teacherLogits", undefined>;
type PlainProgram = Program<string, "student" | "teacher", undefined>;

/**
 * Shows how networks see images of their training set, with the weights that they have at the time of a call. A
 * watch changes no variable, so a watched run has the same bits as one without.
 */
export class PictureWatch {
  readonly #pictures: TrainingPictures;
  readonly #views: ViewsProgram;
  readonly #plain: PlainProgram;
  readonly #limit: number;
  readonly #resources: readonly Disposable[];

  private constructor(
    pictures: TrainingPictures,
    programs: { readonly views: ViewsProgram; readonly plain: PlainProgram },
    { limit, resources = [] }: WatchOptions,
  ) {
    this.#pictures = pictures;
    this.#views = programs.views;
    this.#plain = programs.plain;
    this.#limit = limit;
    this.#resources = resources;
  }

  /** Compiles the programs of a watch. @throws {GpuError} if the device has too little memory. */
  static async create(
    device: Device,
    networks: Networks,
    pictures: TrainingPictures,
    options: WatchOptions,
  ): Promise<PictureWatch> {
    // A copy: the run stores its own choice in checkpoints.
    const tuning = new Tuning("off", options.kernels);
    const views = await compileViews(device, networks, pictures, { limit: options.limit, tuning });
    try {
      const plain = await compilePlain(device, networks, pictures, tuning);
      return new PictureWatch(pictures, { views, plain }, options);
    } catch (error) {
      views[Symbol.dispose]();
      throw error;
    }
  }

  /** Number of images that {@linkcode PictureWatch.classify} takes at once. */
  get batchSize(): number {
    return sizeOf(this.#pictures.feed.inputs["indices"]?.shape ?? []);
  }

  /**
   * Computes the views of the first images in the batch of a step, the same as in training, and the logits that the
   * networks give them.
   * @param step Step, counted from 0.
   * @throws {GpuError} if the GPU failed.
   */
  async views(step: number): Promise<JudgedViews> {
    const { sampler, seed, view } = this.#pictures, indices = sampler.batch(step);
    const { mean, standardDeviation } = view;
    const outputs = await this.#run(indices, (values) => this.#views.runAndRead({ ...values, seed, step }));
    const count = Math.min(indices.length, this.#limit);
    return {
      count,
      imageShape: viewShape(view),
      channelStatistics: { mean, standardDeviation },
      indices: indices.slice(0, count),
      student: Float32Array.from(outputs.student),
      target: Float32Array.from(outputs.target),
      studentLogits: Float32Array.from(outputs.studentLogits),
      teacherLogits: Float32Array.from(outputs.teacherLogits),
    };
  }

  /**
   * Computes the logits of both networks, in evaluation mode, for plain images: `[N, C]`, row by row.
   * @param indices Indices of the images in the training set, at most {@linkcode PictureWatch.batchSize}.
   * @throws {GpuError} if the GPU failed.
   */
  async classify(
    indices: Int32Array,
  ): Promise<{ readonly student: Float32Array; readonly teacher: Float32Array }> {
    const { batchSize } = this, count = indices.length;
    const places = new Int32Array(batchSize).fill(-1);
    places.set(indices);
    const { student, teacher } = await this.#run(places, (values) => this.#plain.runAndRead(values));
    const end = count * student.length / batchSize;
    return {
      student: Float32Array.from(student.subarray(0, end)),
      teacher: Float32Array.from(teacher.subarray(0, end)),
    };
  }

  /** Frees the memory of the watch on the device; the networks of a run stay. */
  [Symbol.dispose](): void {
    this.#views[Symbol.dispose]();
    this.#plain[Symbol.dispose]();
    for (const each of this.#resources.toReversed()) each[Symbol.dispose]();
  }

  async #run<T>(indices: Int32Array, run: (values: FedValues) => Promise<T>): Promise<T> {
    const batches = this.#pictures.feed.batches((step) => step === 0 ? indices : undefined);
    try {
      return await run(await batches.take(0));
    } finally {
      batches.close();
    }
  }
}

async function compileViews(
  device: Device,
  { student, teacher }: Networks,
  { feed, viewMakers: [createStudentView, createTargetView] }: TrainingPictures,
  { limit, tuning }: { readonly limit: number; readonly tuning: Tuning },
): Promise<ViewsProgram> {
  const inputs = { seed: { dtype: "uint32" }, step: { dtype: "uint32" }, ...feed.inputs } as const;
  return await compile(device, inputs, ({ seed, step, ...rest }) => {
    const context = trainingContext({ seed, step }), batch = feed.batch(rest);
    // In the order of the step, as each takes the next stream of random numbers.
    const whole = [createStudentView(batch, context), createTargetView(batch, context)] as const;
    const [own, target] = [firstOf(whole[0], limit), firstOf(whole[1], limit)];
    const outputs = {
      student: own,
      target,
      studentLogits: student.forward(own, evaluationContext())[0],
      teacherLogits: teacher.forward(target, evaluationContext())[0],
    };
    return { outputs, extras: undefined };
  }, { tuning });
}

function firstOf(images: Tensor, limit: number): Tensor {
  const [count = 0, ...shape] = images.shape;
  return slice(images, [0, 0, 0, 0], [Math.min(count, limit), ...shape]);
}

async function compilePlain(
  device: Device,
  { student, teacher }: Networks,
  { feed, view }: TrainingPictures,
  tuning: Tuning,
): Promise<PlainProgram> {
  return await compile(device, feed.inputs, (inputs) => {
    const images = plainView(feed.batch(inputs), view);
    const outputs = {
      student: student.forward(images, evaluationContext())[0],
      teacher: teacher.forward(images, evaluationContext())[0],
    };
    return { outputs, extras: undefined };
  }, { tuning });
}

/**
 * Creates a watch of the networks of a checkpoint.
 * @param data The training images, preprocessed like those of the run, with the labels of the checkpoint.
 * @param limit Largest number of images in {@linkcode PictureWatch.views}.
 * @throws {RangeError} if the network or the augmentation is custom, or the data do not fit the checkpoint.
 */
export async function watchCheckpoint(
  device: Device,
  data: Pick<TrainingData, "train" | "classes">,
  checkpoint: Checkpoint,
  limit: number,
): Promise<PictureWatch> {
  const { options, custom, channelStatistics: statistics, kernels } = checkpoint;
  const [lacking] = custom;
  if (lacking !== undefined) {
    throw new RangeError(
      `Cannot show views: the run had a custom ${lacking}, which a checkpoint does not contain`,
    );
  }
  const networks = createNetworks(data, options, true, undefined);
  const { sampler } = planBatches(data, options), feed = feedOf(data.train, options.batchSize, device);
  const states = { student: stateOf(networks.student), teacher: stateOf(networks.teacher) };
  const variables = [...feed.variables, ...Object.values(states).flatMap(Object.values)];
  const resources = [holdVariables(device, { close() {} }, variables)];
  try {
    for (const name of ["student", "teacher"] as const) {
      loadState(device, states[name], checkpoint[name], { source: `the checkpoint's ${name}` });
    }
    const view = {
      ...options,
      ...statistics,
      imageShape: data.train.imageShape,
      fill: options.translateFill,
    };
    const { viewMakers } = createViews(options, view, {});
    const pictures = { feed, sampler, viewMakers, view, seed: options.seed };
    return await PictureWatch.create(device, networks, pictures, { limit, kernels, resources });
  } catch (error) {
    for (const each of resources) each[Symbol.dispose]();
    throw error;
  }
}
