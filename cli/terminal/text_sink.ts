/**
 * Destinations of a long text: stdout, or a file that appears when it is complete.
 * @module
 */
import { type AtomicFile, openAtomically } from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { shownText } from "./output.ts";

/** Destination of a text in pieces. */
export type TextSink = AsyncDisposable & Pick<AtomicFile, "finish"> & {
  write(text: string): Promise<void>;
};

const standardSink: TextSink = {
  async write(text) {
    // Other programs get the text as it is.
    const bytes = new TextEncoder().encode(Deno.stdout.isTerminal() ? shownText(text) : text);
    try {
      for (let written = 0; written < bytes.length;) {
        written += await Deno.stdout.write(bytes.subarray(written));
      }
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
