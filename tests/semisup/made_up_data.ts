/** A tiny data set that can be learnt: a bright bar on noise, upright or horizontal. */
import type { TrainingData } from "../../semisup/mod.ts";
import { randomWords } from "../kernels/reference.ts";

/** Draws `count` images of 8×8 with their classes: 0 = upright, 1 = horizontal. */
function bars(count: number, seed: number) {
  const next = randomWords(seed);
  const images = new Uint8Array(count * 64), labels = new Int32Array(count);
  for (let image = 0; image < count; image++) {
    labels[image] = image % 2;
    const place = 1 + next() % 6;
    for (let i = 0; i < 64; i++) {
      const isBar = (labels[image] === 0 ? i % 8 : Math.floor(i / 8)) === place;
      images[image * 64 + i] = next() % 90 + (isBar ? 120 : 0);
    }
  }
  return { images, labels, imageShape: [1, 8, 8] as const };
}

/** Returns 200 training images, of which the first `labeledCount` have labels, and 61 test images. */
export function madeUpData(labeledCount = 20): Required<TrainingData> {
  const train = bars(200, 1);
  return {
    train: { ...train, labels: train.labels.map((label, i) => i < labeledCount ? label : -1) },
    test: bars(61, 2),
    classes: ["upright", "lying"],
    channelStatistics: { mean: [0.25], standardDeviation: [0.2], source: "made up" },
  };
}
