/**
 * The header of a safetensors file: its length, and names, types and places of the tensors.
 * @module
 */
import { type Shape, sizeOf } from "../../kernels/mod.ts";
import { describeOther } from "../weight_formats.ts";
import { type Encoding, encodings } from "./encodings.ts";

/** Entry of a tensor; `begin` and `end` are byte offsets after the header. */
interface Entry {
  readonly name: string;
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** Contents of a header. */
export interface Header {
  /** Tensors in the order of their data. */
  readonly entries: readonly Entry[];
  /** Arbitrary texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Byte at which the header ends, and the data begin. */
  readonly end: number;
}

/** Name of the entry that holds texts instead of a tensor. */
export const metadataName = "__metadata__";
/** Number of bytes of the header's length. */
export const lengthBytes = 8;
/** Number of bytes that the header's length is a multiple of. */
export const alignment = 8;
/** Largest length of a header, in bytes. */
export const maxHeaderBytes = 25_000_000;
/** Most tensors of a file; networks have thousands. */
const mostTensors = 50_000;

/** Reads the header of a file. @throws {SyntaxError} naming the source if it is damaged, or does not fit the data. */
export function readHeader(bytes: Uint8Array, source: string): Header {
  const end = findHeaderEnd(bytes, source);
  const header = parseHeader(bytes, end, source);
  const metadata = parseMetadata(header[metadataName], source);
  const count = Object.keys(header).length;
  if (count > mostTensors) {
    throw malformed(source, `there must be at most ${mostTensors} tensors`, `there are ${count}`);
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== metadataName)
    .map(([name, info]) => parseEntry(name, info, bytes.length - end, source))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - end, source);
  return { entries, metadata, end };
}

function findHeaderEnd(bytes: Uint8Array, source: string): number {
  if (bytes.length < lengthBytes) {
    throw malformed(
      source,
      `the file must start with ${lengthBytes} bytes of header length`,
      `it has ${bytes.length} bytes`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > maxHeaderBytes) {
    throw createFormatError(bytes, source) ??
      malformed(
        source,
        `the header must be at most ${maxHeaderBytes} bytes`,
        `its length is ${length}. The file is damaged or has another format.`,
      );
  }
  const end = lengthBytes + Number(length);
  if (end > bytes.length) {
    throw createFormatError(bytes, source) ??
      malformed(source, `the header must end at byte ${end}`, `the file has ${bytes.length} bytes`);
  }
  return end;
}

/** Returns the error for a file of another format; undefined if the format is not recognised. */
function createFormatError(bytes: Uint8Array, source: string): SyntaxError | undefined {
  const other = describeOther(bytes, source);
  return other === undefined ? undefined : malformed(source, "the file must be safetensors", other);
}

function parseHeader(file: Uint8Array, end: number, source: string): Readonly<Record<string, unknown>> {
  const bytes = file.subarray(lengthBytes, end);
  if (bytes[0] !== 0x7b) {
    throw createFormatError(file, source) ?? malformed(source, "the header must start with {", "it does not");
  }
  let header: unknown;
  try {
    // A copy, because browsers refuse to decode shared memory.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes));
    // Some writers pad the header with NUL instead of spaces.
    header = JSON.parse(withoutPadding(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    throw malformed(source, "the header must be JSON in UTF-8", `parsing failed: ${reason}`, error);
  }
  return header as Record<string, unknown>;
}

/** Removes NUL characters from the end of a text, in linear time unlike a regular expression. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

function parseMetadata(value: unknown, source: string): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null);
  // Some writers store null instead of leaving the entry out.
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

function parseEntry(name: string, info: unknown, dataBytes: number, source: string): Entry {
  const createError = (rule: string, state: string) =>
    malformed(source, `tensor ${show(name)} must ${rule}`, state);
  if (!isObject(info)) throw createError("be described by an object", `its description is ${show(info)}`);
  const { dtype, shape, data_offsets: offsets } = info;
  const encoding = encodings.get(dtype as string);
  if (!encoding) {
    throw createError(
      `have one of the dtypes ${[...encodings.keys()].join(", ")}`,
      `its dtype is ${show(dtype)}`,
    );
  }
  if (!isSizes(shape)) {
    throw createError("have a shape of whole numbers ≥ 0", `its shape is ${show(shape)}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw createError("have data_offsets of two whole numbers ≥ 0", `its data_offsets are ${show(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) {
    throw createError(`lie in the ${dataBytes} bytes of data`, `its data_offsets are ${show(offsets)}`);
  }
  const size = sizeOf(shape) * encoding.elementBytes;
  if (size !== end - begin) {
    throw createError(`take ${size} bytes as ${dtype} of shape ${show(shape)}`, `it takes ${end - begin}`);
  }
  return { name, encoding, shape, begin, end };
}

/** Checks that sorted entries cover the data without gaps and overlaps, as the format demands. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, source: string): void {
  const rule = "tensors must cover the data without gaps and overlaps";
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      throw malformed(
        source,
        rule,
        `${show(name)} begins at byte ${begin} and the data before it end at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw malformed(source, rule, `the tensors end at byte ${covered} and the data at ${dataBytes}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns whether a value is an array of whole numbers ≥ 0. */
export function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Formats a value of any length and depth for messages, shortened. */
export function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "string") {
    return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  }
  if (!Array.isArray(value)) return isObject(value) ? "an object" : String(value);
  const items = value.slice(0, 8).map((item) => Array.isArray(item) ? "an array" : show(item));
  return `[${items.join(", ")}${value.length > items.length ? ", …" : ""}]`;
}

function malformed(source: string, rule: string, state: string, cause?: unknown): SyntaxError {
  return new SyntaxError(
    `Cannot read ${source}: ${rule}, but ${state}`,
    cause === undefined ? {} : { cause },
  );
}
