/** What MAT-files of level 5 are made of: data elements, each a tag with its kind and size, then its data. */

import type { ByteReader } from "./byte_reader.ts";

/** Kinds of elements that are no numbers. */
export const [MATRIX, COMPRESSED] = [14, 15] as const;

/** A kind of number in a file. */
export interface NumberType {
  readonly dtype: string;
  readonly bytes: number;
  readonly get: (view: DataView, offset: number, isLittle: boolean) => number;
}

/** By the format's numbers for them. */
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

/** The numbers in these bytes. */
export function valuesOf(bytes: Uint8Array, type: NumberType, isLittle: boolean): Uint8Array | Float64Array {
  if (type.dtype === "uint8") return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from(
    { length: bytes.length / type.bytes },
    (_, i) => type.get(view, i * type.bytes, isLittle),
  );
}

/** The error for a file that is not as the format says. */
export function malformed(source: string, rule: string, state: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read ${source} as a MAT-file as ${rule}: ${state}`, { cause });
}

/** The tag of a data element: what follows it. */
export interface Tag {
  readonly type: number;
  /** Bytes of data. */
  readonly size: number;
  /** The data, where they are so few that they stand in the tag. */
  readonly data?: Uint8Array<ArrayBuffer>;
}

/** Data elements, one after the other. */
export class Elements {
  /** Reads elements of a file of this name. */
  constructor(readonly reader: ByteReader, readonly source: string, readonly isLittle: boolean) {}

  /** The next element's tag. */
  async tag(): Promise<Tag> {
    const bytes = await this.reader.take(8);
    const view = this.view(bytes);
    const first = view.getUint32(0, this.isLittle);
    const smallSize = first >>> 16;
    if (smallSize === 0) return { type: first, size: view.getUint32(4, this.isLittle) };
    if (smallSize > 4) throw this.fault("a small element must have at most 4 bytes", `one has ${smallSize}`);
    return { type: first & 0xffff, size: smallSize, data: bytes.slice(4, 4 + smallSize) };
  }

  /** An element that must be short. */
  async short(what: string, mostBytes: number): Promise<Tag & { readonly data: Uint8Array<ArrayBuffer> }> {
    const tag = await this.tag();
    if (tag.data) return { ...tag, data: tag.data };
    if (tag.size > mostBytes) {
      throw this.fault(`${what} must have at most ${mostBytes} bytes`, `there are ${tag.size}`);
    }
    const data = await this.reader.take(tag.size);
    await this.reader.skip(padding(tag.size));
    return { ...tag, data };
  }

  /** Passes over an element whose tag has been read. */
  async skipRest(tag: Tag): Promise<void> {
    if (!tag.data) await this.reader.skip(tag.size + padding(tag.size));
  }

  /** Numbers of bytes that are in memory. */
  view(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for a damaged file. */
  fault(rule: string, state: string, cause?: unknown): SyntaxError {
    return malformed(this.source, rule, `${state}, so it is damaged`, cause);
  }
}

/** Elements begin at multiples of 8 bytes. */
function padding(size: number): number {
  return (8 - size % 8) % 8;
}
