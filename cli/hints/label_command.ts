/**
 * The command that trains with labels that were suggested.
 * @module
 */
import { dirname, join } from "node:path";
import type { Checkpoint } from "../../semisup/mod.ts";
import { USER_FOLDER } from "../plan/about_data.ts";
import { listsIn } from "../plan/list_reading.ts";
import { runFiles } from "../run_files/run_files.ts";
import { pathFromHere, shellCommand } from "./shell_command.ts";

/**
 * Returns the command that trains with all labels of a run, held-out ones included, and with those of a new
 * list. If the run held pictures out, the command tests on the same pictures.
 *
 * The command passes the run's own label lists and pattern again, because sets may depend on these. Labels that
 * were read with other options are replaced by the labels in the run's folder, because the options would apply to
 * the new list too.
 *
 * @param path File of the run's checkpoint.
 * @param list File of the new label list.
 */
export function labelCommand(
  { path, about, data }: {
    readonly path: string;
    readonly about: Checkpoint["about"];
    /** The user's folder, or the folder of the dataset's files; null if the default was used. */
    readonly data: string | null;
  },
  list: string,
): string {
  const inRun = (kind: "labels" | "heldOut") => join(dirname(path), runFiles[kind]);
  const isOwn = about["dataset"] === USER_FOLDER, isHeldOut = about["heldOut"] !== undefined;
  const { labels, labelPattern, ...reading } = listsIn(about, data ?? "");
  const isPlain = (labels !== null || labelPattern !== undefined) && Object.keys(reading).length === 0;
  const known = isPlain ? labels ?? [] : [inRun("labels"), ...(isHeldOut ? [inRun("heldOut")] : [])];
  return shellCommand(
    "train",
    ...(isOwn ? ["--data", pathFromHere(data ?? "")] : datasetFlags(about, data)),
    ...(about["channelOrder"] === undefined ? [] : ["--channels", about["channelOrder"]]),
    ...(isPlain && labelPattern !== undefined ? ["--label-pattern", labelPattern] : []),
    "--labels",
    [...known, list].map(pathFromHere).join(","),
    ...(isHeldOut ? ["--hold-out", pathFromHere(inRun("heldOut"))] : []),
    ...(about["plugin"] === undefined ? [] : ["--plugin", pathFromHere(about["plugin"])]),
  );
}

function datasetFlags({ preset, dataset }: Checkpoint["about"], data: string | null): string[] {
  const what = preset === undefined ? ["--dataset", dataset ?? ""] : ["--preset", preset];
  return data === null ? what : [...what, "--data-dir", pathFromHere(data)];
}
