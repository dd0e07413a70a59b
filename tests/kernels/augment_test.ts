/** Augmentation: normalisation, exact shifts, reflection, two views, large sets, geometry in float64. */
import {
  augmentImages,
  type AugmentOptions,
  compile,
  type Device,
  packPixels,
  type Tensor,
  variable,
} from "../../kernels/mod.ts";
import { hostAugmentation } from "../../kernels/internal.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, randomWords } from "./reference.ts";

const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
const key = { seed: scalar(7), step: scalar(3) };
const digits: AugmentOptions = { imageShape: [1, 28, 28], mean: [0], standardDeviation: [1 / 255] };

function randomBytes(count: number, seed = 1): Uint8Array {
  const next = randomWords(seed);
  return Uint8Array.from({ length: count }, () => next() >>> 24);
}

function pixelsOf(bytes: Uint8Array) {
  const words = packPixels(bytes);
  return variable([words.length], words, { dtype: "uint32" });
}

const indicesOf = (...values: number[]) => variable([values.length], values, { dtype: "int32" });

async function valueOf(device: Device, tensor: Tensor): Promise<Float64Array> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return Float64Array.from(value);
}

gpuTest("without augmentation a batch is only normalised", async (device) => {
  const bytes = randomBytes(3 * 75);
  const mean = [0.4914, 0.4822, 0.4465], standardDeviation = [0.247, 0.2435, 0.2616];
  const images = augmentImages(pixelsOf(bytes), indicesOf(2, 0), key, 0, {
    imageShape: [3, 5, 5],
    mean,
    standardDeviation,
  });
  assertEquals(images.shape, [2, 3, 5, 5]);
  const want = [2, 0].flatMap((image) =>
    [...bytes.subarray(75 * image, 75 * image + 75)].map((byte, i) => {
      const c = Math.floor(i / 25);
      return (byte / 255 - mean[c]!) / standardDeviation[c]!;
    })
  );
  assertClose(await valueOf(device, images), want, { rtol: 1e-6, atol: 1e-6 });
});

/** Returns the source of a shifted pixel, by mirroring step by step instead of by a formula. */
function mirroredSource(at: number, size: number): number {
  while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
  return at;
}

for (const fill of ["reflect", "zero"] as const) {
  gpuTest(`shifts and flips copy pixels exactly, filled by ${fill}`, async (device) => {
    const bytes = randomBytes(40 * 12 * 9), batch = Array.from({ length: 40 }, (_, i) => i);
    const options: AugmentOptions = {
      imageShape: [1, 12, 9],
      translate: 8,
      flip: true,
      fill,
      mean: [0],
      standardDeviation: [1 / 255],
    };
    const values = await valueOf(
      device,
      augmentImages(pixelsOf(bytes), indicesOf(...batch), key, 5, options),
    );
    const want = batch.flatMap((slot) => {
      const { dx, dy, isFlipped } = hostAugmentation([7, 3], 5, slot, options);
      return Array.from({ length: 108 }, (_, i) => {
        const y = Math.floor(i / 9) - dy, shifted = i % 9 - dx, x = isFlipped ? 8 - shifted : shifted;
        if (fill === "zero" && (y < 0 || y >= 12 || x < 0 || x >= 9)) return 0;
        return bytes[slot * 108 + mirroredSource(y, 12) * 9 + mirroredSource(x, 9)]!;
      });
    });
    assertEquals([...values], want);
  });
}

