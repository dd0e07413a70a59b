/** The idx format of MNIST: a typed array of any number of dimensions, plain or gzipped. */

import { concatenateBytes } from "../image_set.ts";
import { messageOf } from "../text.ts";
import { decompress, splitPieces } from "./decompress.ts";

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
): Promise<IdxArray> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const contents = isGzip ? await gunzip(bytes, source) : bytes;
  const fail = (rule: string, state: string) =>
    new SyntaxError(`Cannot read ${source} as an idx file: ${rule}, but ${state}`);
  const [zero0, zero1, dtype, dimensions] = contents;
  if (dtype === undefined || dimensions === undefined) {
    throw fail("it must start with a 4-byte header", `it has ${contents.length} bytes`);
  }
  if (zero0 !== 0 || zero1 !== 0 || DTYPES[dtype] === undefined) {
    const start = [...contents.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw fail("it must start with 00 00 and an element type", `it starts with ${start}`);
  }
  if (dtype !== 0x08) throw fail("its elements must be uint8", `they are ${DTYPES[dtype]}`);
  if (dimensions !== dimensionCount) {
    throw fail(`it must have ${dimensionCount} dimensions`, `it has ${dimensions}`);
  }
  const headerBytes = 4 + 4 * dimensions;
  if (contents.length < headerBytes) {
    throw fail(`its header must have ${headerBytes} bytes`, `the file has ${contents.length}`);
  }
  const view = new DataView(contents.buffer, contents.byteOffset, headerBytes);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (contents.length !== headerBytes + size) {
    throw fail(
      `shape [${shape.join(", ")}] must take ${headerBytes + size} bytes`,
      contents.length < headerBytes + size
        ? `the file has ${isGzip ? "fewer" : contents.length}. It is truncated`
        : `the file has ${isGzip ? "more" : contents.length}`,
    );
  }
  return { shape, values: contents.slice(headerBytes) };
}

/** Bytes of a header with four dimensions, the most that images have. */
const LONGEST_HEADER = 4 + 4 * 4;
/** Maximum ratio of unpacked to packed bytes in gzip. */
const MOST_OF_GZIP = 1032;

/**
 * Unpacks a gzipped idx file, but stops soon after the size claimed by the idx header, which bounds the
 * memory used.
 *
 * @throws {SyntaxError} naming the file when it is truncated or damaged.
 */
async function gunzip(bytes: Uint8Array<ArrayBuffer>, source: string): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0, most = Infinity;
  try {
    for await (const piece of decompress(splitPieces(bytes), "gzip")) {
      pieces.push(piece);
      length += piece.length;
      if (most === Infinity && length >= LONGEST_HEADER) most = bytesOf(concatenateBytes(pieces));
      const isPossible = most === Infinity || most <= MOST_OF_GZIP * bytes.length;
      if (length > most || !isPossible) break;
    }
  } catch (error) {
    throw new SyntaxError(
      `Cannot decompress ${source}: the gzip data are damaged or incomplete (${messageOf(error)}). ` +
        "Download the file again.",
      { cause: error },
    );
  }
  return concatenateBytes(pieces);
}

/** Returns the size in bytes claimed by an idx header; only that of the header if it is invalid. */
function bytesOf(start: Uint8Array): number {
  const dimensions = start[3] ?? 0;
  if (dimensions > 4) return LONGEST_HEADER;
  const view = new DataView(start.buffer, start.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  return 4 + 4 * dimensions + shape.reduce((product, length) => product * length, 1);
}
