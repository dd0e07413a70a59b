/** Training and testing on a custom image source, with the same results as on images in memory. */
import { type ImageSource, type PixelReader, readImages } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { Evaluator, Trainer, type TrainingData } from "../../semisup/mod.ts";
import { assertEquals } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";

const imageShape = [1, 8, 8] as const, size = 64;
/** Image i, dark or bright. */
const pixelsOf = (i: number) => Uint8Array.from({ length: size }, (_, at) => (i % 2) * 120 + (i * at) % 90);

/** A source that makes images on demand; one of them cannot be read. */
class GeneratedPixels implements PixelReader {
  opened = 0;
  closed = 0;
  readonly #unreadable: number;

  constructor(unreadable = -1) {
    this.#unreadable = unreadable;
  }

  open({ batchSize, indicesOf }: Parameters<PixelReader["open"]>[0]) {
    this.opened++;
    const unreadable = this.#unreadable;
    return {
      async take(step: number) {
        await Promise.resolve();
        const pixels = new Uint8Array(batchSize * size), missing = new Set<number>();
        for (const [place, index] of indicesOf(step)!.entries()) {
          if (index === unreadable) missing.add(place);
          else if (index >= 0) pixels.set(pixelsOf(index), place * size);
        }
        return { pixels, missing };
      },
      close: () => {
        this.closed++;
      },
    };
  }
}

function dataOf(images: ImageSource["images"]): Required<TrainingData> {
  const labels = Int32Array.from({ length: 31 }, (_, i) => i % 2);
  const test = { images, labels, imageShape };
  return {
    train: { ...test, labels: labels.map((label, i) => i < 12 ? label : -1) },
    test,
    classes: ["dark", "bright"],
    channelStatistics: { mean: [0.5], standardDeviation: [0.25], source: "made up" },
  };
}

async function trainAndTest(device: Device, data: Required<TrainingData>) {
  using trainer = await Trainer.create(device, data, {
    batchSize: 8,
    labeledBatchSize: 4,
    maxSteps: 3,
    evaluationEpochs: 0,
  });
  const { student } = trainer.algorithm;
  using evaluator = await Evaluator.create(device, { student }, data.test, {
    ...data.channelStatistics,
    randomResizedCrop: null,
  });
  for await (const _ of trainer.run());
  return { checkpoint: await trainer.checkpoint(), report: (await evaluator.report()).student };
}

gpuTest("a custom image source gives bit-identical results to images in memory", async (device) => {
  const images = new Uint8Array(31 * size);
  for (let i = 0; i < 31; i++) images.set(pixelsOf(i), i * size);
  const own = new GeneratedPixels();
  assertEquals(await trainAndTest(device, dataOf(own)), await trainAndTest(device, dataOf(images)));
  assertEquals(own.closed, own.opened);
  const { report } = await trainAndTest(device, dataOf(new GeneratedPixels(30)));
  assertEquals(report.examples, 30);
});

Deno.test("images of any source can be read into memory; unreadable ones are left out", async () => {
  const { train } = dataOf(new GeneratedPixels(5));
  const set = await readImages(train, { indices: Int32Array.of(3, 5, 20) });
  assertEquals(set.images, Uint8Array.of(...pixelsOf(3), ...pixelsOf(20)));
  assertEquals([[...set.labels], set.names, set.aspects], [[1, -1], undefined, undefined]);
  const again = await readImages(set, { indices: Int32Array.of(1) });
  assertEquals([again.images, [...again.labels]], [pixelsOf(20), [-1]]);
});
