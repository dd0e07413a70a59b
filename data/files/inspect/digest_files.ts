/**
 * Digests of whole files, in a separate module so that workers that do not need it start without
 * `node:crypto`.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { fingerprint, MOST_FINGERPRINTED } from "./fingerprint.ts";

/** Digests of a whole file. */
export interface FileDigest {
  /** SHA-256 in hexadecimal digits; empty for a file that cannot be read. */
  readonly sha256: string;
  /**
   * {@linkcode fingerprint} of a small file, or 52 bits of the SHA-256 of a large file; NaN if it cannot be
   * read.
   */
  readonly content: number;
}

const buffer = new Uint8Array(2 ** 18);

/** Returns the digest of a file, reading it in parts. */
export function digestFile(path: string): FileDigest {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const hash = createHash("sha256");
    let size = 0;
    for (let read = 1; read > 0; size += read) {
      // All of a small file stays in the buffer.
      const start = size <= MOST_FINGERPRINTED ? size : 0;
      read = readSync(file, buffer, start, buffer.length - start, null);
      hash.update(buffer.subarray(start, start + read));
    }
    return digestOf(hash.digest("hex"), buffer, size);
  } catch {
    return { sha256: "", content: NaN };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Returns the digest of the bytes of a file. */
export function digestBytes(bytes: Uint8Array): FileDigest {
  return digestOf(
    createHash("sha256").update(bytes).digest("hex"),
    bytes.slice(0, MOST_FINGERPRINTED),
    bytes.length,
  );
}

function digestOf(sha256: string, bytes: Uint8Array, size: number): FileDigest {
  const isSmall = size <= MOST_FINGERPRINTED;
  return {
    sha256,
    content: isSmall ? fingerprint(bytes.subarray(0, size)) : parseInt(sha256.slice(0, 13), 16),
  };
}
