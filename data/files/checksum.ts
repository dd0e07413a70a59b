/** Published checksums of files. */

import { createHash, type Hash } from "node:crypto";

/** A published checksum. */
export interface Checksum {
  /** Hash function; MD5 only if no better one is published. */
  readonly algorithm: "md5" | "sha256";
  /** Digest in lower-case hexadecimal digits. */
  readonly digest: string;
}

/** Creates a hash that is updated piece by piece. */
export function startChecksum(checksum: Pick<Checksum, "algorithm">): Hash {
  return createHash(checksum.algorithm);
}

/**
 * Checks bytes against a checksum. `remedy` is a sentence for the error, such as "Download the file again."
 *
 * @throws {SyntaxError} naming the file when they differ.
 */
export function verifyChecksum(bytes: Uint8Array, checksum: Checksum, path: string, remedy: string): void {
  const digest = startChecksum(checksum).update(bytes).digest("hex");
  if (digest !== checksum.digest) throw checksumError(digest, checksum, path, remedy);
}

/** Creates the error for a checksum that differs from the published one. */
export function checksumError(found: string, checksum: Checksum, path: string, remedy: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${path}: its ${checksum.algorithm} checksum must be ${checksum.digest}, ` +
      `but it is ${found}. ${remedy}`,
  );
}
