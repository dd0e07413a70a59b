/** A look at the first and last bytes of an image's file. */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { messageOf } from "../../mod.ts";
import { checkBytes, type ImageFormat, imageFormat } from "../decode/first_bytes.ts";
import { type FileEnds, isEndMissing } from "./missing_end.ts";

/** What a look at a file tells. */
export interface InspectedFile {
  /** What is wrong with it, in words that follow its name; null = nothing that was seen. */
  readonly problem: string | null;
  /** A number that files of equal bytes share, and others hardly. */
  readonly key: number;
  /** Whether its numbers may have 16 bits. */
  readonly mayBeDeep: boolean;
  /** SHA-256 of it, in hexadecimal digits, where all of it was read; else empty. */
  readonly digest: string;
}

/** What is known of a file with a problem. */
const unknown = { key: 0, mayBeDeep: false, digest: "" };

/** Bytes that are read of the beginning, and of the end. */
const ENOUGH = 2 ** 16;
const buffer = new Uint8Array(2 * ENOUGH);

/**
 * Looks at a file. That is done without waiting, as of a small file opening is the most of it, and costs a quarter so; the
 * memory that is read into is always the same.
 */
export function inspectFile(path: string): InspectedFile {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    return inspectEnds({ ...readEnds(file), readAll: () => readFileSync(path) });
  } catch (error) {
    return { problem: problemOf(error), ...unknown };
  } finally {
    if (file !== undefined) closeSync(file);
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
  const digest = size === head.length ? createHash("sha256").update(head).digest("hex") : "";
  return { problem: null, key: keyOf(size, head, tail), mayBeDeep: mayBeDeep(format, head), digest };
}

function readEnds(file: number) {
  const read = readSync(file, buffer, 0, ENOUGH, 0);
  const head = buffer.subarray(0, read);
  if (read < ENOUGH) return { size: read, head, tail: head };
  const { size } = fstatSync(file);
  checkBytes(size);
  const tailLength = Math.min(ENOUGH, size);
  readSync(file, buffer, ENOUGH, tailLength, size - tailLength);
  return { size, head, tail: buffer.subarray(ENOUGH, ENOUGH + tailLength) };
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
  return messageOf(error).replace(/^E[A-Z]+: /, "").replace(/, (open|read|fstat)( '.*)?$/s, "");
}
