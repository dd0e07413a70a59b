// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** The two large matrix products of whitening: float32 on the device, with sums over batches in float64. */

import { compile, type Device, matmul, sub, variable } from "../../kernels/mod.ts";

/** Number of images per product on the device, small enough for accurate float32 sums. */
const BATCH_IMAGES = 1000;

/** Images, and the mean to be subtracted from each. */
export interface CenteredImages {
  /** `[N, D]` */
  readonly images: Float32Array;
  /** `[D]` */
  readonly mean: Float32Array;
}

/** Device and abort signal of a computation. */
export interface ProductOptions {
  /** Device that computes the products. */
  readonly device: Device;
  /** Signal that aborts the computation. */
  readonly signal?: AbortSignal | undefined;
}

/** Computes `Σ (x − mean)(x − mean)ᵀ` over all images, `[D, D]`. */
export async function sumOfOuterProducts(
  { images, mean }: CenteredImages,
  { device, signal }: ProductOptions,
): Promise<Float64Array<ArrayBuffer>> {
  const size = mean.length;
  const center = variable([size], mean);
  const program = await compile(device, { batch: { shape: [BATCH_IMAGES, size] } }, ({ batch }) => {
    const difference = sub(batch, center);
    return { outputs: { product: matmul(difference, difference, { transposeA: true }) } };
  });
  const sum = new Float64Array(size * size);
  try {
    // The last batch is padded with the mean, which adds nothing.
    const batch = new Float32Array(BATCH_IMAGES * size);
    for (let start = 0; start < images.length; start += batch.length) {
      signal?.throwIfAborted();
      const part = images.subarray(start, start + batch.length);
      batch.set(part);
      for (let rest = part.length; rest < batch.length; rest += size) batch.set(mean, rest);
      const { product } = await program.runAndRead({ batch });
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + product[i]!;
    }
  } finally {
    program[Symbol.dispose]();
    device.release(center);
  }
  return sum;
}

/**
 * Computes `matrix · (x − mean)` for every image with a symmetric matrix `[D, D]`. The result is written to
 * `output` `[N, D]`, which may be the array of images.
 */
export async function multiplyAll(
  { images, mean }: CenteredImages,
  matrix: Float32Array,
  output: Float32Array,
  { device, signal }: ProductOptions,
): Promise<void> {
  const size = mean.length;
  const [center, weights] = [variable([size], mean), variable([size, size], matrix)];
  const program = await compile(
    device,
    { batch: { shape: [BATCH_IMAGES, size] } },
    ({ batch }) => ({ outputs: { product: matmul(sub(batch, center), weights) } }),
  );
  try {
    const batch = new Float32Array(BATCH_IMAGES * size);
    for (let start = 0; start < images.length; start += batch.length) {
      signal?.throwIfAborted();
      const part = images.subarray(start, start + batch.length);
      batch.set(part);
      const { product } = await program.runAndRead({ batch });
      output.set(product.subarray(0, part.length) as Float32Array, start);
    }
  } finally {
    program[Symbol.dispose]();
    device.release(center);
    device.release(weights);
  }
}
