/**
 * The progress of a run, read from its log.
 * @module
 */
import { join } from "node:path";
import { exists } from "../command/given_file.ts";
import { runFiles } from "../run_files/run_files.ts";
import { readLog } from "../run_files/run_reader.ts";

/** Time between two looks at the log, in ms. */
const interval = 1000;

/**
 * Tells the steps of a run that another thread trains, and the time since the call.
 * @returns a function that ends this.
 */
export function watchSteps(
  folder: string,
  onProgress: (progress: { readonly step: number; readonly seconds: number }) => void,
): () => void {
  const start = performance.now();
  let isEnded = false, timer = setTimeout(look, interval);
  async function look(): Promise<void> {
    const step = await lastStep(folder);
    if (isEnded) return;
    onProgress({ step, seconds: (performance.now() - start) / 1000 });
    timer = setTimeout(look, interval);
  }
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

/** Returns the last step in the log of a run; 0 if there is none yet. */
async function lastStep(folder: string): Promise<number> {
  if (!await exists(join(folder, runFiles.log))) return 0;
  try {
    return (await readLog(folder)).costs.at(-1)?.step ?? 0;
  } catch {
    // Training itself tells why its log cannot be written; until then there is no progress to show.
    return 0;
  }
}
