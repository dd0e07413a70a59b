/**
 * Cache of fitted whitenings on disk: a line of JSON, little-endian float32 numbers, and the SHA-256 of both.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "../internal.ts";
import type { Pixels, ZcaTransform } from "../mod.ts";
import { createFolder, removeAbandoned, writeAtomically } from "./atomic_file.ts";
import { readFile } from "./disk.ts";

const FORMAT = "mean-teacher zca 1";
const DIGEST_BYTES = 32;
/** Number of bytes hashed at once. */
const HASHED_BYTES = 2 ** 26;

/** Inputs that determine a whitening. */
export interface ZcaKey {
  /** Original images. */
  readonly images: Pixels;
  /** All parameters of the preprocessing. */
  readonly parameters: Readonly<Record<string, number | string | readonly number[]>>;
}

/** Options of {@linkcode cachedZca}. */
export interface ZcaCacheOptions {
  /** Folder of the cache. */
  readonly directory: string;
  /** Function called with a sentence when a cached file is damaged or cannot be written. */
  readonly onMessage: (message: string) => void;
}

/**
 * Returns the whitening of a key from the cache; otherwise fits it and writes it to the cache.
 *
 * If the cached file is damaged, the whitening is fitted again and replaces it, and `onMessage` is called.
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
    await removeAbandoned(directory);
    await writeAtomically(path, ...encode(transform, digest));
  } catch (error) {
    // The cache only saves time in later runs.
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

/**
 * Decodes a whitening.
 *
 * @throws {SyntaxError} naming the file when it was not written by `encode` for this key.
 */
function decode(bytes: Uint8Array<ArrayBuffer>, key: string, path: string): ZcaTransform {
  const fail = (reason: string) => new SyntaxError(`Cannot use ${path}: the file is damaged (${reason})`);
  const end = Math.max(0, bytes.length - DIGEST_BYTES);
  if (!sha256([bytes.subarray(0, end)]).every((byte, i) => byte === bytes[end + i])) {
    throw fail("its checksum does not match its contents");
  }
  const lineEnd = bytes.indexOf(0x0a);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, lineEnd)));
  if (header.format !== FORMAT || header.key !== key) {
    throw fail(`it belongs to other images or parameters, ${header.key}, in format ${header.format}`);
  }
  const numbers = new Float32Array(bytes.slice(lineEnd + 1, end).buffer);
  return { mean: numbers.slice(0, header.dimensions), matrix: numbers.slice(header.dimensions) };
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Returns the bytes of numbers in memory; all platforms with WebGPU are little-endian. */
function bytesOf({ buffer, byteOffset, byteLength }: Pixels): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
