/**
 * Random augmentation of images on the device: translation, rotation, horizontal flip and normalisation of a
 * batch in one pass.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import { apply, type DType, type Each, formatShape, type Tensor } from "../../tensor.ts";
import {
  checkBatch,
  checkFill,
  countImages,
  mapParts,
  normalisation,
  pixelConstants,
} from "./augment_pixels.ts";
import {
  type AugmentAttributes,
  type AugmentOptions,
  augmentReference,
  type AugmentShapes,
} from "./augment_reference.ts";
import augmentWgsl from "./augment.wgsl" with { type: "text" };
import pixelWgsl from "./augment_pixel.wgsl" with { type: "text" };
import { concat } from "../views/concat.ts";
import { reshape } from "../views/movement.ts";
import { checkStream, type RandomKey } from "../random/random.ts";
import threefryWgsl from "../random/threefry.wgsl" with { type: "text" };

export { packPixels } from "./augment_pixels.ts";
export { type AugmentOptions, type DrawnAugmentation, hostAugmentation } from "./augment_reference.ts";

/** Returns the batch size. @throws {TypeError} or {RangeError} if operands do not fit. */
function checkOperands(inputs: Each<AugmentShapes, Tensor>, { imageShape }: AugmentAttributes): number {
  const [pixels, indices, seed, step, scaleOffset] = inputs;
  const batch = checkBatch(pixels, indices, imageShape);
  const dtypes: readonly (readonly [string, Tensor, DType])[] = [
    ["the seed", seed, "uint32"],
    ["the step", step, "uint32"],
    ["scale and offset", scaleOffset, "float32"],
  ];
  for (const [name, { dtype }, expected] of dtypes) {
    if (dtype !== expected) {
      throw new TypeError(`Cannot augment images: ${name} must be ${expected}, but the dtype is ${dtype}`);
    }
  }
  const at = `shapes are ${inputs.slice(2).map(({ shape }) => formatShape(shape)).join(", ")}`;
  if (seed.shape.length !== 0 || step.shape.length !== 0) {
    throw new RangeError(`Cannot augment images: seed and step must be scalars, but ${at}`);
  }
  if (formatShape(scaleOffset.shape) !== formatShape([2, imageShape[0]])) {
    throw new RangeError(`Cannot augment images: each channel needs a scale and an offset, but ${at}`);
  }
  return batch;
}

function checkAttributes({ imageShape, translate, rotate, fill, stream }: AugmentAttributes): void {
  const [, height, width] = imageShape;
  if (!Number.isSafeInteger(translate) || translate < 0 || translate >= Math.min(height, width)) {
    throw new RangeError(
      `Cannot augment images: the translation must be a whole number below height and width, but is ${translate} for ${height}×${width} pixels`,
    );
  }
  if (!(rotate >= 0 && rotate <= 180)) {
    throw new RangeError(`Cannot augment images: the rotation must be in 0 … 180 degrees, but is ${rotate}`);
  }
  checkFill(fill);
  checkStream(stream);
}

const plain: AugmentAttributes = {
  imageShape: [1, 5, 6],
  translate: 0,
  rotate: 0,
  flip: false,
  fill: "zero",
  stream: 0,
  firstSlot: 0,
  slotStep: 1,
};

function sampleOf(
  words: number,
  batch: number,
  attributes: Partial<AugmentAttributes>,
  pixels: DType = "uint32",
): Sample<AugmentAttributes> {
  const all = { ...plain, ...attributes };
  return {
    shapes: [[words], [batch], [], [], [2, all.imageShape[0]]],
    attributes: all,
    dtypes: [pixels, "int32", "uint32", "uint32", "float32"],
    range: [-1, 5],
  };
}

