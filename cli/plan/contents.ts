/**
 * Fingerprints of the images that a run trains and tests on, to notice changes when it is resumed.
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { spread } from "../../data/internal.ts";
import { type Dataset, type ImageSource, isResident, readBatches } from "../../data/mod.ts";
import type { Checkpoint } from "../../semisup/mod.ts";
import { type Plan, sourceCheckpoint } from "./plan.ts";

/** Number of images of a set that are hashed unless all are. */
const sampleSize = 256;
/** Number of images read at once. */
const batchSize = 64;

/** Adds the number, shape and pixels of some images of a set to a hash. */
async function addImages(hash: Hash, source: ImageSource, most: number, signal: AbortSignal): Promise<void> {
  const { images, imageShape, labels } = source;
  const indices = Int32Array.from(spread([...labels.keys()], most));
  hash.update(`${labels.length} images of ${imageShape.join("×")}\n`);
  if (isResident(source)) {
    const size = imageShape.reduce((product, length) => product * length);
    for (const index of indices) hash.update(source.images.subarray(index * size, (index + 1) * size));
  } else if (!ArrayBuffer.isView(images)) {
    for await (const batch of readBatches(source, indices, batchSize)) {
      signal.throwIfAborted();
      hash.update(batch.pixels);
    }
  }
}

async function fingerprintOf({ train, test }: Dataset, most: number, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const source of [train, test]) await addImages(hash, source, most, signal);
  return hash.digest("hex").slice(0, 32);
}

/**
 * Returns the fingerprints that checkpoints store: of a sample, and of all images if they are in memory or
 * `--verify` demands it. For a run that is resumed, compares them with those of its checkpoint.
 * @throws {RangeError} if the images differ from those at the start of the run.
 */
export async function checkContents(
  plan: Plan,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { verify } = plan.run, isWhole = verify || [dataset.train, dataset.test].every(isResident);
  const found = {
    contents: await fingerprintOf(dataset, sampleSize, signal),
    ...(isWhole && { allContents: await fingerprintOf(dataset, Infinity, signal) }),
  };
  // A fold trains on other images than its original run.
  const start = plan.kind === "fold" && plan.from === null ? null : sourceCheckpoint(plan);
  if (!start) return found;
  const { about } = start.checkpoint;
  checkSame(start.path, about, found);
  return { ...found, ...fingerprintsIn(about) };
}

function fingerprintsIn({ contents, allContents }: Checkpoint["about"]): Readonly<Record<string, string>> {
  return { ...(contents !== undefined && { contents }), ...(allContents !== undefined && { allContents }) };
}

function checkSame(path: string, about: Checkpoint["about"], found: Readonly<Record<string, string>>): void {
  const stored = fingerprintsIn(about);
  if (Object.keys(stored).every((name) => found[name] === undefined || found[name] === stored[name])) return;
  throw new RangeError(
    `Cannot resume from ${path}: the images must be the same as at the start of the run, but some have other contents under the same names. Restore them, or start a new run with --init ${path}.`,
  );
}
