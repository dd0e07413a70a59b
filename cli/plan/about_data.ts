/**
 * Texts about the data of a run that its checkpoints store.
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Dataset } from "../../data/mod.ts";
import type { UserFolder } from "../../data/files/mod.ts";
import type { Checkpoint } from "../../semisup/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { describeReading, type LabelReading } from "./list_reading.ts";
import { heldOutList } from "./training_labels.ts";

/** Name of the dataset in checkpoints of runs with `--data`. */
export const USER_FOLDER = "own";

/** Returns the texts about a user's own folder that checkpoints store. */
export function aboutFolder(
  folder: UserFolder,
  dataset: Dataset,
  { findCopies }: Pick<RunOptions, "findCopies">,
  reading: LabelReading = {},
): Readonly<Record<string, string>> {
  const [channels, height, width] = dataset.train.imageShape;
  const labelLists = describeReading(folder.lists, reading);
  return {
    dataset: USER_FOLDER,
    data: resolve(folder.directory),
    canvas: `${height}x${width}`,
    channels: `${channels}`,
    files: digestOf(dataset.train.names ?? []),
    ...(folder.channelOrder !== null && { channelOrder: folder.channelOrder }),
    ...(labelLists !== undefined && { labelLists }),
    ...bitsOf(dataset),
    ...(findCopies === "pixels" && { copies: findCopies }),
    // With their labels, because the labels in the folder may change until this is read.
    ...(dataset.heldOut && { heldOut: heldOutList(dataset) }),
  };
}

/** Returns the text about the scaling of 16-bit images that checkpoints and models store. */
export function bitsOf({ significantBits }: Dataset): Readonly<Record<string, string>> {
  return significantBits === undefined ? {} : { significantBits: `${significantBits}` };
}

/** Reads from a checkpoint's or model's texts how many of 16 bits are used. */
export function significantBitsIn(about: Readonly<Record<string, string>>): number {
  return Number(about["significantBits"] ?? 16);
}

/** Reads the `--image-size` of a checkpoint's run; null if it was not set. */
export function imageSizeIn(about: Readonly<Record<string, string>>): number | null {
  return about["imageSize"] === undefined ? null : Number(about["imageSize"]);
}

/** Computes a short hash of names, to notice changes. */
export function digestOf(names: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 16);
}

/** Returns whether a dataset has the training images that a checkpoint's labels belong to. */
export function hasPicturesOf(
  { about, labels }: Pick<Checkpoint, "about" | "labels">,
  { train }: Dataset,
): boolean {
  return labels.length === train.labels.length &&
    (about["files"] === undefined || about["files"] === digestOf(train.names ?? []));
}
