/** A look at the first and last bytes of an image's file. */

import { checkBytes, type ImageFormat, imageFormat } from "../decode/first_bytes.ts";
import { fingerprint, MOST_FINGERPRINTED } from "./fingerprint.ts";
import { type FileEnds, isEndMissing } from "./missing_end.ts";

/** What a look at a file tells. */
export interface InspectedFile {
  /** What is wrong with it, in words that follow its name; null = nothing that was seen. */
  readonly problem: string | null;
  /** A number that files of equal bytes share, and others hardly. */
  readonly key: number;
  /** Whether its numbers may have 16 bits. */
  readonly mayBeDeep: boolean;
  /** The {@linkcode fingerprint} of a file small enough to be read whole; else NaN. */
  readonly fingerprint: number;
}

/** What is known of a file with a problem. */
const unknown = { key: 0, mayBeDeep: false, fingerprint: NaN };

/** Bytes that are read of the beginning, and of the end. */
const ENOUGH = MOST_FINGERPRINTED;
const buffer = new Uint8Array(2 * ENOUGH);

/**
 * Looks at a file. That is done without waiting, as of a small file opening is the most of it, and costs a quarter so; the
 * memory that is read into is always the same.
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

/** Looks at a file that is in memory, as those of archives are. */
export async function inspectBytes(read: () => Promise<Uint8Array>): Promise<InspectedFile> {
  try {
    const bytes = await read();
    const [head, tail] = [bytes.subarray(0, ENOUGH), bytes.subarray(-ENOUGH)];
    return inspectEnds({ size: bytes.length, head, tail, readAll: () => bytes });
  } catch (error) {
    return { problem: problemOf(error), ...unknown };
  }
}

/** @throws {SyntaxError} when it is no image, or its end is missing. */
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

/** Words of which the sum is made, spread over the beginning. */
const WORDS = 32;
/** Bytes at the end that are all in it: a checksum of formats that have one. */
const LAST = 32;

/** The size, as far as it has a place beside a sum of 32 bits. */
function keyOf(size: number, head: Uint8Array, tail: Uint8Array): number {
  let sum = 0x811c9dc5;
  const add = (byte: number | undefined) => sum = Math.imul(sum ^ (byte ?? 0), 0x01000193);
  const step = Math.max(1, Math.floor(head.length / WORDS));
  for (let at = 0; at < head.length; at += step) add(head[at]);
  for (let at = Math.max(0, tail.length - LAST); at < tail.length; at++) add(tail[at]);
  return (size % 2 ** 21) * 2 ** 32 + (sum >>> 0);
}

/** A PNG says it in its first bytes, a TIFF anywhere. */
function mayBeDeep(format: ImageFormat, head: Uint8Array): boolean {
  return format === "tiff" || format === "png" && head[24] === 16;
}

/** Without the call and the path that it failed for, as the name is said with it. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z]+: /, "").replace(/, (open|read|fstat)( '.*)?$/s, "");
}
