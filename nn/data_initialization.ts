/**
 * Initial values computed from a network's first batch.
 * @module
 */
import { compile, type Device, type RandomKey, type Tensor, type Tuning } from "../kernels/mod.ts";
import { initializationContext, type Module } from "./module.ts";

/** Options of {@linkcode initializeFromData}. */
export interface DataInitializationOptions {
  /** Source of random numbers; optional for networks without dropout and noise. */
  readonly key?: RandomKey;
  /** Choice of kernels; if absent, a fixed rule chooses them. */
  readonly tuning?: Tuning | undefined;
}

/**
 * Initialises a network from data (Salimans & Kingma 2016, section 3); call this function once before the
 * first step. One pass in training mode sets, layer by layer, the `g` and `b` of each layer with weight
 * normalisation so that its outputs over the batch have mean 0 and variance 1, and the running mean of
 * mean-only batch normalisation to the batch's mean. Other variables do not change.
 *
 * The same batch and key give student and teacher the same values.
 * @param network The network, whose variables are written on the device.
 * @param images `[N, C, H, W]`, preprocessed as in training: a variable, or views of resident images.
 * @returns The number of variables written; 0 if the network has no such layers.
 * @throws {TypeError} if the network is random and no key is passed. @throws {RangeError} if the images do
 * not fit the network. @throws {GpuError} if the GPU failed.
 * @example
 * ```ts
 * import { Device, variable } from "../kernels/mod.ts";
 * import { initializeFromData, Initializer, readState, WeightNormLinear } from "./mod.ts";
 *
 * const layer = new WeightNormLinear(1, 1, new Initializer(1));
 * using device = await Device.request();
 * await initializeFromData(device, layer, variable([2, 1], [10, 14]));
 * const { data } = (await readState(device, layer.parameters)).get("weight_g")!;
 * console.assert(Math.abs(data[0]! - 0.5) < 1e-6); // 10 and 14 become ∓1
 * ```
 */
export async function initializeFromData(
  device: Device,
  network: Module<unknown>,
  images: Tensor,
  { key, tuning }: DataInitializationOptions = {},
): Promise<number> {
  const context = initializationContext(key);
  network.forward(images, context);
  const updates = context.initialValues;
  if (updates.length === 0) return 0;
  const program = await compile(device, {}, () => ({ updates }), { tuning });
  try {
    program.run({});
    await device.finish();
  } finally {
    program[Symbol.dispose]();
  }
  return updates.length;
}
