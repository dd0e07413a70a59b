/**
 * Labelled pictures for testing a network on data that is not from its run.
 * @module
 */
import { dirname } from "node:path";
import { shownName, someOf } from "../../data/internal.ts";
import { type Dataset, NO_LABEL } from "../../data/mod.ts";
import {
  convertClasses,
  examineFolder,
  type ExamineOptions,
  holdOut,
  isPixelTable,
  isZip,
  openFolder,
  type UserFolder,
} from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import type { Weights } from "./weights_file.ts";
import { printNote } from "../terminal/output.ts";

/** Options of {@linkcode loadLabelledPictures}. */
export interface PictureOptions {
  /** Regular expression that captures classes in names; null = none. */
  readonly labelPattern: string | null;
  readonly signal: AbortSignal;
}

/**
 * Loads the labelled pictures of a folder, an archive, or a label list beside its pictures, as a test set. If
 * the folder has a test set, only this is used. Prints notes about how the folder was read.
 * @throws {RangeError} if there are no labelled pictures, a class is unknown to the networks, or their file
 * lacks the classes.
 * @throws the same as `examineFolder`.
 */
export async function loadLabelledPictures(
  given: string,
  { path, description }: Pick<Weights, "path" | "description">,
  { labelPattern, signal }: PictureOptions,
): Promise<Dataset> {
  if (!description) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given}: the file lacks the class names, because it is neither a checkpoint nor a model`,
    );
  }
  if (description.normalize === "gcn-zca") {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given}: its network needs whitening that was fitted to the run's own images. Use predict, which prints the accuracy if folders are named like classes.`,
    );
  }
  const found = await examinePath(given, { labelPattern: labelPattern ?? undefined, signal });
  for (const note of found.notes) printNote(`${shownName(given)}: ${note}`);
  const tested = found.test === null ? keepLabelled(found, given) : found;
  const folder = mapToKnownClasses(tested, description.classes, { given, path });
  const [channels] = description.viewShape;
  return await openFolder(folder, {
    canvas: description.canvas,
    channels: channels === 1 ? 1 : 3,
    testOnly: true,
    signal,
  });
}

/** Examines a path: a file that is neither an archive nor a table of pixels is a label list of the pictures beside it. */
async function examinePath(
  given: string,
  options: Pick<ExamineOptions, "labelPattern" | "signal">,
): Promise<UserFolder> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(given);
  } catch (error) {
    throw new RangeError(
      `Cannot evaluate on ${given}: ${reasonOf(error)}. Pass a folder or a label list.`,
    );
  }
  const isList = info.isFile && !isZip(given) && !/\.npz$/i.test(given) && !await isPixelTable(given);
  return isList
    ? await examineFolder(dirname(given), { ...options, labels: [given] })
    : await examineFolder(given, options);
}

function keepLabelled(found: UserFolder, given: string): UserFolder {
  const { labels } = found.train;
  const indices = Int32Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  if (indices.length > 0) return holdOut(found, indices);
  throw new RangeError(`Cannot evaluate on ${given}: no image has a label`);
}

/** Maps the labels to indices of the networks' classes. */
function mapToKnownClasses(
  found: UserFolder,
  classes: readonly string[],
  { given, path }: { readonly given: string; readonly path: string },
): UserFolder {
  const { folder, unknown } = convertClasses(found, classes), { test } = folder;
  if (test === null) throw new RangeError(`Cannot evaluate on ${given}: it has no labelled images`);
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given}: the network does not know ${
        unknown.length === 1 ? "class" : "the classes"
      } ${someOf(unknown)}. It knows ${someOf(classes, 20)}.`,
    );
  }
  // Nothing is trained, but datasets of arrays need a training set.
  return { ...folder, train: test, testName: folder.testName ?? "" };
}
