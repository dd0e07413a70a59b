/**
 * Progress of a download, on stderr.
 * @module
 */
import type { DownloadProgress } from "../../data/files/mod.ts";
import { printNote } from "./output.ts";

/** Returns a function that prints the progress of a download every 16 MiB. */
export function reportDownload(): (progress: DownloadProgress) => void {
  const step = 2 ** 24;
  let shown = 0;
  return ({ url, receivedBytes, totalBytes = Infinity }) => {
    if (receivedBytes < totalBytes && receivedBytes - shown < step) return;
    shown = receivedBytes;
    const total = totalBytes === Infinity ? "" : ` of ${(totalBytes / 2 ** 20).toFixed(0)}`;
    printNote(`Downloading ${url}: ${(receivedBytes / 2 ** 20).toFixed(0)}${total} MiB`);
  };
}
