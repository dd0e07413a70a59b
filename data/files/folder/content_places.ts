/** Numbers that follow from what pictures are, and from nothing else. */

import { createHash } from "node:crypto";
import { sizeOf } from "../../../kernels/mod.ts";
import { NO_LABEL } from "../../mod.ts";
import { inspectFiles } from "../inspect/inspect_files.ts";
import type { FolderExamples } from "./examine_folder.ts";

/**
 * A number from 0 to 1 for each labelled example: of its file's bytes or, of arrays, of its pixels, and of a seed. Names,
 * folders and other examples are of no account. Of a file that cannot be read it is 1, as of examples without a label.
 *
 * @param directory The folder or the archive of the examples' files.
 * @param known SHA-256 of files that have been read already, by name.
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
  const digests = await digestsOf(examples, labelled, directory, known);
  for (const [i, index] of labelled.entries()) {
    // Of what cannot be read, whoever decodes it will say what is wrong.
    if (digests[i]) places[index] = placeOf(digests[i], seed);
  }
  return places;
}

/** SHA-256 of each content, in hexadecimal digits; empty where it cannot be read. */
async function digestsOf(
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

/** The first 48 bits of SHA-256 over the seed and the content's own SHA-256, as a share of 2⁴⁸. */
function placeOf(digest: string, seed: number): number {
  return createHash("sha256").update(`${seed} ${digest}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
