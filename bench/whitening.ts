/**
 * `deno run -A bench/whitening.ts DATA_DIR`: whitens the training images of CIFAR-10 on the GPU, and says how long it took and how far from what it must be the covariance of the result is.
 * @module
 */
import { applyZca, fitZca, globalContrastNormalization, hasBytes } from "../data/mod.ts";
import { findDataset } from "../data/files/mod.ts";
import { sumOfOuterProducts } from "../data/pixels/image_products.ts";
import { Device } from "../kernels/mod.ts";

const size = 3072, regularization = 0.1;

/** Says how long something takes. */
async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

const [dataDirectory] = Deno.args;
if (!dataDirectory) throw new RangeError("Cannot whiten CIFAR-10 as its folder must be given: it is not");
using device = await Device.request();
console.log(device.name);
const { train } = await timed("read", () => findDataset("cifar10").load({ dataDirectory }));
if (!hasBytes(train)) throw new TypeError("Cannot whiten images as they must be bytes");
const count = train.labels.length;
const images = await timed("contrast", () => globalContrastNormalization(train.images, size));
const zca = await timed("fit", () => fitZca(images, size, { regularization, device }));
const white = await timed("apply", () => applyZca(zca, images, { output: images, device }));

// The covariance of what was whitened is I − regularization · matrix².
const none = new Float32Array(size);
const covariance = await sumOfOuterProducts({ images: white, mean: none }, { device });
const square = await sumOfOuterProducts({ images: zca.matrix, mean: none }, { device });
let worst = 0, worstDiagonal = 0;
for (const [at, value] of covariance.entries()) {
  const isDiagonal = at % (size + 1) === 0;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  const difference = Math.abs(value / count + regularization * square[at]! - Number(isDiagonal));
  worst = Math.max(worst, difference);
  if (isDiagonal) worstDiagonal = Math.max(worstDiagonal, difference);
}
console.log(
  `covariance + ${regularization} · matrix² differs from the identity by at most ${
    worst.toExponential(1)
  }, ` +
    `on the diagonal by ${worstDiagonal.toExponential(1)}`,
);
