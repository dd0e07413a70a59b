/** NumPy's .npy format: one array in a file. */

import { messageOf } from "../text.ts";

/** An array as a .npy file holds it. */
export interface NpyArray {
  /** Sizes, slowest dimension first. */
  readonly shape: readonly number[];
  /** The element type as NumPy writes it, without the byte order: `u1`, `f4`, `i8`. */
  readonly dtype: string;
  /** The values, row-major; 64-bit integers as float64, which holds them exactly up to 2⁵³. */
  readonly values: Uint8Array | Float32Array | Float64Array;
}

const MAGIC = "\x93NUMPY";

/** How each element type is read, and its bytes. */
const READERS: Readonly<
  Record<string, readonly [bytes: number, (view: DataView, at: number, little: boolean) => number]>
> = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/**
 * Reads a .npy file: magic, version, a header that is a Python dictionary, values (NEP 1). Arrays of objects, of other
 * types than integers, floats and booleans, and in Fortran's order are refused.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file when it is damaged, truncated or something else.
 *
 * @example
 * ```ts
 * import { parseNpy } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
 * const file = new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, header.length, 0, ...new TextEncoder().encode(header), 7, 2, 1]);
 * assertEquals([...parseNpy(file, "labels.npy").values], [7, 2, 1]);
 * ```
 */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>, source: string): NpyArray {
  const fail = (rule: string, state: string) =>
    new SyntaxError(`Cannot read ${source} as a NumPy array as ${rule}: ${state}`);
  if (bytes.length < 10 || ![...MAGIC].every((letter, i) => letter.charCodeAt(0) === bytes[i])) {
    throw fail("it must begin as one does", `it has ${bytes.length} bytes and begins otherwise`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Version 1 has two bytes for the header's length, later ones four.
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start +
    (start === 10 ? view.getUint16(8, true) : bytes.length < 12 ? 0 : view.getUint32(8, true));
  if (bytes.length < end) throw fail("its header must be whole", "it is truncated");
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const { descr, isFortran, shape } = readHeader(header, fail);
  const dtype = descr.slice(1), reader = READERS[dtype];
  if (!reader || !/^[<>|=]/.test(descr)) {
    throw fail("its elements must be integers, floats or booleans", `they are ${descr}`);
  }
  if (isFortran && shape.length > 1) {
    throw fail("it must be in C's order, as np.ascontiguousarray makes it", "it is in Fortran's");
  }
  const [size, read] = reader;
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== end + count * size) {
    throw fail(
      `shape (${shape.join(", ")}) of ${dtype} must take ${count * size} bytes`,
      `there are ${bytes.length - end}${bytes.length < end + count * size ? ", it is truncated" : ""}`,
    );
  }
  if (dtype === "u1" || dtype === "b1") return { shape, dtype, values: bytes.slice(end) };
  const values = dtype === "f4" ? new Float32Array(count) : new Float64Array(count);
  const little = descr[0] !== ">";
  for (let i = 0; i < count; i++) values[i] = read(view, end + i * size, little);
  return { shape, dtype, values };
}

/** The three entries of the dictionary, as NumPy writes them. */
function readHeader(header: string, fail: (rule: string, state: string) => SyntaxError) {
  const descr = /'descr'\s*:\s*'([^']+)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw fail(
      "its header must have descr, fortran_order and shape",
      `it is ${JSON.stringify(messageOf(header).slice(0, 100))}`,
    );
  }
  const lengths = shape.split(",").map((length) => length.trim().replace(/L$/, "")).filter((length) =>
    length !== ""
  );
  return { descr, isFortran: order === "True", shape: lengths.map(Number) };
}
