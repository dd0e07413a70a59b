/** Decoding of whole sets into memory. */

import {
  type DamagedFile,
  describeDamage,
  type ImageSet,
  type ImageSource,
  readImages,
  type ReadImagesOptions,
} from "../../mod.ts";

/**
 * Decodes images of a folder into memory; those that cannot be decoded are left out.
 *
 * @param damaged Where the source notes them.
 * @throws {SyntaxError} when none can be decoded.
 */
export async function decodeAll(
  source: ImageSource,
  { directory, damaged }: { readonly directory: string; readonly damaged: readonly DamagedFile[] },
  options: ReadImagesOptions,
): Promise<ImageSet> {
  const set = await readImages(source, options);
  if (set.labels.length > 0) return set;
  throw new SyntaxError(
    `Cannot use ${directory} as its files must be images: ${describeDamage(damaged, 5)}`,
  );
}
