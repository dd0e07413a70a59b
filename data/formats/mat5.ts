/**
 * MATLAB's level 5 MAT-files (versions 5 to 7): named arrays, compressed or not, in either byte order.
 *
 * The format is described in MathWorks' "MAT-File Format", chapter 1. Values are streamed, so an array may be
 * larger than memory.
 */

import { ByteReader } from "./byte_reader.ts";
import { COMPRESSED, Elements, malformed, MATRIX, NUMBER_TYPES, valuesOf } from "./mat5_elements.ts";
import { describeImplausible, isPlausible } from "./decompress.ts";
import { messageOf } from "../text.ts";

/** An array in a MAT-file. */
export interface MatVariable {
  /** Name in MATLAB. */
  readonly name: string;
  /** Sizes, fastest dimension first; at least two. */
  readonly shape: readonly number[];
  /**
   * Storage type of the elements, such as `uint8`; MATLAB stores small integers as bytes, whatever their
   * class.
   */
  readonly dtype: string;
  /**
   * Passes all values to `sink` in pieces, first dimension fastest: the values, and the index of the first
   * one. Can be called once, before the next variable is requested.
   *
   * @throws {SyntaxError} naming the file when it is truncated or damaged.
   */
  read(sink: (values: Uint8Array | Float64Array, start: number) => void): Promise<void>;
}

/** Types of elements that the format defines; others, such as zeros after the last array, belong to no MAT-file. */
const elementTypes: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 18]);
const HEADER_BYTES = 128;
/** Number of values passed to the sink at once. */
const PIECE_VALUES = 1 << 18;

/** True for MATLAB's numeric classes (double, single, integers); false for cells, structures and texts. */
const isNumeric = (matlabClass: number) => matlabClass >= 6 && matlabClass <= 15;
const IS_COMPLEX = 0x0800;

/**
 * Yields the numeric arrays of a MAT-file in file order. Other kinds of arrays are skipped.
 *
 * @param stream The file.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file when it is truncated, damaged or of another format.
 *
 * @example
 * ```ts ignore
 * for await (const { name, shape, read } of readMat5(file.readable, "train_32x32.mat")) {
 *   if (name === "y") await read((values, start) => labels.set(values, start));
 * }
 * ```
 */
export async function* readMat5(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  source: string,
): AsyncGenerator<MatVariable> {
  const file = new ByteReader(stream, {
    truncated: (missing) => malformed(source, `the file is truncated: it ends ${missing} bytes too early`),
    failed: (error) => error,
  });
  try {
    const isLittle = isLittleEndian(await file.take(HEADER_BYTES), source);
    while (!await file.atEnd()) {
      const element = new Elements(file, source, isLittle);
      const tag = await element.tag();
      if (tag.type === COMPRESSED) yield* readCompressed(element, tag.size);
      else if (tag.type === MATRIX) yield* readMatrix(element, tag.size);
      else if (elementTypes.has(tag.type)) await element.skipRest(tag);
      else throw element.fault(`type ${tag.type} of an element does not exist`);
    }
  } finally {
    await file.cancel();
  }
}

/**
 * Returns whether a file is little-endian.
 *
 * @throws {SyntaxError} when its header is not that of a level 5 file.
 */
function isLittleEndian(header: Uint8Array, source: string): boolean {
  const text = new TextDecoder("latin1").decode(header);
  const isLittle = text.endsWith("IM");
  if (!isLittle && !text.endsWith("MI")) {
    throw malformed(
      source,
      "its header must end with IM or MI. The file is of level 4 or has another format",
    );
  }
  const version = new DataView(header.buffer, header.byteOffset).getUint16(124, isLittle);
  if (version !== 0x0100) {
    throw malformed(
      source,
      `only level 5 is supported, but ${
        version === 0x0200 ? "it is of version 7.3 (HDF5)" : `its version is ${version}`
      }. Save it with -v7 or -v6 in MATLAB`,
    );
  }
  return isLittle;
}

/** Returns a stream of pieces; not every browser has `ReadableStream.from`. */
function streamOf<T>(pieces: AsyncGenerator<T>): ReadableStream<T> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

