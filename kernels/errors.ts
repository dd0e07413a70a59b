/**
 * What can go wrong with a GPU.
 * @module
 */

/** No usable GPU adapter. The message says what to install. */
export class GpuUnavailableError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuUnavailableError";
}

/** The GPU reported an error or was lost; what it computed since cannot be trusted. */
export class GpuError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuError";
}

/** A tensor is too large for the device's kernels to read or write. */
export class TensorSizeError extends RangeError {
  /** The error's name. */
  override readonly name: string = "TensorSizeError";

  /**
   * Says so.
   * @param tensor The tensor, in words.
   * @param bytes Its size …
   * @param limit … and the largest that the device takes.
   * @param device The device's name.
   */
  constructor(tensor: string, readonly bytes: number, readonly limit: number, device: string) {
    const [size, most] = [bytes, limit].map((count) => Math.ceil(count / 2 ** 20));
    super(
      `Cannot compute ${tensor} as a kernel on ${device} takes tensors of at most ${most} MiB: it has ${size}. Give smaller batches.`,
    );
  }
}
