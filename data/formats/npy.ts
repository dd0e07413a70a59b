/** NumPy's .npy format: a file with one array. */

import { quoteOf } from "../text.ts";
import { type ArrayValues, readElements } from "./npy_elements.ts";

/** An array read from a .npy file. */
export interface NpyArray {
  /** Sizes, slowest dimension first. */
  readonly shape: readonly number[];
  /** Element type in NumPy's notation, without the byte order: `u1`, `f4`, `i8`, `U5`. */
  readonly dtype: string;
  /** Values, row-major; 64-bit integers as float64, exact up to 2⁵³. */
  readonly values: ArrayValues;
}

const MAGIC = "\x93NUMPY";
/** Maximum number of axes, as in NumPy. */
const MOST_AXES = 64;

/**
 * Parses a .npy file (NEP 1) of integers, floats, booleans or texts, in C or Fortran order: a magic number,
 * the version, a Python dictionary as header, and the values.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file when it is damaged, truncated, of another format or of an unsupported
 * type.
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
  const fail: Fault = (rule, state) =>
    new SyntaxError(`Cannot read ${source} as a NumPy array: ${rule}, but ${state}`);
  if (bytes.length < 10 || ![...MAGIC].every((letter, i) => letter.charCodeAt(0) === bytes[i])) {
    throw fail("it must begin with \\x93NUMPY", `its ${bytes.length} bytes do not`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Version 1 has two bytes for the header's length, later ones four.
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start +
    (start === 10 ? view.getUint16(8, true) : bytes.length < 12 ? 0 : view.getUint32(8, true));
  if (bytes.length < end) throw fail("its header must be whole", "it is truncated");
  const { descr, isFortran, shape } = readHeader(new TextDecoder().decode(bytes.subarray(start, end)), fail);
  if (shape.length > MOST_AXES) throw fail(`it may have at most ${MOST_AXES} axes`, `it has ${shape.length}`);
  const type = typeOf(descr, fail);
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== end + count * type.bytes) {
    throw fail(
      `shape (${shape.join(", ")}) of ${type.dtype} must take ${count * type.bytes} bytes`,
      `there are ${bytes.length - end}${bytes.length < end + count * type.bytes ? ". It is truncated" : ""}`,
    );
  }
  const values = readElements(bytes.subarray(end), count, type);
  return { shape, dtype: type.dtype, values: isFortran ? toRowMajor(values, shape) : values };
}

type Fault = (rule: string, state: string) => SyntaxError;

/** Parses the three entries of the header's dictionary. */
function readHeader(header: string, fail: Fault) {
  const descr = /'descr'\s*:\s*'([^']+)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (/'descr'\s*:\s*\[/.test(header)) {
    throw fail(
      "its elements must be numbers or texts",
      "they are records of several fields. Save each field as an array of its own",
    );
  }
  if (descr === undefined || order === undefined || shape === undefined) {
    throw fail(
      "its header must have descr, fortran_order and shape",
      `it is "${quoteOf(header)}"`,
    );
  }
  const lengths = shape.split(",").map((length) => length.trim().replace(/L$/, "")).filter((length) =>
    length !== ""
  );
  return { descr, isFortran: order === "True", shape: lengths.map(Number) };
}

/** Supported types of numbers. */
const NUMBERS = ["b1", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"];

function typeOf(descr: string, fail: Fault) {
  const [, order, kind, length] = /^([<>|=])([a-zA-Z])(\d*)$/.exec(descr) ?? [];
  if (kind === "O") {
    throw fail(
      "its elements must be numbers or texts",
      "they are Python objects. Save texts as np.array(labels, dtype=str), images as one array of equal shapes",
    );
  }
  const dtype = `${kind}${length}`, size = Number(length);
  if (!NUMBERS.includes(dtype) && kind !== "U" && kind !== "S") {
    throw fail("its elements must be integers, floats, booleans or texts", `they are ${quoteOf(descr)}`);
  }
  if (!(size > 0)) throw fail("its elements must have at least one byte", `they are ${quoteOf(descr)}`);
  return { dtype, bytes: kind === "U" ? 4 * size : size, isLittle: order !== ">" };
}

/** Reorders values from Fortran order (first index fastest) to row-major order. */
function toRowMajor<V extends ArrayValues>(values: V, shape: readonly number[]): V {
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, length) => product * length, 1)
  );
  const result = values.slice() as V, index = new Array<number>(shape.length).fill(0);
  for (let at = 0, from = 0; at < values.length; at++) {
    result[at] = values[from] as V[number];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [stride = 0, length = 0] = [strides[axis], shape[axis]];
      const next = (index[axis] ?? 0) + 1;
      from += stride;
      index[axis] = next;
      if (next < length) break;
      from -= stride * length;
      index[axis] = 0;
    }
  }
  return result;
}
