// Trains on images that a generator draws when a batch needs them: stripes, across or upright.
// Anything that returns the pixels of a batch can be a source; only the labels must be known beforehand.
// Run it with: deno run -A examples/own_source.ts
import { Device, type ImageSource, type PixelReader, Trainer, type TrainingData } from "../mod.ts";

const size = 8;

/** Yields endless numbers in [0, 1) that depend only on the seed. */
function* randomNumbers(seed: number): Generator<number, never> {
  let state = seed * 2654435761 >>> 0;
  while (true) {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    yield state / 2 ** 32;
  }
}

/** Yields the pixels of image `index`, row by row: stripes across if the index is even, or else upright. */
function* drawStripes(index: number): Generator<number> {
  const random = randomNumbers(index + 1), shift = size * random.next().value;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isBright = ((index % 2 === 0 ? y : x) + shift) % 4 < 2;
      yield (isBright ? 150 : 50) + 50 * random.next().value;
    }
  }
}

const stripes: PixelReader = {
  open: ({ batchSize, indicesOf }) => ({
    take(step) {
      const pixels = new Uint8Array(batchSize * size * size);
      for (const [place, index] of (indicesOf(step) ?? []).entries()) {
        if (index >= 0) pixels.set([...drawStripes(index)], place * size * size);
      }
      return { pixels };
    },
    close() {},
  }),
};

/** Returns `count` images; the first `labeled` of them have labels. */
function createSource(count: number, labeled: number): ImageSource {
  const labels = Int32Array.from({ length: count }, (_, i) => i < labeled ? i % 2 : -1);
  return { images: stripes, labels, imageShape: [1, size, size] };
}

const data: TrainingData = {
  train: createSource(240, 40),
  test: createSource(100, 100),
  classes: ["across", "upright"],
  channelStatistics: { mean: [0.49], standardDeviation: [0.2], source: "estimated" },
};
using device = await Device.request();
using trainer = await Trainer.create(device, data, {
  epochs: 8,
  batchSize: 40,
  labeledBatchSize: 20,
  learningRateRampup: 0,
  evaluationEpochs: 2,
});
for await (const record of trainer.run()) {
  if (record.kind === "evaluation") console.log(`epoch ${record.epoch}: error ${record.teacher.testError}`);
}
