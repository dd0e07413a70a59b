/** Files that are there whole or not at all. */

import { messageOf } from "../text.ts";

/** A file on its way: it is written beside its place, and gets its name when it is finished. */
export class AtomicFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: Deno.FsFile;
  #isFinished = false;

  private constructor(path: string, temporary: string, file: Deno.FsFile) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Begins a file. @throws {Error} when the disk does not take it. */
  static async open(path: string): Promise<AtomicFile> {
    const temporary = `${path}.${crypto.randomUUID()}.part`;
    try {
      return new AtomicFile(path, temporary, await Deno.open(temporary, { write: true, createNew: true }));
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Writes what comes next; a text as UTF-8. @throws {Error} when the disk does not take it. */
  async write(part: string | Uint8Array): Promise<void> {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    try {
      for (let written = 0; written < bytes.length;) {
        written += await this.#file.write(bytes.subarray(written));
      }
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** Gives the file its name, on which a power cut has no effect. @throws {Error} when the disk does not take it. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync();
      await Deno.rename(this.#temporary, this.#path);
      this.#isFinished = true;
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** Nothing more comes; of what was not finished nothing is left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    if (!this.#isFinished) await Deno.remove(this.#temporary).catch(() => {});
  }
}

/** Writes a file as a whole: whoever looks sees all or nothing. @throws {Error} when the disk does not take it. */
export async function writeAtomically(
  path: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<void> {
  await using file = await AtomicFile.open(path);
  for (const part of parts) await file.write(part);
  await file.finish();
}

function cannotWrite(path: string, error: unknown): Error {
  return new Error(`Cannot write ${path} as the disk must take it: ${messageOf(error)}`, { cause: error });
}
