/** Files that are read from any place on, such as archives of which single files are wanted. */

import type { ByteSource } from "../mod.ts";
import { cannotRead } from "./disk.ts";

/** A file that is open, as bytes that can be read from any place on. */
export interface FileSource extends ByteSource, Disposable {}

/**
 * Opens a file to be read from any place on. Whoever opens it closes it: `using`.
 *
 * @throws {Deno.errors.NotFound} when there is no such file.
 * @throws {Error} when it cannot be read for another reason, as a folder or for want of permission.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(path);
    const { size } = await file.stat();
    return sourceOf(file, size);
  } catch (error) {
    file?.close();
    throw cannotRead(path, error);
  }
}

function sourceOf(file: Deno.FsFile, size: number): FileSource {
  return {
    size,
    // Seeking and reading must not be interrupted by another reading.
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
