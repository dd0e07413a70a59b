/** Data elements of level 5 MAT-files: each is a tag with type and size, followed by data. */

import type { ByteReader } from "./byte_reader.ts";

/** Types of elements that are not numbers. */
export const [MATRIX, COMPRESSED] = [14, 15] as const;

/** A type of number in a file. */
export interface NumberType {
  readonly dtype: string;
  readonly bytes: number;
  readonly get: (view: DataView, offset: number, isLittle: boolean) => number;
}

/** Number types by their codes in the format. */
export const NUMBER_TYPES: Readonly<Record<number, NumberType>> = {
  1: { dtype: "int8", bytes: 1, get: (view, offset) => view.getInt8(offset) },
  2: { dtype: "uint8", bytes: 1, get: (view, offset) => view.getUint8(offset) },
  3: { dtype: "int16", bytes: 2, get: (view, offset, isLittle) => view.getInt16(offset, isLittle) },
  4: { dtype: "uint16", bytes: 2, get: (view, offset, isLittle) => view.getUint16(offset, isLittle) },
  5: { dtype: "int32", bytes: 4, get: (view, offset, isLittle) => view.getInt32(offset, isLittle) },
  6: { dtype: "uint32", bytes: 4, get: (view, offset, isLittle) => view.getUint32(offset, isLittle) },
  7: { dtype: "float32", bytes: 4, get: (view, offset, isLittle) => view.getFloat32(offset, isLittle) },
  9: { dtype: "float64", bytes: 8, get: (view, offset, isLittle) => view.getFloat64(offset, isLittle) },
  12: {
    dtype: "int64",
    bytes: 8,
    get: (view, offset, isLittle) => Number(view.getBigInt64(offset, isLittle)),
  },
  13: {
    dtype: "uint64",
    bytes: 8,
    get: (view, offset, isLittle) => Number(view.getBigUint64(offset, isLittle)),
  },
};

/** Decodes numbers. */
export function valuesOf(bytes: Uint8Array, type: NumberType, isLittle: boolean): Uint8Array | Float64Array {
  if (type.dtype === "uint8") return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from(
    { length: bytes.length / type.bytes },
    (_, i) => type.get(view, i * type.bytes, isLittle),
  );
}

/** Creates the error for a malformed file. */
export function malformed(source: string, reason: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read ${source} as a MAT-file: ${reason}`, { cause });
}

/** The tag of a data element: type and size of its data. */
export interface Tag {
  readonly type: number;
  /** Bytes of data. */
  readonly size: number;
  /** Data stored in the tag itself, if at most 4 bytes. */
  readonly data?: Uint8Array<ArrayBuffer>;
}

/** A reader of data elements. */
export class Elements {
  /** Creates a reader; `source` is the file's name, for errors. */
  constructor(readonly reader: ByteReader, readonly source: string, readonly isLittle: boolean) {}

  /** Reads the next element's tag. */
  async tag(): Promise<Tag> {
    const bytes = await this.reader.take(8);
    const view = this.view(bytes);
    const first = view.getUint32(0, this.isLittle);
    const smallSize = first >>> 16;
    if (smallSize === 0) return { type: first, size: view.getUint32(4, this.isLittle) };
    if (smallSize > 4) {
      throw this.fault(`a small element must have at most 4 bytes, but one has ${smallSize}`);
    }
    return { type: first & 0xffff, size: smallSize, data: bytes.slice(4, 4 + smallSize) };
  }

  /** Reads an element of at most `mostBytes` bytes; `what` names it in errors. */
  async short(what: string, mostBytes: number): Promise<Tag & { readonly data: Uint8Array<ArrayBuffer> }> {
    const tag = await this.tag();
    if (tag.data) return { ...tag, data: tag.data };
    if (tag.size > mostBytes) {
      throw this.fault(`${what} must have at most ${mostBytes} bytes, but there are ${tag.size}`);
    }
    const data = await this.reader.take(tag.size);
    await this.reader.skip(padding(tag.size));
    return { ...tag, data };
  }

  /** Skips the data of an element whose tag has been read. */
  async skipRest(tag: Tag): Promise<void> {
    if (!tag.data) await this.reader.skip(tag.size + padding(tag.size));
  }

  /** Returns a view of bytes in memory. */
  view(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Creates the error for a damaged file. */
  fault(reason: string, cause?: unknown): SyntaxError {
    return malformed(this.source, `the file is damaged: ${reason}`, cause);
  }
}

/** Returns the number of padding bytes; elements begin at multiples of 8 bytes. */
function padding(size: number): number {
  return (8 - size % 8) % 8;
}
