/**
 * Initial values that a network finds in its first batch.
 * @module
 */
import { compile, type Device, type RandomKey, type Tensor, type Tuning } from "../kernels/mod.ts";
import { initializationContext, type Module } from "./module.ts";

/** What {@linkcode initializeFromData} may be told. */
export interface DataInitializationOptions {
  /** What dropout and noise are drawn from; a network without them needs none. */
  readonly key?: RandomKey;
  /** Which kernels to take; by rule where absent. */
  readonly tuning?: Tuning | undefined;
}

/**
 * Data-dependent initialisation (Salimans & Kingma 2016, section 3), to be done once before the first step: in one pass
 * in training mode, layer by layer, each layer with weight normalisation gets the `g` and `b` for which its outputs over
 * the batch have mean 0 and variance 1, and mean-only batch normalisation starts its running mean at the batch's.
 * All else stays as it is; a network without such layers is left alone.
 *
 * The same batch and key give student and teacher the same values.
 * @param network Its parameters are written on the device.
 * @param images `[N, C, H, W]` as the network gets them in training: a variable, or views of resident images.
 * @returns How many variables have got a value.
 * @throws {TypeError} if the network is random and there is no key. @throws {RangeError} if images do not fit it.
 * @throws {GpuError} if the GPU failed.
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
