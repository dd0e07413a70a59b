/**
 * Colour jitter: brightness, contrast, saturation and hue of each image changed at random, in a random order.
 * @module
 */
import { apply, formatShape, type KernelOp, type Sample, sizeOf, type Tensor } from "../tensor.ts";
import { linearWorkgroups } from "../workgroups.ts";
import colorWgsl from "./augment_color.wgsl" with { type: "text" };
import greyWgsl from "./augment_color_grey.wgsl" with { type: "text" };
import stepsWgsl from "./augment_color_steps.wgsl" with { type: "text" };
import { mean } from "./reduce.ts";

/** Random numbers that an image takes: one per step, and one for their order. */
export const drawsPerColor = 5;

type JitterAttributes = { readonly strength: number };
type Pixel = readonly [red: number, green: number, blue: number];

function checkJitter(images: Tensor, uniform: Tensor, { strength }: JitterAttributes): void {
  const [batch, channels] = images.shape;
  if (images.shape.length !== 4 || channels !== 3) {
    throw new RangeError(
      `Cannot jitter colours as images must be [N, 3, H, W]: their shape is ${formatShape(images.shape)}`,
    );
  }
  if (formatShape(uniform.shape) !== formatShape([batch!, drawsPerColor])) {
    throw new RangeError(
      `Cannot jitter colours as each image needs ${drawsPerColor} numbers: shapes are ${
        formatShape(images.shape)
      } and ${formatShape(uniform.shape)}`,
    );
  }
  if (!(strength >= 0 && strength <= 1)) {
    throw new RangeError(`Cannot jitter colours as the strength must be in 0 … 1: it is ${strength}`);
  }
}

const lightness = ([red, green, blue]: Pixel) => 0.2989 * red + 0.587 * green + 0.114 * blue;

function blended(pixel: Pixel, other: Pixel, factor: number): Pixel {
  const mixed = (i: number) => Math.min(1, Math.max(0, factor * pixel[i]! + (1 - factor) * other[i]!));
  return [mixed(0), mixed(1), mixed(2)];
}

