/**
 * Colour jitter: random changes of brightness, contrast, saturation and hue of each image, in random order.
 * @module
 */
import type { Kernel, KernelOp, Sample } from "../../op.ts";
import { apply, formatShape, formatShapes, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { linearWorkgroups } from "../../workgroups.ts";
import colorWgsl from "./augment_color.wgsl" with { type: "text" };
import greyWgsl from "./augment_color_grey.wgsl" with { type: "text" };
import stepsWgsl from "./augment_color_steps.wgsl" with { type: "text" };
import { mean } from "../reduce.ts";

/** Random numbers per image: one for each of the four steps, and one for their order. */
export const drawsPerColor = 5;

type JitterAttributes = { readonly strengths: readonly number[] };
type Pixel = readonly [red: number, green: number, blue: number];

/** Returns the shape of the images. @throws {RangeError} if operands or strengths do not fit. */
function checkOperands(images: Tensor, uniform: Tensor, { strengths }: JitterAttributes): Shape<4> {
  const { shape } = images;
  if (!hasAxes(shape, 4) || shape[1] !== 3) {
    throw new RangeError(
      `Cannot jitter colours: images must be [N, 3, H, W], but their shape is ${formatShape(shape)}`,
    );
  }
  if (formatShape(uniform.shape) !== formatShape([shape[0], drawsPerColor])) {
    const shapes = formatShapes([images, uniform]);
    throw new RangeError(
      `Cannot jitter colours: each image needs ${drawsPerColor} numbers, but shapes are ${shapes}`,
    );
  }
  const [, , , hue = 0] = strengths;
  if (strengths.length !== 4 || !strengths.every((value) => value >= 0 && value < Infinity) || hue > 0.5) {
    throw new RangeError(
      `Cannot jitter colours: four strengths ≥ 0 are needed, with hue at most ½, but they are ${
        formatShape(strengths)
      }`,
    );
  }
  return shape;
}

const lightness = ([red, green, blue]: Pixel) => 0.2989 * red + 0.587 * green + 0.114 * blue;

function blend([red, green, blue]: Pixel, [r, g, b]: Pixel, factor: number): Pixel {
  const mix = (own: number, other: number) => Math.min(1, Math.max(0, factor * own + (1 - factor) * other));
  return [mix(red, r), mix(green, g), mix(blue, b)];
}

/** Rotates the hue of an RGB pixel by a share of the colour circle. */
function rotateHue([red, green, blue]: Pixel, share: number): Pixel {
  const value = Math.max(red, green, blue), chroma = value - Math.min(red, green, blue);
  if (chroma === 0) return [red, green, blue];
  const sixth = value === red
    ? (green - blue) / chroma
    : value === green
    ? 2 + (blue - red) / chroma
    : 4 + (red - green) / chroma;
  const hue = (((sixth / 6 + share) % 1) + 1) % 1 * 6;
  const low = value - chroma, rising = value - chroma * (1 - hue % 1), falling = value - chroma * (hue % 1);
  return ([
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ] as const)[Math.floor(hue) % 6]!;
}

const steps = ["brightness", "contrast", "saturation", "hue"] as const;

/** Returns the order of the four steps drawn by a number in [0, 1). */
export function hostJitterOrder(uniform: number): (typeof steps)[number][] {
  const left = [...steps];
  // Multiplies in float32, as the device does.
  let order = Math.floor(Math.fround(uniform * 24));
  return steps.map((_, done) => {
    const chosen = order % (4 - done);
    order = Math.floor(order / (4 - done));
    const step = left[chosen]!;
    left[chosen] = left.at(-1)!;
    left.pop();
    return step;
  });
}

/** Returns a pixel after all steps or, if `greyMean` is undefined, after the steps before contrast. */
function jitterPixel(
  pixel: Pixel,
  uniform: Float64Array,
  strengths: readonly number[],
  greyMean?: number,
): Pixel {
  let rgb = pixel;
  for (const step of hostJitterOrder(uniform[4]!)) {
    const strength = strengths[steps.indexOf(step)]!, draw = uniform[steps.indexOf(step)]!;
    const low = Math.max(0, 1 - strength), factor = low + (1 + strength - low) * draw;
    if (step === "hue") rgb = rotateHue(rgb, (2 * draw - 1) * strength);
    else if (step === "brightness") rgb = blend(rgb, [0, 0, 0], factor);
    else {
      const grey = step === "contrast" ? greyMean : lightness(rgb);
      if (grey === undefined) return rgb;
      rgb = blend(rgb, [grey, grey, grey], factor);
    }
  }
  return rgb;
}

/** Yields every pixel of a batch `[N, 3, H, W]` with the index of its image and its position. */
function* pixelsOf(images: Float64Array, [batch, , height, width]: Shape<4>) {
  const plane = height * width;
  for (let image = 0; image < batch; image++) {
    for (let i = 0; i < plane; i++) {
      const at = image * 3 * plane + i;
      yield {
        image,
        i,
        at,
        plane,
        pixel: [images[at]!, images[at + plane]!, images[at + 2 * plane]!] as const,
      };
    }
  }
}

const usual: JitterAttributes = { strengths: [0.4, 0.4, 0.4, 0.1] };
const jitterSample = (
  shape: Shape<4>,
  strengths: readonly number[],
  isLast: boolean,
): Sample<JitterAttributes> => ({
  shapes: [shape, [shape[0], drawsPerColor], ...(isLast ? [[shape[0]]] : [])],
  attributes: { strengths },
  range: [0, 1],
  differentiable: false,
});
const jitterSamples = (isLast: boolean) => [
  jitterSample([50, 3, 2, 3], usual.strengths, isLast),
  jitterSample([3, 3, 40, 30], [1, 2, 0.5, 0.5], isLast),
  jitterSample([2, 3, 1, 1], [0, 0, 0, 0], isLast),
  jitterSample([0, 3, 4, 4], [0.1, 0.2, 0.3, 0.4], isLast),
];

/** Returns the dispatch for a batch of images, with one invocation per pixel. */
function colorKernel(wgsl: string, { strengths }: JitterAttributes, [n, , h, w]: Shape<4>): Kernel {
  const [BRIGHTNESS = 0, CONTRAST = 0, SATURATION = 0, HUE = 0] = strengths;
  return {
    wgsl: wgsl + stepsWgsl,
    constants: { BATCH: n, P: h * w, BRIGHTNESS, CONTRAST, SATURATION, HUE },
    workgroups: linearWorkgroups(n * h * w),
  };
}

const greyOp: KernelOp<JitterAttributes, [Shape<4>, Shape<2>]> = {
  kind: "kernel",
  name: "jitter_grey",
  infer([images, uniform], attributes) {
    const [batch, , height, width] = checkOperands(images, uniform, attributes);
    return { shape: [batch, height * width], dtype: "float32" };
  },
  kernel: ({ attributes, inputs: [images] }) => colorKernel(greyWgsl, attributes, images.shape),
  reference([images, uniform], { inputs, attributes: { strengths }, shape }) {
    const result = new Float64Array(sizeOf(shape));
    for (const { image, i, plane, pixel } of pixelsOf(images, inputs[0].shape)) {
      const draws = uniform.subarray(drawsPerColor * image, drawsPerColor * (image + 1));
      result[image * plane + i] = lightness(jitterPixel(pixel, draws, strengths));
    }
    return result;
  },
  samples: jitterSamples(false),
  refusals: [
    { shapes: [[2, 1, 3, 3], [2, 5]], attributes: usual, message: "images must be [N, 3, H, W]" },
    { shapes: [[2, 3, 3, 3], [2, 4]], attributes: usual, message: "each image needs 5 numbers" },
    { shapes: [[2, 3, 3, 3], [2, 5]], attributes: { strengths: [0, 0, 0, 0.6] }, message: "hue at most ½" },
  ],
};

const colorOp: KernelOp<JitterAttributes, [Shape<4>, Shape<2>, Shape<1>]> = {
  kind: "kernel",
  name: "jitter_colors",
  infer([images, uniform, means], attributes) {
    const shape = checkOperands(images, uniform, attributes);
    if (formatShape(means.shape) !== formatShape([shape[0]])) {
      throw new RangeError(
        `Cannot jitter colours: each image needs a mean, but shapes are ${formatShapes([images, means])}`,
      );
    }
    return { shape, dtype: "float32" };
  },
  kernel: ({ attributes, inputs: [images] }) => colorKernel(colorWgsl, attributes, images.shape),
  reference([images, uniform, means], { inputs, attributes: { strengths }, shape }) {
    const result = new Float64Array(sizeOf(shape));
    for (const { image, at, plane, pixel } of pixelsOf(images, inputs[0].shape)) {
      const draws = uniform.subarray(drawsPerColor * image, drawsPerColor * (image + 1));
      jitterPixel(pixel, draws, strengths, means[image]!).forEach((value, c) =>
        result[at + c * plane] = value
      );
    }
    return result;
  },
  samples: jitterSamples(true),
  refusals: [
    { shapes: [[2, 3, 3, 3], [2, 5], [3]], attributes: usual, message: "each image needs a mean" },
  ],
};

/**
 * Jitters colours like torchvision's `ColorJitter(brightness, contrast, saturation, hue)`. Brightness (a
 * blend with black), contrast (a blend with the image's mean lightness) and saturation (a blend with the
 * pixel's lightness) change by factors uniform in max(0, 1 − s) … 1 + s; the hue rotates by a share of the
 * colour circle uniform in ±s. Each image draws one of the 24 orders of these steps. Values are clamped to
 * [0, 1] after each blend. No gradient.
 * @param images `[N, 3, H, W]`: RGB in [0, 1].
 * @param uniform `[N, 5]` in [0, 1): brightness, contrast, saturation, hue, order.
 * @param strengths Strengths s of brightness, contrast, saturation (at least 0) and hue (0 … ½).
 * @throws {RangeError} if shapes do not fit or a strength is out of range.
 */
export function jitterColors(images: Tensor, uniform: Tensor, strengths: readonly number[]): Tensor {
  const grey = apply(greyOp, [images, uniform], { strengths });
  return apply(colorOp, [images, uniform, mean(grey, [1])], { strengths });
}

/** Ops of this file, for the table of all ops. */
export const colorOps = [greyOp, colorOp] as const;
