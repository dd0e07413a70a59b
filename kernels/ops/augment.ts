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
import augmentWgsl from "./augment.wgsl" with { type: "text" };
import { concat, reshape } from "./movement.ts";
import { add, constant, sub } from "./pointwise.ts";
import { checkStream, type RandomKey, threefry2x32, unitInterval } from "./random.ts";
import threefryWgsl from "./threefry.wgsl" with { type: "text" };

/** How images are altered. */
export interface AugmentOptions {
  /** `[C, H, W]`. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Largest shift along each axis in pixels, a whole number below both sizes; 0 where absent. */
  readonly translate?: number;
  /** Largest turn to either side in degrees, 0 … 180; 0 where absent. */
  readonly rotate?: number;
  /** Whether to mirror every other image (by chance) left to right; not where absent. */
  readonly flip?: boolean;
  /** What lies outside an image: its reflection, which does not repeat the edge, or pixels of value 0 (before normalisation). */
  readonly fill?: "reflect" | "zero";
  /** Mean of each channel, of pixels scaled to [0, 1]. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel, of pixels scaled to [0, 1]. */
  readonly standardDeviation: readonly number[];
}

type AugmentAttributes = {
  readonly imageShape: Shape;
  readonly translate: number;
  readonly rotate: number;
  readonly flip: boolean;
  readonly fill: string;
  readonly stream: number;
};

/** What was drawn for one image. */
export interface Augmentation {
  /** Pixels by which the content moves to the right. */
  readonly dx: number;
  /** Pixels by which the content moves down. */
  readonly dy: number;
  /** Anticlockwise turn in radians. */
  readonly angle: number;
  /** Whether left and right change places, before all else. */
  readonly isFlipped: boolean;
}

/** Bytes that a u32 can count. */
const mostBytes = 2 ** 32;

/** What {@linkcode augmentImages} draws for the image in a `slot` of the batch, computed on the host. */
export function hostAugmentation(
  key: readonly [number, number],
  stream: number,
  slot: number,
  { translate = 0, rotate = 0, flip = false }: Partial<AugmentOptions>,
): Augmentation {
  const shift = threefry2x32(key, [8 * slot, stream]).map((word) => word % (2 * translate + 1) - translate);
  const [turn, side] = threefry2x32(key, [8 * slot + 1, stream]);
  return {
    dx: shift[0]!,
    dy: shift[1]!,
    angle: (2 * unitInterval(turn) - 1) * rotate * Math.PI / 180,
    isFlipped: flip && side >= 2 ** 31,
  };
}

function imagesIn(pixels: Tensor, imageShape: Shape): number {
  return Math.floor(4 * sizeOf(pixels.shape) / sizeOf(imageShape));
}

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

/** Position within 0 … size − 1, mirrored at the first and last pixel. */
function reflected(at: number, size: number): number {
  const period = Math.max(2 * (size - 1), 1);
  const within = Math.abs(at) % period;
  return within >= size ? period - within : within;
}

/** Float64 augmentation of one image: the value 0 … 255 of each pixel. */
function augmented(
  image: (c: number, y: number, x: number) => number,
  [channels, height, width]: Shape,
  fill: string,
  { dx, dy, angle, isFlipped }: Augmentation,
): Float64Array {
  const [c, h, w] = [channels!, height!, width!];
  const tap = (channel: number, y: number, x: number) => {
    if (fill === "reflect") return image(channel, reflected(y, h), reflected(x, w));
    return y >= 0 && y < h && x >= 0 && x < w ? image(channel, y, x) : 0;
  };
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return Float64Array.from({ length: c * h * w }, (_, i) => {
    const channel = Math.floor(i / (h * w));
    const u = i % w - dx - (w - 1) / 2, v = Math.floor(i / w) % h - dy - (h - 1) / 2;
    const across = u * cos - v * sin;
    const y = (h - 1) / 2 + u * sin + v * cos, x = (w - 1) / 2 + (isFlipped ? -across : across);
    const y0 = Math.floor(y), x0 = Math.floor(x), fy = y - y0, fx = x - x0;
    return (1 - fy) * ((1 - fx) * tap(channel, y0, x0) + fx * tap(channel, y0, x0 + 1)) +
      fy * ((1 - fx) * tap(channel, y0 + 1, x0) + fx * tap(channel, y0 + 1, x0 + 1));
  });
}

function augmentReference(
  [pixels, indices, seed, step, scaleOffset]: readonly Float64Array[],
  node: Tensor<AugmentAttributes>,
): Float64Array {
  const { imageShape, fill, stream, translate, rotate, flip } = node.attributes;
  const [channels, height, width] = imageShape as [number, number, number];
  const size = sizeOf(imageShape), result = new Float64Array(sizeOf(node.shape));
  indices!.forEach((index, slot) => {
    if (index < 0 || index >= imagesIn(node.inputs[0]!, imageShape)) return;
    const image = (c: number, y: number, x: number) => {
      const byte = index * size + (c * height + y) * width + x;
      return pixels![Math.floor(byte / 4)]! >>> (8 * (byte % 4)) & 255;
    };
    const draw = hostAugmentation([seed![0]!, step![0]!], stream, slot, { translate, rotate, flip });
    augmented(image, imageShape, fill, draw).forEach((value, i) => {
      const c = Math.floor(i / (height * width));
      result[slot * size + i] = value * scaleOffset![c]! + scaleOffset![channels + c]!;
    });
  });
  return result;
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
