/**
 * Single batches outside of the compiled step: their views, as the step creates them.
 * @module
 */
import {
  type BatchShare,
  concat,
  type Device,
  evaluate,
  type RandomKey,
  sizeOf,
  slice,
  type Variable,
  variable,
} from "../../kernels/mod.ts";
import type { ChannelStatistics, FedBatch, Feed } from "../../data/mod.ts";
import { trainingContext } from "../../nn/mod.ts";
import type { ViewMaker } from "../augmentations/views.ts";

/** Views of the first images of a batch. */
export interface BatchViews {
  /** Number of images. */
  readonly count: number;
  /** Channels, height and width of a view. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Normalised views that the student sees: `[N, C, H, W]`, row by row. */
  readonly student: Float32Array;
  /** Normalised views that the target of the consistency cost is made from, as for the student. */
  readonly target: Float32Array;
  /** Statistics by channel that pixels from 0 to 1 are normalised with; of no use if images were preprocessed. */
  readonly channelStatistics: Pick<ChannelStatistics, "mean" | "standardDeviation">;
}

/** A batch of a step. */
export interface BatchOfStep {
  /** Indices of the batch's examples. */
  readonly indices: Int32Array;
  /** Seed of the run. */
  readonly seed: number;
  /** The step, from 0. */
  readonly step: number;
  /** Share of this process in the batch; the whole batch if absent. */
  readonly share?: BatchShare | undefined;
}

/**
 * Calls a function with a batch, whose inputs are on the device during the call.
 * @param use Function that builds tensors from the batch, and computes these.
 */
export async function withBatch<T>(
  device: Device,
  feed: Feed,
  { indices, seed, step, share }: BatchOfStep,
  use: (batch: FedBatch, key: RandomKey) => Promise<T>,
): Promise<T> {
  const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
  const key = { seed: scalar(seed), step: scalar(step), share };
  const batches = feed.batches((each) => each === 0 ? indices : undefined);
  const inputs: Record<string, Variable> = {};
  try {
    const values = await batches.take(0);
    for (const [name, { shape = [], dtype = "float32" }] of Object.entries(feed.inputs)) {
      inputs[name] = variable(shape, values[name] ?? [], { dtype });
    }
    return await use(feed.batch(inputs), key);
  } finally {
    batches.close();
    for (const each of [key.seed, key.step, ...Object.values(inputs)]) device.release(each);
  }
}

/**
 * Computes the views of a batch's first images: the same as in the compiled step, because its random numbers depend on
 * seed and step only.
 * @param viewMakers Functions that create the views of student and target.
 * @param limit Largest number of images.
 */
export async function readViews(
  device: Device,
  feed: Feed,
  viewMakers: readonly [student: ViewMaker, target: ViewMaker],
  batch: BatchOfStep,
  limit: number,
): Promise<Omit<BatchViews, "channelStatistics">> {
  return await withBatch(device, feed, batch, async (images, key) => {
    const context = trainingContext(key);
    const [createStudentView, createTargetView] = viewMakers;
    // In the order of the step, as each takes the next stream of random numbers.
    const student = createStudentView(images, context), target = createTargetView(images, context);
    const [rows = 0, channels = 0, height = 0, width = 0] = student.shape;
    const count = Math.min(rows, limit);
    const first = [student, target].map((each) =>
      slice(each, [0, 0, 0, 0], [count, channels, height, width])
    );
    const values = Float32Array.from(await evaluate(device, concat(first, 0)));
    const half = count * sizeOf([channels, height, width]);
    return {
      count,
      imageShape: [channels, height, width],
      student: values.subarray(0, half),
      target: values.subarray(half),
    };
  });
}
