/**
 * The safetensors format, in which weights travel to and from PyTorch: the header's length as uint64, a JSON
 * header, then the elements, all little-endian as typed arrays are wherever WebGPU is.
 *
 * Source: https://huggingface.co/docs/safetensors/index#format; its reference implementation sets the limit
 * of the header's length.
 * @module
 */
import { type DType, formatShape, type HostArray, type Shape, sizeOf } from "../kernels/mod.ts";
import { type Encoding, encodings, type Misfit } from "./safetensors_encodings.ts";
import { describeOther } from "./weight_formats.ts";

/** A tensor's elements in host memory, row-major. */
export interface HostTensor {
  /** Sizes of the axes; `[]` is a scalar. */
  readonly shape: Shape;
  /** Element type, which is the array's. */
  readonly dtype: DType;
  /** As many elements as the product of the sizes. */
  readonly data: HostArray;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** Tensors by name, in the order of their elements in the file. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Free texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** How to read a safetensors file. */
export interface ReadSafetensorsOptions {
  /** The file's name, for errors. */
  readonly source?: string | undefined;
}

/** Where a tensor lies, in bytes after the header. */
interface Entry {
  readonly name: string;
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** The format's names of the dtypes. */
const formatNames: Readonly<Record<DType, string>> = { float32: "F32", int32: "I32", uint32: "U32" };
const arrayTypes = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

const metadataName = "__metadata__";
const lengthBytes = 8;
const alignment = 8;
const mostHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file; the tensors share no memory with it.
 *
 * F32, I32 and U32 are read bit for bit. F16 and BF16 become the same values in float32, F64 the nearest ones;
 * I8, U8, I16, U16 and I64 become int32, and BOOL 0 or 1 in int32. Where two tensors have one name, the format
 * forbids it and the data of the first are refused as a hole.
 *
 * @param bytes The whole file.
 * @throws {SyntaxError} naming the source, and the tensor, where the file is truncated, damaged or something else,
 * or has elements of another type. Of files that are no safetensors it says what they are and what to do.
 * @throws {RangeError} where an F64 or I64 element is beyond float32 or int32.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "../tests/assert.ts";
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
  const headerEnd = headerEndOf(bytes, source);
  const header = parseHeader(bytes, headerEnd, source);
  const metadata = metadataOf(header[metadataName], source);
  const entries = Object.entries(header)
    .filter(([name]) => name !== metadataName)
    .map(([name, info]) => entryOf(name, info, bytes.length - headerEnd, source))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - headerEnd, source);
  const tensors = new Map<string, HostTensor>();
  for (const { name, encoding: { dtype, decode }, shape, begin, end } of entries) {
    const misfit: Misfit = (index, value) =>
      new RangeError(
        `Cannot read ${source} as tensor ${show(name)} must fit ${dtype}: element ${index} is ${value}`,
      );
    // A copy, as elements need not be aligned in the file; not slice(), which is a view where bytes is a node:Buffer.
    const stored = new Uint8Array(end - begin);
    stored.set(bytes.subarray(headerEnd + begin, headerEnd + end));
    tensors.set(name, { shape, dtype, data: decode(stored.buffer, misfit) });
  }
  return { tensors, metadata };
}

/**
 * Writes tensors as a safetensors file, in their order: the same tensors give the same bytes.
 *
 * @param tensors Names and tensors, such as a Map or `Object.entries(…)`.
 * @param metadata Free texts by name; PyTorch's tools write `{ format: "pt" }`.
 * @throws {RangeError} where a name comes twice, is `__metadata__` or is not well-formed Unicode, or where a
 * tensor's elements are not as many as its shape says.
 * @throws {TypeError} where the elements of a tensor are not of its dtype, or metadata are not strings.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from "./safetensors.ts";
 * import { assertEquals } from "../tests/assert.ts";
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
  // Joined by hand, as an object would put names such as "0" first.
  const json = [...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",");
  const header = new TextEncoder().encode(`{${json}}`);
  const headerBytes = Math.ceil(header.length / alignment) * alignment;
  if (headerBytes > mostHeaderBytes) {
    throw new RangeError(
      `Cannot write tensors as their header must be at most ${mostHeaderBytes} bytes: it takes ${headerBytes}`,
    );
  }
  const file = new Uint8Array(lengthBytes + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, lengthBytes);
  file.fill(0x20, lengthBytes + header.length, lengthBytes + headerBytes);
  let at = lengthBytes + headerBytes;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

function headerEndOf(bytes: Uint8Array, source: string): number {
  if (bytes.length < lengthBytes) {
    throw malformed(
      source,
      `it must start with ${lengthBytes} bytes of header length`,
      `it has ${bytes.length} bytes`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > mostHeaderBytes) {
    throw otherFormat(bytes, source) ??
      malformed(
        source,
        `its header must be at most ${mostHeaderBytes} bytes`,
        `it is ${length}, as in a damaged file or one of another format`,
      );
  }
  const end = lengthBytes + Number(length);
  if (end > bytes.length) {
    throw otherFormat(bytes, source) ??
      malformed(source, `its header must end at byte ${end}`, `the file has ${bytes.length} bytes`);
  }
  return end;
}

/** The error of a file that is something else, where it can be told what. */
function otherFormat(bytes: Uint8Array, source: string): SyntaxError | undefined {
  const other = describeOther(bytes, source);
  return other === undefined ? undefined : malformed(source, "it must be a safetensors file", other);
}

