/** Atomic writing of files, which are either complete or absent; and creation of folders. */

import { join } from "node:path";
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

/** Temporary names of files. */
const temporaryName = /.\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

/** Age in milliseconds from which a temporary file without a lock is abandoned: a new one is locked just after its creation. */
const abandonedAge = 60_000;

/**
 * Deletes the temporary files in a folder that processes left which ended before they finished them. Those that are
 * being written are locked, and stay; so do all on file systems without locks.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && temporaryName.test(name)) await removeIfAbandoned(join(folder, name)).catch(() => {});
    }
  } catch {
    // A folder that cannot be listed keeps them.
  }
}

/** @throws {Error} if the file cannot be opened, locked or deleted. */
async function removeIfAbandoned(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const { mtime } = await file.stat();
  if (mtime === null || Date.now() - mtime.getTime() < abandonedAge) return;
  if (await file.tryLock(true)) await Deno.remove(path);
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
  // The system drops the lock with the process; file systems without locks only keep the files of killed processes.
  await file.tryLock(true).catch(() => false);
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
