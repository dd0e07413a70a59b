/**
 * MATLAB's MAT-files of level 5 (versions 5 to 7): named arrays, compressed or not, in either byte order.
 *
 * The format is MathWorks' "MAT-File Format", chapter 1. Values are handed on while they are read, so that an array
 * may be larger than memory.
 */

import { ByteReader } from "./byte_reader.ts";
import { COMPRESSED, Elements, malformed, MATRIX, NUMBER_TYPES, valuesOf } from "./mat5_elements.ts";
import { messageOf } from "../text.ts";

/** An array of a file. */
export interface MatVariable {
  /** Its name in MATLAB. */
  readonly name: string;
  /** Its sizes, the fastest dimension first; at least two. */
  readonly shape: readonly number[];
  /** How its elements are stored, such as `uint8`; MATLAB stores whole numbers in few bytes, whatever their class. */
  readonly dtype: string;
  /**
   * Gives all values to `sink`, in their order with the first dimension fastest, in pieces: the values and the index
   * of the first of them. To be called before the next variable is asked for.
   *
   * @throws {SyntaxError} naming the file when it is truncated or damaged.
   */
  read(sink: (values: Uint8Array | Float64Array, start: number) => void): Promise<void>;
}

const HEADER_BYTES = 128;
/** Values handed on at once. */
const PIECE_VALUES = 1 << 18;

/** MATLAB's classes that are arrays of numbers: double, single and the integers; not cells, structures, texts. */
const isNumeric = (matlabClass: number) => matlabClass >= 6 && matlabClass <= 15;
const IS_COMPLEX = 0x0800;

/**
 * The numeric arrays of a MAT-file, one after the other as they stand; other kinds are passed over.
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
    truncated: (missing) =>
      malformed(source, "it must be whole", `it ends ${missing} bytes too early, it is truncated`),
    failed: (error) => error,
  });
  try {
    const isLittle = byteOrder(await file.take(HEADER_BYTES), source);
    while (!await file.atEnd()) {
      const element = new Elements(file, source, isLittle);
      const tag = await element.tag();
      if (tag.type === COMPRESSED) yield* readCompressed(element, tag.size);
      else if (tag.type === MATRIX) yield* readMatrix(element, tag.size);
      else await element.skipRest(tag);
    }
  } finally {
    await file.cancel();
  }
}

/** Whether the file's numbers begin with their lowest byte. */
function byteOrder(header: Uint8Array, source: string): boolean {
  const text = new TextDecoder("latin1").decode(header);
  const isLittle = text.endsWith("IM");
  if (!isLittle && !text.endsWith("MI")) {
    throw malformed(
      source,
      "its header must end with IM or MI",
      "it does not, it is of level 4 or something else",
    );
  }
  const version = new DataView(header.buffer, header.byteOffset).getUint16(124, isLittle);
  if (version !== 0x0100) {
    throw malformed(
      source,
      "it must be of level 5 (MATLAB: save -v7 or -v6)",
      version === 0x0200 ? "it is of version 7.3, which is HDF5" : `its version is ${version}`,
    );
  }
  return isLittle;
}

/** The matrix inside a compressed element: a zlib stream, whose checksum is looked at before going on. */
async function* readCompressed(outer: Elements, size: number): AsyncGenerator<MatVariable> {
  const { source, isLittle } = outer;
  // Of a stream that is cut, Deno's decompressor takes what is there for the whole: its reader misses the rest.
  const compressed = ReadableStream.from(outer.reader.pieces(size));
  const inflated = compressed.pipeThrough(new DecompressionStream("deflate"));
  const reader = new ByteReader(inflated, {
    truncated: (missing) =>
      outer.fault("an element must have all its bytes", `one ends ${missing} bytes too early`),
    // A truncated file says so itself; anything else is what the decompressor has against the bytes.
    failed: (error) =>
      error instanceof SyntaxError
        ? error
        : outer.fault("its zlib streams must be whole", messageOf(error), error),
  });
  try {
    const element = new Elements(reader, source, isLittle);
    const tag = await element.tag();
    if (tag.type !== MATRIX) {
      throw outer.fault("a compressed element must hold an array", `one holds ${tag.type}`);
    }
    yield* readMatrix(element, tag.size);
    await reader.drain();
  } finally {
    await reader.cancel();
  }
}

/** A matrix, unless it is of a kind that has no numbers. */
async function* readMatrix(element: Elements, size: number): AsyncGenerator<MatVariable> {
  const { reader } = element;
  const end = reader.position + size;
  if (size > 0) {
    const flags = await element.short("an array's flags", 8);
    if (flags.size !== 8) {
      throw element.fault("an array's flags must have 8 bytes", `there are ${flags.size}`);
    }
    const word = element.view(flags.data).getUint32(0, element.isLittle);
    if (isNumeric(word & 0xff) && (word & IS_COMPLEX) === 0) yield* readNumbers(element, end);
  }
  if (reader.position > end) {
    throw element.fault(
      "an array must have the size it says",
      `one is ${reader.position - end} bytes longer`,
    );
  }
  await reader.skip(end - reader.position);
}

async function* readNumbers(element: Elements, end: number): AsyncGenerator<MatVariable> {
  const { reader, isLittle } = element;
  const sizes = await element.short("an array's sizes", 4 * 64);
  if (sizes.type !== 5 || sizes.size % 4 !== 0 || sizes.size < 8) {
    throw element.fault(
      "an array's sizes must be at least two of int32",
      `they are ${sizes.size} bytes of type ${sizes.type}`,
    );
  }
  const sizesView = element.view(sizes.data);
  const shape = Array.from({ length: sizes.size / 4 }, (_, axis) => sizesView.getInt32(4 * axis, isLittle));
  const name = new TextDecoder("latin1").decode((await element.short("an array's name", 1024)).data);
  const tag = await element.tag();
  const type = NUMBER_TYPES[tag.type];
  if (!type) throw element.fault(`the elements of ${name} must be numbers`, `their type is ${tag.type}`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (tag.size !== count * type.bytes || (!tag.data && reader.position + tag.size > end)) {
    throw element.fault(
      `${name} of shape [${shape.join(", ")}] must take ${count * type.bytes} bytes as ${type.dtype}`,
      `it takes ${tag.size}`,
    );
  }
  let isRead = false;
  yield {
    name,
    shape,
    dtype: type.dtype,
    async read(sink) {
      if (isRead) {
        throw new TypeError(`Cannot read ${name} of ${element.source} as that goes once: it was read`);
      }
      isRead = true;
      for (let start = 0; start < count; start += PIECE_VALUES) {
        const bytes = Math.min(PIECE_VALUES, count - start) * type.bytes;
        sink(valuesOf(tag.data ?? await reader.take(bytes), type, isLittle), start);
      }
    },
  };
}
