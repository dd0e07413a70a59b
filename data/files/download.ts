/** Download of published files, with progress and verification; incomplete files are never kept. */

import { dirname } from "node:path";
import { type AtomicFile, createFolder, openAtomically, removeAbandoned } from "./atomic_file.ts";
import { type Checksum, checksumError, startChecksum } from "./checksum.ts";
import { messageOf } from "../internal.ts";

/** Progress of a download. */
export interface DownloadProgress {
  /** URL of the file. */
  readonly url: string;
  /** Number of bytes received so far. */
  readonly receivedBytes: number;
  /** Total number of bytes, if stated by the server. */
  readonly totalBytes: number | undefined;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions {
  /** Published checksum; the file is discarded if it differs. If absent, the file is not verified. */
  readonly checksum?: Checksum;
  /** Largest size of the file in bytes; no limit if absent. */
  readonly maximumBytes?: number;
  /** Throws if the URL that redirects lead to is not allowed. */
  readonly checkUrl?: (url: string) => void;
  /** Function called for every received piece. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Signal that aborts the download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file and creates its folder if necessary. The file has a temporary name until it is complete
 * and its checksum verified, so a file of the final name is always complete.
 *
 * @throws {Error} when the server cannot be reached or does not send the file.
 * @throws {SyntaxError} when the checksum differs. @throws {RangeError} when the file is larger than allowed.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { checksum } = options;
  const response = await request(url, options);
  await createFolder(dirname(path));
  await removeAbandoned(dirname(path));
  await using file = await openAtomically(path);
  const digest = await receive(response, url, file, options);
  if (checksum && digest !== checksum.digest) {
    throw checksumError(
      digest,
      checksum,
      `the download of ${url}`,
      "The download was discarded. Try again, or get the file in another way.",
    );
  }
  await file.finish();
}

async function request(
  url: string,
  { signal, checkUrl, maximumBytes = Infinity }: DownloadOptions,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`Cannot download ${url}: the server cannot be reached (${messageOf(error)})`, {
      cause: error,
    });
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(
      `Cannot download ${url}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  try {
    checkUrl?.(response.url);
    checkSize(url, lengthOf(response) ?? 0, maximumBytes);
  } catch (error) {
    await response.body.cancel();
    throw error;
  }
  return response;
}

/** Returns the number of bytes that the server states. */
function lengthOf(response: Response): number | undefined {
  const length = Number(response.headers.get("content-length") ?? NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

function checkSize(url: string, bytes: number, maximum: number): void {
  if (bytes <= maximum) return;
  throw new RangeError(
    `Cannot download ${url}: the file must be at most ${maximum} bytes, but is larger. Check the URL.`,
  );
}

/** Writes the response to a file and returns its digest. */
async function receive(
  response: Response,
  url: string,
  file: AtomicFile,
  { checksum, maximumBytes = Infinity, onProgress, signal }: DownloadOptions,
): Promise<string> {
  const totalBytes = lengthOf(response);
  const hash = startChecksum(checksum ?? { algorithm: "sha256" });
  let receivedBytes = 0, writing: unknown;
  try {
    for await (const piece of response.body ?? []) {
      hash.update(piece);
      await file.write(piece).catch((error: unknown) => writing = error);
      if (writing !== undefined) throw writing;
      receivedBytes += piece.length;
      checkSize(url, receivedBytes, maximumBytes);
      onProgress?.({ url, receivedBytes, totalBytes });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RangeError || error === writing) throw error;
    throw new Error(
      `Cannot download ${url}: the connection broke after ${receivedBytes} bytes (${messageOf(error)})`,
      { cause: error },
    );
  }
  return hash.digest("hex");
}
