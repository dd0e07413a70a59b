/**
 * Weights that `--init` names: a file, a URL, or the folder of a run.
 * @module
 */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { downloadToCache } from "../../data/files/mod.ts";
import type { PretrainedWeights } from "../../nn/mod.ts";
import { readInitialWeights } from "../../semisup/mod.ts";
import { exists, readGivenFile } from "../command/given_file.ts";
import { runFiles } from "../run_files/run_files.ts";
import { findWeights } from "../run_files/run_reader.ts";
import { reportDownload } from "../terminal/download_progress.ts";
import { printNote } from "../terminal/output.ts";

/** Weights to start from, and a name from which they can be read again. */
export interface OpenedWeights {
  readonly weights: PretrainedWeights;
  /** Absolute path or URL of the file, with its checksum: `FILE#sha256=DIGEST`, as `--init` accepts. */
  readonly reference: string;
}

/** Largest file that is downloaded: ten times the largest of the known networks. */
const maximumBytes = 2 ** 30;

/** A value of `--init`. */
interface InitReference {
  /** Path or URL without the checksum. */
  readonly place: string;
  readonly isUrl: boolean;
  /** Checksum in hexadecimal digits; undefined if there is none. */
  readonly sha256: string | undefined;
}

/**
 * Reads the weights that `--init` names.
 * @param architecture Name of the network, for state dicts that do not tell; null if the user set none.
 * @throws {RangeError} if the file cannot be read, or the weights are of no known network.
 * @throws {SyntaxError} if the file is damaged, or has another checksum. @throws {Error} if a download fails.
 */
export async function openInitialWeights(
  text: string,
  architecture: string | null,
  signal?: AbortSignal,
): Promise<OpenedWeights> {
  const { place, isUrl, sha256 } = parseReference(text);
  const path = isUrl ? await fetchFile(place, sha256, signal) : resolve(await findFile(place));
  const bytes = await readGivenFile(path, "weights");
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== undefined && digest !== sha256) {
    throw new SyntaxError(
      `Cannot start from ${place}: its SHA-256 checksum must be ${sha256}, but it is ${digest}. ${
        isUrl ? `Delete ${path} and try again.` : "The file has changed."
      }`,
    );
  }
  const weights = readInitialWeights(bytes, { source: place, architecture: architecture ?? undefined });
  return { weights, reference: `${isUrl ? place : path}#sha256=${digest}` };
}

/** @throws {RangeError} if what follows the # of a URL is not a SHA-256 checksum. */
function parseReference(text: string): InitReference {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
  const [, place = text, digest] = /^(.*)#sha256=([0-9a-f]{64})$/i.exec(text) ?? [];
  if (digest === undefined && (isUrl ? text.includes("#") : /#sha256=[^/\\]*$/.test(text))) {
    throw new RangeError(
      `Cannot start from ${text}: a checksum must be written as #sha256= and 64 hexadecimal digits`,
    );
  }
  return { place, isUrl, sha256: digest?.toLowerCase() };
}

async function fetchFile(url: string, sha256: string | undefined, signal?: AbortSignal): Promise<string> {
  const { path, wasCached } = await downloadToCache(url, {
    sha256,
    maximumBytes,
    onProgress: reportDownload(),
    signal,
  });
  if (wasCached) printNote(`Using the earlier download of ${url}: ${path} (delete it to download again)`);
  return path;
}

/** Returns the file of weights in the folder of a run, or the path itself. */
async function findFile(path: string): Promise<string> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder) return path;
  const model = join(path, runFiles.model);
  if (await exists(model)) return model;
  const found = await findWeights(path);
  if (!found) {
    throw new RangeError(
      `Cannot start from ${path}: the folder has no ${runFiles.model} and no checkpoint. Pass the folder of a run, or a file.`,
    );
  }
  if (!found.isFinal) printNote(`The run in ${path} is not finished: starting from ${found.path}`);
  return found.path;
}
