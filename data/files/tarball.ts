/** Reading single files out of a gzipped tar archive, without putting anything on the disk. */

import { type Checksum, checksumError, startChecksum } from "./checksum.ts";
import { messageOf, someOf } from "../mod.ts";

/** How to read an archive. */
export interface TarballOptions {
  /** The base names of the files wanted; no two may be the same, whatever their folders. */
  readonly names: readonly string[];
  /** The checksum it must have; none is asked for where there is none published. */
  readonly checksum?: Checksum | undefined;
  /** What to do when the archive is not right, a sentence. */
  readonly remedy: string;
  /** Stops the reading. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The wanted files of a gzipped tar archive, by base name.
 *
 * @throws {SyntaxError} naming the archive when its checksum differs, when it is damaged or truncated, or when a
 * wanted file is not in it.
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
      `Cannot use ${path} as the archive must hold ${someOf(names, 10)}: it lacks ${
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
  // Loaded here as most runs read no archive.
  const { unpackTar } = await import("npm:modern-tar@0.8.6");
  try {
    const decompressed = (await open(path)).pipeThrough(
      new DecompressionStream("gzip"),
      signal ? { signal } : {},
    );
    const entries = await unpackTar(decompressed, {
      filter: (header) => header.type === "file" && names.includes(baseName(header.name)),
    });
    return new Map(entries.map(({ header, data }) => [baseName(header.name), data ?? new Uint8Array()]));
  } catch (error) {
    signal?.throwIfAborted();
    throw new SyntaxError(
      `Cannot use ${path} as it must be a whole gzipped tar archive: ${messageOf(error)}. ${remedy}`,
      { cause: error },
    );
  }
}

async function open(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return (await Deno.open(path)).readable;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
