/**
 * The work of `predict`: all given images, or pictures as they arrive.
 * @module
 */
import { type ArrayImages, DecodePool } from "../../data/files/mod.ts";
import { describeDamage } from "../../data/internal.ts";
import type { DamagedFile } from "../../data/mod.ts";
import type { Model } from "../../nn/mod.ts";
import type { Outcome } from "../command/process.ts";
import { Counter } from "../terminal/counter.ts";
import { printNote, printRecord, printWarning } from "../terminal/output.ts";
import { arrivingPictures } from "./arriving_pictures.ts";
import type { PredictionResults } from "./prediction_results.ts";
import { predictArrays, predictFiles } from "./predictions.ts";
import { isBelow } from "./sorted_folder.ts";

/** Images to be classified. */
export interface PredictInputs {
  readonly files: readonly string[];
  readonly images: readonly ArrayImages[];
}

/**
 * Classifies files and images of arrays.
 * @throws {RangeError} if no image can be decoded.
 */
export async function classifyImages(
  model: Model,
  { files, images }: PredictInputs,
  results: PredictionResults,
  { output }: { readonly output: string | null },
  signal: AbortSignal,
): Promise<Outcome> {
  const damaged: DamagedFile[] = [];
  const count = images.reduce((sum, { names }) => sum + names.length, files.length);
  const counter = new Counter(count);
  try {
    for (const batches of [predictFiles(model, files, damaged), predictArrays(model, images)]) {
      for await (const batch of batches) {
        await results.add(batch, signal);
        if (signal.aborted) break;
        counter.add(batch.length);
      }
    }
  } finally {
    counter.stop();
  }
  if (damaged.length === count) {
    throw new RangeError(`Cannot classify any image: ${describeDamage(damaged, 5)}`);
  }
  if (!signal.aborted) await results.finish();
  printSummary(model, results.count, count);
  results.print();
  if (damaged.length > 0) printWarning(describeDamage(damaged));
  if (output !== null && !signal.aborted) {
    printRecord({ kind: "predictions", output, images: count, damaged: damaged.length });
  }
  return signal.aborted ? "interrupted" : damaged.length > 0 ? "incomplete" : "finished";
}

/** Classifies pictures as they arrive in folders, until the signal. */
export async function classifyArrivals(
  model: Model,
  folders: readonly string[],
  results: PredictionResults,
  { output, sortInto }: { readonly output: string | null; readonly sortInto: string | null },
  signal: AbortSignal,
): Promise<Outcome> {
  using decoder = new DecodePool();
  const bad = new Set<string>();
  const isExcluded = (path: string) => sortInto !== null && isBelow(path, sortInto);
  printNote(`Watching ${folders.join(", ")}; Ctrl-C ends`);
  for await (const { files, isUnchanged } of arrivingPictures(folders, { signal, isExcluded })) {
    const damaged: DamagedFile[] = [];
    for await (const batch of predictFiles(model, files, damaged, decoder)) {
      // A file that grows again was not complete, and will arrive again.
      const whole = batch.filter(([name]) => isUnchanged(name));
      await results.add(whole, signal);
      for (const [name] of whole) bad.delete(name);
      if (signal.aborted) break;
    }
    const broken = damaged.filter(({ name }) => isUnchanged(name));
    for (const { name } of broken) bad.add(name);
    if (broken.length > 0) printWarning(`${describeDamage(broken)}; files that change are tried again`);
  }
  await results.finish();
  printSummary(model, results.count, results.count + bad.size);
  results.print();
  if (output !== null) {
    printRecord({ kind: "predictions", output, images: results.count + bad.size, damaged: bad.size });
  }
  return bad.size > 0 ? "incomplete" : "finished";
}

/** Prints the number of classified images, and the network. */
function printSummary(model: Model, classified: number, images: number): void {
  const { temperature, about } = model.description;
  const calibration = temperature === 1
    ? "not calibrated"
    : `calibrated, temperature ${temperature.toPrecision(3)}`;
  const network = about["network"] ?? "network";
  printNote(`${classified} of ${images} images classified by the ${network} (${calibration})`);
}