gpuTest("float32 pixels are shifted and mirrored like bytes, but not divided by 255", async (device) => {
  const bytes = randomBytes(6 * 36), batch = indicesOf(4, 0, 5, 1, -1, 6);
  const floats = variable([6 * 36], Float32Array.from(bytes, (byte) => byte / 16 - 3));
  const options = { imageShape: [1, 6, 6], translate: 3, flip: true } as const;
  for (const fill of ["zero", "reflect"] as const) {
    const asBytes = augmentImages(pixelsOf(bytes), batch, key, 2, {
      ...options,
      fill,
      mean: [48 / 255],
      standardDeviation: [16 / 255],
    });
    const asFloats = await valueOf(device, augmentImages(floats, batch, key, 2, { ...options, fill }));
    const want = await valueOf(device, asBytes);
    // The fill is 0 for both kinds of pixels.
    assertClose(asFloats, want.map((value) => value === -3 && fill === "zero" ? 0 : value), {
      rtol: 1e-6,
      atol: 1e-5,
    });
    assert(asFloats.some((value) => value < 0) && asFloats.some((value) => value > 9));
  }
  const statistics = { mean: [2], standardDeviation: [4] };
  const normalised = augmentImages(floats, indicesOf(3), key, 0, { ...options, translate: 0, ...statistics });
  assertClose(await valueOf(device, normalised), evaluate(normalised), { rtol: 1e-6, atol: 1e-6 });
});

gpuTest("rotation matches float64 and is about the centre", async (device) => {
  const bytes = randomBytes(20 * 784), pixels = pixelsOf(bytes);
  const batch = indicesOf(...Array.from({ length: 20 }, (_, i) => i));
  for (const fill of ["reflect", "zero"] as const) {
    const images = augmentImages(pixels, batch, key, 1, {
      ...digits,
      rotate: 30,
      translate: 3,
      flip: true,
      fill,
    });
    // A coordinate of 14 is rounded to 1e-6 pixels, and neighbours differ by up to 255.
    assertClose(await valueOf(device, images), evaluate(images), { rtol: 1e-6, atol: 255 * 8e-6 });
  }
  const cross = new Uint8Array(49).map((_, i) => i === 24 ? 200 : 0);
  const turned = augmentImages(pixelsOf(cross), indicesOf(0, 0, 0), key, 1, {
    ...digits,
    imageShape: [1, 7, 7],
    rotate: 90,
    fill: "zero",
  });
  const values = await valueOf(device, turned);
  [0, 1, 2].forEach((slot) => assertClose([values[49 * slot + 24]!], [200], { rtol: 1e-4, atol: 0 }));
});

Deno.test("a positive angle turns anticlockwise", () => {
  const slots = Array.from({ length: 50 }, (_, i) => i);
  const slot = slots.find((i) => hostAugmentation([7, 3], 1, i, { rotate: 90 }).angle > 1.2)!;
  // One bright pixel right of the centre; the draw depends on the slot in the batch.
  const bytes = new Uint8Array(25).map((_, i) => i === 14 ? 255 : 0);
  const images = augmentImages(pixelsOf(bytes), indicesOf(...slots.map(() => 0)), key, 1, {
    ...digits,
    imageShape: [1, 5, 5],
    rotate: 90,
    fill: "zero",
  });
  const image = evaluate(images).subarray(25 * slot, 25 * slot + 25);
  const brightest = image.indexOf(image.reduce((a, b) => Math.max(a, b)));
  assert(Math.floor(brightest / 5) < 2, `the bright pixel went to row ${Math.floor(brightest / 5)}`);
});

gpuTest("different streams and steps give different views, equal ones equal views", async (device) => {
  const pixels = pixelsOf(randomBytes(784 * 8)), batch = indicesOf(0, 1, 2, 3, 4, 5, 6, 7);
  const options = { ...digits, translate: 2, rotate: 10, fill: "zero" as const };
  const view = (stream: number, step = 3) =>
    valueOf(
      device,
      augmentImages(pixels, batch, { seed: key.seed, step: scalar(step) }, stream, options),
    );
  const student = await view(0);
  assertEquals(await view(0), student);
  const teacher = await view(1), later = await view(0, 4);
  for (let image = 0; image < 8; image++) {
    const of = (values: Float64Array) => values.slice(784 * image, 784 * image + 784);
    assertNotEquals(of(student), of(teacher));
    assertNotEquals(of(student), of(later));
  }
});

