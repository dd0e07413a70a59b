/**
 * The safetensors format, used to exchange weights with PyTorch: the header's length as uint64, a JSON
 * header, then the elements. All numbers are little-endian, as typed arrays are on every platform with
 * WebGPU.
 *
 * Source: https://huggingface.co/docs/safetensors/index#format; the limit of the header's length is the
 * reference implementation's.
 * @module
 */
import { type DType, formatShape, type HostArray, type Shape, sizeOf } from "../../kernels/mod.ts";
import type { RangeErrorFactory } from "./encodings.ts";
import { alignment, isSizes, lengthBytes, maxHeaderBytes, metadataName, readHeader, show } from "./header.ts";

/** A tensor's elements in host memory, row-major. */
export interface HostTensor {
  /** Sizes of the axes; `[]` is a scalar. */
  readonly shape: Shape;
  /** Element type, which must match the type of `data`. */
  readonly dtype: DType;
  /** Elements; their number is the product of the sizes. */
  readonly data: HostArray;
}

/** Contents of a safetensors file. */
export interface SafetensorsFile {
  /** Tensors by name, in the order of their data in the file. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Arbitrary texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of {@linkcode readSafetensors}. */
export interface ReadSafetensorsOptions {
  /** Name of the file in error messages; default "safetensors data". */
  readonly source?: string | undefined;
}

/** Names of the dtypes in the format. */
const formatNames: Readonly<Record<DType, string>> = { float32: "F32", int32: "I32", uint32: "U32" };
const arrayTypes = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

/**
 * Reads a safetensors file. The tensors share no memory with `bytes`.
 *
 * F32, I32 and U32 are read bit for bit. F16 and BF16 become the same values in float32, F64 the nearest
 * float32 values; I8, U8, I16, U16 and I64 become int32; BOOL becomes 0 or 1 in int32. Two tensors of the
 * same name are an error, because the data of the first belong to no tensor.
 *
 * @param bytes The whole file.
 * @throws {SyntaxError} naming the source and the tensor if the file is truncated, damaged, or has elements
 * of an unsupported type. If the file has another format, the message names the format and says what to do.
 * @throws {RangeError} if an F64 or I64 element is outside the range of float32 or int32.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const bias = { shape: [2], dtype: "float32", data: Float32Array.of(0.5, -1) } as const;
 * const file = writeSafetensors([["heads.0.bias", bias]], { format: "pt" });
 * const { tensors, metadata } = readSafetensors(file, { source: "model.safetensors" });
 * assertEquals(tensors.get("heads.0.bias"), bias);
 * assertEquals(metadata.format, "pt");
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): SafetensorsFile {
  const source = options.source ?? "safetensors data";
  const { entries, metadata, end: headerEnd } = readHeader(bytes, source);
  const tensors = new Map<string, HostTensor>();
  for (const { name, encoding: { dtype, decode }, shape, begin, end } of entries) {
    const createRangeError: RangeErrorFactory = (index, value) =>
      new RangeError(
        `Cannot read ${source}: tensor ${show(name)} must fit ${dtype}, but element ${index} is ${value}`,
      );
    // A copy, because elements need not be aligned in the file. The slice() of a node:Buffer would be a view.
    const stored = new Uint8Array(end - begin);
    stored.set(bytes.subarray(headerEnd + begin, headerEnd + end));
    tensors.set(name, { shape, dtype, data: decode(stored.buffer, createRangeError) });
  }
  return { tensors, metadata };
}

/**
 * Encodes tensors as a safetensors file, in the given order. The same tensors give the same bytes.
 *
 * @param tensors Names and tensors, such as a Map or `Object.entries(…)`.
 * @param metadata Arbitrary texts by name; PyTorch's tools write `{ format: "pt" }`.
 * @throws {RangeError} if a name occurs twice, is `__metadata__` or is not well-formed Unicode, or if a
 * tensor's shape does not match its number of elements.
 * @throws {TypeError} if a tensor's data do not match its dtype, or metadata are not strings.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const labels = { shape: [3], dtype: "int32", data: Int32Array.of(-1, 4, 2) } as const;
 * assertEquals(writeSafetensors(new Map([["labels", labels]])).length, 8 + 64 + 12);
 * ```
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, HostTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const members = new Map<string, string>();
  checkTexts(metadata);
  if (Object.keys(metadata).length > 0) members.set(metadataName, JSON.stringify(metadata));
  const arrays: HostArray[] = [];
  let dataBytes = 0;
  for (const [name, tensor] of tensors) {
    checkWritable(name, tensor, members);
    const end = dataBytes + tensor.data.byteLength;
    const info = { dtype: formatNames[tensor.dtype], shape: tensor.shape, data_offsets: [dataBytes, end] };
    members.set(name, JSON.stringify(info));
    arrays.push(tensor.data);
    dataBytes = end;
  }
  return assemble(members, arrays, dataBytes);
}

function assemble(
  members: ReadonlyMap<string, string>,
  arrays: readonly HostArray[],
  dataBytes: number,
): Uint8Array<ArrayBuffer> {
  // Joined as text, because an object would move names such as "0" to the front.
  const json = [...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",");
  const header = new TextEncoder().encode(`{${json}}`);
  const headerBytes = Math.ceil(header.length / alignment) * alignment;
  if (headerBytes > maxHeaderBytes) {
    throw new RangeError(
      `Cannot write tensors: the header must be at most ${maxHeaderBytes} bytes, but it takes ${headerBytes}`,
    );
  }
  const file = new Uint8Array(lengthBytes + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, lengthBytes);
  file.fill(0x20, lengthBytes + header.length, lengthBytes + headerBytes);
  let offset = lengthBytes + headerBytes;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return file;
}

function checkTexts(metadata: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string") {
      throw new TypeError(
        `Cannot write metadata ${show(name)}: the value must be a string, but it is ${show(text)}`,
      );
    }
    if (!name.isWellFormed() || !text.isWellFormed()) {
      throw new RangeError(
        `Cannot write metadata ${show(name)}: texts must be Unicode, but one has half a surrogate pair`,
      );
    }
  }
}

function checkWritable(
  name: string,
  { shape, dtype, data }: HostTensor,
  written: ReadonlyMap<string, string>,
): void {
  const explain = (reason: string) => `Cannot write tensor ${show(name)}: ${reason}`;
  if (name === metadataName) throw new RangeError(explain("the name is reserved for metadata"));
  if (written.has(name)) throw new RangeError(explain("names must be unique, but this name occurs twice"));
  if (!name.isWellFormed()) {
    throw new RangeError(explain("the name must be Unicode, but it has half a surrogate pair"));
  }
  if (!Object.hasOwn(arrayTypes, dtype) || !(data instanceof arrayTypes[dtype])) {
    throw new TypeError(explain(`its dtype is ${dtype}, but its data are a ${data.constructor.name}`));
  }
  if (!isSizes(shape) || sizeOf(shape) !== data.length) {
    throw new RangeError(
      explain(`shape ${formatShape(shape)} must match the elements, but there are ${data.length} elements`),
    );
  }
}
