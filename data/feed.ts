/**
 * Feeds pass batches to Programs: from images stored on the device, or uploaded from the host for each run.
 */

import {
  type Device,
  gatherRows,
  type ImageBatch,
  type InputSpec,
  packPixels,
  sizeOf,
  type Tensor,
  type Variable,
} from "../kernels/mod.ts";
import { type ImageSource, NO_LABEL, type PixelBatches, type PixelReader } from "./dataset.ts";
import { type ResidentImages, residentImages } from "./resident.ts";

/** A batch in a graph. */
export interface FedBatch extends ImageBatch {
  /** int32 `[B]`: class index of each image; NO_LABEL (−1) = unlabelled, or no image at this place. */
  readonly labels: Tensor;
}

/** Values of a feed's inputs for one run of a Program. */
export type FedValues = { readonly [name: string]: Int32Array | Uint32Array | Float32Array } & {
  /** Image indices `[B]`, −1 for an empty place. */
  readonly indices: Int32Array;
};

/** A sequence of batches. */
export interface FedBatches {
  /**
   * Returns the values for a step's batch, valid until the next call.
   *
   * @throws as {@linkcode PixelBatches.take}
   */
  take(step: number): FedValues | Promise<FedValues>;
  /** Stops decoding ahead. */
  close(): void;
}

/** The connection between a source of images and Programs, for one batch size. */
export interface Feed {
  /** Inputs that a Program must declare. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Variables that Programs read; release them when all Programs are disposed. */
  readonly variables: readonly Variable[];
  /** Builds the batch in a graph from these inputs. */
  batch(inputs: Readonly<Record<string, Tensor>>): FedBatch;
  /**
   * Starts a sequence of batches. `indicesOf` returns a step's image indices `[B]`, −1 for an empty place,
   * and undefined after the last step.
   */
  batches(indicesOf: (step: number) => Int32Array | undefined): FedBatches;
}

/**
 * Creates a feed for batches of `batchSize` images. Images in memory are copied to the device once; other
 * images are read ahead and uploaded with each run. Programs receive the same bits in both cases.
 *
 * @throws {RangeError} when the device's largest binding is too small for four images, or for an uploaded
 * batch.
 */
export function feedOf(source: ImageSource, batchSize: number, device: Pick<Device, "largestBinding">): Feed {
  const { images } = source, { largestBinding } = device;
  return ArrayBuffer.isView(images)
    ? residentFeed(residentImages({ ...source, images }, largestBinding), batchSize)
    : streamedFeed({ ...source, images }, batchSize, largestBinding);
}

function residentFeed(images: ResidentImages, batchSize: number): Feed {
  const { pixels, labels, aspects } = images;
  return {
    inputs: { indices: { shape: [batchSize], dtype: "int32" } },
    variables: [...pixels, labels, ...(aspects ? [aspects] : [])],
    batch(inputs) {
      const indices = inputOf(inputs, "indices");
      return {
        pixels,
        indices,
        labels: gatherRows(labels, indices),
        aspects: aspects && gatherRows(aspects, indices),
      };
    },
    batches: (indicesOf) => ({
      take: (step) => ({ indices: checkIndices(indicesOf(step), step) }),
      close() {},
    }),
  };
}

function inputOf(inputs: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const { [name]: input } = inputs;
  if (!input) {
    throw new TypeError(`Cannot build a batch: input "${name}" of the feed is missing`);
  }
  return input;
}

function checkIndices(indices: Int32Array | undefined, step: number): Int32Array {
  if (!indices) {
    throw new RangeError(`Cannot take the batch of step ${step}: it is after the last step`);
  }
  return indices;
}

function streamedFeed(
  { images, labels, imageShape }: ImageSource<PixelReader>,
  batchSize: number,
  largestBinding: number,
): Feed {
  const words = Math.ceil(batchSize * sizeOf(imageShape) / 4);
  if (4 * words > largestBinding) {
    throw new RangeError(
      `Cannot stream batches of ${batchSize} images of ${imageShape.join("×")}: a batch takes ${
        4 * words
      } bytes, ` +
        `but the device binds at most ${largestBinding}. Use smaller batches.`,
    );
  }
  const [, height, width] = imageShape;
  return {
    inputs: {
      pixels: { shape: [words], dtype: "uint32" },
      aspects: { shape: [batchSize] },
      indices: { shape: [batchSize], dtype: "int32" },
      labels: { shape: [batchSize], dtype: "int32" },
    },
    variables: [],
    batch: (inputs) => ({
      pixels: [inputOf(inputs, "pixels")],
      aspects: inputOf(inputs, "aspects"),
      indices: inputOf(inputs, "indices"),
      labels: inputOf(inputs, "labels"),
    }),
    batches(indicesOf) {
      let batches: PixelBatches | undefined;
      return {
        async take(step) {
          const chosen = checkIndices(indicesOf(step), step);
          // Workers start with the first batch.
          batches ??= images.open({ batchSize, indicesOf });
          const { pixels, aspects, missing } = await batches.take(step);
          const isPresent = (index: number, place: number) => index >= 0 && !missing?.has(place);
          return {
            pixels: packPixels(pixels),
            aspects: aspects ?? new Float32Array(batchSize).fill(width / height),
            indices: chosen.map((index, place) => isPresent(index, place) ? place : -1),
            labels: chosen.map((index, place) =>
              isPresent(index, place) ? labels[index] ?? NO_LABEL : NO_LABEL
            ),
          };
        },
        close() {
          batches?.close();
          batches = undefined;
        },
      };
    },
  };
}
