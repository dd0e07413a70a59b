/**
 * The two large products of whitening, over all images: in float64 on the host, or in float32 on a device, which is
 * much faster. Sums over many images are float64 in both.
 */

import { compile, type Device, matmul, sub, variable } from "../../kernels/mod.ts";
import { pause } from "./pause.ts";

/** Images that the host takes at once; few enough for its cache. */
const HOST_IMAGES = 32;
/** Images of which the host adds up products at once. */
const HOST_SUMMED_IMAGES = 256;
/** Images that a device takes at once: sums of so few are exact enough in float32. */
const DEVICE_IMAGES = 1000;

/** Images, and what is subtracted of each before anything else. */
export interface CenteredImages {
  /** `[N, D]` */
  readonly images: Float32Array;
  /** `[D]` */
  readonly mean: Float32Array;
}

/** Where to compute, and how to stop. */
export interface ProductOptions {
  /** The device; the host where absent. */
  readonly device?: Device | undefined;
  /** Stops the computation. */
  readonly signal?: AbortSignal | undefined;
}

/** `Σ (x − mean)(x − mean)ᵀ` over all images: the lower triangle of `[D, D]`. */
export async function sumOfOuterProducts(
  centered: CenteredImages,
  { device, signal }: ProductOptions,
): Promise<Float64Array<ArrayBuffer>> {
  return device ? await outerOnDevice(centered, device, signal) : await outerOnHost(centered, signal);
}

/** `matrix · (x − mean)` of every image, into `output` `[N, D]`, which may be the images themselves; matrix `[D, D]` symmetric. */
export async function multiplyAll(
  centered: CenteredImages,
  matrix: Float32Array,
  output: Float32Array,
  { device, signal }: ProductOptions,
): Promise<void> {
  if (device) await multiplyOnDevice(centered, matrix, output, device, signal);
  else await multiplyOnHost(centered, matrix, output, signal);
}

async function outerOnDevice(
  { images, mean }: CenteredImages,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<Float64Array<ArrayBuffer>> {
  const size = mean.length;
  const center = variable([size], mean);
  const program = await compile(device, { batch: { shape: [DEVICE_IMAGES, size] } }, ({ batch }) => {
    const difference = sub(batch, center);
    return { outputs: { product: matmul(difference, difference, { transposeA: true }) } };
  });
  const sum = new Float64Array(size * size);
  try {
    // Images beyond the last are the mean, so that they add nothing.
    const batch = new Float32Array(DEVICE_IMAGES * size);
    for (let start = 0; start < images.length; start += batch.length) {
      signal?.throwIfAborted();
      const part = images.subarray(start, start + batch.length);
      batch.set(part);
      for (let rest = part.length; rest < batch.length; rest += size) batch.set(mean, rest);
      const { product } = await program.runAndRead({ batch });
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + product[i]!;
    }
  } finally {
    program.destroy();
    device.release(center);
  }
  return sum;
}

async function multiplyOnDevice(
  { images, mean }: CenteredImages,
  matrix: Float32Array,
  output: Float32Array,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<void> {
  const size = mean.length;
  const [center, weights] = [variable([size], mean), variable([size, size], matrix)];
  const program = await compile(
    device,
    { batch: { shape: [DEVICE_IMAGES, size] } },
    ({ batch }) => ({ outputs: { product: matmul(sub(batch, center), weights) } }),
  );
  try {
    const batch = new Float32Array(DEVICE_IMAGES * size);
    for (let start = 0; start < images.length; start += batch.length) {
      signal?.throwIfAborted();
      const part = images.subarray(start, start + batch.length);
      batch.set(part);
      const { product } = await program.runAndRead({ batch });
      output.set(product.subarray(0, part.length) as Float32Array, start);
    }
  } finally {
    program.destroy();
    device.release(center);
    device.release(weights);
  }
}

async function outerOnHost(
  { images, mean }: CenteredImages,
  signal: AbortSignal | undefined,
): Promise<Float64Array<ArrayBuffer>> {
  const size = mean.length;
  const sum = new Float64Array(size * size);
  const dots = new Float64Array(4);
  // A row for each number of an image; four at once are multiplied, so three behind the last are empty.
  const numbers = new Float64Array((size + 3) * HOST_SUMMED_IMAGES);
  for (let start = 0; start < images.length; start += HOST_SUMMED_IMAGES * size) {
    await pause(signal);
    const count = Math.min(HOST_SUMMED_IMAGES, (images.length - start) / size);
    for (let k = 0; k < size; k++) {
      for (let n = 0; n < count; n++) numbers[k * count + n] = images[start + n * size + k]! - mean[k]!;
    }
    numbers.fill(0, size * count);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j += 4) {
        fourDots(numbers, i * count, numbers, j * count, count, dots);
        for (let l = 0; l < 4 && j + l <= i; l++) sum[i * size + j + l] = sum[i * size + j + l]! + dots[l]!;
      }
    }
  }
  return sum;
}

async function multiplyOnHost(
  { images, mean }: CenteredImages,
  matrix: Float32Array,
  output: Float32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const size = mean.length;
  const weights = Float64Array.from(matrix);
  const dots = new Float64Array(4);
  const batch = new Float64Array((HOST_IMAGES + 3) * size);
  for (let start = 0; start < images.length; start += HOST_IMAGES * size) {
    await pause(signal);
    const count = Math.min(HOST_IMAGES, (images.length - start) / size);
    for (let n = 0; n < count; n++) {
      for (let k = 0; k < size; k++) batch[n * size + k] = images[start + n * size + k]! - mean[k]!;
    }
    for (let i = 0; i < size; i++) {
      for (let n = 0; n < count; n += 4) {
        fourDots(weights, i * size, batch, n * size, size, dots);
        for (let l = 0; l < 4 && n + l < count; l++) output[start + (n + l) * size + i] = dots[l]!;
      }
    }
  }
}

/** The products of one row with four that follow each other: a number loaded is used four times. */
function fourDots(
  a: Float64Array,
  start: number,
  b: Float64Array,
  first: number,
  length: number,
  dots: Float64Array,
): void {
  const [second, third, fourth] = [first + length, first + 2 * length, first + 3 * length];
  let dot0 = 0, dot1 = 0, dot2 = 0, dot3 = 0;
  for (let k = 0; k < length; k++) {
    const value = a[start + k]!;
    dot0 += value * b[first + k]!;
    dot1 += value * b[second + k]!;
    dot2 += value * b[third + k]!;
    dot3 += value * b[fourth + k]!;
  }
  dots[0] = dot0;
  dots[1] = dot1;
  dots[2] = dot2;
  dots[3] = dot3;
}
