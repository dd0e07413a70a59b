/** The end record of a ZIP archive, which locates its directory. */

import { shownName } from "../text.ts";

/** Bytes with random access, such as a file or memory. */
export interface ByteSource {
  /** Number of bytes. */
  readonly size: number;
  /** Reads up to `count` bytes at an offset into a new array. */
  read(at: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Creates an error that names the archive. */
export type ZipFault = (reason: string) => SyntaxError;

/** Returns the factory of an archive's errors. */
export function zipFault(source: string): ZipFault {
  return (reason) => new SyntaxError(`Cannot read ${shownName(source)} as a ZIP archive: ${reason}`);
}

const END = 0x06054b50, END_BYTES = 22;
const END64 = 0x06064b50, END64_BYTES = 56;
const LOCATOR64 = 0x07064b50, LOCATOR64_BYTES = 20;
const ENTRY_BYTES = 46;
const LONGEST_COMMENT = 0xffff;
/** Placeholders for numbers stored in the ZIP64 record. */
const IN_ZIP64_16 = 0xffff, IN_ZIP64_32 = 0xffffffff;
/** Maximum size of a directory, enough for about two million files. */
const MOST_DIRECTORY_BYTES = 2 ** 28;

/** Location of the directory. */
export interface Directory {
  /** Number of entries. */
  readonly count: number;
  /** Offset of the directory. */
  readonly at: number;
  /** Size in bytes. */
  readonly size: number;
  /** Number of bytes before the archive, which its own offsets do not include. */
  readonly shift: number;
}

/**
 * Finds the directory from the end of the archive.
 *
 * @throws {SyntaxError} when it is missing or its location impossible.
 */
export async function findDirectory(archive: ByteSource, fault: ZipFault): Promise<Directory> {
  const tailAt = Math.max(0, archive.size - END_BYTES - LONGEST_COMMENT);
  const tail = viewOf(await archive.read(tailAt, archive.size - tailAt));
  const place = findEnd(tail);
  if (place === undefined) {
    throw fault("it has no directory at its end. It is truncated or has another format");
  }
  const short = {
    disks: tail.getUint16(place + 4, true),
    count: tail.getUint16(place + 10, true),
    size: tail.getUint32(place + 12, true),
    offset: tail.getUint32(place + 16, true),
  };
  const endAt = tailAt + place;
  const isLong = short.count === IN_ZIP64_16 || short.size === IN_ZIP64_32 || short.offset === IN_ZIP64_32;
  const long = isLong ? await findLongEnd(archive, endAt, fault) : undefined;
  const { disks, count, size, offset } = long ?? short;
  if (disks !== 0) throw fault("it is one of several parts. Pack the files as one archive");
  const at = (long?.at ?? endAt) - size;
  if (at < 0 || offset > at) {
    throw fault(
      `its directory claims ${size} bytes from byte ${offset} on, but the archive has ${archive.size}`,
    );
  }
  if (size > MOST_DIRECTORY_BYTES) {
    throw fault(`its directory may have at most ${MOST_DIRECTORY_BYTES} bytes, but it has ${size}`);
  }
  if (count * ENTRY_BYTES > size) {
    throw fault(`its directory claims ${count} files, but has only ${size} bytes`);
  }
  return { count, at, size, shift: at - offset };
}

/** Finds the position of the end record: the last one that is followed by exactly its comment. */
function findEnd(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    const isEnd = tail.getUint32(at, true) === END;
    if (isEnd && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return undefined;
}

/** Finds the ZIP64 end record; undefined if there is none, and the ordinary record applies. */
async function findLongEnd(archive: ByteSource, endAt: number, fault: ZipFault) {
  if (endAt < LOCATOR64_BYTES + END64_BYTES) return undefined;
  const locatorAt = endAt - LOCATOR64_BYTES;
  const locator = viewOf(await archive.read(locatorAt, LOCATOR64_BYTES));
  if (locator.getUint32(0, true) !== LOCATOR64) return undefined;
  // The record is usually just before its locator. The stated offset, which ignores bytes before the archive,
  // is tried next.
  for (const at of [locatorAt - END64_BYTES, Math.min(numberAt(locator, 8), locatorAt - END64_BYTES)]) {
    const end = viewOf(await archive.read(at, END64_BYTES));
    if (end.getUint32(0, true) !== END64) continue;
    const [count, size, offset] = [numberAt(end, 32), numberAt(end, 40), numberAt(end, 48)];
    return { at, disks: end.getUint32(16, true), count, size, offset };
  }
  throw fault("its ZIP64 end record is missing");
}

/** Returns a view of a whole array. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Reads a 64-bit number, exact up to 2⁵³; larger numbers exceed every archive anyway. */
export function numberAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
