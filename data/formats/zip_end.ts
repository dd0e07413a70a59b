/** The end of a ZIP archive, which says where its directory is. */

import { shownName } from "../text.ts";

/** Bytes that can be read from any place on, as those of a file or of memory. */
export interface ByteSource {
  /** How many there are. */
  readonly size: number;
  /** Reads as many bytes as are said, from a place on, into memory of their own. */
  read(at: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** An error that names the archive. */
export type ZipFault = (rule: string, state: string) => SyntaxError;

/** Errors of an archive. */
export function zipFault(source: string): ZipFault {
  return (rule, state) =>
    new SyntaxError(`Cannot read ${shownName(source)} as a ZIP archive as ${rule}: ${state}`);
}

const END = 0x06054b50, END_BYTES = 22;
const END64 = 0x06064b50, END64_BYTES = 56;
const LOCATOR64 = 0x07064b50, LOCATOR64_BYTES = 20;
const ENTRY_BYTES = 46;
const LONGEST_COMMENT = 0xffff;
/** What stands for a number that a ZIP64 field has. */
const ELSEWHERE16 = 0xffff, ELSEWHERE32 = 0xffffffff;
/** Bytes of a directory at most: two million files or so. */
const MOST_DIRECTORY_BYTES = 2 ** 28;

/** Where the directory is. */
export interface Directory {
  /** Entries in it. */
  readonly count: number;
  /** The byte at which it begins. */
  readonly at: number;
  readonly size: number;
  /** Bytes that stand before the archive, which its own offsets leave out. */
  readonly shift: number;
}

/** Finds the directory by the end of the archive. @throws {SyntaxError} when there is none, or it cannot be there. */
export async function findDirectory(archive: ByteSource, fault: ZipFault): Promise<Directory> {
  const tailAt = Math.max(0, archive.size - END_BYTES - LONGEST_COMMENT);
  const tail = viewOf(await archive.read(tailAt, archive.size - tailAt));
  const place = lastEnd(tail);
  if (place === undefined) {
    throw fault("it must end with its directory", "there is none, it is truncated or something else");
  }
  const short = {
    disks: tail.getUint16(place + 4, true),
    count: tail.getUint16(place + 10, true),
    size: tail.getUint32(place + 12, true),
    offset: tail.getUint32(place + 16, true),
  };
  const endAt = tailAt + place;
  const isLong = short.count === ELSEWHERE16 || short.size === ELSEWHERE32 || short.offset === ELSEWHERE32;
  const long = isLong ? await findLongEnd(archive, endAt, fault) : undefined;
  const { disks, count, size, offset } = long ?? short;
  if (disks !== 0) throw fault("it must be one file", "it is the last of several parts");
  const at = (long?.at ?? endAt) - size;
  if (at < 0 || offset > at) {
    throw fault(
      "its directory must lie in it",
      `it is to begin at byte ${offset} and to take ${size} bytes, the archive has ${archive.size}`,
    );
  }
  if (size > MOST_DIRECTORY_BYTES) {
    throw fault(`its directory must have ${MOST_DIRECTORY_BYTES} bytes at most`, `it has ${size}`);
  }
  if (count * ENTRY_BYTES > size) {
    throw fault(`a directory of ${count} files must be longer`, `it has ${size} bytes`);
  }
  return { count, at, size, shift: at - offset };
}

/** Where the last record is that can be the archive's end: what follows it is its comment. */
function lastEnd(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    const isEnd = tail.getUint32(at, true) === END;
    if (isEnd && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return undefined;
}

/** The record of larger numbers; nothing where there is none, and the small ones are meant. */
async function findLongEnd(archive: ByteSource, endAt: number, fault: ZipFault) {
  if (endAt < LOCATOR64_BYTES + END64_BYTES) return undefined;
  const locatorAt = endAt - LOCATOR64_BYTES;
  const locator = viewOf(await archive.read(locatorAt, LOCATOR64_BYTES));
  if (locator.getUint32(0, true) !== LOCATOR64) return undefined;
  // Where it is said to be leaves out what stands before the archive; before its locator it is unless it has more fields.
  for (const at of [locatorAt - END64_BYTES, Math.min(numberAt(locator, 8), locatorAt - END64_BYTES)]) {
    const end = viewOf(await archive.read(at, END64_BYTES));
    if (end.getUint32(0, true) !== END64) continue;
    const [count, size, offset] = [numberAt(end, 32), numberAt(end, 40), numberAt(end, 48)];
    return { at, disks: end.getUint32(16, true), count, size, offset };
  }
  throw fault("its directory must be whole", "the end of its ZIP64 part is missing");
}

/** A view of all of an array. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** A number of 64 bits, exact up to 2⁵³: larger ones are larger than any archive in any case. */
export function numberAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
