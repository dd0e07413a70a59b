/** Augmentations as functions: each is the op that it stands for, and they compose. */
import {
  applyRandAugment,
  type Augmentation,
  augmentImages,
  composeAugmentations,
  cropRandomly,
  cutout,
  cutOutRandomly,
  type Device,
  flipRandomly,
  iota,
  jitterColors,
  jitterRandomly,
  less,
  mul,
  packPixels,
  randAugment,
  randomUniform,
  randomView,
  reshape,
  rotateRandomly,
  shiftRandomly,
  sub,
  type Tensor,
  variable,
  warpRandomly,
  where,
} from "../../kernels/mod.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, randomValues } from "./reference.ts";
import { compile } from "../../kernels/mod.ts";

const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
const key = { seed: scalar(7), step: scalar(3) };
const shape = [4, 3, 12, 10] as const, imageShape = [3, 12, 10] as const;
const images = variable(shape, randomValues(2, 4 * 360, [0, 1], "float32"));

/** Applies an augmentation with streams from 20 on. */
function augment(augmentation: Augmentation, aspects?: Tensor): Tensor {
  let stream = 20;
  return augmentation(images, { key, nextStream: () => stream++, aspects });
}

async function valueOf(device: Device, tensor: Tensor): Promise<Float32Array> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return Float32Array.from(value);
}

/** Warps images by the op, with a stream. */
function warped(options: Parameters<typeof warpRandomly>[0], stream: number, from: Tensor = images): Tensor {
  return augmentImages(reshape(from, [1440]), iota(4), key, stream, { imageShape, ...options });
}

/** Each augmentation, and what it must equal. */
const cases: Readonly<Record<string, readonly [Augmentation, Tensor]>> = {
  flip: [flipRandomly(), warped({ flip: true }, 20)],
  shift: [shiftRandomly(3, "zero"), warped({ translate: 3, fill: "zero" }, 20)],
  rotate: [rotateRandomly(20), warped({ rotate: 20 }, 20)],
  warp: [
    warpRandomly({ flip: true, rotate: 5, translate: 2 }),
    warped({ flip: true, rotate: 5, translate: 2 }, 20),
  ],
  jitter: [
    jitterRandomly([0.4, 0.4, 0.4, 0.1]),
    jitterColors(images, randomUniform(key, 20, [4, 5]), [0.4, 0.4, 0.4, 0.1]),
  ],
  randAugment: [
    applyRandAugment({ magnitude: 7, fill: 0.2 }),
    randAugment(images, key, ((stream) => () => stream++)(20), { magnitude: 7, fill: 0.2 }),
  ],
  cutout: [cutOutRandomly(5, 0.25), cutout(images, randomUniform(key, 20, [4, 2]), 5, 0.25)],
  "flip, then shift": [
    composeAugmentations(flipRandomly(), shiftRandomly(2)),
    warped({ translate: 2 }, 21, warped({ flip: true }, 20)),
  ],
};

for (const [name, [augmentation, want]] of Object.entries(cases)) {
  gpuTest(`the augmentation "${name}" is its op with the context's random numbers`, async (device) => {
    const got = augment(augmentation);
    assertEquals(got.shape, shape);
    const values = await valueOf(device, got);
    assertEquals(values, await valueOf(device, want));
    assertNotEquals(values, Float32Array.from(images.initial));
  });
}

Deno.test("no augmentations composed leave images as they are", () => {
  assert(augment(composeAugmentations()) === images);
});

Deno.test("a random crop has its size, uses aspects, and equals that of a view of the same images", () => {
  const aspects = variable([4], [1, 2, 0.5, 1.5]);
  const options = { rotate: 10, flip: true } as const;
  const crop = evaluate(augment(cropRandomly(6, options), aspects));
  let stream = 20;
  const view = randomView(
    { pixels: [reshape(images, [1440])], indices: iota(4), aspects },
    key,
    () => stream++,
    { imageShape, randomResizedCrop: 6, ...options },
  );
  assertEquals(view.shape, [4, 3, 6, 6]);
  assertClose(crop, evaluate(view), { rtol: 0, atol: 0 });
  assertNotEquals(crop, evaluate(augment(cropRandomly(6, options))));
});

gpuTest(
  "a view applies further augmentations after those of its options, before normalisation",
  async (device) => {
    const bytes = Uint8Array.from({ length: 1440 }, (_, i) => i * 37 % 256);
    const pixels = [variable([360], packPixels(bytes), { dtype: "uint32" })];
    const indices = variable([4], [2, 0, 1, 3], { dtype: "int32" });
    const statistics = { mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.3, 0.4] };
    // Inverts half of the images.
    const invert: Augmentation = (images, { key, nextStream }) =>
      where(less(randomUniform(key, nextStream(), [4, 1, 1, 1]), 0.5), sub(1, images), images);
    let stream = 20;
    const view = randomView(
      { pixels, indices },
      key,
      () => stream++,
      { imageShape, translate: 2, ...statistics },
      invert,
    );
    const shifted = augmentImages(pixels, indices, key, 20, { imageShape, translate: 2 });
    const inverted = evaluate(invert(shifted, { key, nextStream: () => 21 }));
    const want = inverted.map((value, i) => {
      const c = Math.floor(i / 120) % 3;
      return (value - statistics.mean[c]!) / statistics.standardDeviation[c]!;
    });
    assertClose(await valueOf(device, view), want, { rtol: 1e-5, atol: 1e-5 });
    assertNotEquals(inverted, evaluate(shifted));
  },
);

Deno.test("a view refuses an augmentation that returns another shape", () => {
  const batch = { pixels: [reshape(images, [1440])], indices: iota(4) };
  assertThrows(
    () => randomView(batch, key, () => 0, { imageShape }, cropRandomly(6)),
    RangeError,
    "must return images of shape [4, 3, 12, 10], but their shape is [4, 3, 6, 6]",
  );
  assertThrows(
    () => flipRandomly()(reshape(mul(images, 1), [1440]), { key, nextStream: () => 0 }),
    RangeError,
    "must be [N, C, H, W], but have 1 axes",
  );
});
