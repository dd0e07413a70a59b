/**
 * Cutout: a square of each image replaced by one value.
 * @module
 */
import type { CompositeOp, Sample } from "../../op.ts";
import {
  apply,
  checkFloats,
  formatShape,
  formatShapes,
  hasAxes,
  type Shape,
  type Tensor,
} from "../../tensor.ts";
import { iota } from "../constants.ts";
import { cast, floor, less, mul, sub, where } from "../pointwise.ts";
import { expand } from "../views/expansion.ts";
import { reshape } from "../views/movement.ts";
import { slice } from "../views/slicing.ts";

/** Random numbers that a square takes: its row and its column. */
export const drawsPerCutout = 2;

type CutoutAttributes = { readonly side: number; readonly fill: number };

const sampleOf = (shape: Shape<4>, side: number, fill = 0.5): Sample<CutoutAttributes> => ({
  shapes: [shape, [shape[0], drawsPerCutout]],
  attributes: { side, fill },
  range: [0, 1],
  differentiable: false,
});

/** Returns 1 for positions along an axis that the square of each image covers, else 0: `[N, size]`. */
function within(uniform: Tensor, axis: number, size: number, side: number): Tensor {
  const [batch] = uniform.shape as Shape<2>;
  const centre = floor(mul(slice(uniform, [0, axis], [batch, 1]), size));
  const offset = sub(reshape(cast(iota(size), "float32"), [1, size]), centre);
  const before = Math.floor(side / 2);
  return mul(cast(less(offset, side - before), "float32"), cast(less(-before - 1, offset), "float32"));
}

const cutoutOp: CompositeOp<CutoutAttributes, [Shape<4>, Shape<2>]> = {
  kind: "composite",
  name: "cutout",
  infer([images, uniform], { side, fill }) {
    checkFloats("cut out squares", [images, uniform]);
    const { shape } = images;
    if (!hasAxes(shape, 4)) {
      throw new RangeError(
        `Cannot cut out squares: images must be [N, C, H, W], but their shape is ${formatShape(shape)}`,
      );
    }
    if (formatShape(uniform.shape) !== formatShape([shape[0], drawsPerCutout])) {
      const shapes = formatShapes([images, uniform]);
      throw new RangeError(
        `Cannot cut out squares: each image needs ${drawsPerCutout} numbers, but shapes are ${shapes}`,
      );
    }
    if (!Number.isSafeInteger(side) || side < 0) {
      throw new RangeError(`Cannot cut out squares: the side must be a whole number ≥ 0, but it is ${side}`);
    }
    if (!Number.isFinite(fill)) {
      throw new RangeError(`Cannot cut out squares: the fill must be a number, but it is ${fill}`);
    }
    return { shape, dtype: "float32" };
  },
  expand({ inputs: [images, uniform], attributes: { side, fill } }) {
    const [batch, , height, width] = images.shape;
    const rows = reshape(within(uniform, 0, height, side), [batch, 1, height, 1]);
    const columns = reshape(within(uniform, 1, width, side), [batch, 1, 1, width]);
    return where(less(0, expand(mul(rows, columns), images.shape)), fill, images);
  },
  reference([images, uniform], { inputs: [input], attributes: { side, fill } }) {
    const [, channels, height, width] = input.shape;
    // Multiplied in float32, as on the device.
    const isWithin = (at: number, draw: number, size: number) => {
      const start = Math.floor(Math.fround(draw * size)) - Math.floor(side / 2);
      return at >= start && at < start + side;
    };
    return images.map((value, i) => {
      const image = Math.floor(i / (channels * height * width));
      const isCut = isWithin(Math.floor(i / width) % height, uniform[2 * image]!, height) &&
        isWithin(i % width, uniform[2 * image + 1]!, width);
      return isCut ? fill : value;
    });
  },
  samples: [
    sampleOf([20, 3, 9, 7], 4),
    sampleOf([20, 1, 6, 11], 3, -2),
    sampleOf([4, 2, 3, 3], 0),
    sampleOf([4, 2, 3, 3], 99),
    sampleOf([0, 1, 3, 3], 2),
    sampleOf([1200, 3, 28, 28], 14),
  ],
  refusals: [
    { shapes: [[2, 3, 3], [2, 2]], attributes: { side: 1, fill: 0 }, message: "images must be [N, C, H, W]" },
    { shapes: [[2, 1, 3, 3], [2, 3]], attributes: { side: 1, fill: 0 }, message: "each image needs 2" },
    { shapes: [[2, 1, 3, 3], [2, 2]], attributes: { side: 1.5, fill: 0 }, message: "a whole number ≥ 0" },
    { shapes: [[2, 1, 3, 3], [2, 2]], attributes: { side: 1, fill: NaN }, message: "fill must be a number" },
  ],
};

/**
 * Applies cutout (DeVries & Taylor 2017): a square of `side` × `side` pixels of each image gets the value
 * `fill` in all channels. The centre of the square is a pixel drawn uniformly; parts outside the image are
 * ignored. No gradient.
 * @param images `[N, C, H, W]`.
 * @param uniform `[N, 2]` in [0, 1): row and column of each centre.
 * @param side Pixels, a whole number.
 * @throws {RangeError} if shapes or options do not fit.
 */
export function cutout(images: Tensor, uniform: Tensor, side: number, fill = 0.5): Tensor {
  return apply(cutoutOp, [images, uniform], { side, fill });
}

/** Ops of this file, for the table of all ops. */
export const cutoutOps = [cutoutOp] as const;
