/** How batches of a set get into a Program: from images on the device, or with every run from the host. */

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
  /** int32 `[B]`: class index of each image; NO_LABEL (−1) = unlabelled or not there. */
  readonly labels: Tensor;
}

/** Values of a feed's inputs, for one run of the Program. */
export type FedValues = { readonly [name: string]: Int32Array | Uint32Array | Float32Array } & {
  /** −1 in the place of an image that is not there `[B]`. */
  readonly indices: Int32Array;
};

/** Batches one after the other. */
export interface FedBatches {
  /** Values for the batch of a step; of no use once those of another step were asked for. @throws as {@linkcode PixelBatches.take} */
  take(step: number): FedValues | Promise<FedValues>;
  /** Stops what decodes batches ahead. */
  close(): void;
}

/** How batches of one size of a set get into Programs. */
export interface Feed {
  /** Inputs that a Program needs. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Variables that Programs read, to be released when all of them are done. */
  readonly variables: readonly Variable[];
  /** The batch in a graph, from these inputs. */
  batch(inputs: Readonly<Record<string, Tensor>>): FedBatch;
  /** Values for a sequence of batches: of the images `[B]` of each step, −1 for none; nothing after the last step. */
  batches(indicesOf: (step: number) => Int32Array | undefined): FedBatches;
}

/**
 * The feed of a source, for batches of `batchSize` images. Images in memory move to the device; all others are read ahead
 * of the run of their batch, and uploaded with it. Either way Programs see the same bits.
 *
 * @throws {RangeError} when the device cannot bind four images, or a batch that is uploaded.
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
    throw new TypeError(`Cannot make a batch as all inputs of its feed must be given: ${name} is not`);
  }
  return input;
}

function checkIndices(indices: Int32Array | undefined, step: number): Int32Array {
  if (!indices) {
    throw new RangeError(`Cannot take the batch of step ${step} as there must be one: there is none`);
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
      `Cannot stream batches as the device must be able to bind one, ${largestBinding} bytes at most: ${batchSize} images of ${
        imageShape.join("×")
      } have ${4 * words}`,
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
          // Workers start when there is something to do.
          batches ??= images.open({ batchSize, indicesOf });
          const { pixels, aspects, missing } = await batches.take(step);
          const isThere = (index: number, place: number) => index >= 0 && !missing?.has(place);
          return {
            pixels: packPixels(pixels),
            aspects: aspects ?? new Float32Array(batchSize).fill(width / height),
            indices: chosen.map((index, place) => isThere(index, place) ? place : -1),
            labels: chosen.map((index, place) =>
              isThere(index, place) ? labels[index] ?? NO_LABEL : NO_LABEL
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
