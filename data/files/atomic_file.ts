/** Folders, and files that are there whole or not at all. */

import { messageOf } from "../mod.ts";

/** A file on its way: of one that is disposed of before it is finished, nothing is left. */
export interface AtomicFile extends AsyncDisposable {
  /** Writes what comes next; a text as UTF-8. @throws {Error} when the disk does not take it. */
  write(part: string | Uint8Array): Promise<void>;
  /** Gives the file its name, when all of it is on the disk. @throws {Error} when the disk does not take it. */
  finish(): Promise<void>;
}

function refuser(path: string, rule = "the disk must take it"): (error: unknown) => never {
  return (error) => {
    throw new Error(`Cannot write ${path} as ${rule}: ${messageOf(error)}`, { cause: error });
  };
}

/** Creates a folder, and those that it lies in, where they are missing. @throws {Error} when the disk does not take it. */
export async function createFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch(refuser(path, "the folder must be made"));
}

/** Begins a file, beside its place until it is finished. @throws {Error} when the disk does not take it. */
export async function openAtomically(path: string): Promise<AtomicFile> {
  const refuse = refuser(path);
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  const file = await Deno.open(temporary, { write: true, createNew: true }).catch(refuse);
  let isFinished = false;
  return {
    async write(part) {
      const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
      for (let written = 0; written < bytes.length;) {
        written += await file.write(bytes.subarray(written)).catch(refuse);
      }
    },
    async finish() {
      await file.sync().then(() => Deno.rename(temporary, path)).catch(refuse);
      isFinished = true;
    },
    async [Symbol.asyncDispose]() {
      file.close();
      if (!isFinished) await Deno.remove(temporary).catch(() => {});
    },
  };
}

/** Writes a file as a whole: whoever looks sees all or nothing. @throws {Error} when the disk does not take it. */
export async function writeAtomically(
  path: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<void> {
  await using file = await openAtomically(path);
  for (const part of parts) await file.write(part);
  await file.finish();
}
