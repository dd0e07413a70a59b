/** Fitted whitenings on the disk: a line of JSON, float32 numbers with the lowest byte first, and their SHA-256. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf, type Pixels, type ZcaTransform } from "../mod.ts";
import { createFolder, writeAtomically } from "./atomic_file.ts";
import { readFile } from "./disk.ts";

const FORMAT = "mean-teacher zca 1";
const DIGEST_BYTES = 32;
/** Bytes that are hashed at once. */
const HASHED_BYTES = 2 ** 26;

/** What a whitening follows from. */
export interface ZcaKey {
  /** The images as they were before anything was done with them. */
  readonly images: Pixels;
  /** All that decides what is done with them. */
  readonly parameters: Readonly<Record<string, number | string | readonly number[]>>;
}

/** Where to keep whitenings, and whom to tell. */
export interface ZcaCacheOptions {
  /** The folder. */
  readonly directory: string;
  /** Told in a sentence when a file was not used, or could not be written. */
  readonly onMessage: (message: string) => void;
}

/**
 * The whitening of a key: from the cache, or fitted and then kept there.
 *
 * A file that is damaged is not trusted: the whitening is fitted again, which `onMessage` is told, and replaces it.
 */
export async function cachedZca(
  key: ZcaKey,
  { directory, onMessage }: ZcaCacheOptions,
  fit: () => Promise<ZcaTransform>,
): Promise<ZcaTransform> {
  const digest = digestOf(key);
  const path = join(directory, `zca-${digest.slice(0, 32)}.bin`);
  try {
    return decode(await readFile(path), digest, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      onMessage(`${messageOf(error)}. The whitening is computed again.`);
    }
  }
  const transform = await fit();
  try {
    await createFolder(directory);
    await writeAtomically(path, ...encode(transform, digest));
  } catch (error) {
    // It was only to spare the next run this work.
    onMessage(`${messageOf(error)}. The next run will compute the whitening again.`);
  }
  return transform;
}

function digestOf({ images, parameters }: ZcaKey): string {
  const hash = createHash("sha256").update(JSON.stringify({ format: FORMAT, ...parameters }));
  const bytes = bytesOf(images);
  for (let start = 0; start < bytes.length; start += HASHED_BYTES) {
    hash.update(bytes.subarray(start, start + HASHED_BYTES));
  }
  return hash.digest("hex");
}

function encode({ mean, matrix }: ZcaTransform, key: string): Uint8Array[] {
  const header = `${JSON.stringify({ format: FORMAT, key, dimensions: mean.length })}\n`;
  const parts = [new TextEncoder().encode(header), bytesOf(mean), bytesOf(matrix)];
  return [...parts, sha256(parts)];
}

/** @throws {SyntaxError} naming the file that is not what `encode` made for this key. */
function decode(bytes: Uint8Array<ArrayBuffer>, key: string, path: string): ZcaTransform {
  const fail = (rule: string, state: string) =>
    new SyntaxError(`Cannot use ${path} as ${rule}: ${state}, it is damaged`);
  const end = Math.max(0, bytes.length - DIGEST_BYTES);
  if (!sha256([bytes.subarray(0, end)]).every((byte, i) => byte === bytes[end + i])) {
    throw fail("its checksum must match its contents", "it does not");
  }
  const lineEnd = bytes.indexOf(0x0a);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, lineEnd)));
  if (header.format !== FORMAT || header.key !== key) {
    throw fail(
      "it must be of these images and parameters",
      `it is of ${header.key} in format ${header.format}`,
    );
  }
  const numbers = new Float32Array(bytes.slice(lineEnd + 1, end).buffer);
  return { mean: numbers.slice(0, header.dimensions), matrix: numbers.slice(header.dimensions) };
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Numbers as they are in memory: the lowest byte first, wherever WebGPU is. */
function bytesOf({ buffer, byteOffset, byteLength }: Pixels): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
