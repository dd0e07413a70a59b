import { inverseSquareRoot } from "../../data/pixels/inverse_square_root.ts";
import { applyZca, fitZca, globalContrastNormalization, perImageNormalization } from "../../data/mod.ts";
import { Pcg32 } from "../../data/pcg32.ts";
import { assertEquals, assertLess, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import numpy from "./fixtures/zca/zca.json" with { type: "json" };

/** Random numbers, about normal. */
function randomNumbers(count: number, seed: number): Float64Array {
  const rng = new Pcg32(seed, 0);
  const uniform = () => rng.next() / 2 ** 32 - 0.5;
  return Float64Array.from({ length: count }, () => uniform() + uniform() + uniform());
}

/** `A B` of square matrices. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) result[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
    }
  }
  return result;
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => i % (n + 1) === 0 ? 1 : 0);
}

/** A random rotation times a diagonal times the rotation back: the matrix of these eigenvalues. */
function matrixOf(
  eigenvalues: readonly number[],
  seed: number,
): { matrix: Float64Array<ArrayBuffer>; power: (p: number) => Float64Array } {
  const n = eigenvalues.length;
  let rotation = identity(n);
  // Householder reflections of random vectors.
  for (let round = 0; round < 3; round++) {
    const v = randomNumbers(n, seed + round);
    const norm = v.reduce((sum, value) => sum + value * value, 0);
    const reflection = identity(n).map((value, i) => value - 2 * v[Math.floor(i / n)]! * v[i % n]! / norm);
    rotation = product(rotation, reflection, n);
  }
  const power = (p: number) => {
    const scaled = rotation.map((value, i) => value * eigenvalues[i % n]! ** p);
    const transposed = rotation.map((_, i) => rotation[(i % n) * n + Math.floor(i / n)]!);
    return product(scaled, transposed, n);
  };
  return { matrix: Float64Array.from(power(1)), power };
}

Deno.test("contrast: images get mean 0 and the norm or deviation asked for, as NumPy computes them", () => {
  const images = Uint8Array.from(numpy.images);
  const tolerance = { rtol: 2e-7, atol: 1e-6 };
  assertClose(globalContrastNormalization(images, 12), numpy.contrast, tolerance);
  assertClose(perImageNormalization(images, 12), numpy.single, tolerance);
  assertClose(perImageNormalization(Float32Array.from(images, (pixel) => pixel / 255), 12), numpy.single, {
    rtol: 1e-5,
    atol: 1e-6,
  });
});

Deno.test("contrast: an image of one colour becomes 0, and nothing else is its neighbours' business", () => {
  for (const images of [Uint8Array.of(9, 9, 9, 0, 6, 3), Float32Array.of(0.1, 0.1, 0.1, 0, 0.6, 0.3)]) {
    const normalized = perImageNormalization(images, 3);
    assertClose(normalized, [0, 0, 0, -Math.sqrt(1.5), Math.sqrt(1.5), 0], { rtol: 1e-6, atol: 1e-6 });
    assertEquals([...globalContrastNormalization(images, 3).subarray(0, 3)], [0, 0, 0]);
  }
});

Deno.test("contrast: arrays that are not a whole number of images are rejected", () => {
  assertThrows(
    () => perImageNormalization(new Uint8Array(7), 3),
    RangeError,
    "there are 7 values and images have 3",
  );
  assertThrows(() => globalContrastNormalization(new Uint8Array(6), 0), RangeError, "images have 0");
});

Deno.test("inverse square root: W A W is the identity, whatever the size", async () => {
  for (const n of [1, 2, 3, 4, 31, 64, 65, 100]) {
    const eigenvalues = Array.from({ length: n }, (_, i) => 0.5 + i % 7);
    const { matrix, power } = matrixOf(eigenvalues, n);
    const root = await inverseSquareRoot(matrix.slice(), n);
    assertClose(root, power(-0.5), { rtol: 0, atol: 1e-12 });
    assertClose(product(product(root, matrix, n), root, n), identity(n), { rtol: 0, atol: 1e-12 });
    assertEquals(root, root.map((_, i) => root[(i % n) * n + Math.floor(i / n)]!), "it is not symmetric");
  }
});

Deno.test("inverse square root: eigenvalues that are far apart, equal, tiny or huge are no harder", async () => {
  const cases = [
    Array.from({ length: 30 }, (_, i) => 10 ** (i / 29 * 8 - 4)),
    new Array<number>(30).fill(3),
    Array.from({ length: 30 }, (_, i) => i < 15 ? 1 : 1e6),
    Array.from({ length: 30 }, (_, i) => (1 + i) * 1e-12),
    Array.from({ length: 30 }, (_, i) => (1 + i) * 1e12),
  ];
  for (const [seed, eigenvalues] of cases.entries()) {
    const { matrix, power } = matrixOf(eigenvalues, 10 * seed);
    const root = await inverseSquareRoot(matrix, 30);
    // The error of a matrix of condition κ, which is that of its float64 numbers, may grow by √κ and is at most κ ε.
    const condition = Math.max(...eigenvalues) / Math.min(...eigenvalues);
    const largest = Math.min(...eigenvalues) ** -0.5;
    assertClose(root, power(-0.5), { rtol: 0, atol: largest * (1e-12 + condition * 1e-15) });
  }
});

Deno.test("inverse square root: diagonal, tridiagonal and block matrices, where reflections have nothing to do", async () => {
  const n = 5;
  const diagonal = Float64Array.from(identity(n), (value, i) => value * (1 + i));
  assertClose(
    await inverseSquareRoot(diagonal.slice(), n),
    diagonal.map((value) => value > 0 ? value ** -0.5 : 0),
    { rtol: 1e-13, atol: 1e-13 },
  );
  // [[2, 1], [1, 2]] has eigenvalues 3 and 1; its W has (1/√3 ± 1)/2.
  const blocks = [2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 2, -1, 0, 0, -1, 2];
  const [same, other] = [(1 / Math.sqrt(3) + 1) / 2, (1 / Math.sqrt(3) - 1) / 2];
  const expected = [same, other, 0, 0, other, same, 0, 0, 0, 0, same, -other, 0, 0, -other, same];
  assertClose(await inverseSquareRoot(Float64Array.from(blocks), 4), expected, { rtol: 0, atol: 1e-13 });
});

Deno.test("inverse square root: only the lower triangle is read", async () => {
  const { matrix, power } = matrixOf([1, 2, 3, 4], 5);
  const lower = matrix.map((value, i) => i % 4 > Math.floor(i / 4) ? NaN : value);
  assertClose(await inverseSquareRoot(lower, 4), power(-0.5), { rtol: 0, atol: 1e-12 });
});

Deno.test("inverse square root: matrices that are not positive definite or not square are rejected", async () => {
  const refuses = async (matrix: number[], size: number, message: string) => {
    await assertRejects(() => inverseSquareRoot(Float64Array.from(matrix), size), RangeError, message);
  };
  await refuses([1, 2, 2, 1], 2, "positive definite");
  await refuses([0], 1, "positive definite, but a pivot is 0");
  await refuses([1, NaN, NaN, 1], 2, "positive definite, but a pivot is NaN");
  await refuses([1, 2, 3], 2, "it has 3 elements and 2 rows");
  await refuses([], 0, "it has 0 elements and 0 rows");
});

Deno.test("inverse square root: a signal stops it", async () => {
  const reason = new Error("enough");
  const matrix = Float64Array.from(identity(64));
  const run = () => inverseSquareRoot(matrix, 64, AbortSignal.abort(reason));
  assertEquals(await assertRejects(run), reason);
});

// Sums of a device are float32, and the covariance has the condition 10 000.
gpuTest("whitening: mean, matrix and images are those of NumPy's float64 eigenvectors", async (device) => {
  const tolerance = { rtol: 1e-4, atol: 1e-4 };
  const images = globalContrastNormalization(Uint8Array.from(numpy.images), 12);
  const zca = await fitZca(images, 12, { device });
  assertClose(zca.mean, numpy.mean, tolerance);
  assertClose(zca.matrix, numpy.matrix, tolerance);
  assertClose(await applyZca(zca, images, { device }), numpy.white, tolerance);
});

/** 2003 images of 7 dependent numbers: whole batches and a rest. */
function dependentImages(): Float32Array {
  const [numbers, mixing] = [randomNumbers(2003 * 7, 3), randomNumbers(49, 4)];
  return Float32Array.from({ length: 2003 * 7 }, (_, i) => {
    let sum = 5 * (i % 7);
    for (let k = 0; k < 7; k++) sum += numbers[i - i % 7 + k]! * mixing[k * 7 + i % 7]!;
    return sum;
  });
}

// The covariance of whitened images is I − regularization · matrix², their mean 0.
gpuTest(
  "whitening: over several batches the covariance becomes the identity but for the regularisation",
  async (device) => {
    const images = dependentImages();
    const zca = await fitZca(images, 7, { regularization: 0.01, device });
    const white = await applyZca(zca, images, { device });
    const covariance = new Float64Array(49), mean = new Float64Array(7);
    for (let start = 0; start < white.length; start += 7) {
      for (let i = 0; i < 7; i++) {
        mean[i]! += white[start + i]! / 2003;
        for (let j = 0; j < 7; j++) covariance[i * 7 + j]! += white[start + i]! * white[start + j]! / 2003;
      }
    }
    const square = product(zca.matrix, zca.matrix, 7);
    assertClose(mean, new Float64Array(7), { rtol: 0, atol: 1e-5 });
    assertClose(covariance.map((value, i) => value + 0.01 * square[i]!), identity(7), {
      rtol: 0,
      atol: 1e-5,
    });
    assertLess(covariance[0]!, 1);
  },
);

gpuTest(
  "whitening: images can be whitened where they are, and others than those fitted to",
  async (device) => {
    const images = dependentImages();
    const zca = await fitZca(images.subarray(0, 700), 7, { device });
    const white = await applyZca(zca, images.slice(), { device });
    const output = Float32Array.from(images);
    assertEquals(await applyZca(zca, output, { device, output }), white);
    assertEquals(output, white);
  },
);

gpuTest("whitening: what cannot be whitened is refused", async (device) => {
  await assertRejects(
    () => fitZca(new Float32Array(), 3, { device }),
    RangeError,
    "there are no images",
  );
  await assertRejects(
    () => fitZca(new Float32Array(7), 3, { device }),
    RangeError,
    "there are 7 values and images have 3",
  );
  await assertRejects(
    () => fitZca(new Float32Array(3), 3, { device, regularization: 0 }),
    RangeError,
    "above 0, but it is 0",
  );
  await assertRejects(
    () => fitZca(new Float32Array(20_000), 20_000, { device }),
    RangeError,
    "at most 16384 values",
  );
  const zca = await fitZca(Float32Array.of(1, 2, 3, 5), 2, { device });
  await assertRejects(
    () => applyZca(zca, new Float32Array(3), { device }),
    RangeError,
    "there are 3 values and images have 2",
  );
  const output = new Float32Array(2);
  await assertRejects(() => applyZca(zca, new Float32Array(4), { device, output }), RangeError, "2 ≠ 4");
});
