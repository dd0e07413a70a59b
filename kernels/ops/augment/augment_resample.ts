/**
 * Resampling of boxes of images to squares of one size.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import { apply, type DType, formatShapes, sameShape, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { mostIterations } from "../../workgroups.ts";
import { boxLength } from "./augment_crop.ts";
import {
  checkBatch,
  checkFill,
  countImages,
  interpolate,
  mapParts,
  pixelConstants,
  readPixel,
} from "./augment_pixels.ts";
import pixelWgsl from "./augment_pixel.wgsl" with { type: "text" };
import resampleWgsl from "./augment_resample.wgsl" with { type: "text" };

type ResampleAttributes = {
  readonly imageShape: Shape<3>;
  readonly size: number;
  readonly isTurned: boolean;
  readonly fill: string;
};

const plain: ResampleAttributes = { imageShape: [1, 5, 6], size: 4, isTurned: false, fill: "zero" };

function resampleSample(
  words: number,
  batch: number,
  attributes: Partial<ResampleAttributes>,
  pixels: DType = "uint32",
): Sample<ResampleAttributes> {
  return {
    shapes: [[words], [batch], [batch, boxLength]],
    attributes: { ...plain, ...attributes },
    dtypes: [pixels, "int32", "float32"],
    range: [0, 5],
    differentiable: false,
  };
}

const resampleOp: KernelOp<ResampleAttributes, [Shape<1>, Shape<1>, Shape<2>]> = {
  kind: "kernel",
  name: "resample_images",
  float32: ["operands"],
  infer([pixels, indices, boxes], { imageShape, size, fill }) {
    const batch = checkBatch(pixels, indices, imageShape);
    checkFill(fill);
    if (!sameShape(boxes.shape, [batch, boxLength])) {
      const shapes = formatShapes([indices, boxes]);
      throw new RangeError(
        `Cannot resample images: each image needs a box of ${boxLength} numbers, but shapes are ${shapes}`,
      );
    }
    const [channels, height, width] = imageShape;
    const taps = (length: number) => 2 * Math.max(1, length / size) + 1;
    if (!Number.isSafeInteger(size) || size < 1 || taps(height) * (1 + taps(width)) > mostIterations) {
      throw new RangeError(
        `Cannot resample images: the size must be a whole number, at least about a hundredth of the image's, but is ${size} for ${height}×${width} pixels`,
      );
    }
    return { shape: [batch, channels, size, size], dtype: "float32" };
  },
  kernel({ inputs: [pixels, indices], attributes: { imageShape, size: S, isTurned, fill } }) {
    const [BATCH] = indices.shape, [C, H, W] = imageShape, IMAGES = countImages(pixels, imageShape);
    const SCALE = pixels.dtype === "float32" ? 1 : 1 / 255, IS_TURNED = Number(isTurned);
    return {
      wgsl: resampleWgsl + pixelWgsl,
      constants: { BATCH, IMAGES, C, H, W, S, SCALE, IS_TURNED, ...pixelConstants(pixels, fill) },
    };
  },
  reference([pixels, indices, boxes], { attributes, inputs: [set], shape }) {
    const { imageShape, size } = attributes, { dtype } = set;
    const [channels, height, width] = imageShape;
    const result = new Float64Array(sizeOf(shape));
    indices.forEach((index, slot) => {
      if (index >= countImages(set, imageShape) || index < 0) return;
      const box = boxes.subarray(boxLength * slot, boxLength * (slot + 1));
      for (let c = 0; c < channels; c++) {
        const plane = (y: number, x: number) =>
          readPixel(pixels, dtype, ((index * channels + c) * height + y) * width + x) /
          (dtype === "float32" ? 1 : 255);
        result.set(resampleBox(plane, box, attributes), (slot * channels + c) * size * size);
      }
    });
    return result;
  },
  samples: [
    resampleSample(30, 7, {}),
    resampleSample(60, 6, { imageShape: [3, 5, 4], size: 1 }),
    resampleSample(480, 20, { size: 7, isTurned: true, fill: "reflect" }),
    resampleSample(90, 6, { imageShape: [3, 5, 6], size: 3, isTurned: true }, "float32"),
    resampleSample(1200, 5, { imageShape: [1, 40, 30], size: 2 }, "float32"),
    resampleSample(30, 0, {}),
    resampleSample(480, 300, { size: 90, imageShape: [1, 20, 20] }),
  ],
  refusals: [
    {
      shapes: [[30], [2], [2, 8]],
      attributes: plain,
      message: "indices must be int32",
    },
  ],
};

/** Resamples a box of a plane to `size` × `size` pixels, in float64. */
function resampleBox(
  plane: (y: number, x: number) => number,
  box: Float64Array,
  { imageShape, size, isTurned, fill }: ResampleAttributes,
): Float64Array {
  const [, height, width] = imageShape;
  const [left = 0, top = 0, boxWidth = 0, boxHeight = 0, xx = 0, xy = 0, yx = 0, yy = 0] = box;
  const value = (y: number, x: number) => {
    if (!isTurned) return plane(y, x);
    const u = x - (width - 1) / 2, v = y - (height - 1) / 2;
    const at = [(height - 1) / 2 + yx * u + yy * v, (width - 1) / 2 + xx * u + xy * v] as const;
    return interpolate(plane, [height, width], fill, ...at);
  };
  const taps = (i: number, start: number, length: number, count: number) => {
    const step = length / size,
      centre = start + (i + 0.5) * step - 0.5,
      support = Math.max(1, Math.abs(step));
    return Array.from(
      { length: count },
      (_, at) => ({ at, weight: 1 - Math.abs(at - centre) / support }),
    ).filter(({ weight }) => weight > 0);
  };
  const rows = Array.from({ length: size }, (_, i) => taps(i, top, boxHeight, height));
  const columns = Array.from({ length: size }, (_, i) => taps(i, left, boxWidth, width));
  return Float64Array.from({ length: size * size }, (_, i) => {
    let sum = 0, weights = 0;
    for (const row of rows[Math.floor(i / size)]!) {
      for (const column of columns[i % size]!) {
        sum += row.weight * column.weight * value(row.at, column.at);
        weights += row.weight * column.weight;
      }
    }
    return weights > 0 ? sum / weights : 0;
  });
}

