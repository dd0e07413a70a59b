/** Download of files that users name by URL, into the cache folder. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "../internal.ts";
import { cacheDirectory } from "./cache.ts";
import { download, type DownloadProgress } from "./download.ts";

/** Options of {@linkcode downloadToCache}. */
export interface CachedDownloadOptions {
  /** Function called for every received piece. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Signal that aborts the download. */
  readonly signal?: AbortSignal | undefined;
  /** SHA-256 of the file in hexadecimal digits; if absent, the file is not verified. */
  readonly sha256?: string | undefined;
  /** Largest size of the file in bytes. */
  readonly maximumBytes: number;
  /** Folder of the downloads; default `downloads` in the user's cache folder. */
  readonly directory?: string;
}

/** A file in the cache. */
export interface CachedFile {
  /** Path of the file. */
  readonly path: string;
  /** True if the file was there already. */
  readonly wasCached: boolean;
}

/**
 * Downloads the file of a URL, unless the cache has it. Files of another checksum are different files in the
 * cache.
 *
 * @throws {RangeError} if the URL is neither https nor of this machine, or the file is larger than allowed.
 * @throws {SyntaxError} if the checksum differs. @throws {Error} if the file cannot be downloaded.
 */
export async function downloadToCache(url: string, options: CachedDownloadOptions): Promise<CachedFile> {
  const { sha256, directory = join(cacheDirectory(), "downloads"), ...rest } = options;
  checkSecure(url);
  const key = createHash("sha256").update(`${url}\n${sha256 ?? ""}`).digest("hex").slice(0, 16);
  const path = join(directory, `${key}-${nameIn(url)}`);
  const known = await Deno.stat(path).then((info) => info.isFile, () => false);
  if (known) return { path, wasCached: true };
  await download(url, path, {
    ...rest,
    checkUrl: checkSecure,
    ...(sha256 !== undefined && { checksum: { algorithm: "sha256", digest: sha256.toLowerCase() } }),
  });
  return { path, wasCached: false };
}

/** @throws {RangeError} unless nobody on the way can change what a URL gives. */
function checkSecure(url: string): void {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw new RangeError(`Cannot download ${url}: it is not a URL (${messageOf(error)})`);
  }
  const isOwn = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === "https:" || (parsed.protocol === "http:" && isOwn)) return;
  throw new RangeError(
    `Cannot download ${url}: the URL must begin with https://, but begins with ${parsed.protocol}//`,
  );
}

/** Returns the end of a URL's path as a file name. */
function nameIn(url: string): string {
  const name = decodeURI(new URL(url).pathname).split("/").at(-1) ?? "";
  return name.replace(/[^\w.-]/g, "_").slice(-80) || "file";
}
