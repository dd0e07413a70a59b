/** Pseudo-random numbers that depend only on the contents of pictures. */

import { sizeOf } from "../../../kernels/mod.ts";
import { NO_LABEL } from "../../mod.ts";
import { fingerprint, murmurHash3 } from "../inspect/fingerprint.ts";
import { inspectFiles } from "../inspect/inspect_files.ts";
import type { FolderExamples } from "./examine_folder.ts";

/** Options of {@linkcode contentPlaces}. */
export interface PlaceOptions {
  /** Folder or archive of the examples' files. */
  readonly directory: string;
  /** Seed of the numbers; another seed draws other numbers. */
  readonly seed: number;
  /** Known content numbers of files by name; NaN or absent if unknown. */
  readonly known?: ReadonlyMap<string, number>;
}

/**
 * Returns a number from 0 to 1 for each labelled example, derived from a seed and the bytes of its file or,
 * in arrays, its pixels. Names, folders and other examples have no influence. The number is 1 for unreadable
 * files and for unlabelled examples.
 */
export async function contentPlaces(
  examples: FolderExamples,
  { directory, seed, known = new Map() }: PlaceOptions,
): Promise<Float64Array> {
  const { labels } = examples;
  const places = new Float64Array(labels.length).fill(1);
  const labelled = Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  const contents = await computeContents(examples, labelled, directory, known);
  const mixed = new Float64Array(2), bytes = new Uint8Array(mixed.buffer);
  for (const [i, index] of labelled.entries()) {
    const content = contents[i] ?? NaN;
    // Unreadable files are reported when they are decoded.
    if (Number.isNaN(content)) continue;
    mixed.set([seed, content]);
    places[index] = murmurHash3(bytes) / 2 ** 32;
  }
  return places;
}

/** Computes a number for each content; NaN if it cannot be read. */
async function computeContents(
  examples: FolderExamples,
  indices: readonly number[],
  directory: string,
  known: ReadonlyMap<string, number>,
): Promise<readonly number[]> {
  if ("images" in examples) {
    const size = sizeOf(examples.imageShape);
    return indices.map((index) => fingerprint(examples.images.slice(index * size, (index + 1) * size)));
  }
  const names = indices.map((index) => examples.names[index] ?? "");
  const isUnread = (name: string) => Number.isNaN(known.get(name) ?? NaN);
  const unread = names.filter(isUnread);
  const { contents } = await inspectFiles({ directory, names: unread, wantsDigests: true });
  const read = new Map(unread.map((name, i) => [name, contents[i] ?? NaN]));
  return names.map((name) => read.get(name) ?? known.get(name) ?? NaN);
}