const augmentOp: KernelOp<AugmentAttributes, AugmentShapes> = {
  kind: "kernel",
  name: "augment_images",
  float32: ["operands"],
  infer(inputs, attributes) {
    const batch = checkOperands(inputs, attributes);
    checkAttributes(attributes);
    return { shape: [batch, ...attributes.imageShape], dtype: "float32" };
  },
  kernel({ inputs: [pixels, indices], attributes }) {
    const { imageShape, translate: TRANSLATE, rotate, flip, fill, stream: STREAM } = attributes;
    const { firstSlot: FIRST_SLOT, slotStep: SLOT_STEP } = attributes;
    const [BATCH] = indices.shape, [C, H, W] = imageShape, IMAGES = countImages(pixels, imageShape);
    const ROTATE = rotate * Math.PI / 180, FLIP = Number(flip), pixel = pixelConstants(pixels, fill);
    return {
      wgsl: augmentWgsl + pixelWgsl + threefryWgsl,
      constants: {
        BATCH,
        IMAGES,
        C,
        H,
        W,
        STREAM,
        TRANSLATE,
        ROTATE,
        FLIP,
        FIRST_SLOT,
        SLOT_STEP,
        ...pixel,
      },
    };
  },
  reference: augmentReference,
  samples: [
    sampleOf(30, 5, {}),
    sampleOf(30, 7, { translate: 4, stream: 3 }),
    sampleOf(30, 7, { translate: 4, fill: "reflect", flip: true }),
    sampleOf(30, 7, { translate: 2, rotate: 10, flip: true, stream: 4_294_967_295 }),
    sampleOf(60, 6, { imageShape: [3, 4, 5], translate: 3, rotate: 180, fill: "reflect" }),
    sampleOf(30, 7, { translate: 2, rotate: 10, flip: true, firstSlot: 2, slotStep: 3 }),
    sampleOf(2, 3, { imageShape: [2, 1, 1], rotate: 30, fill: "reflect" }),
    sampleOf(30, 0, { translate: 1 }),
    sampleOf(120, 7, { translate: 4, fill: "reflect", flip: true }, "float32"),
    sampleOf(240, 6, { imageShape: [3, 4, 5], translate: 2, rotate: 20 }, "float32"),
    sampleOf(2304, 1400, { imageShape: [3, 32, 32], translate: 4, fill: "reflect", flip: true }),
  ],
  refusals: [
    { shapes: [[30], [2], [], [], [2, 1]], attributes: plain, message: "indices must be int32" },
  ],
};

/**
 * Augments and normalises a batch:
 * `out[b, c] = (image(indices[b])[c] / 255 − mean[c]) / standardDeviation[c]` (float32 pixels are not divided
 * by 255). Each image is mirrored with probability ½, then rotated about its centre by an angle uniform in
 * ±`rotate`, then shifted by whole pixels uniform in ±`translate` per axis. Rotated images are interpolated
 * bilinearly, others copied exactly. Without options other than the statistics, images are only normalised.
 * No gradient.
 *
 * Image `b` draws word pairs 0 (shift) and 1 (rotation, flip) at counter (8b + pair, `stream`), where `b` is its
 * place in the whole batch if the key has a share. Each view of a batch needs its own stream, used nowhere else.
 * @param pixels uint32 `[⌈N·C·H·W / 4⌉]`: bytes of images `[N, C, H, W]`, packed by {@linkcode packPixels};
 * or float32 `[N·C·H·W]`. Sets larger than the adapter's bindings are passed in parts of whole images,
 * numbered consecutively.
 * @param indices int32 `[B]`; an index outside 0 … N−1 yields zeros.
 * @returns float32 `[B, C, H, W]`.
 * @throws {RangeError} if shapes or options do not fit. @throws {TypeError} if dtypes differ from these.
 * @example
 * ```ts
 * import { augmentImages, compile, Device, packPixels, variable } from "../../mod.ts";
 * const pixels = variable([1], packPixels(Uint8Array.of(0, 51, 102, 255)), { dtype: "uint32" });
 * const zero = variable([], [0], { dtype: "uint32" }), indices = variable([1], [0], { dtype: "int32" });
 * const images = augmentImages(pixels, indices, { seed: zero, step: zero }, 0, {
 *   imageShape: [1, 2, 2],
 *   mean: [0],
 *   standardDeviation: [1],
 * });
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { images } }));
 * console.assert(Math.abs((await program.runAndRead({})).images[1]! - 0.2) < 1e-6);
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
  const { rank: firstSlot = 0, ranks: slotStep = 1 } = key.share ?? {};
  const attributes = { imageShape, translate, rotate, flip, fill, stream, firstSlot, slotStep };
  const unit = [pixels].flat()[0]?.dtype === "float32" ? 1 : 255;
  const { scales, offsets } = normalisation(imageShape[0], unit, options);
  const scaleOffset = reshape(concat([scales, offsets], 0), [2, imageShape[0]]);
  const augmentPart = (part: Tensor, within: Tensor) =>
    apply(augmentOp, [part, within, key.seed, key.step, scaleOffset], attributes);
  return mapParts(pixels, indices, imageShape, augmentPart);
}

/** Ops of this file, for the table of all ops. */
export const augmentOps = [augmentOp] as const;
