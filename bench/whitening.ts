/**
 * `deno run -A bench/whitening.ts DATA_DIR`: whitens the training images of CIFAR-10 on the GPU, and prints
 * durations and the error of the result's covariance.
 * @module
 */
import { applyZca, fitZca, globalContrastNormalization, hasBytes } from "../data/mod.ts";
import { findDataset } from "../data/files/mod.ts";
import { sumOfOuterProducts } from "../data/pixels/image_products.ts";
import { Device } from "../kernels/mod.ts";

const size = 3072, regularization = 0.1;

/** Runs a function, prints its duration and returns its result. */
async function printDuration<T>(label: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${label}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

const [dataDirectory] = Deno.args;
if (!dataDirectory) {
  throw new RangeError("DATA_DIR is missing: name the folder of CIFAR-10");
}
using device = await Device.request();
console.log(device.name);
const { train } = await printDuration("read", () => findDataset("cifar10").load({ dataDirectory }));
if (!hasBytes(train)) {
  throw new TypeError("Cannot whiten CIFAR-10: its images must be bytes, but they are floats");
}
const count = train.labels.length;
const images = await printDuration("contrast", () => globalContrastNormalization(train.images, size));
const zca = await printDuration("fit", () => fitZca(images, size, { regularization, device }));
const white = await printDuration("apply", () => applyZca(zca, images, { output: images, device }));

// The covariance of whitened images is I − regularization · matrix².
const zeroMean = new Float32Array(size);
const covariance = await sumOfOuterProducts({ images: white, mean: zeroMean }, { device });
const square = await sumOfOuterProducts({ images: zca.matrix, mean: zeroMean }, { device });
let maxDifference = 0, maxDiagonalDifference = 0;
for (const [i, value] of covariance.entries()) {
  const isDiagonal = i % (size + 1) === 0;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  const difference = Math.abs(value / count + regularization * square[i]! - Number(isDiagonal));
  maxDifference = Math.max(maxDifference, difference);
  if (isDiagonal) maxDiagonalDifference = Math.max(maxDiagonalDifference, difference);
}
console.log(
  `covariance + ${regularization} · matrix² differs from the identity by at most ${
    maxDifference.toExponential(1)
  }, ` +
    `on the diagonal by ${maxDiagonalDifference.toExponential(1)}`,
);
