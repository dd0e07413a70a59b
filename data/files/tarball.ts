/** Reading of single files from a gzipped tar archive without writing to disk. */

import { type Checksum, checksumError, startChecksum } from "./checksum.ts";
import { messageOf, quoteOf, someOf } from "../internal.ts";
import { streamFile } from "./disk.ts";

/** Options of {@linkcode readTarball}. */
export interface TarballOptions {
  /** Base names of the files to read; they must be unique in the archive. */
  readonly names: readonly string[];
  /** Published checksum of the archive, if any. */
  readonly checksum?: Checksum | undefined;
  /** Sentence for errors that advises on damaged archives. */
  readonly remedy: string;
  /** Signal that aborts reading. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads files of a gzipped tar archive and returns them by base name.
 *
 * @throws {SyntaxError} naming the archive when its checksum differs, when it is damaged or truncated, or
 * when a file is missing.
 */
export async function readTarball(path: string, options: TarballOptions): Promise<Map<string, Uint8Array>> {
  const { names, checksum, remedy, signal } = options;
  if (checksum) {
    const hash = startChecksum(checksum);
    for await (const piece of await open(path)) {
      signal?.throwIfAborted();
      hash.update(piece);
    }
    const digest = hash.digest("hex");
    if (digest !== checksum.digest) throw checksumError(digest, checksum, path, remedy);
  }
  const files = await unpack(path, names, remedy, signal);
  const missing = names.filter((name) => !files.has(name));
  if (missing.length > 0) {
    throw new SyntaxError(
      `Cannot use ${path}: the archive must contain ${someOf(names, 10)}, but lacks ${
        someOf(missing)
      }. ${remedy}`,
    );
  }
  return files;
}

async function unpack(
  path: string,
  names: readonly string[],
  remedy: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, Uint8Array>> {
  // Loaded on demand, as most runs read no archive.
  const { unpackTar } = await import("npm:modern-tar@0.8.6");
  try {
    const unpacked = (await open(path)).pipeThrough(new DecompressionStream("gzip")).pipeThrough(
      limitBytes(MOST_ARCHIVE_BYTES),
      signal ? { signal } : {},
    );
    const entries = await unpackTar(unpacked, {
      filter: ({ type, name, size }) => {
        if (type !== "file" || !names.includes(baseName(name))) return false;
        if (size <= MOST_FILE_BYTES) return true;
        throw new RangeError(
          `${quoteOf(name)} has ${size} bytes, but at most ${MOST_FILE_BYTES} are allowed`,
        );
      },
    });
    return new Map(entries.map(({ header, data }) => [baseName(header.name), data ?? new Uint8Array()]));
  } catch (error) {
    signal?.throwIfAborted();
    throw new SyntaxError(
      `Cannot use ${path}: it is not a complete gzipped tar archive (${messageOf(error)}). ${remedy}`,
      { cause: error },
    );
  }
}

/** Maximum unpacked size of a file, and of a whole archive; CIFAR-100's largest file has 154 MB. */
const MOST_FILE_BYTES = 2 ** 28, MOST_ARCHIVE_BYTES = 2 ** 29;

/** Creates a stream that fails after so many bytes. */
function limitBytes(most: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let length = 0;
  return new TransformStream({
    transform(piece, controller) {
      length += piece.length;
      if (length <= most) controller.enqueue(piece);
      else controller.error(new RangeError(`it unpacks to more than ${most} bytes`));
    },
  });
}

async function open(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return await streamFile(path);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
