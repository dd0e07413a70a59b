/** Numbers that follow from what pictures are, and from nothing else. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { sizeOf } from "../../../kernels/mod.ts";
import { NO_LABEL } from "../../mod.ts";
import type { OwnExamples } from "./examine_folder.ts";

/** Files that are read at once. */
const AT_ONCE = 32;

/**
 * A number from 0 to 1 for each labelled example: of its file's bytes or, of arrays, of its pixels, and of a seed. Names,
 * folders and other examples are of no account. Of a file that cannot be read it is 1, as of examples without a label.
 *
 * @param directory The folder of the examples' files.
 */
export async function contentPlaces(
  examples: OwnExamples,
  { directory, seed }: { readonly directory: string; readonly seed: number },
): Promise<Float64Array> {
  const { labels } = examples;
  const places = new Float64Array(labels.length).fill(1);
  const labelled = Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  for (let start = 0; start < labelled.length; start += AT_ONCE) {
    await Promise.all(
      labelled.slice(start, start + AT_ONCE).map(async (index) => {
        const bytes = await bytesOf(examples, index, directory);
        if (bytes) places[index] = placeOf(bytes, seed);
      }),
    );
  }
  return places;
}

async function bytesOf(
  examples: OwnExamples,
  index: number,
  directory: string,
): Promise<Uint8Array | undefined> {
  if ("images" in examples) {
    const size = sizeOf(examples.imageShape);
    return examples.images.subarray(index * size, (index + 1) * size);
  }
  try {
    return await Deno.readFile(join(directory, examples.names[index] ?? ""));
  } catch {
    // Whoever decodes it will say what is wrong.
    return undefined;
  }
}

/** The first 48 bits of SHA-256 over the seed and the content's own SHA-256, as a share of 2⁴⁸. */
function placeOf(bytes: Uint8Array, seed: number): number {
  const content = createHash("sha256").update(bytes).digest("hex");
  return createHash("sha256").update(`${seed} ${content}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
