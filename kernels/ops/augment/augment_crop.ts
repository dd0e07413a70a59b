/**
 * Crop boxes: random ones for training, like `RandomResizedCrop` of Inception and torchvision, after a random
 * rotation of the image and before a random flip; central ones for evaluation.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import { apply, formatShape, formatShapes, type Shape, type Tensor } from "../../tensor.ts";
import { linearWorkgroups } from "../../workgroups.ts";
import cropBoxesWgsl from "./augment_crop_boxes.wgsl" with { type: "text" };
import { concat } from "../views/concat.ts";
import { reshape } from "../views/movement.ts";
import { full } from "../constants.ts";
import { div, minimum, mul, sub } from "../pointwise.ts";

/** Numbers per box: left, top, width, height, and the four of the rotation matrix. */
export const boxLength = 8;

/** Random numbers per box: area and ratio of ten tries, position, rotation and flip. */
export const drawsPerBox = 24;

/** Options of random boxes. */
export type CropOptions = {
  /** Height of the images in pixels. */
  readonly height: number;
  /** Width of the images in pixels. */
  readonly width: number;
  /** Largest rotation in either direction, in degrees, 0 … 180. */
  readonly rotate: number;
  /** True if boxes are mirrored with probability ½. */
  readonly flip: boolean;
};

const boxSample = (batch: number, attributes: CropOptions): Sample<CropOptions> => ({
  shapes: [[batch, drawsPerBox], [batch]],
  attributes,
  range: [0.25, 1],
  differentiable: false,
});

const cropBoxesOp: KernelOp<CropOptions, [Shape<2>, Shape<1>]> = {
  kind: "kernel",
  name: "crop_boxes",
  infer([uniform, aspects], { rotate }) {
    const [batch = 0] = aspects.shape;
    if (aspects.shape.length !== 1 || formatShape(uniform.shape) !== formatShape([batch, drawsPerBox])) {
      const shapes = formatShapes([uniform, aspects]);
      throw new RangeError(
        `Cannot draw boxes: each image needs ${drawsPerBox} numbers and an aspect ratio, but shapes are ${shapes}`,
      );
    }
    if (!(rotate >= 0 && rotate <= 180)) {
      throw new RangeError(`Cannot draw boxes: the rotation must be in 0 … 180 degrees, but is ${rotate}`);
    }
    return { shape: [batch, boxLength], dtype: "float32" };
  },
  kernel({ attributes: { height: H, width: W, rotate, flip }, inputs: [, aspects] }) {
    const [BATCH] = aspects.shape, ROTATE = rotate * Math.PI / 180, FLIP = Number(flip);
    return {
      wgsl: cropBoxesWgsl,
      constants: { BATCH, H, W, ROTATE, FLIP },
      workgroups: linearWorkgroups(BATCH),
    };
  },
  reference([uniform, aspects], { attributes }) {
    return Float64Array.from(
      [...aspects!].flatMap((aspect, b) =>
        hostCropBox([...uniform!.subarray(drawsPerBox * b, drawsPerBox * (b + 1))], aspect, attributes)
      ),
    );
  },
  samples: [
    boxSample(300, { height: 20, width: 30, rotate: 0, flip: false }),
    boxSample(7, { height: 9, width: 4, rotate: 180, flip: true }),
    boxSample(0, { height: 9, width: 4, rotate: 10, flip: true }),
  ],
  refusals: [{
    shapes: [[3, 23], [3]],
    attributes: { height: 2, width: 2, rotate: 0, flip: false },
    message: "each image needs 24 numbers",
  }],
};

/** Computes the box drawn by 24 uniform numbers for an image of an aspect ratio, in float64. */
export function hostCropBox(
  uniform: readonly number[],
  aspect: number,
  { height, width, rotate, flip }: CropOptions,
): number[] {
  let shares: readonly [number, number] = [Math.min(1, 4 / 3 / aspect), Math.min(1, aspect * 4 / 3)];
  for (let attempt = 9; attempt >= 0; attempt--) {
    const area = 0.08 + 0.92 * uniform[2 * attempt]!;
    const ratio = Math.exp((2 * uniform[2 * attempt + 1]! - 1) * Math.log(4 / 3));
    const tried: typeof shares = [Math.sqrt(area * ratio / aspect), Math.sqrt(area * aspect / ratio)];
    if (Math.max(...tried) <= 1) shares = tried;
  }
  const [w, h] = [shares[0] * width, shares[1] * height];
  const left = uniform[20]! * (width - w), top = uniform[21]! * (height - h);
  const isFlipped = flip && uniform[23]! >= 0.5;
  const angle = (2 * uniform[22]! - 1) * rotate * Math.PI / 180;
  const pixelAspect = aspect * height / width;
  return [
    ...(isFlipped ? [left + w, top, -w, h] : [left, top, w, h]),
    Math.cos(angle),
    -Math.sin(angle) / pixelAspect,
    Math.sin(angle) * pixelAspect,
    Math.cos(angle),
  ];
}

/**
 * Draws a random box of each image, `[B, 8]` for {@linkcode resampleImages}. The box covers a share of the
 * image's area uniform in 0.08 … 1, with an aspect ratio log-uniform in ¾ … 4⁄3, at a uniform position. The
 * first of ten tries that fits is used, else the largest central box of an allowed ratio. The image is first
 * rotated about its centre by an angle uniform in ±`rotate` degrees; with `flip`, the box is then mirrored
 * with probability ½. Boxes are not rounded to whole pixels. No gradient.
 *
 * Szegedy et al. 2015 (Going deeper with convolutions), section 6; numbers as in torchvision's
 * RandomResizedCrop.
 * @param uniform `[B, 24]` in [0, 1): ten pairs of area and ratio, then x, y, rotation, flip.
 * @param aspects `[B]`: width / height of each image as displayed, which may differ from its pixel counts.
 * @throws {RangeError} if shapes do not fit.
 */
export function randomCropBoxes(uniform: Tensor, aspects: Tensor, options: CropOptions): Tensor {
  return apply(cropBoxesOp, [uniform, aspects], options);
}

/** Side of the central box as a share of the shorter side: 224 of 256 pixels. */
const centralShare = 224 / 256;

/**
 * Returns the central square box of each image, `[B, 8]` for {@linkcode resampleImages}: the region that
 * resizing the shorter side to 256 and cropping the central 224 pixels would keep, for any number of pixels.
 * No gradient.
 * @param aspects `[B]`: width / height of each image as displayed.
 */
export function centralCropBoxes(aspects: Tensor, height: number, width: number): Tensor {
  const batch = aspects.shape[0]!;
  const across = mul(minimum(1, div(1, aspects)), centralShare),
    down = mul(minimum(1, aspects), centralShare);
  const numbers = [
    mul(sub(1, across), width / 2),
    mul(sub(1, down), height / 2),
    mul(across, width),
    mul(down, height),
    ...[1, 0, 0, 1].map((value) => full([batch], value)),
  ];
  return concat(numbers.map((number) => reshape(number, [batch, 1])), 1);
}

/** Ops of this file, for the table of all ops. */
export const cropOps = [cropBoxesOp] as const;
