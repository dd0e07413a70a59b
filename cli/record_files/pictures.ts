/**
 * Pictures for TensorBoard: views of a batch, and confusions.
 * @module
 */
import { encode } from "npm:fast-png@8.0.0";
import type { BatchViews, TrainingOptions } from "../../semisup/mod.ts";
import { shownName } from "../../data/internal.ts";
import { viewReader } from "../pictures/view_pixels.ts";
import type { PngImage } from "./events.ts";

/** Smallest side of an image in pixels; smaller ones are enlarged by a whole factor. */
const leastSide = 96;

/** Smallest side of the matrix of confusions in pixels. */
const leastMatrix = 320;

/** Returns a picture of views: the student's above, the target's below. */
export function pictureOfViews(
  views: BatchViews,
  options: Pick<TrainingOptions, "normalize">,
): PngImage {
  const { count, imageShape: [channels, height, width] } = views;
  const area = height * width;
  const scale = Math.max(1, Math.floor(leastSide / Math.max(height, width)));
  const canvas = new Canvas(count * (width * scale + 2), 2 * (height * scale + 2), 255);
  for (const [row, values] of [views.student, views.target].entries()) {
    for (let i = 0; i < count; i++) {
      const image = values.subarray(i * channels * area, (i + 1) * channels * area);
      const valueOf = viewReader(image, views, options);
      for (let at = 0; at < area; at++) {
        const colour = [0, 1, 2].map((c) => {
          const channel = Math.min(c, channels - 1);
          return 255 * valueOf(channel * area + at, channel);
        });
        const x = i * (width * scale + 2) + (at % width) * scale;
        const y = row * (height * scale + 2) + Math.floor(at / width) * scale;
        canvas.fill(x, y, scale, colour);
      }
    }
  }
  return canvas.encode(`${count} images of a batch, as the student (above) and the target (below) see them.`);
}

/** Returns a picture of a matrix of confusions: true classes in rows, predicted ones in columns. */
export function pictureOfConfusions(
  confusions: readonly (readonly number[])[],
  classes: readonly string[],
): PngImage {
  const count = classes.length, cell = Math.max(1, Math.floor(leastMatrix / count));
  const gap = cell > 8 ? 1 : 0;
  const canvas = new Canvas(count * cell, count * cell, 235);
  for (const [label, row] of confusions.entries()) {
    const total = Math.max(1, row.reduce((sum, each) => sum + each, 0));
    for (const [prediction, images] of row.entries()) {
      const share = images / total;
      // The root keeps rare mistakes visible, as in the report.
      const strength = label === prediction ? share * 0.75 : Math.sqrt(share);
      const [red, green, blue] = label === prediction ? [30, 120, 60] : [190, 40, 30];
      const colour = [red, green, blue].map((value) => 255 + ((value ?? 0) - 255) * strength);
      canvas.fill(prediction * cell, label * cell, cell - gap, colour);
    }
  }
  const names = classes.map(shownName).join(", ");
  return canvas.encode(`Rows are true classes, columns predicted ones, in this order: ${names}.`);
}

/** Counts the predictions of each class: `[label][prediction]`. @param logits `[N, C]`, row by row. */
export function countConfusions(labels: Int32Array, logits: Float32Array, classCount: number): number[][] {
  const counts = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (const [i, label] of labels.entries()) {
    const row = logits.subarray(i * classCount, (i + 1) * classCount);
    const prediction = row.indexOf(Math.max(...row)), line = counts[label];
    if (line) line[prediction] = (line[prediction] ?? 0) + 1;
  }
  return counts;
}

/** Pixels of red, green and blue. */
class Canvas {
  readonly #data: Uint8Array;

  constructor(readonly width: number, readonly height: number, grey: number) {
    this.#data = new Uint8Array(3 * width * height).fill(grey);
  }

  /** Fills a square with a colour, whose values are limited to 0 to 255. */
  fill(left: number, top: number, side: number, colour: readonly number[]): void {
    const bytes = colour.map((value) => Math.max(0, Math.min(255, Math.round(value))));
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) this.#data.set(bytes, 3 * (y * this.width + x));
    }
  }

  encode(description: string): PngImage {
    const { width, height } = this;
    return { width, height, description, bytes: encode({ width, height, data: this.#data, channels: 3 }) };
  }
}
