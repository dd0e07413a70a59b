/** Crops, colour jitter and whole views, compared with PIL, torchvision, geometry and each other. */
import {
  augmentImages,
  centralCropBoxes,
  compile,
  type Device,
  jitterColors,
  packPixels,
  plainView,
  randomCropBoxes,
  randomUniform,
  randomView,
  resampleImages,
  type Tensor,
  variable,
  type ViewOptions,
} from "../../kernels/mod.ts";
import { hostJitterOrder } from "../../kernels/ops/augment/augment_color.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, randomWords } from "./reference.ts";

const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
const key = { seed: scalar(7), step: scalar(3) };
const vector = (...values: number[]) => variable([values.length], values);
const indicesOf = (...values: number[]) => variable([values.length], values, { dtype: "int32" });
const whole = [1, 0, 0, 1];

function bytesOf(count: number, seed = 1): Uint8Array {
  const next = randomWords(seed);
  return Uint8Array.from({ length: count }, () => next() >>> 24);
}

function packed(bytes: Uint8Array) {
  const words = packPixels(bytes);
  return variable([words.length], words, { dtype: "uint32" });
}

async function valueOf(device: Device, tensor: Tensor): Promise<number[]> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return [...value];
}

/** Resamples a box of a single float32 image. */
function boxOf(
  image: ArrayLike<number>,
  [height, width]: readonly [number, number],
  box: number[],
  size: number,
) {
  const boxes = variable([1, 8], [...box, ...whole]);
  return resampleImages([vector(...Array.from(image))], indicesOf(0), boxes, {
    imageShape: [1, height, width],
    size,
  });
}

/** Image for Pillow 9.4's `resize((n, n), Image.BILINEAR, box=…)`, mode F; results are below. */
const image6x8 = Array.from({ length: 48 }, (_, i) => {
  const x = i % 8, y = Math.floor(i / 8);
  return (y * 37 + x * x * 11 + (x * y) % 5 * 20) % 251;
});
const pillow: [size: number, box: [left: number, top: number, right: number, bottom: number], string][] = [
  [3, [1.5, 0.5, 7.25, 6], "116.0863 102.1278 109.3916 142.0857 91.0014 105.7622 127.3554 100.4234 149.4461"],
  [
    5,
    [2, 1, 4.5, 3.5],
    "89.75 119.25 154.25 147.6875 99.5625 125.75 154.0 181.5 158.0 83.5 161.75 182.5 190.0 159.0 89.5 179.0 182.8125 163.9375 131.6875 86.0625 177.5 154.9375 103.3125 76.0625 73.1875",
  ],
  [2, [0, 0, 8, 6], "99.2991 105.4375 131.5 125.7679"],
];

for (const [size, [left, top, right, bottom], numbers] of pillow) {
  gpuTest(`a box resampled to ${size}×${size} matches Pillow`, async (device) => {
    const box = boxOf(image6x8, [6, 8], [left, top, right - left, bottom - top], size);
    const want = numbers.split(" ").map(Number);
    assertClose(await valueOf(device, box), want, { rtol: 0, atol: 1e-3 });
    const mirrored = boxOf(image6x8, [6, 8], [right, top, left - right, bottom - top], size);
    const flipped = want.map((_, i) => want[i - i % size + size - 1 - i % size]!);
    assertClose(await valueOf(device, mirrored), flipped, { rtol: 0, atol: 1e-3 });
  });
}

gpuTest("resampling a whole image to its own size returns the image", async (device) => {
  const bytes = bytesOf(2 * 75);
  const boxes = variable([2, 8], [0, 0, 5, 5, ...whole, 5, 0, -5, 5, ...whole]);
  const images = resampleImages(packed(bytes), indicesOf(1, 0), boxes, { imageShape: [3, 5, 5], size: 5 });
  const want = Array.from({ length: 150 }, (_, i) => {
    const x = i % 5;
    return i < 75 ? bytes[75 + i]! : bytes[i - 75 - x + 4 - x]!;
  });
  assertClose(await valueOf(device, images), want.map((byte) => byte / 255), { rtol: 2e-7, atol: 0 });
});

