/** Fetching a published file: with progress, verified, and never left half done. */

import { dirname } from "node:path";
import { type AtomicFile, createFolder, openAtomically } from "./atomic_file.ts";
import { type Checksum, checksumError, startChecksum } from "./checksum.ts";
import { messageOf } from "../mod.ts";

/** How far the fetching of a file has come. */
export interface DownloadProgress {
  /** The address it comes from. */
  readonly url: string;
  /** Bytes received so far. */
  readonly receivedBytes: number;
  /** Bytes in all, where the server says. */
  readonly totalBytes: number | undefined;
}

/** What to check a fetched file against, and whom to tell. */
export interface DownloadOptions {
  /** The published checksum; the file does not appear under its name when it differs. */
  readonly checksum: Checksum;
  /** Called for every piece received. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops the fetching. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches a file into a folder that is made where missing: into a temporary file beside it first, renamed when
 * complete and its checksum is right, so that a file of this name is always whole.
 *
 * @throws {Error} when the server cannot be reached or does not answer with the file.
 * @throws {SyntaxError} when the checksum differs.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const response = await request(url, options.signal);
  await createFolder(dirname(path));
  await using file = await openAtomically(path);
  const digest = await receive(response, url, file, options);
  if (digest !== options.checksum.digest) {
    throw checksumError(
      digest,
      options.checksum,
      `what ${url} sent`,
      "Nothing was kept; try again, or fetch the file by other means.",
    );
  }
  await file.finish();
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`Cannot download ${url} as its server must be reachable: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(
      `Cannot download ${url} as the server must send the file: it said ` +
        `${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  return response;
}

/** Writes the answer to a file and returns the digest of what came. */
async function receive(
  response: Response,
  url: string,
  file: AtomicFile,
  { checksum, onProgress, signal }: DownloadOptions,
): Promise<string> {
  const length = Number(response.headers.get("content-length") ?? NaN);
  const totalBytes = Number.isSafeInteger(length) ? length : undefined;
  const hash = startChecksum(checksum);
  let receivedBytes = 0;
  try {
    for await (const piece of response.body ?? []) {
      hash.update(piece);
      await file.write(piece);
      receivedBytes += piece.length;
      onProgress?.({ url, receivedBytes, totalBytes });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(
      `Cannot download ${url} as the whole file must arrive: it broke off after ${receivedBytes} bytes ` +
        `(${messageOf(error)})`,
      { cause: error },
    );
  }
  return hash.digest("hex");
}
