/** Files with random access, such as archives from which single files are read. */

import type { ByteSource } from "../mod.ts";
import { checkRegular, describeReadError } from "./disk.ts";

/** An open file with random access. */
export interface FileSource extends ByteSource, Disposable {}

/**
 * Opens a file for random access. Callers must dispose of it (`using`).
 *
 * @throws {Deno.errors.NotFound} when the file does not exist.
 * @throws {Error} when it cannot be read for another reason, such as missing permission.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  let file: Deno.FsFile | undefined;
  try {
    await checkRegular(path);
    file = await Deno.open(path);
    const { size } = await file.stat();
    return createFileSource(file, size);
  } catch (error) {
    file?.close();
    throw describeReadError(path, error);
  }
}

function createFileSource(file: Deno.FsFile, size: number): FileSource {
  return {
    size,
    // Synchronous, as no other read may come between seeking and reading.
    read: (at, count) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(count, size - at)));
      file.seekSync(at, Deno.SeekMode.Start);
      let length = 0;
      while (length < bytes.length) {
        const read = file.readSync(bytes.subarray(length));
        if (read === null) break;
        length += read;
      }
      return Promise.resolve(bytes.subarray(0, length));
    },
    [Symbol.dispose]: () => file.close(),
  };
}