Deno.test("random boxes are inside the image, with area and ratio in Inception's ranges", () => {
  const count = 4000, height = 20, width = 40;
  for (const aspect of [0.4, 1, 4 / 3, 2.2]) {
    const aspects = variable([count], new Float32Array(count).fill(aspect));
    const uniform = randomUniform(key, 5, [count, 24]);
    const boxes = evaluate(randomCropBoxes(uniform, aspects, { height, width, rotate: 0, flip: true }));
    let mirrored = 0, area = 0;
    const corners = { left: 0, right: 0 };
    for (let i = 0; i < count; i++) {
      const [start, top, extent, h, ...turn] = boxes.subarray(8 * i, 8 * i + 8) as unknown as number[];
      assertEquals(turn.map((value) => value + 0), [1, 0, 0, 1]);
      if (extent! < 0) mirrored++;
      const left = Math.min(start!, start! + extent!), w = Math.abs(extent!);
      assert(left > -1e-9 && left + w < width + 1e-9 && top! > -1e-9 && top! + h! < height + 1e-9);
      const share = w * h! / (width * height), ratio = w / width / (h! / height) * aspect;
      assert(share > 0.08 - 1e-6 && ratio > 0.75 - 1e-6 && ratio < 4 / 3 + 1e-6, `${share} ${ratio}`);
      area += share / count;
      corners.left += left / count;
      corners.right += (width - left - w) / count;
    }
    assertClose([mirrored / count], [0.5], { rtol: 0, atol: 0.03 });
    // Positions are uniform. Large areas fit less often, especially in elongated images.
    assertClose([corners.left], [corners.right], { rtol: 0.1, atol: 0 });
    assert(area > 0.2 && area < 0.54, `mean area ${area}`);
  }
});

Deno.test("if no try fits, the box is the largest of an allowed ratio, at the drawn position", () => {
  const uniform = variable([2, 24], Float32Array.from({ length: 48 }, (_, i) => i % 24 < 20 ? 0.99 : 0.5));
  const boxes = evaluate(
    randomCropBoxes(uniform, vector(8, 0.125), { height: 40, width: 24, rotate: 0, flip: false }),
  );
  // The first image is displayed 8 wide and 1 high: 4⁄3 of its height is a sixth of its width.
  assertClose(boxes.subarray(0, 4), [10, 0, 4, 40], { rtol: 1e-6, atol: 1e-9 });
  assertClose(boxes.subarray(8, 12), [0, 40 * 5 / 12, 24, 40 / 6], { rtol: 1e-6, atol: 1e-9 });
});

Deno.test("a rotation is anticlockwise in the displayed image, even if pixels are not square", () => {
  // Displayed twice as wide as high, stored as 12×12 pixels: each pixel is displayed 2 wide and 1 high.
  const uniform = variable([1, 24], Float32Array.from({ length: 24 }, (_, i) => i === 22 ? 0.75 : 0.5));
  const box = evaluate(
    randomCropBoxes(uniform, vector(2), { height: 12, width: 12, rotate: 180, flip: false }),
  );
  const [xx, xy, yx, yy] = [...box.subarray(4)];
  // A quarter turn: one pixel to the right (distance 2) comes from 2 pixels below (distance 2).
  assertClose([xx!, yx!], [0, 2], { rtol: 0, atol: 1e-9 });
  assertClose([xy!, yy!], [-0.5, 0], { rtol: 0, atol: 1e-9 });
});

Deno.test("the central box matches resizing to 256 and cropping 224", () => {
  const boxes = evaluate(centralCropBoxes(vector(1, 4 / 3, 0.5), 60, 80));
  const want = [
    [5, 3.75, 70, 52.5],
    // 341⅓ × 256: the central 224 × 224.
    [80 * (1 - 224 / (1024 / 3)) / 2, 3.75, 80 * 224 / (1024 / 3), 52.5],
    [5, 60 * (1 - 224 / 512) / 2, 70, 60 * 224 / 512],
  ].flatMap((box) => [...box, ...whole]);
  assertClose(boxes, want, { rtol: 1e-6, atol: 1e-6 });
});

