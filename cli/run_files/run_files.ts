/**
 * Names of the files in the folder of a run, and searches for them.
 * @module
 */
import { join } from "node:path";
import { exists } from "../command/given_file.ts";

/** Names of the files of a run. */
export const runFiles = {
  /** All options, and a description of the data. */
  config: "config.json",
  /** The labels that the run was trained with. */
  labels: "labels.txt",
  /** The labelled images held out for testing, if any. */
  heldOut: "held-out.txt",
  /** The log: one JSON record per line. */
  log: "log.jsonl",
  /** The records of the log as a table, with `--csv`. */
  csv: "log.csv",
  /** The results. */
  summary: "summary.json",
  /** Message of an attempt of an experiment that diverged. */
  divergence: "diverged.txt",
  /** Checkpoint of the best step, if evaluations are compared: `--keep best`, `--patience`. */
  best: "best.safetensors",
  /** The teacher, with everything needed for predictions. */
  model: "model.safetensors",
  /** The last checkpoint. It marks the run as finished, so it is written last. */
  final: "final.safetensors",
} as const;

/** Returns whether a file of the folder of a run is written by the run itself. */
export function isRunFile(name: string): boolean {
  return isTemporary(name) || isWhole(name);
}

/** Returns whether a file is a part of one of a run's files, which a killed process left. */
export function isTemporary(name: string): boolean {
  const file = fileOfPart(name);
  return file !== undefined && isWhole(file);
}

/** Returns the name of the file that an incomplete file is a part of, while it is written; undefined for other files. */
export function fileOfPart(name: string): string | undefined {
  return /^(.+)\.[0-9a-f-]{36}\.part$/.exec(name)?.[1];
}

function isWhole(name: string): boolean {
  return Object.values<string>(runFiles).includes(name) || checkpointName.test(name) || eventName.test(name);
}

const checkpointName = /^checkpoint-(\d+)\.safetensors$/, eventName = /^events\.out\.tfevents\./;

/** Name of the folder of the supervised baseline, within the folder of the run. */
export const baselineName = "baseline";

/** Returns the path of the default folder: `runs/` and the time. */
export function defaultFolder(now: Date): string {
  return join("runs", now.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-"));
}

/** Returns whether the run in a folder is finished. */
export async function isFinished(path: string): Promise<boolean> {
  return await exists(join(path, runFiles.final));
}

/** Returns whether a folder has a checkpoint to resume from. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return await isFinished(folder) || (await checkpointsIn(folder)).length > 0;
}

/** Finds the checkpoint with the most steps in a folder; undefined if there is none. */
export async function lastCheckpoint(folder: string): Promise<string | undefined> {
  return (await checkpointsIn(folder)).at(-1)?.path;
}

/** Returns the checkpoints in a folder, in the order of their steps; none if the folder does not exist. */
export async function checkpointsIn(
  folder: string,
): Promise<{ readonly path: string; readonly step: number }[]> {
  const found: { readonly path: string; readonly step: number }[] = [];
  if (!await exists(folder)) return found;
  for await (const { name } of Deno.readDir(folder)) {
    const step = checkpointName.exec(name)?.[1];
    if (step !== undefined) found.push({ path: join(folder, name), step: Number(step) });
  }
  return found.sort((a, b) => a.step - b.step);
}

/** Returns the name of the file of a checkpoint. */
export function checkpointFile(step: number): string {
  return `checkpoint-${String(step).padStart(6, "0")}.safetensors`;
}
