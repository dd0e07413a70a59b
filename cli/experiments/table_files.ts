/**
 * The table of an experiment, made from the folders of its runs.
 * @module
 */
import { join } from "node:path";
import { createFolder, writeAtomically } from "../../data/files/mod.ts";
import { exists } from "../command/given_file.ts";
import { formatResults, readResult, type ResultRow, rowOf, type RunResult } from "../report/results.ts";
import { isFinished, runFiles } from "../run_files/run_files.ts";
import { lockWhenFree } from "../storage/folder_lock.ts";
import type { Experiment, ExperimentRun, Group } from "./groups.ts";

/** The table of an experiment. */
export interface Table {
  readonly text: string;
  readonly rows: readonly ResultRow[];
}

/**
 * Writes the table of all runs that are finished or have diverged, also in other processes. These wait for each
 * other, so that the last one writes the whole table.
 */
export async function writeTable(
  { output, training, labels }: Experiment,
  groups: readonly Group[],
): Promise<Table> {
  await createFolder(output);
  const lock = await lockWhenFree(output);
  try {
    const rows = await Promise.all(groups.map(readRow));
    const texts = formatResults(rows, { ...training, ...(labels !== null && { labels: labels.join(",") }) });
    for (const [name, text] of Object.entries(texts)) await writeAtomically(join(output, name), text);
    const files = ["txt", "md", "json"].map((kind) => join(output, `results.${kind}`)).join(", ");
    return { text: `${texts["results.txt"]}\nTable: ${files}`, rows };
  } finally {
    await lock.release();
  }
}

async function readRow({ runs, ...group }: Group): Promise<ResultRow> {
  const results: RunResult[] = [], diverged: number[] = [];
  for (const run of runs) {
    if (await isFinished(run.folder)) results.push(await readResult(run.folder, run.seed));
    else if (await hasDiverged(run)) diverged.push(run.seed);
  }
  return rowOf({ ...group, seeds: runs.map(({ seed }) => seed), results, diverged });
}

/** Returns whether an earlier attempt of a run has diverged. */
export async function hasDiverged({ folder }: Pick<ExperimentRun, "folder">): Promise<boolean> {
  return await exists(join(folder, runFiles.divergence));
}