/** RGB planes of a 2×3 image, and results of torchvision 0.14's functional adjustments. */
const colors = [0.9, 0.1, 0.4, 0.35, 0, 1, 0.2, 0.1, 0.45, 0.8, 0.6, 1, 0.3, 0.7, 0.4, 0.05, 0.9, 0.2];
const torchvision: Record<string, string> = {
  "brightness contrast saturation hue":
    "0.883162 0.349229 0.678461 0.914323 0.055738 0.853529 0.382727 0.973969 0.681251 0.528729 0.950138 0.262796 0.998075 1.0 0.611488 0.089686 0.148755 0.238182",
  "hue saturation contrast brightness":
    "1.0 0.369968 0.735922 1.0 0.369968 1.0 0.375978 1.0 0.738713 0.78476 1.0 0.426236 1.0 1.0 0.66895 0.369968 0.507844 0.381588",
  "contrast hue brightness saturation":
    "1.0 0.213347 0.735604 1.0 0.080855 1.0 0.39273 1.0 0.738394 0.78844 1.0 0.464832 1.0 1.0 0.668631 0.118714 0.549664 0.420184",
  "saturation brightness hue contrast":
    "0.675722 0.31696 0.650118 0.795784 0.275784 0.795784 0.309174 0.776631 0.652908 0.666949 0.795784 0.296584 0.795784 0.795784 0.583145 0.275784 0.296584 0.275784",
};
/** Numbers in [0, 1), one for each of the 24 orders. */
const orderDraws = Array.from({ length: 24 }, (_, i) => (i + 0.5) / 24);

for (const [order, numbers] of Object.entries(torchvision)) {
  gpuTest(`colours jittered by ${order} match torchvision`, async (device) => {
    const draw = orderDraws.find((number) => hostJitterOrder(number).join(" ") === order)!;
    const images = variable([1, 3, 2, 3], colors);
    const jittered = jitterColors(images, variable([1, 5], [0.85, 0.2, 0.95, 0.1, draw]), [
      0.8,
      0.8,
      0.8,
      0.2,
    ]);
    const want = numbers.split(" ").map(Number);
    assertClose(await valueOf(device, jittered), want, { rtol: 0, atol: 2e-6 });
    assertClose(evaluate(jittered), want, { rtol: 0, atol: 1e-6 });
  });
}

Deno.test("numbers draw 24 different orders of the four steps", () => {
  const orders = orderDraws.map((number) => hostJitterOrder(number).join());
  assertEquals(new Set(orders).size, 24);
  assert(orders.every((order) => new Set(order.split(",")).size === 4));
});

const photo: ViewOptions = {
  imageShape: [3, 12, 16],
  mean: [0.5, 0.4, 0.3],
  standardDeviation: [0.2, 0.3, 0.4],
};
const everything: ViewOptions = {
  ...photo,
  randomResizedCrop: 8,
  colorJitter: [0.4, 0.4, 0.4, 0.1],
  rotate: 10,
  flip: true,
  translate: 1,
};

/** Returns a random view and the streams it used. */
function viewOf(options: ViewOptions, bytes: Uint8Array, aspects?: Tensor) {
  const streams: number[] = [];
  const nextStream = () => streams[streams.length] = 20 + streams.length;
  const batch = { pixels: [packed(bytes)], indices: indicesOf(2, 0, 1, 2), aspects };
  return { view: randomView(batch, key, nextStream, options), streams };
}

gpuTest(
  "a view with all augmentations matches its float64 reference, and differs per image",
  async (device) => {
    const bytes = bytesOf(3 * 576);
    for (const fill of ["reflect", "zero"] as const) {
      const { view, streams } = viewOf({ ...everything, fill }, bytes, vector(1.2, 0.7, 2, 1));
      assertEquals(view.shape, [4, 3, 8, 8]);
      assertEquals(streams, [20, 21, 22]);
      const got = await valueOf(device, view);
      assertClose(got, evaluate(view), { rtol: 1e-5, atol: 2e-4 });
      assertNotEquals(got.slice(0, 192), got.slice(576));
    }
  },
);

