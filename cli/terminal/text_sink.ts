/**
 * Destinations of a long text: stdout, a file that appears when it is complete, or one that grows.
 * @module
 */
import { type AtomicFile, openAtomically } from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { shownText } from "./output.ts";

/** Destination of a text in pieces. */
export type TextSink = AsyncDisposable & Pick<AtomicFile, "finish"> & {
  write(text: string): Promise<void>;
};

/** Writes all of a text, which other programs get as it is. */
async function writeAll(file: { write(part: Uint8Array): Promise<number> }, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

const standardSink: TextSink = {
  async write(text) {
    try {
      await writeAll(Deno.stdout, Deno.stdout.isTerminal() ? shownText(text) : text);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      throw new Error(`Cannot write to stdout: ${reasonOf(error)}`, { cause: error });
    }
  },
  finish: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Opens a destination: the file of a path, or stdout for null. @throws {Error} if the file cannot be written. */
export async function openTextSink(path: string | null): Promise<TextSink> {
  return path === null ? standardSink : await openAtomically(path);
}

/**
 * Opens a destination that other programs may read while it grows: a new file, or stdout for null.
 * @throws {Error} if the file exists or cannot be written.
 */
export async function openGrowingSink(path: string | null): Promise<TextSink> {
  if (path === null) return standardSink;
  const rethrow = (error: unknown): never => {
    throw new Error(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  };
  const file = await Deno.open(path, { write: true, createNew: true }).catch(rethrow);
  return {
    write: (text) => writeAll(file, text).catch(rethrow),
    finish: () => file.sync().catch(rethrow),
    async [Symbol.asyncDispose]() {
      await Promise.resolve(file.close());
    },
  };
}
