/**
 * Where a long text goes, piece by piece: to stdout, or a file that is there when all of it is.
 * @module
 */
import { type AtomicFile, openAtomically } from "../../data/files/mod.ts";

/** Takes a text. */
export type TextSink = AsyncDisposable & Pick<AtomicFile, "finish"> & {
  write(text: string): Promise<void>;
};

const standardSink: TextSink = {
  async write(text) {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += await Deno.stdout.write(bytes.subarray(written));
    }
  },
  finish: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Opens a sink: stdout where there is no path. @throws {Error} if the file cannot be written. */
export async function openTextSink(path: string | null): Promise<TextSink> {
  return path === null ? standardSink : await openAtomically(path);
}
