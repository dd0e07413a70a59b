/** Numbers that follow from what pictures are, and from nothing else. */

import { sizeOf } from "../../../kernels/mod.ts";
import { NO_LABEL } from "../../mod.ts";
import { fingerprint, murmurHash3 } from "../inspect/fingerprint.ts";
import { inspectFiles } from "../inspect/inspect_files.ts";
import type { FolderExamples } from "./examine_folder.ts";

/** Where the files of examples are, and what is known of them. */
interface PlaceOptions {
  /** The folder or the archive of the examples' files. */
  readonly directory: string;
  readonly seed: number;
  /** Numbers that follow from all bytes of files, as far as they are known, by name; NaN for others. */
  readonly known?: ReadonlyMap<string, number>;
}

/**
 * Returns a number from 0 to 1 for each labelled example. It follows from a seed and the bytes of the example's file or, of
 * arrays, its pixels; names, folders and other examples are of no account. The number is 1 for a file that cannot be read
 * and for an example without a label.
 */
export async function contentPlaces(
  examples: FolderExamples,
  { directory, seed, known = new Map() }: PlaceOptions,
): Promise<Float64Array> {
  const { labels } = examples;
  const places = new Float64Array(labels.length).fill(1);
  const labelled = Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  const contents = await contentsOf(examples, labelled, directory, known);
  const mixed = new Float64Array(2), bytes = new Uint8Array(mixed.buffer);
  for (const [i, index] of labelled.entries()) {
    const content = contents[i] ?? NaN;
    // Decoding a file that cannot be read will report what is wrong with it.
    if (Number.isNaN(content)) continue;
    mixed.set([seed, content]);
    places[index] = murmurHash3(bytes) / 2 ** 32;
  }
  return places;
}

/** Returns a number for each content; NaN if it cannot be read. */
async function contentsOf(
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