/** Options of {@linkcode resampleImages}. */
export interface ResampleOptions {
  /** Shape of one image, `[C, H, W]`. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Height and width of the result in pixels. */
  readonly size: number;
  /** True if any box is rotated; false if absent. */
  readonly isTurned?: boolean;
  /** Pixels outside a rotated image, as in `AugmentOptions`; "reflect" if absent. */
  readonly fill?: "reflect" | "zero" | undefined;
}

/**
 * Resamples boxes of images to squares. Each pixel is a mean of the image's pixels around its position,
 * weighted by a triangle whose width is the larger of an output pixel and an image pixel, like the
 * antialiased bilinear resizing of PIL and torchvision. No gradient.
 * @param pixels Bytes or float32 as in `augmentImages`, in one part or several.
 * @param indices int32 `[B]`; an index outside the set yields zeros.
 * @param boxes `[B, 8]`: left, top, width and height in pixels (with a negative width, the box is mirrored
 * and starts at the right side), and the rows of the 2×2 matrix that maps positions of the rotated image,
 * relative to the centre, to positions of the image.
 * @returns float32 `[B, C, size, size]`: bytes scaled to [0, 1], or unscaled float32 pixels.
 * @throws {RangeError} if shapes do not fit, or an output pixel may cover more than about a hundred image
 * pixels per axis.
 */
export function resampleImages(
  pixels: Tensor | readonly Tensor[],
  indices: Tensor,
  boxes: Tensor,
  { imageShape, size, isTurned = false, fill = "reflect" }: ResampleOptions,
): Tensor {
  const attributes: ResampleAttributes = { imageShape, size, isTurned, fill };
  const resamplePart = (part: Tensor, within: Tensor) => apply(resampleOp, [part, within, boxes], attributes);
  return mapParts(pixels, indices, imageShape, resamplePart);
}

/** Ops of this file, for the table of all ops. */
export const resampleOps = [resampleOp] as const;
