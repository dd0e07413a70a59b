/**
 * Where a long text goes, piece by piece: to stdout, or a file that is there when all of it is.
 * @module
 */
import { reasonOf } from "./reason.ts";

/** Takes a text. */
export interface TextSink {
  /** Takes the next piece. @throws if it cannot be written. */
  write(text: string): Promise<void>;
  /** All is written: a file gets its name. */
  finish(): Promise<void>;
  /** Nothing more comes; of what was not finished no file is left. */
  close(): Promise<void>;
}

/** Opens a sink: stdout where there is no path. @throws {Error} if the file cannot be written. */
export async function openTextSink(path: string | null): Promise<TextSink> {
  return path === null ? standardSink() : await fileSink(path);
}

async function writeAll(file: Pick<Deno.FsFile, "write">, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

function standardSink(): TextSink {
  return {
    write: (text) => writeAll(Deno.stdout, text),
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function fileSink(path: string): Promise<TextSink> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  const cannot = (error: unknown) =>
    new Error(`Cannot write ${path} as the disk must take it: ${reasonOf(error)}`, { cause: error });
  let file: Deno.FsFile;
  try {
    file = await Deno.open(temporary, { write: true, createNew: true });
  } catch (error) {
    throw cannot(error);
  }
  let isOpen = true;
  const discard = async () => {
    if (isOpen) file.close();
    isOpen = false;
    await Deno.remove(temporary).catch(() => undefined);
  };
  let isFinished = false;
  return {
    write: (text) => writeAll(file, text).catch((error) => Promise.reject(cannot(error))),
    async finish() {
      try {
        await file.sync();
        file.close();
        isOpen = false;
        await Deno.rename(temporary, path);
        isFinished = true;
      } catch (error) {
        throw cannot(error);
      }
    },
    async close() {
      if (!isFinished) await discard();
    },
  };
}
