/** Arrays as NumPy writes them. */

/** Writes a number at a place. */
const WRITERS: Record<string, (view: DataView, at: number, value: number, little: boolean) => void> = {
  u1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
  O1: (view, at, value) => view.setUint8(at, value),
};

/** A .npy file, version 1.0, its header padded to 64 bytes as the format demands. */
export function npyFile(
  shape: readonly number[],
  values: readonly number[],
  descr: string,
  isFortran = false,
): Uint8Array<ArrayBuffer> {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': ${
    isFortran ? "True" : "False"
  }, 'shape': (${lengths}), }`;
  const header = `${text}${" ".repeat(63 - (10 + text.length) % 64)}\n`;
  const size = Number(descr.slice(2)), start = 10 + header.length;
  const bytes = new Uint8Array(start + size * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => WRITERS[descr.slice(1)]!(view, start + i * size, value, descr[0] !== ">"));
  return bytes;
}
