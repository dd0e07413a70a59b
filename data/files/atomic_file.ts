/** Atomic writing of files, which are either complete or absent; and creation of folders. */

import { messageOf } from "../internal.ts";

/** A file being written; it is deleted if disposed before it is finished. */
export interface AtomicFile extends AsyncDisposable {
  /** Appends bytes, or a text as UTF-8. @throws {Error} when writing fails. */
  write(part: string | Uint8Array): Promise<void>;
  /** Flushes the file to disk and gives it its final name. @throws {Error} when writing fails. */
  finish(): Promise<void>;
}

function rethrowFor(path: string, action = "write"): (error: unknown) => never {
  return (error) => {
    throw new Error(`Cannot ${action} ${path}: ${messageOf(error)}`, { cause: error });
  };
}

/** Creates a folder and its missing parents. @throws {Error} when creation fails. */
export async function createFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch(rethrowFor(path, "create folder"));
}

/**
 * Opens a file for atomic writing, under a temporary name until it is finished.
 *
 * @throws {Error} when creation fails.
 */
export async function openAtomically(path: string): Promise<AtomicFile> {
  const rethrow = rethrowFor(path);
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  const file = await Deno.open(temporary, { write: true, createNew: true }).catch(rethrow);
  let isFinished = false;
  return {
    async write(part) {
      const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
      for (let written = 0; written < bytes.length;) {
        written += await file.write(bytes.subarray(written)).catch(rethrow);
      }
    },
    async finish() {
      await file.sync().then(() => Deno.rename(temporary, path)).catch(rethrow);
      isFinished = true;
    },
    async [Symbol.asyncDispose]() {
      file.close();
      if (!isFinished) await Deno.remove(temporary).catch(() => {});
    },
  };
}

/**
 * Writes a file atomically: other programs see either all of it or nothing.
 *
 * @throws {Error} when writing fails.
 */
export async function writeAtomically(
  path: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<void> {
  await using file = await openAtomically(path);
  for (const part of parts) await file.write(part);
  await file.finish();
}
