/** Decoding of whole sets into memory. */

import { imageBytesOf } from "./batch_stream.ts";
import { describeDamage, type ImageSet, type StreamedImages } from "../../mod.ts";
import { NOT_GREY, type Size } from "./decode_image.ts";
import type { Decoder } from "./decode_pool.ts";

/** Files decoded for one answer of the workers, and answers waited for at once. */
const CHUNK = 64, CHUNKS_AHEAD = 2;

/**
 * Decodes a set into memory; files that cannot be decoded are noted in its `damaged` and left out.
 *
 * @throws {SyntaxError} when none can be decoded.
 */
export async function decodeAll(
  set: StreamedImages,
  decoder: Decoder,
  signal?: AbortSignal,
): Promise<ImageSet> {
  return await decodeUnlessColored(set, decoder, false, signal) as ImageSet;
}

/**
 * As {@linkcode decodeAll}, unless an image has colour.
 *
 * @returns nothing where one has; then nothing is noted.
 */
export async function decodeAllGrey(
  set: StreamedImages,
  decoder: Decoder,
  signal?: AbortSignal,
): Promise<ImageSet | undefined> {
  return await decodeUnlessColored(set, decoder, true, signal);
}

async function decodeUnlessColored(
  set: StreamedImages,
  decoder: Decoder,
  mustBeGrey: boolean,
  signal: AbortSignal | undefined,
): Promise<ImageSet | undefined> {
  const { names, labels, directory, imageShape } = set;
  const [channels, height, width] = imageShape;
  const imageBytes = imageBytesOf(set);
  const buffer = new SharedArrayBuffer(names.length * imageBytes);
  const sizes: (Size | string)[] = [];
  const pending: Promise<readonly (Size | string)[]>[] = [];
  for (let start = 0; start < names.length || pending.length > 0; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = names.slice(start, start + CHUNK);
    const offsets = chunk.map((_, i) => (start + i) * imageBytes);
    if (chunk.length > 0) {
      const target = { canvas: [height, width] as const, channels, mustBeGrey, buffer, offsets };
      const decoded = decoder.decode(chunk.map((name) => `${directory}/${name}`), target);
      decoded.catch(() => undefined); // Awaited later, where its failure is thrown.
      pending.push(decoded);
    }
    if (pending.length > CHUNKS_AHEAD || chunk.length === 0) sizes.push(...await pending.shift()!);
    if (mustBeGrey && sizes.includes(NOT_GREY)) return undefined;
  }
  const images = new Uint8Array(buffer);
  const kept: number[] = [];
  for (const [i, size] of sizes.entries()) {
    if (typeof size === "string") set.damaged.push({ name: names[i]!, reason: size });
    else {
      if (kept.length < i) images.copyWithin(kept.length * imageBytes, i * imageBytes, (i + 1) * imageBytes);
      kept.push(i);
    }
  }
  if (kept.length === 0) {
    throw new SyntaxError(
      `Cannot use ${directory} as its files must be images: ${describeDamage(set.damaged, 5)}`,
    );
  }
  const aspects = Float32Array.from(kept, (i) => (sizes[i] as Size)[1] / (sizes[i] as Size)[0]);
  const hasOwnAspects = aspects.some((aspect) => aspect !== Math.fround(width / height));
  return {
    images: images.subarray(0, kept.length * imageBytes),
    labels: Int32Array.from(kept, (i) => labels[i]!),
    imageShape,
    names: kept.map((i) => names[i]!),
    ...(hasOwnAspects && { aspects }),
  };
}
