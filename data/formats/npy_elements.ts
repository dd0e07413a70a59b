/** Elements of NumPy arrays. */

import { withoutEnding } from "../text.ts";

/** Values of an array: numbers, or texts. */
export type ArrayValues =
  | Uint8Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | string[];

/** Type and storage of elements. */
export interface ElementType {
  /** Type in NumPy's notation, without the byte order: `u1`, `f4`, `U5`. */
  readonly dtype: string;
  /** Bytes of an element. */
  readonly bytes: number;
  /** True if little-endian. */
  readonly isLittle: boolean;
}

/** Readers of all number types except bytes. */
const NUMBERS: Readonly<Record<string, (view: DataView, at: number, isLittle: boolean) => number>> = {
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  f2: (view, at, isLittle) => decodeHalf(view.getUint16(at, isLittle)),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  f4: (view, at, isLittle) => view.getFloat32(at, isLittle),
  u8: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
  i8: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
  f8: (view, at, isLittle) => view.getFloat64(at, isLittle),
};

/** Decodes `count` elements; `bytes` must have exactly their size. */
export function readElements(
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
  { dtype, bytes: size, isLittle }: ElementType,
): ArrayValues {
  const read = NUMBERS[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (read) {
    const values = dtype === "f4" || dtype === "f2" ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = read(view, i * size, isLittle);
    return values;
  }
  if (dtype === "u1" || dtype === "b1") return bytes.slice();
  const textAt = dtype.startsWith("U")
    ? (at: number) => decodeCodePoints(view, at, size, isLittle)
    : (at: number) => utf8.decode(bytes.subarray(at, at + size));
  // Shorter texts are padded with NUL.
  return Array.from({ length: count }, (_, i) => withoutEnding(textAt(i * size), "\0"));
}

const utf8 = new TextDecoder();

function decodeCodePoints(view: DataView, at: number, size: number, isLittle: boolean): string {
  let text = "";
  for (let i = at; i < at + size; i += 4) {
    const code = view.getUint32(i, isLittle);
    text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
  }
  return text;
}

/** Decodes an IEEE half; `DataView.getFloat16` is missing in some browsers. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