gpuTest("without crops and jitter a view equals augmentImages, with one stream", async (device) => {
  const bytes = bytesOf(3 * 576);
  const options = { ...photo, translate: 2, rotate: 5, flip: true };
  const { view, streams } = viewOf(options, bytes);
  assertEquals(streams, [20]);
  const before = augmentImages([packed(bytes)], indicesOf(2, 0, 1, 2), key, 20, options);
  assertEquals(await valueOf(device, view), await valueOf(device, before));
});

gpuTest("colours are jittered after translation, before normalisation", async (device) => {
  const bytes = bytesOf(3 * 576);
  const { view } = viewOf({ ...photo, translate: 2, colorJitter: [0.3, 0.2, 0.1, 0.4] }, bytes);
  const translated = augmentImages([packed(bytes)], indicesOf(2, 0, 1, 2), key, 20, {
    imageShape: photo.imageShape,
    translate: 2,
  });
  const colored = evaluate(jitterColors(translated, randomUniform(key, 21, [4, 5]), [0.3, 0.2, 0.1, 0.4]));
  const want = colored.map((value, i) => {
    const c = Math.floor(i / 192) % 3;
    return (value - photo.mean![c]!) / photo.standardDeviation![c]!;
  });
  assertClose(await valueOf(device, view), want, { rtol: 1e-5, atol: 1e-5 });
});

gpuTest("evaluation uses whole images, or central crops if training uses crops", async (device) => {
  const bytes = bytesOf(3 * 576);
  const batch = { pixels: [packed(bytes)], indices: indicesOf(1, -1) };
  const plain = await valueOf(device, plainView(batch, { ...everything, randomResizedCrop: null }));
  assertClose(
    plain.slice(0, 576),
    [...bytes.subarray(576, 1152)].map((byte, i) => {
      const c = Math.floor(i / 192);
      return (byte / 255 - photo.mean![c]!) / photo.standardDeviation![c]!;
    }),
    { rtol: 1e-5, atol: 1e-5 },
  );
  const central = plainView(batch, everything);
  assertEquals(central.shape, [2, 3, 8, 8]);
  assertClose(await valueOf(device, central), evaluate(central), { rtol: 1e-5, atol: 1e-5 });
  // A constant image stays constant, whatever the crop.
  const constant = plainView({ ...batch, pixels: [packed(new Uint8Array(1152).fill(51))] }, everything);
  const { mean, standardDeviation } = photo;
  const want = [0, 1, 2].flatMap((c) => Array(64).fill((0.2 - mean![c]!) / standardDeviation![c]!));
  assertClose((await valueOf(device, constant)).slice(0, 192), want, { rtol: 1e-5, atol: 1e-6 });
});

Deno.test("a view of a set in parts takes each image from its part", () => {
  const bytes = bytesOf(3 * 576);
  const indices = indicesOf(2, 0, 1, 2);
  const crop = (pixels: readonly Tensor[]) =>
    evaluate(randomView({ pixels, indices }, key, () => 3, everything));
  const parts = [packed(bytes.subarray(0, 1152)), packed(bytes.subarray(1152))];
  assertClose(crop(parts), crop([packed(bytes)]), { rtol: 0, atol: 0 });
});

Deno.test("views refuse options that do not fit", () => {
  const grey = { pixels: [packed(bytesOf(192))], indices: indicesOf(0) };
  const refuses = (options: Partial<ViewOptions>, message: string) =>
    assertThrows(
      () => randomView(grey, key, () => 0, { imageShape: [1, 12, 16], ...options }),
      RangeError,
      message,
    );
  refuses({ colorJitter: [0.4, 0.4, 0.4, 0.1] }, "images must be [N, 3, H, W]");
  refuses({ randomResizedCrop: 0.5 }, "the size must be a whole number");
  refuses({ randomResizedCrop: 8, rotate: 200 }, "0 … 180 degrees");
  refuses({ randomResizedCrop: 4, translate: 4 }, "below height and width");
});
