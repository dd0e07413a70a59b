/**
 * Labelled pictures that a network is tested on, though its run knew nothing of them.
 * @module
 */
import { dirname } from "node:path";
import { type Dataset, NO_LABEL, shownName, someOf } from "../../data/mod.ts";
import {
  examineFolder,
  holdOut,
  isZip,
  openFolder,
  type UserFolder,
  withClasses,
} from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import type { Weights } from "./weights_file.ts";
import { printNote } from "../command/output.ts";

/**
 * The labelled pictures of a folder, of an archive, or of a label list beside its pictures, for networks to be tested on:
 * those of its test set where it has one. What was decided and passed over is said.
 * @throws {RangeError} if there is none, a class is unknown to the networks, or their file does not say what they know.
 * @throws as `examineFolder`
 */
export async function loadLabelledPictures(
  given: string,
  { path, purpose }: Pick<Weights, "path" | "purpose">,
  signal: AbortSignal,
): Promise<Dataset> {
  if (!purpose) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given} as the file must say which classes it knows: it is neither a checkpoint nor a model`,
    );
  }
  if (purpose.normalize === "gcn-zca") {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given} as its images were whitened together with those of its run; predict tells the accuracy where folders are called like classes`,
    );
  }
  const found = await examineGiven(given, signal);
  for (const note of found.notes) printNote(`Of ${shownName(given)}: ${note}`);
  const tested = found.test === null ? onlyLabelled(found, given) : found;
  const folder = withKnownClasses(tested, purpose.classes, { given, path });
  const [channels] = purpose.viewShape;
  return await openFolder(folder, {
    canvas: purpose.canvas,
    channels: channels === 1 ? 1 : 3,
    testOnly: true,
    signal,
  });
}

/** What there is: a file that is no archive is the label list of the pictures beside it. */
async function examineGiven(given: string, signal: AbortSignal): Promise<UserFolder> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(given);
  } catch (error) {
    throw new RangeError(
      `Cannot evaluate on ${given} as it must be a folder or a label list: ${reasonOf(error)}`,
    );
  }
  const isList = info.isFile && !isZip(given) && !/\.npz$/i.test(given);
  return isList
    ? await examineFolder(dirname(given), { labels: [given], signal })
    : await examineFolder(given, { signal });
}

function onlyLabelled(found: UserFolder, given: string): UserFolder {
  const { labels } = found.train;
  const indices = Int32Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  if (indices.length > 0) return holdOut(found, indices);
  throw new RangeError(`Cannot evaluate on ${given} as some images must have labels: none has`);
}

/** With labels that are indices into the classes of the networks. */
function withKnownClasses(
  found: UserFolder,
  classes: readonly string[],
  { given, path }: { readonly given: string; readonly path: string },
): UserFolder {
  const { folder, unknown } = withClasses(found, classes), { test } = folder;
  if (test === null) throw new RangeError(`Cannot evaluate on ${given} as it must hold labelled images`);
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot evaluate ${path} on ${given} as its classes must be among those of the network: ${
        someOf(unknown)
      } ${unknown.length === 1 ? "is" : "are"} not; the network knows ${someOf(classes, 20)}`,
    );
  }
  // Nobody trains; of arrays, there must be something to train with all the same.
  return { ...folder, train: test, testName: folder.testName ?? "" };
}
