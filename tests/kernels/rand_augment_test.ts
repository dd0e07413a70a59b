/** RandAugment against Pillow's numbers, and what it draws. */
import {
  applyRandAugment,
  compile,
  constant,
  cutout,
  type Device,
  expand,
  iota,
  randAugment,
  type RandAugmentOperation,
  randAugmentOperations,
  type RandAugmentOptions,
  randomView,
  reshape,
  type Tensor,
  variable,
} from "../../kernels/mod.ts";
import { randAugmentOnce } from "../../kernels/ops/augment/rand_augment.ts";
import { readSafetensors } from "../../nn/mod.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, randomValues } from "./reference.ts";

async function valueOf(device: Device, tensor: Tensor): Promise<Float32Array> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return Float32Array.from(value);
}

const file = new URL("../vectors/rand_augment.safetensors", import.meta.url);
const { tensors, metadata } = readSafetensors(Deno.readFileSync(file), {
  source: "rand_augment.safetensors",
});

/** Levels by which results may differ from Pillow's, which rounds to bytes after each of its steps. */
const roundings: Partial<Record<RandAugmentOperation, number>> = {
  // One rounding of the result.
  autoContrast: 1,
  brightness: 1,
  rotate: 1,
  shearX: 1,
  shearY: 1,
  // And one of the other side of the blend, or of the mean, times 0.9 at most.
  color: 1.5,
  contrast: 1.5,
  sharpness: 1.5,
};

for (const kind of ["colour", "grey"]) {
  gpuTest(`RandAugment of a ${kind} picture is what Pillow makes of it`, async (device) => {
    const image = tensors.get(`${kind}/image`)!;
    const cases = [...tensors].flatMap(([name, { data }]) => {
      const [, operation, amount] = name.split("/");
      if (!name.startsWith(`${kind}/`) || amount === undefined) return [];
      return [{ operation: operation as RandAugmentOperation, amount: Number(amount), data }];
    });
    assertEquals(cases.length, 4 * randAugmentOperations.length);
    const draws = cases.flatMap(({ operation, amount }) => [
      (randAugmentOperations.indexOf(operation) + 0.5) / randAugmentOperations.length,
      Math.abs(amount),
      amount < 0 ? 0 : 0.75,
    ]);
    const pixels = cases.flatMap(() => Array.from(image.data, (level) => level / 255));
    const images = variable([cases.length, ...image.shape], pixels);
    const uniform = variable([cases.length, 3], draws);
    const fill = Number(metadata["fill"]) / 255;
    const values = await valueOf(device, randAugmentOnce(images, uniform, { fill }));
    const size = image.data.length;
    cases.forEach(({ operation, amount, data }, i) => {
      const levels = values.subarray(i * size, (i + 1) * size).map((value) => value * 255);
      const atol = (roundings[operation] ?? 0) + 1e-3;
      assertClose(levels, data, { rtol: 0, atol, what: `${operation} by ${amount}` });
    });
    [images, uniform].forEach((each) => device.release(each));
  });
}

const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
const shape = [6, 3, 8, 7] as const;
const images = variable(shape, randomValues(1, 6 * 3 * 8 * 7, [0, 1], "float32"));

function augmented(options: RandAugmentOptions, step = 3): Tensor {
  let stream = 0;
  return randAugment(images, { seed: scalar(7), step: scalar(step) }, () => stream++, options);
}

gpuTest("RandAugment is a function of seed, step and streams", async (device) => {
  const first = await valueOf(device, augmented({}));
  assertEquals(await valueOf(device, augmented({})), first);
  assertNotEquals(await valueOf(device, augmented({}, 4)), first);
});

gpuTest("RandAugment applies its operations one after the other, then cuts out", async (device) => {
  const options = {
    count: 3,
    magnitude: 8,
    operations: ["brightness", "shearX", "color"],
    cutout: 3,
  } as const;
  const want = evaluate(augmented(options));
  assertClose(await valueOf(device, augmented(options)), want, { rtol: 1e-4, atol: 1e-4 });
});

gpuTest("RandAugment without operations and cutout is the images", async (device) => {
  const same = Float32Array.from(images.initial);
  assertEquals(await valueOf(device, augmented({ count: 0 })), same);
  assertEquals(await valueOf(device, augmented({ operations: ["identity"] })), same);
});

gpuTest("a strong view is a random view, then RandAugment, then normalised", async (device) => {
  const batch = { pixels: [reshape(images, [6 * 3 * 8 * 7])], indices: iota(6) };
  const options = {
    imageShape: [3, 8, 7],
    flip: true,
    mean: [0.4, 0.5, 0.6],
    standardDeviation: [0.1, 0.2, 0.3],
  } as const;
  const key = { seed: scalar(7), step: scalar(3) };
  const streams = () => {
    let stream = 0;
    return () => stream++;
  };
  const view = (side: number) =>
    randomView(batch, key, streams(), options, applyRandAugment({ count: 0, cutout: side }));
  const weak = await valueOf(device, randomView(batch, key, streams(), options));
  assertClose(await valueOf(device, view(0)), weak, { rtol: 1e-5, atol: 1e-5 });
  // All pixels are cut out: (0.5 − mean) / standard deviation.
  const plane = 8 * 7, cut = await valueOf(device, view(99));
  assertClose([cut[0]!, cut[plane]!, cut[2 * plane]!], [1, 0, -1 / 3], { rtol: 1e-5, atol: 1e-5 });
});

gpuTest("RandAugment leaves values in [0, 1]", async (device) => {
  const values = await valueOf(device, augmented({ count: 4, cutout: 2 }));
  assert(values.every((value) => value >= 0 && value <= 1));
});

Deno.test("RandAugment draws each of two operations about equally often", () => {
  const count = 1400, side = 2;
  const uniform = variable([count, 3], randomValues(5, count * 3, [0, 1], "float32"));
  const ramp = variable(
    [count, 1, side, side],
    Array.from({ length: count * side * side }, (_, i) => (i % 4) / 4),
  );
  const changed = evaluate(randAugmentOnce(ramp, uniform, { operations: ["identity", "brightness"] }));
  const same = Array.from({ length: count }, (_, i) => changed[4 * i + 1] === 0.25).filter(Boolean).length;
  assert(Math.abs(same - count / 2) < 100, `${same} of ${count} are as they were`);
});

Deno.test("RandAugment and cutout refuse options out of range", () => {
  assertThrows(() => augmented({ magnitude: -1 }), RangeError, "must be in 0 … 10, but it is -1");
  assertThrows(() => augmented({ count: 1.5 }), RangeError, "a whole number ≥ 0, but it is 1.5");
  assertThrows(() => augmented({ cutout: -2 }), RangeError, "a whole number ≥ 0, but it is -2");
  assertThrows(() => augmented({ operations: [] }), RangeError, "but 0 are given");
  const unknown = ["invert"] as unknown as RandAugmentOperation[];
  assertThrows(
    () => augmented({ operations: unknown }),
    RangeError,
    'Unknown RandAugment operation "invert"',
  );
  const large = expand(constant(0), [1, 3, 1000, 1000]), draws = expand(constant(0), [1, 3]);
  assertThrows(() => randAugmentOnce(large, draws), RangeError, "must have at most");
  const uniform = variable([6, 2], new Float32Array(12));
  assertThrows(() => cutout(images, uniform, 2, Infinity), RangeError, "but it is Infinity");
});