function parseHeader(file: Uint8Array, end: number, source: string): Readonly<Record<string, unknown>> {
  const bytes = file.subarray(lengthBytes, end);
  if (bytes[0] !== 0x7b) {
    throw otherFormat(file, source) ?? malformed(source, "its header must start with {", "it does not");
  }
  let header: unknown;
  try {
    // A copy, as browsers decode no shared memory.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes));
    // Some writers fill up the header with NUL where the format wants spaces.
    header = JSON.parse(text.replace(/\0+$/, ""));
  } catch (error) {
    const state = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    throw malformed(source, "its header must be JSON in UTF-8", state, error);
  }
  return header as Record<string, unknown>;
}

function metadataOf(value: unknown, source: string): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null);
  // Some writers have null in the place of nothing.
  if (value === undefined || value === null) return metadata;
  if (!isObject(value)) throw malformed(source, `${metadataName} must be an object`, `it is ${show(value)}`);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw malformed(source, "metadata must be strings", `${show(name)} is ${show(text)}`);
    }
    metadata[name] = text;
  }
  return metadata;
}

function entryOf(name: string, info: unknown, dataBytes: number, source: string): Entry {
  const refuse = (rule: string, state: string) =>
    malformed(source, `tensor ${show(name)} must ${rule}`, state);
  if (!isObject(info)) throw refuse("be described by an object", `it is ${show(info)}`);
  const { dtype, shape, data_offsets: offsets } = info;
  const encoding = encodings.get(dtype as string);
  if (!encoding) throw refuse(`have a dtype of ${[...encodings.keys()].join(", ")}`, `it is ${show(dtype)}`);
  if (!isSizes(shape)) throw refuse("have a shape of whole numbers ≥ 0", `it is ${show(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw refuse("have data_offsets of two whole numbers ≥ 0", `they are ${show(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) {
    throw refuse(`lie in the ${dataBytes} bytes of data`, `its data_offsets are ${show(offsets)}`);
  }
  const size = sizeOf(shape) * encoding.elementBytes;
  if (size !== end - begin) {
    throw refuse(`take ${size} bytes as ${dtype} of shape ${show(shape)}`, `it takes ${end - begin}`);
  }
  return { name, encoding, shape, begin, end };
}

/** Checks entries, sorted, as the format allows neither overlaps nor bytes of no tensor. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, source: string): void {
  const rule = "tensors must follow each other without holes and overlaps";
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      throw malformed(
        source,
        rule,
        `${show(name)} begins at byte ${begin}, the data before it end at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw malformed(source, rule, `they end at byte ${covered}, the data at ${dataBytes}`);
  }
}

function checkTexts(metadata: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string") {
      throw new TypeError(`Cannot write metadata ${show(name)} as it must be a string: it is ${show(text)}`);
    }
    if (!name.isWellFormed() || !text.isWellFormed()) {
      throw new RangeError(
        `Cannot write metadata ${show(name)} as it must be Unicode: it has half a surrogate pair`,
      );
    }
  }
}

function checkWritable(
  name: string,
  { shape, dtype, data }: HostTensor,
  written: ReadonlyMap<string, string>,
): void {
  const cannot = (rule: string, state: string) => `Cannot write tensor ${show(name)} as ${rule}: ${state}`;
  if (name === metadataName) {
    throw new RangeError(cannot("its name must be free", "it is that of the metadata"));
  }
  if (written.has(name)) throw new RangeError(cannot("names must be unique", "it comes twice"));
  if (!name.isWellFormed()) {
    throw new RangeError(cannot("its name must be Unicode", "it has half a surrogate pair"));
  }
  if (!Object.hasOwn(arrayTypes, dtype) || !(data instanceof arrayTypes[dtype])) {
    throw new TypeError(
      cannot(`elements must be of its dtype ${dtype}`, `they are a ${data.constructor.name}`),
    );
  }
  if (!isSizes(shape) || sizeOf(shape) !== data.length) {
    throw new RangeError(
      cannot(`shape ${formatShape(shape)} must be that of its elements`, `there are ${data.length}`),
    );
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A value of unknown length and depth as it stands in messages. */
function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "string") {
    return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  }
  if (!Array.isArray(value)) return isObject(value) ? "an object" : String(value);
  const some = value.slice(0, 8).map((item) => Array.isArray(item) ? "an array" : show(item));
  return `[${some.join(", ")}${value.length > some.length ? ", …" : ""}]`;
}

function malformed(source: string, rule: string, state: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read ${source} as ${rule}: ${state}`, cause === undefined ? {} : { cause });
}
