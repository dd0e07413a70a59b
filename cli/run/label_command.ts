/**
 * What to type to train with labels that were suggested.
 * @module
 */
import { dirname, join } from "node:path";
import type { Checkpoint } from "../../semisup/mod.ts";
import { USER_FOLDER } from "../plan/inputs.ts";
import { listsIn } from "../plan/list_reading.ts";
import { runFiles } from "./run_folder.ts";
import { pathFromHere, shellCommand } from "./shell_command.ts";

/**
 * The command that trains with all labels that a run knew, held-out ones included, and with those of a list; it tests on the
 * same pictures as the run, where some were held out.
 * Lists that the run was given are given again, as they may say sets too, unless they have to be read in ways that are not
 * for the others.
 *
 * @param path File of the run's checkpoint.
 */
export function labelCommand(
  { path, about, data }: {
    readonly path: string;
    readonly about: Checkpoint["about"];
    /** The folder of the run's own data, or of its dataset's files; null = none was said. */
    readonly data: string | null;
  },
  list: string,
): string {
  const inRun = (kind: "labels" | "heldOut") => join(dirname(path), runFiles[kind]);
  const isOwn = about["dataset"] === USER_FOLDER, isHeldOut = about["heldOut"] !== undefined;
  const { labels, ...reading } = listsIn(about, data ?? "");
  const isPlain = labels !== null && Object.keys(reading).length === 0;
  const known = isPlain ? labels : [inRun("labels"), ...(isHeldOut ? [inRun("heldOut")] : [])];
  return shellCommand(
    "train",
    ...(isOwn ? ["--data", pathFromHere(data ?? "")] : datasetOf(about, data)),
    ...(about["channelOrder"] === undefined ? [] : ["--channels", about["channelOrder"]]),
    "--labels",
    [...known, list].map(pathFromHere).join(","),
    ...(isHeldOut ? ["--hold-out", pathFromHere(inRun("heldOut"))] : []),
  );
}

function datasetOf({ preset, dataset }: Checkpoint["about"], data: string | null): string[] {
  const what = preset === undefined ? ["--dataset", dataset ?? ""] : ["--preset", preset];
  return data === null ? what : [...what, "--data-dir", pathFromHere(data)];
}
