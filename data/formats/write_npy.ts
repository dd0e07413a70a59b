/** Writer of NumPy's array files. */

import { sizeOf } from "../../kernels/mod.ts";

/** Bytes before the text of the header: magic, version 1.0 and the length of the text. */
const prefixLength = 10;

/**
 * Encodes an array as a `.npy` file of version 1.0: little-endian float32, in C order.
 *
 * @throws {RangeError} when the shape has another number of elements.
 *
 * @example
 * ```ts
 * import { parseNpy, writeNpy } from "../mod.ts";
 *
 * const file = writeNpy([2, 2], Float32Array.of(1, 2, 3, 4));
 * console.assert(parseNpy(file, "a.npy").shape.join() === "2,2");
 * ```
 */
export function writeNpy(shape: readonly number[], values: Float32Array): Uint8Array<ArrayBuffer> {
  if (sizeOf(shape) !== values.length) {
    throw new RangeError(
      `Cannot write an array: shape [${shape.join(", ")}] must have ${values.length} elements, as the values`,
    );
  }
  // A tuple of one element ends with a comma.
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Data begin at a multiple of 64 bytes.
  const header = `${text.padEnd(Math.ceil((prefixLength + text.length + 1) / 64) * 64 - prefixLength - 1)}\n`;
  const start = prefixLength + header.length, bytes = new Uint8Array(start + 4 * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), prefixLength);
  const view = new DataView(bytes.buffer, start);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return bytes;
}