/** Reads the matrix in a compressed element, a zlib stream; its checksum is verified before continuing. */
async function* readCompressed(outer: Elements, size: number): AsyncGenerator<MatVariable> {
  const { source, isLittle } = outer;
  // Deno's decompressor accepts truncated streams; the missing bytes are noticed when reading the element.
  const compressed = streamOf(outer.reader.pieces(size));
  const inflated = compressed.pipeThrough(new DecompressionStream("deflate"));
  const reader = new ByteReader(inflated, {
    truncated: (missing) => outer.fault(`a compressed element ends ${missing} bytes too early`),
    // A SyntaxError already describes a truncated file; other errors come from the decompressor.
    failed: (error) =>
      error instanceof SyntaxError
        ? error
        : outer.fault(`a zlib stream cannot be decompressed (${messageOf(error)})`, error),
  });
  try {
    const element = new Elements(reader, source, isLittle);
    const tag = await element.tag();
    if (tag.type !== MATRIX) {
      throw outer.fault(`a compressed element must contain an array, but one contains type ${tag.type}`);
    }
    if (!isPlausible(tag.size, size)) throw outer.fault(describeImplausible(tag.size, size));
    yield* readMatrix(element, tag.size);
    await reader.drain(8, () => outer.fault("a compressed element has more bytes than its array claims"));
  } finally {
    await reader.cancel();
  }
}

/** Reads a matrix and yields it if it is numeric. */
async function* readMatrix(element: Elements, size: number): AsyncGenerator<MatVariable> {
  const { reader } = element;
  const end = reader.position + size;
  if (size > 0) {
    const flags = await element.short("an array's flags", 8);
    if (flags.size !== 8) {
      throw element.fault(`an array's flags must have 8 bytes, but there are ${flags.size}`);
    }
    const word = element.view(flags.data).getUint32(0, element.isLittle);
    if (isNumeric(word & 0xff) && (word & IS_COMPLEX) === 0) yield* readNumbers(element, end);
  }
  if (reader.position > end) {
    throw element.fault(`an array is ${reader.position - end} bytes longer than its header claims`);
  }
  await reader.skip(end - reader.position);
}

async function* readNumbers(element: Elements, end: number): AsyncGenerator<MatVariable> {
  const { reader, isLittle } = element;
  const sizes = await element.short("an array's sizes", 4 * 64);
  if (sizes.type !== 5 || sizes.size % 4 !== 0 || sizes.size < 8) {
    throw element.fault(
      `an array must have at least two sizes of int32, but it has ${sizes.size} bytes of type ${sizes.type}`,
    );
  }
  const sizesView = element.view(sizes.data);
  const shape = Array.from({ length: sizes.size / 4 }, (_, axis) => sizesView.getInt32(4 * axis, isLittle));
  if (shape.some((size) => size < 0)) throw element.fault(`an array has the sizes ${shape.join("×")}`);
  const name = new TextDecoder("latin1").decode((await element.short("an array's name", 1024)).data);
  const tag = await element.tag();
  const type = NUMBER_TYPES[tag.type];
  if (!type) throw element.fault(`the elements of ${name} must be numbers, but their type is ${tag.type}`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (tag.size !== count * type.bytes || (!tag.data && reader.position + tag.size > end)) {
    throw element.fault(
      `${name} of shape [${shape.join(", ")}] must take ${count * type.bytes} bytes as ${type.dtype}, ` +
        `but it takes ${tag.size}`,
    );
  }
  let isRead = false;
  yield {
    name,
    shape,
    dtype: type.dtype,
    async read(sink) {
      if (isRead) {
        throw new TypeError(
          `Cannot read ${name} of ${element.source} again: a variable can be read only once`,
        );
      }
      isRead = true;
      for (let start = 0; start < count; start += PIECE_VALUES) {
        const bytes = Math.min(PIECE_VALUES, count - start) * type.bytes;
        sink(valuesOf(tag.data ?? await reader.take(bytes), type, isLittle), start);
      }
    },
  };
}
