/**
 * The element types of the safetensors format and their conversion to dtypes of this library.
 * @module
 */
import type { DType, HostArray } from "../../kernels/mod.ts";

/** Creates the error for element `index` whose `value` is outside the range of the target dtype. */
export type RangeErrorFactory = (index: number, value: number | bigint) => RangeError;

/** An element type of the format: its size and its conversion. */
export interface Encoding {
  readonly dtype: DType;
  readonly elementBytes: number;
  readonly decode: (stored: ArrayBuffer, createRangeError: RangeErrorFactory) => HostArray;
}

export const encodings: ReadonlyMap<string, Encoding> = new Map<string, Encoding>([
  ["F32", { dtype: "float32", elementBytes: 4, decode: (stored) => new Float32Array(stored) }],
  ["I32", { dtype: "int32", elementBytes: 4, decode: (stored) => new Int32Array(stored) }],
  ["U32", { dtype: "uint32", elementBytes: 4, decode: (stored) => new Uint32Array(stored) }],
  ["F64", { dtype: "float32", elementBytes: 8, decode: narrowFloat64 }],
  ["F16", {
    dtype: "float32",
    elementBytes: 2,
    decode: (stored) => new Float32Array(new Float16Array(stored)),
  }],
  ["BF16", { dtype: "float32", elementBytes: 2, decode: widenBfloat16 }],
  ["I64", { dtype: "int32", elementBytes: 8, decode: narrowInt64 }],
  ["I16", { dtype: "int32", elementBytes: 2, decode: (stored) => new Int32Array(new Int16Array(stored)) }],
  ["U16", { dtype: "int32", elementBytes: 2, decode: (stored) => new Int32Array(new Uint16Array(stored)) }],
  ["I8", { dtype: "int32", elementBytes: 1, decode: (stored) => new Int32Array(new Int8Array(stored)) }],
  ["U8", { dtype: "int32", elementBytes: 1, decode: (stored) => new Int32Array(new Uint8Array(stored)) }],
  ["BOOL", {
    dtype: "int32",
    elementBytes: 1,
    decode: (stored) => new Int32Array(new Uint8Array(stored)).map((byte) => byte ? 1 : 0),
  }],
]);

function narrowFloat64(stored: ArrayBuffer, createRangeError: RangeErrorFactory): HostArray {
  return Float32Array.from(new Float64Array(stored), (value, index) => {
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw createRangeError(index, value);
    return value;
  });
}

function widenBfloat16(stored: ArrayBuffer): HostArray {
  // A bfloat16 is the upper half of a float32.
  return new Float32Array(new Uint32Array(new Uint16Array(stored)).map((half) => half << 16).buffer);
}

function narrowInt64(stored: ArrayBuffer, createRangeError: RangeErrorFactory): HostArray {
  return Int32Array.from(new BigInt64Array(stored), (value, index) => {
    const narrow = Number(value);
    if (narrow !== (narrow | 0)) throw createRangeError(index, value);
    return narrow;
  });
}
