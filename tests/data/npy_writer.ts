/** Arrays as NumPy writes them. */

import { zipFile } from "./zip_writer.ts";

/** Writes a number at a place. */
const WRITERS: Record<string, (view: DataView, at: number, value: number, little: boolean) => void> = {
  b1: (view, at, value) => view.setUint8(at, value),
  u1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  u2: (view, at, value, little) => view.setUint16(at, value, little),
  f2: (view, at, value, little) =>
    view.setUint16(at, new Uint16Array(Float16Array.of(value).buffer)[0] ?? 0, little),
  i4: (view, at, value, little) => view.setInt32(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
  O1: (view, at, value) => view.setUint8(at, value),
};

/** A text as NumPy stores it: code points of four bytes (`U`), or bytes (`S`). */
function writeText(view: DataView, at: number, text: string, isWide: boolean, isLittle: boolean): void {
  if (isWide) {
    [...text].forEach((letter, i) => view.setUint32(at + 4 * i, letter.codePointAt(0) ?? 0, isLittle));
  } else new TextEncoder().encode(text).forEach((byte, i) => view.setUint8(at + i, byte));
}

/** Options for writing a .npy file. */
export interface NpyOptions {
  /** True if the values are in Fortran order (default: false). */
  readonly isFortran?: boolean;
  /** The shape that the header claims (default: the shape). */
  readonly claim?: string;
}

/** A .npy file, version 1.0, its header padded to 64 bytes as the format demands. */
export function npyFile(
  shape: readonly number[],
  values: readonly (number | string)[],
  descr: string,
  { isFortran = false, claim }: NpyOptions = {},
): Uint8Array<ArrayBuffer> {
  const lengths = claim ?? (shape.length === 1 ? `${shape[0]},` : shape.join(", "));
  const text = `{'descr': '${descr}', 'fortran_order': ${
    isFortran ? "True" : "False"
  }, 'shape': (${lengths}), }`;
  const header = `${text}${" ".repeat(63 - (10 + text.length) % 64)}\n`;
  const isWide = descr[1] === "U";
  const size = Number(descr.slice(2)) * (isWide ? 4 : 1), start = 10 + header.length;
  const bytes = new Uint8Array(start + size * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  const view = new DataView(bytes.buffer), isLittle = descr[0] !== ">";
  values.forEach((value, i) => {
    if (typeof value === "string") writeText(view, start + i * size, value, isWide, isLittle);
    else WRITERS[descr.slice(1)]?.(view, start + i * size, value, isLittle);
  });
  return bytes;
}

/** An .npz archive of arrays by name, as `np.savez_compressed` writes it, or stored as `np.savez` does. */
export function npzFile(
  arrays: Readonly<Record<string, Uint8Array>>,
  { isStored = false }: { readonly isStored?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const method = isStored ? 0 : 8;
  // NumPy writes ZIP64's fields into every archive.
  return zipFile(Object.entries(arrays).map(([name, data]) => ({ name: `${name}.npy`, data, method })), {
    isLong: true,
  });
}
