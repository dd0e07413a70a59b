/** Makes MAT-files that SciPy does not write. */

import { deflateSync } from "node:zlib";

/** Writes parts of a MAT-file by the format's description, in either byte order. */
export function writer(isLittle: boolean) {
  const numbers = (
    bytes: number,
    values: readonly number[],
    set: (view: DataView, at: number, v: number) => void,
  ) => {
    const view = new DataView(new ArrayBuffer(bytes * values.length));
    values.forEach((value, i) => set(view, i * bytes, value));
    return new Uint8Array(view.buffer);
  };
  const uint32 = (...values: number[]) =>
    numbers(4, values, (view, at, v) => view.setUint32(at, v, isLittle));
  const float64 = (...values: number[]) =>
    numbers(8, values, (view, at, v) => view.setFloat64(at, v, isLittle));
  const int16 = (...values: number[]) => numbers(2, values, (view, at, v) => view.setInt16(at, v, isLittle));
  const element = (type: number, data: Uint8Array) =>
    join(uint32(type, data.length), data, new Uint8Array((8 - data.length % 8) % 8));
  /** Up to 4 bytes in the tag itself. */
  const small = (type: number, data: Uint8Array) =>
    join(uint32(data.length * 65536 + type), data, new Uint8Array(4 - data.length));
  const array = (name: string, shape: readonly number[], values: Uint8Array, { flags = 6 } = {}) =>
    element(
      14,
      join(element(6, uint32(flags, 0)), element(5, uint32(...shape)), element(1, text(name)), values),
    );
  const compressed = (inner: Uint8Array) => {
    const data = deflateSync(inner);
    return join(uint32(15, data.length), data);
  };
  const file = (...elements: Uint8Array[]) => {
    const order = new Uint8Array(new Uint16Array([0x4d49]).buffer); // "IM" where the lowest byte comes first.
    const version = uint32(0x0100).slice(isLittle ? 0 : 2, isLittle ? 2 : 4);
    return join(
      text("MATLAB 5.0 MAT-file".padEnd(124)),
      version,
      isLittle ? order : order.toReversed(),
      ...elements,
    );
  };
  return { uint32, float64, int16, element, small, array, compressed, file };
}

/** A text as bytes. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** All parts, one behind the other. */
export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