/** From RGB to hue, saturation and value, and back with another hue. */
function turnedHue([red, green, blue]: Pixel, share: number): Pixel {
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

/** The order of the four steps that a number in [0, 1) draws. */
export function hostJitterOrder(uniform: number): (typeof steps)[number][] {
  const left = [...steps];
  // As the device multiplies: in float32.
  let order = Math.floor(Math.fround(uniform * 24));
  return steps.map((_, done) => {
    const chosen = order % (4 - done);
    order = Math.floor(order / (4 - done));
    const [step] = left.splice(chosen, 1, left.at(-1)!);
    left.pop();
    return step!;
  });
}

/** A pixel after the steps: all, or where there is no mean those before contrast. */
function jittered(pixel: Pixel, uniform: Float64Array, strength: number, greyMean?: number): Pixel {
  let rgb = pixel;
  for (const step of hostJitterOrder(uniform[4]!)) {
    const change = (2 * uniform[steps.indexOf(step)]! - 1) * strength;
    if (step === "hue") rgb = turnedHue(rgb, change / 4);
    else if (step === "brightness") rgb = blended(rgb, [0, 0, 0], 1 + change);
    else {
      if (step === "contrast" && greyMean === undefined) return rgb;
      const grey = step === "contrast" ? greyMean! : lightness(rgb);
      rgb = blended(rgb, [grey, grey, grey], 1 + change);
    }
  }
  return rgb;
}

/** Every pixel of a batch `[N, 3, H, W]`, with the number of its image and its place there. */
function* pixelsOf(images: Float64Array, [batch, , height, width]: readonly number[]) {
  const plane = height! * width!;
  for (let image = 0; image < batch!; image++) {
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

const jitterSample = (
  shape: readonly number[],
  strength: number,
  isLast: boolean,
): Sample<JitterAttributes> => ({
  shapes: [shape, [shape[0]!, drawsPerColor], ...(isLast ? [[shape[0]!]] : [])],
  attributes: { strength },
  range: [0, 1],
  differentiable: false,
});
const jitterSamples = (isLast: boolean) => [
  jitterSample([50, 3, 2, 3], 0.4, isLast),
  jitterSample([3, 3, 40, 30], 1, isLast),
  jitterSample([2, 3, 1, 1], 0, isLast),
  jitterSample([0, 3, 4, 4], 0.4, isLast),
];

const greyOp: KernelOp<JitterAttributes> = {
  kind: "kernel",
  name: "jitter_grey",
  infer([images, uniform], attributes) {
    checkJitter(images!, uniform!, attributes);
    const [batch, , height, width] = images!.shape as readonly [number, number, number, number];
    return { shape: [batch, height * width], dtype: "float32" };
  },
  kernel: ({ attributes: { strength }, shape }) => ({
    wgsl: greyWgsl + stepsWgsl,
    constants: { BATCH: shape[0]!, P: shape[1]!, STRENGTH: strength },
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  reference([images, uniform], { inputs, attributes: { strength }, shape }) {
    const result = new Float64Array(sizeOf(shape));
    for (const { image, i, plane, pixel } of pixelsOf(images!, inputs[0]!.shape)) {
      const draws = uniform!.subarray(drawsPerColor * image, drawsPerColor * (image + 1));
      result[image * plane + i] = lightness(jittered(pixel, draws, strength));
    }
    return result;
  },
  samples: jitterSamples(false),
  refusals: [
    { shapes: [[2, 1, 3, 3], [2, 5]], attributes: { strength: 0.4 }, message: "images must be [N, 3, H, W]" },
    { shapes: [[2, 3, 3, 3], [2, 4]], attributes: { strength: 0.4 }, message: "each image needs 5 numbers" },
    { shapes: [[2, 3, 3, 3], [2, 5]], attributes: { strength: 1.5 }, message: "strength must be in 0 … 1" },
  ],
};

const colorOp: KernelOp<JitterAttributes> = {
  kind: "kernel",
  name: "jitter_colors",
  infer([images, uniform, means], attributes) {
    checkJitter(images!, uniform!, attributes);
    if (formatShape(means!.shape) !== formatShape([images!.shape[0]!])) {
      throw new RangeError(
        `Cannot jitter colours as each image needs a mean: shapes are ${formatShape(images!.shape)} and ${
          formatShape(means!.shape)
        }`,
      );
    }
    return { shape: images!.shape, dtype: "float32" };
  },
  kernel: ({ attributes: { strength }, shape: [batch, , height, width] }) => ({
    wgsl: colorWgsl + stepsWgsl,
    constants: { BATCH: batch!, P: height! * width!, STRENGTH: strength },
    workgroups: linearWorkgroups(batch! * height! * width!),
  }),
  reference([images, uniform, means], { attributes: { strength }, shape }) {
    const result = new Float64Array(sizeOf(shape));
    for (const { image, at, plane, pixel } of pixelsOf(images!, shape)) {
      const draws = uniform!.subarray(drawsPerColor * image, drawsPerColor * (image + 1));
      jittered(pixel, draws, strength, means![image]!).forEach((value, c) => result[at + c * plane] = value);
    }
    return result;
  },
  samples: jitterSamples(true),
  refusals: [
    {
      shapes: [[2, 3, 3, 3], [2, 5], [3]],
      attributes: { strength: 0.4 },
      message: "each image needs a mean",
    },
  ],
};

/**
 * Colour jitter, as torchvision's `ColorJitter(s, s, s, s / 4)`: with factors uniform in 1 ± s, the brightness of an
 * image (a blend with black), its contrast (a blend with its mean lightness) and its saturation (a blend with its own
 * lightness), and its hue, by a share of the colour circle uniform in ±s / 4; in one of the 24 orders, drawn per image.
 * Values are clamped to [0, 1] after each blend. No gradient.
 * @param images `[N, 3, H, W]`: RGB in [0, 1].
 * @param uniform `[N, 5]` in [0, 1): brightness, contrast, saturation, hue, order.
 * @param strength s, in 0 … 1.
 * @throws {RangeError} if shapes do not fit or the strength is out of range.
 */
export function jitterColors(images: Tensor, uniform: Tensor, strength: number): Tensor {
  const grey = apply(greyOp, [images, uniform], { strength }) as unknown as Tensor;
  return apply(colorOp, [images, uniform, mean(grey, [1])], { strength }) as unknown as Tensor;
}

/** The ops of this file, for the table of all ops. */
export const colorOps = [greyOp, colorOp] as const;
