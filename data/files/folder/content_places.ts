/** Pseudo-random numbers that depend only on the contents of pictures. */

import { createHash } from "node:crypto";
import { sizeOf } from "../../../kernels/mod.ts";
import { NO_LABEL } from "../../mod.ts";
import { inspectFiles } from "../inspect/inspect_files.ts";
import type { FolderExamples } from "./examine_folder.ts";

/**
 * Returns a number from 0 to 1 for each labelled example, derived from a seed and the bytes of its file or,
 * in arrays, its pixels. Names, folders and other examples have no influence. The number is 1 for unreadable
 * files and for unlabelled examples.
 *
 * @param directory The folder or the archive of the examples' files.
 * @param known SHA-256 of files that were already read, by name.
 */
export async function contentPlaces(
  examples: FolderExamples,
  { directory, seed, known = new Map() }: {
    readonly directory: string;
    readonly seed: number;
    readonly known?: ReadonlyMap<string, string>;
  },
): Promise<Float64Array> {
  const { labels } = examples;
  const places = new Float64Array(labels.length).fill(1);
  const labelled = Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  const digests = await computeDigests(examples, labelled, directory, known);
  for (const [i, index] of labelled.entries()) {
    // Unreadable files are reported when they are decoded.
    if (digests[i]) places[index] = placeOf(digests[i], seed);
  }
  return places;
}

/** Computes the SHA-256 of each content in hexadecimal digits; empty if it cannot be read. */
async function computeDigests(
  examples: FolderExamples,
  indices: readonly number[],
  directory: string,
  known: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  if ("images" in examples) {
    const size = sizeOf(examples.imageShape);
    const pixelsOf = (index: number) => examples.images.subarray(index * size, (index + 1) * size);
    return indices.map((index) => createHash("sha256").update(pixelsOf(index)).digest("hex"));
  }
  const names = indices.map((index) => examples.names[index] ?? "");
  const unread = names.filter((name) => !known.has(name));
  const { digests } = await inspectFiles({ directory, names: unread, wantsDigests: true });
  const read = new Map(unread.map((name, i) => [name, digests[i] ?? ""]));
  return names.map((name) => known.get(name) ?? read.get(name) ?? "");
}

/** Returns the first 48 bits of the SHA-256 of the seed and the content's SHA-256, divided by 2⁴⁸. */
function placeOf(digest: string, seed: number): number {
  return createHash("sha256").update(`${seed} ${digest}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
