/**
 * The element types of the safetensors format, and what each becomes here.
 * @module
 */
import type { DType, HostArray } from "../kernels/mod.ts";

/** Element `index` of a tensor is `value`, which its dtype here cannot hold. */
export type Misfit = (index: number, value: number | bigint) => RangeError;

/** How elements of a type of the format are stored, and what they are here. */
export interface Encoding {
  readonly dtype: DType;
  readonly elementBytes: number;
  readonly decode: (stored: ArrayBuffer, misfit: Misfit) => HostArray;
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

function narrowFloat64(stored: ArrayBuffer, misfit: Misfit): HostArray {
  const exact = new Float64Array(stored);
  const values = new Float32Array(exact);
  const index = values.findIndex((value, i) => Math.abs(value) === Infinity && Number.isFinite(exact[i]));
  if (index >= 0) throw misfit(index, exact[index]!);
  return values;
}

function widenBfloat16(stored: ArrayBuffer): HostArray {
  const bits = new Uint32Array(new Uint16Array(stored));
  // A bfloat16 is the upper half of a float32.
  for (let i = 0; i < bits.length; i++) bits[i]! <<= 16;
  return new Float32Array(bits.buffer);
}

function narrowInt64(stored: ArrayBuffer, misfit: Misfit): HostArray {
  const halves = new Int32Array(stored);
  const values = new Int32Array(halves.length / 2);
  for (let i = 0; i < values.length; i++) {
    const lower = halves[2 * i]!;
    // In range, the upper half repeats the sign of the lower one.
    if (halves[2 * i + 1] !== lower >> 31) throw misfit(i, new BigInt64Array(stored)[i]!);
    values[i] = lower;
  }
  return values;
}