Deno.test("draws are uniform over shifts, angles and sides", () => {
  const options = { translate: 2, rotate: 10, flip: true };
  const draws = Array.from({ length: 50_000 }, (_, slot) => hostAugmentation([1, 2], 3, slot, options));
  for (const axis of ["dx", "dy"] as const) {
    for (let shift = -2; shift <= 2; shift++) {
      const share = draws.filter((draw) => draw[axis] === shift).length / draws.length;
      assertClose([share], [0.2], { rtol: 0, atol: 0.01, what: `${axis} = ${shift}` });
    }
  }
  const degrees = draws.map(({ angle }) => angle * 180 / Math.PI);
  assert(degrees.every((angle) => angle >= -10 && angle < 10));
  assertClose([degrees.reduce((a, b) => a + b) / draws.length], [0], { rtol: 0, atol: 0.15 });
  assertClose([draws.filter(({ isFlipped }) => isFlipped).length / draws.length], [0.5], {
    rtol: 0,
    atol: 0.012,
  });
});

gpuTest("a set in parts gives the same result as in one piece", async (device) => {
  const bytes = randomBytes(784 * 6), batch = indicesOf(5, 0, 3, 2, -1, 6);
  const options = { ...digits, mean: [0.3], translate: 2, fill: "zero" as const };
  const whole = await valueOf(device, augmentImages(pixelsOf(bytes), batch, key, 0, options));
  const parts = [pixelsOf(bytes.subarray(0, 784 * 3)), pixelsOf(bytes.subarray(784 * 3))];
  assertEquals(await valueOf(device, augmentImages(parts, batch, key, 0, options)), whole);
  assert(whole.subarray(784 * 4).every((value) => value === 0), "images outside the set are zeros");
  assert(whole.subarray(0, 784 * 4).some((value) => value !== 0));
});

Deno.test("bytes are packed with the first in the lowest bits", () => {
  assertEquals([...packPixels(Uint8Array.of(1, 2, 3, 4, 5))], [0x04030201, 5]);
});

Deno.test("augmentation refuses options and operands that do not fit", () => {
  const pixels = pixelsOf(randomBytes(784)), batch = indicesOf(0);
  const refuses = (options: Partial<AugmentOptions>, message: string) =>
    assertThrows(() => augmentImages(pixels, batch, key, 0, { ...digits, ...options }), RangeError, message);
  for (const translate of [28, -1, 1.5]) refuses({ translate }, "below height and width");
  for (const rotate of [-1, 181, NaN]) refuses({ rotate }, "in 0 … 180 degrees");
  for (const deviation of [0, -1, NaN, Infinity]) {
    refuses({ standardDeviation: [deviation] }, "standard deviations above 0");
  }
  refuses({ mean: [0, 0] }, "each channel needs a mean");
  refuses({ mean: [NaN] }, "means must be finite");
  refuses({ imageShape: [1, 28, 0] }, "3 whole numbers ≥ 1");
  refuses({ imageShape: [1, 28, 29] }, "the pixels must hold at least one");
  refuses({ fill: "edge" as "zero" }, "the fill must be reflect or zero");
  assertThrows(() => augmentImages(pixels, batch, key, -1, digits), RangeError, "the stream must be");
  assertThrows(() => augmentImages([], batch, key, 0, digits), RangeError, "the list of parts is empty");
  const whole = variable([784], new Int32Array(784), { dtype: "int32" });
  assertThrows(() => augmentImages(whole, batch, key, 0, digits), TypeError, "must be uint32 or float32");
  assertThrows(() => augmentImages(pixels, variable([1], [0]), key, 0, digits), TypeError, "must be int32");
  const pair = variable([2], [0, 0], { dtype: "uint32" });
  assertThrows(
    () => augmentImages(pixels, batch, { ...key, step: pair }, 0, digits),
    RangeError,
    "seed and step must be scalars",
  );
});
