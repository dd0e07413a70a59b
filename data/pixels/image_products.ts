// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** The two large products of whitening, over all images: float32 on a device, but sums over many images float64. */

import { compile, type Device, matmul, sub, variable } from "../../kernels/mod.ts";

/** Images that the device takes at once: sums of so few are exact enough in float32. */
const BATCH_IMAGES = 1000;

/** Images, and what is subtracted of each before anything else. */
export interface CenteredImages {
  /** `[N, D]` */
  readonly images: Float32Array;
  /** `[D]` */
  readonly mean: Float32Array;
}

/** Where to compute, and how to stop. */
export interface ProductOptions {
  /** The device. */
  readonly device: Device;
  /** Stops the computation. */
  readonly signal?: AbortSignal | undefined;
}

/** `Σ (x − mean)(x − mean)ᵀ` over all images, `[D, D]`. */
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
    // Images beyond the last are the mean, so that they add nothing.
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

/** `matrix · (x − mean)` of every image, into `output` `[N, D]`, which may be the images themselves; matrix `[D, D]` symmetric. */
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
