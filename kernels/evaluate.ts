/**
 * Values of single tensors.
 * @module
 */
import { compile } from "./compile/compile.ts";
import type { Device } from "./device.ts";
import type { HostArray, Tensor } from "./tensor.ts";

/**
 * Computes a tensor and returns its values in row-major order. Variables keep their values. Each call compiles
 * a Program, so repeated computations are faster with {@linkcode compile}.
 * @throws {TypeError} if the tensor depends on an input of a Program.
 * @throws {TensorSizeError} if a tensor is too large, {@linkcode GpuError} if the GPU failed.
 * @example
 * ```ts
 * import { Device, evaluate, matmul, variable } from "./mod.ts";
 * using device = await Device.request();
 * const x = variable([2, 2], [1, 2, 3, 4]);
 * console.assert((await evaluate(device, matmul(x, x))).join() === "7,10,15,22");
 * ```
 */
export async function evaluate(device: Device, tensor: Tensor): Promise<HostArray> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  try {
    return (await program.runAndRead({})).tensor;
  } finally {
    program[Symbol.dispose]();
  }
}
