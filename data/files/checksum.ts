/** Checksums of files, as their publishers give them. */

import { createHash, type Hash } from "node:crypto";

/** A published checksum. */
export interface Checksum {
  /** The hash function; MD5 where it is the only one published. */
  readonly algorithm: "md5" | "sha256";
  /** Lower-case hexadecimal digits. */
  readonly digest: string;
}

/** A hash to be fed piece by piece. */
export function startChecksum(checksum: Checksum): Hash {
  return createHash(checksum.algorithm);
}

/**
 * Checks bytes against a checksum.
 *
 * @throws {SyntaxError} naming the file when they differ.
 */
export function verifyChecksum(bytes: Uint8Array, checksum: Checksum, path: string, remedy: string): void {
  const digest = startChecksum(checksum).update(bytes).digest("hex");
  if (digest !== checksum.digest) throw checksumError(digest, checksum, path, remedy);
}

/** The error for bytes with another checksum than published. */
export function checksumError(found: string, checksum: Checksum, path: string, remedy: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${path} as its ${checksum.algorithm} checksum must be ${checksum.digest}: ` +
      `it is ${found}. ${remedy}`,
  );
}
