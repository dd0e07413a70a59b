/**
 * Errors of the GPU.
 * @module
 */

/** Thrown if there is no usable GPU adapter; the message lists the drivers to install. */
export class GpuUnavailableError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuUnavailableError";
}

/** Thrown if the GPU reported an error or was lost; results computed since then cannot be trusted. */
export class GpuError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuError";
}

/** Thrown if the GPU was lost: reset, removed, or destroyed by someone else. A new device can continue. */
export class GpuLostError extends GpuError {
  /** The error's name. */
  override readonly name: string = "GpuLostError";
}

/** Thrown if the memory of the GPU runs out. */
export class GpuMemoryError extends GpuError {
  /** The error's name. */
  override readonly name: string = "GpuMemoryError";
}

/** Thrown if a tensor is larger than the device's kernels can read or write. */
export class TensorSizeError extends RangeError {
  /** The error's name. */
  override readonly name: string = "TensorSizeError";

  /**
   * Creates an error that names the tensor, its size and the device's limit.
   * @param tensor Name of the tensor, as shown in the message.
   * @param bytes Size of the tensor in bytes.
   * @param limit Largest size in bytes that a kernel of the device can bind.
   * @param device Name of the device.
   */
  constructor(tensor: string, readonly bytes: number, readonly limit: number, device: string) {
    const [size, most] = [bytes, limit].map((count) => Math.ceil(count / 2 ** 20));
    super(
      `Cannot compute ${tensor}: kernels on ${device} take tensors of at most ${most} MiB, but it has ${size} MiB. Use smaller batches.`,
    );
  }
}
