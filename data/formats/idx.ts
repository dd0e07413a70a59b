/** The idx format of MNIST: a typed array of any number of dimensions, plain or gzipped. */

import { messageOf } from "../text.ts";
import { decompress, describeImplausible, isPlausible, splitPieces } from "./decompress.ts";

/** An array of unsigned bytes read from an idx file. */
export interface IdxArray {
  /** Sizes, slowest dimension first. */
  readonly shape: readonly number[];
  /** Values, row-major. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/** Element types of the format; image datasets use only the first. */
const DTYPES: Readonly<Record<number, string>> = {
  0x08: "uint8",
  0x09: "int8",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

/**
 * Parses an idx file of unsigned bytes: two zero bytes, element type, dimension count, big-endian sizes,
 * values.
 *
 * Gzipped files are recognised by their first bytes, whatever their name.
 *
 * @param bytes The file.
 * @param source The file's name, for errors.
 * @param dimensionCount Expected number of dimensions.
 * @param signal Signal that aborts unpacking.
 * @throws {SyntaxError} naming the file when it is damaged, truncated or of another format.
 *
 * @example
 * ```ts
 * import { parseIdx } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const file = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
 * const { values } = await parseIdx(file, "labels", 1);
 * assertEquals(values, new Uint8Array([7, 2, 1]));
 * ```
 */
export async function parseIdx(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
  dimensionCount: number,
  signal?: AbortSignal,
): Promise<IdxArray> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const contents = isGzip ? await gunzip(bytes, source, signal) : bytes;
  const { shape, headerBytes } = readHeader(contents, source, dimensionCount);
  const size = headerBytes + sizeOf(shape);
  if (contents.length !== size) {
    throw fault(
      source,
      `shape [${shape.join(", ")}] must take ${size} bytes`,
      contents.length < size
        ? `the file has ${isGzip ? "fewer" : contents.length}. It is truncated`
        : `the file has ${isGzip ? "more" : contents.length}`,
    );
  }
  return { shape, values: contents.slice(headerBytes) };
}

function fault(source: string, rule: string, state: string): SyntaxError {
  return new SyntaxError(`Cannot read ${source} as an idx file: ${rule}, but ${state}`);
}

/** Returns the sizes of an array, and the length of its header. */
function readHeader(contents: Uint8Array, source: string, dimensionCount: number) {
  const [zero0, zero1, dtype, dimensions] = contents;
  if (dtype === undefined || dimensions === undefined) {
    throw fault(source, "it must start with a 4-byte header", `it has ${contents.length} bytes`);
  }
  if (zero0 !== 0 || zero1 !== 0 || DTYPES[dtype] === undefined) {
    const start = [...contents.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw fault(source, "it must start with 00 00 and an element type", `it starts with ${start}`);
  }
  if (dtype !== 0x08) throw fault(source, "its elements must be uint8", `they are ${DTYPES[dtype]}`);
  if (dimensions !== dimensionCount) {
    throw fault(source, `it must have ${dimensionCount} dimensions`, `it has ${dimensions}`);
  }
  const headerBytes = 4 + 4 * dimensions;
  if (contents.length < headerBytes) {
    throw fault(source, `its header must have ${headerBytes} bytes`, `the file has ${contents.length}`);
  }
  return { shape: shapeIn(contents, dimensions), headerBytes };
}

function shapeIn(contents: Uint8Array, dimensions: number): number[] {
  const view = new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
  return Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Bytes of a header with four dimensions, the most that images have. */
const LONGEST_HEADER = 4 + 4 * 4;

/**
 * Unpacks a gzipped idx file, but at most a byte more than its header claims; nothing if the claim is
 * implausible.
 *
 * @throws {SyntaxError} naming the file when it is truncated or damaged, or claims an implausible size.
 */
async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  let contents = new Uint8Array(LONGEST_HEADER), length = 0, isKnown = false;
  try {
    for await (const piece of decompress(splitPieces(bytes), "gzip", signal)) {
      let from = 0;
      if (!isKnown) {
        from = Math.min(piece.length, LONGEST_HEADER - length);
        contents.set(piece.subarray(0, from), length);
        length += from;
        if (length < LONGEST_HEADER) continue;
        isKnown = true;
        contents = enlarge(contents, claimedBytes(contents, bytes.length, source) + 1);
      }
      const rest = piece.subarray(from, from + contents.length - length);
      contents.set(rest, length);
      length += rest.length;
      if (length === contents.length) break;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SyntaxError) throw error;
    throw new SyntaxError(
      `Cannot decompress ${source}: the gzip data are damaged or incomplete (${messageOf(error)}). ` +
        "Download the file again.",
      { cause: error },
    );
  }
  return contents.subarray(0, length);
}

function enlarge(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, bytes.length));
  larger.set(bytes);
  return larger;
}

/**
 * Returns the size in bytes claimed by an idx header; only that of the header if it is invalid.
 *
 * @throws {SyntaxError} naming the file when its packed bytes cannot plausibly have this size.
 */
function claimedBytes(start: Uint8Array, packed: number, source: string): number {
  const dimensions = start[3] ?? 0;
  if (dimensions > 4) return LONGEST_HEADER;
  const size = 4 + 4 * dimensions + sizeOf(shapeIn(start, dimensions));
  if (isPlausible(size, packed)) return size;
  throw new SyntaxError(`Cannot decompress ${source} (gzip): ${describeImplausible(size, packed)}`);
}
