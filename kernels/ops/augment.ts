/**
 * Random augmentation of images that live on the device as bytes: translation, rotation, horizontal flip and
 * normalisation of a batch in one pass.
 * @module
 */
import {
  apply,
  type DType,
  formatShape,
  type KernelOp,
  type Sample,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor.ts";
import { linearWorkgroups } from "../workgroups.ts";
import {
  type AugmentAttributes,
  type AugmentOptions,
  augmentReference,
  imagesIn,
} from "./augment_reference.ts";
import augmentWgsl from "./augment.wgsl" with { type: "text" };
import { reshape } from "./movement.ts";
import { add, constant, sub } from "./pointwise.ts";
import { checkStream, type RandomKey } from "./random.ts";
import { concat } from "./concat.ts";
import threefryWgsl from "./threefry.wgsl" with { type: "text" };

export { type Augmentation, type AugmentOptions, hostAugmentation } from "./augment_reference.ts";

/** Bytes that a u32 can count. */
const mostBytes = 2 ** 32;

function checkTypes(inputs: readonly Tensor[]): void {
  const wanted: readonly (readonly [string, DType])[] = [
    ["pixels", "uint32"],
    ["indices", "int32"],
    ["the seed", "uint32"],
    ["the step", "uint32"],
    ["scale and offset", "float32"],
  ];
  wanted.forEach(([name, dtype], i) => {
    if (inputs[i]!.dtype !== dtype) {
      throw new TypeError(`Cannot augment images as ${name} must be ${dtype}: dtype is ${inputs[i]!.dtype}`);
    }
  });
}

function checkShapes(inputs: readonly Tensor[], imageShape: Shape): void {
  const at = `image shape ${formatShape(imageShape)}, operands ${
    inputs.map(({ shape }) => formatShape(shape)).join(", ")
  }`;
  const [pixels, indices, seed, step, scaleOffset] = inputs.map(({ shape }) => shape);
  if (imageShape.length !== 3 || imageShape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new RangeError(`Cannot augment images as their shape must be 3 whole numbers ≥ 1: ${at}`);
  }
  if (pixels!.length !== 1 || indices!.length !== 1 || seed!.length !== 0 || step!.length !== 0) {
    throw new RangeError(
      `Cannot augment images as pixels and indices must have one axis, seed and step none: ${at}`,
    );
  }
  if (formatShape(scaleOffset!) !== formatShape([2, imageShape[0]!])) {
    throw new RangeError(`Cannot augment images as each channel needs a scale and an offset: ${at}`);
  }
  if (imagesIn(inputs[0]!, imageShape) < 1) {
    throw new RangeError(`Cannot augment images as the pixels must hold at least one: ${at}`);
  }
  if (4 * sizeOf(pixels!) > mostBytes) {
    throw new RangeError(
      `Cannot augment images as pixels may take at most 4 GiB (give them in parts): ${at}`,
    );
  }
}

function checkAttributes({ imageShape, translate, rotate, fill, stream }: AugmentAttributes): void {
  const [, height, width] = imageShape as [number, number, number];
  if (!Number.isSafeInteger(translate) || translate < 0 || translate >= Math.min(height, width)) {
    throw new RangeError(
      `Cannot augment images as the translation must be a whole number below height and width: it is ${translate} for ${height}×${width} pixels`,
    );
  }
  if (!(rotate >= 0 && rotate <= 180)) {
    throw new RangeError(`Cannot augment images as the rotation must be in 0 … 180 degrees: it is ${rotate}`);
  }
  if (fill !== "reflect" && fill !== "zero") {
    throw new RangeError(`Cannot augment images as the fill must be reflect or zero: it is ${fill}`);
  }
  checkStream(stream);
}

const plain: AugmentAttributes = {
  imageShape: [1, 5, 6],
  translate: 0,
  rotate: 0,
  flip: false,
  fill: "zero",
  stream: 0,
};

function sampleOf(
  words: number,
  batch: number,
  attributes: Partial<AugmentAttributes>,
): Sample<AugmentAttributes> {
  const all = { ...plain, ...attributes };
  return {
    shapes: [[words], [batch], [], [], [2, all.imageShape[0]!]],
    attributes: all,
    dtypes: ["uint32", "int32", "uint32", "uint32", "float32"],
    range: [-1, 5],
  };
}

const augmentOp: KernelOp<AugmentAttributes> = {
  kind: "kernel",
  name: "augment_images",
  infer(inputs, attributes) {
    checkTypes(inputs);
    checkShapes(inputs, attributes.imageShape);
    checkAttributes(attributes);
    return { shape: [inputs[1]!.shape[0]!, ...attributes.imageShape], dtype: "float32" };
  },
  kernel({ inputs, attributes, shape }) {
    const { imageShape, translate, rotate, flip, fill, stream } = attributes;
    return {
      wgsl: augmentWgsl + threefryWgsl,
      constants: {
        BATCH: shape[0]!,
        IMAGES: imagesIn(inputs[0]!, imageShape),
        C: shape[1]!,
        H: shape[2]!,
        W: shape[3]!,
        STREAM: stream,
        TRANSLATE: translate,
        ROTATE: rotate * Math.PI / 180,
        FLIP: Number(flip),
        REFLECT: Number(fill === "reflect"),
      },
      workgroups: linearWorkgroups(sizeOf(shape)),
    };
  },
  reference: augmentReference,
  samples: [
    sampleOf(30, 5, {}),
    sampleOf(30, 7, { translate: 4, stream: 3 }),
    sampleOf(30, 7, { translate: 4, fill: "reflect", flip: true }),
    sampleOf(30, 7, { translate: 2, rotate: 10, flip: true, stream: 4_294_967_295 }),
    sampleOf(60, 6, { imageShape: [3, 4, 5], translate: 3, rotate: 180, fill: "reflect" }),
    sampleOf(2, 3, { imageShape: [2, 1, 1], rotate: 30, fill: "reflect" }),
    sampleOf(30, 0, { translate: 1 }),
    sampleOf(2304, 1400, { imageShape: [3, 32, 32], translate: 4, fill: "reflect", flip: true }),
  ],
  refusals: [
    { shapes: [[30], [2], [], [], [2, 1]], attributes: plain, message: "pixels must be uint32" },
  ],
};

/** Factors and summands that make normalised values of bytes: `[2, C]`. */
function normalisation({ imageShape: [channels], mean, standardDeviation }: AugmentOptions): Tensor {
  if (mean.length !== channels || standardDeviation.length !== channels) {
    throw new RangeError(
      `Cannot normalise images as each channel needs a mean and a standard deviation: channels are ${channels}, means ${mean.length}, standard deviations ${standardDeviation.length}`,
    );
  }
  if (!mean.every(Number.isFinite) || !standardDeviation.every((value) => value > 0 && value < Infinity)) {
    throw new RangeError(
      `Cannot normalise images as means must be finite and standard deviations above 0: they are ${
        formatShape(mean)
      } and ${formatShape(standardDeviation)}`,
    );
  }
  const scales = standardDeviation.map((deviation) => 1 / (255 * deviation));
  const offsets = standardDeviation.map((deviation, c) => -mean[c]! / deviation);
  const scalars = [...scales, ...offsets].map((value) => reshape(constant(value), [1]));
  return reshape(concat(scalars, 0), [2, channels]);
}

/**
 * A batch of augmented, normalised images: `out[b, c] = (image(indices[b])[c] / 255 − mean[c]) / standardDeviation[c]`,
 * where each image is mirrored with probability ½, turned about its centre by an angle uniform in ±`rotate` and
 * shifted by whole pixels uniform in ±`translate` per axis, in this order. A turned image is interpolated
 * bilinearly, others are copied exactly. With no option but the statistics it only normalises. No gradient.
 *
 * Image `b` draws word pairs 0 (shift) and 1 (turn, flip) at counter (8b + pair, `stream`): two views of a batch
 * take two streams, which nothing else may use.
 * @param pixels uint32 `[⌈N·C·H·W / 4⌉]`: bytes of images `[N, C, H, W]`, as {@linkcode packPixels} makes them. A
 * set larger than the adapter can bind comes in parts, each of whole images, numbered on from part to part.
 * @param indices int32 `[B]`; one that is outside 0 … N−1 gives zeros.
 * @returns float32 `[B, C, H, W]`.
 * @throws {RangeError} if shapes or options do not fit. @throws {TypeError} if dtypes are others.
 * @example
 * ```ts
 * import { augmentImages, compile, Device, packPixels, variable } from "../mod.ts";
 * const pixels = variable([1], packPixels(Uint8Array.of(0, 51, 102, 255)), { dtype: "uint32" });
 * const zero = variable([], [0], { dtype: "uint32" }), indices = variable([1], [0], { dtype: "int32" });
 * const images = augmentImages(pixels, indices, { seed: zero, step: zero }, 0, {
 *   imageShape: [1, 2, 2],
 *   mean: [0],
 *   standardDeviation: [1],
 * });
 * const device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { images } }));
 * console.assert(Math.abs((await program.runAndRead({})).images[1]! - 0.2) < 1e-6);
 * device.destroy();
 * ```
 */
export function augmentImages(
  pixels: Tensor | readonly Tensor[],
  indices: Tensor,
  key: RandomKey,
  stream: number,
  options: AugmentOptions,
): Tensor {
  const { imageShape, translate = 0, rotate = 0, flip = false, fill = "reflect" } = options;
  const attributes: AugmentAttributes = { imageShape, translate, rotate, flip, fill, stream };
  const scaleOffset = normalisation(options);
  let first = 0;
  const parts = [pixels].flat().map((part) => {
    const within = first === 0 ? indices : sub(indices, first);
    first += imagesIn(part, imageShape);
    return apply(augmentOp, [part, within, key.seed, key.step, scaleOffset], attributes) as unknown as Tensor;
  });
  if (parts.length === 0) {
    throw new RangeError("Cannot augment images as there must be a part with pixels: there is none");
  }
  // Each image is in one part; the others give zeros for it.
  return parts.reduce((sum, part) => add(sum, part));
}

/** Bytes of images, four to a word with the first in the lowest bits, as {@linkcode augmentImages} reads them. */
export function packPixels(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  // Where Deno and browsers run, memory is little-endian.
  return new Uint32Array(padded.buffer);
}

/** The ops of this file, for the table of all ops. */
export const augmentOps = [augmentOp] as const;
