/** Inspection of the first and last bytes of an image file. */

import { checkBytes, type ImageFormat, imageFormat } from "../decode/first_bytes.ts";
import { netpbmLayout } from "../decode/netpbm.ts";
import { fingerprint, MOST_FINGERPRINTED } from "./fingerprint.ts";
import { type FileEnds, isEndMissing } from "./missing_end.ts";

/** Result of inspecting a file. */
export interface InspectedFile {
  /** Problem, as a clause that follows the file's name; null = none found. */
  readonly problem: string | null;
  /** Key that is equal for files with equal bytes and rarely otherwise. */
  readonly key: number;
  /** True if the image may have 16 bits per channel. */
  readonly mayBeDeep: boolean;
  /** {@linkcode fingerprint} of a file that is small enough to be read completely, otherwise NaN. */
  readonly fingerprint: number;
}

/** Results for a file with a problem. */
const unknown = { key: 0, mayBeDeep: false, fingerprint: NaN };

/** Number of bytes read at the beginning and at the end. */
const ENOUGH = MOST_FINGERPRINTED;
const buffer = new Uint8Array(2 * ENOUGH);

/**
 * Inspects a file synchronously, into reused memory: for small files, opening dominates the time, and
 * synchronous opening takes a quarter of it.
 */
export function inspectFile(path: string): InspectedFile {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path);
    return inspectEnds({ ...readEnds(file), readAll: () => Deno.readFileSync(path) });
  } catch (error) {
    return { problem: problemOf(error), ...unknown };
  } finally {
    file?.close();
  }
}

/** Inspects a file in memory, such as one of an archive. */
export async function inspectBytes(read: () => Promise<Uint8Array>): Promise<InspectedFile> {
  try {
    const bytes = await read();
    const [head, tail] = [bytes.subarray(0, ENOUGH), bytes.subarray(-ENOUGH)];
    return inspectEnds({ size: bytes.length, head, tail, readAll: () => bytes });
  } catch (error) {
    return { problem: problemOf(error), ...unknown };
  }
}

/** Inspects the ends of a file. @throws {SyntaxError} when it is not an image, or its end is missing. */
function inspectEnds(ends: FileEnds): InspectedFile {
  const { size, head, tail } = ends, format = imageFormat(head);
  if (isEndMissing(format, ends)) throw new SyntaxError("its end is missing: copy or download it again");
  const deep = { problem: null, mayBeDeep: mayBeDeep(format, head) };
  if (size > head.length) return { ...deep, key: keyOf(size, head, tail), fingerprint: NaN };
  const whole = fingerprint(head.byteOffset % 4 === 0 ? head : head.slice());
  return { ...deep, key: whole, fingerprint: whole };
}

function readEnds(file: Deno.FsFile) {
  const read = file.readSync(buffer.subarray(0, ENOUGH)) ?? 0;
  const head = buffer.subarray(0, read);
  if (read < ENOUGH) return { size: read, head, tail: head };
  const { size } = file.statSync();
  checkBytes(size);
  const tail = buffer.subarray(ENOUGH, ENOUGH + Math.min(ENOUGH, size));
  file.seekSync(-tail.length, Deno.SeekMode.End);
  file.readSync(tail);
  return { size, head, tail };
}

/** Number of bytes in the hash, spread over the beginning. */
const WORDS = 32;
/** Number of bytes in the hash from the end, where some formats have a checksum. */
const LAST = 32;

/** Combines the size modulo 2²¹ with a 32-bit hash of both ends. */
function keyOf(size: number, head: Uint8Array, tail: Uint8Array): number {
  let sum = 0x811c9dc5;
  const add = (byte: number | undefined) => sum = Math.imul(sum ^ (byte ?? 0), 0x01000193);
  const step = Math.max(1, Math.floor(head.length / WORDS));
  for (let at = 0; at < head.length; at += step) add(head[at]);
  for (let at = Math.max(0, tail.length - LAST); at < tail.length; at++) add(tail[at]);
  return (size % 2 ** 21) * 2 ** 32 + (sum >>> 0);
}

/**
 * Returns whether an image may have 16 bits per channel, which PNG and Netpbm state in their
 * headers, but a TIFF anywhere.
 */
function mayBeDeep(format: ImageFormat, head: Uint8Array): boolean {
  return format === "tiff" || format === "png" && head[24] === 16 ||
    format === "netpbm" && netpbmLayout(head).most === 65535;
}

/** Returns the message of an error without the failed call and the path, which the caller adds. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z]+: /, "").replace(/, (open|read|fstat)( '.*)?$/s, "");
}
