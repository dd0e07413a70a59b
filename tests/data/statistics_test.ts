/** Channel statistics of bytes, floats and other sources. */
import { computeChannelStatistics, type ImageSource, measureChannelStatistics } from "../../data/mod.ts";
import { assertClose } from "../kernels/close.ts";
import { assertEquals, assertRejects, assertThrows } from "../assert.ts";

const labels = Int32Array.of(0, 1), imageShape = [2, 1, 2] as const;

Deno.test("statistics of bytes are scaled to [0, 1], those of floats are not", () => {
  const images = Uint8Array.of(0, 255, 10, 20, 255, 0, 30, 40);
  const { mean, standardDeviation, source } = computeChannelStatistics({ images, labels, imageShape });
  assertClose(mean, [0.5, 25 / 255], { rtol: 1e-12, atol: 0 });
  assertClose(standardDeviation, [0.5, Math.sqrt(125) / 255], { rtol: 1e-12, atol: 0 });
  assertEquals(source, "the training images");
  const floats = computeChannelStatistics({ images: Float32Array.from(images), labels, imageShape });
  assertClose(floats.mean, [127.5, 25], { rtol: 1e-12, atol: 0 });
  assertClose(floats.standardDeviation, [127.5, Math.sqrt(125)], { rtol: 1e-12, atol: 0 });
});

Deno.test("a channel that never changes has the deviation 1, so that it can be divided by", () => {
  const images = new Uint8Array(8).fill(51);
  const { mean, standardDeviation } = computeChannelStatistics({ images, labels, imageShape });
  assertClose(mean, [0.2, 0.2], { rtol: 1e-12, atol: 0 });
  assertEquals(standardDeviation, [1, 1]);
});

Deno.test("statistics of no image are refused", () => {
  const none = { images: new Uint8Array(), labels: new Int32Array(), imageShape };
  assertThrows(() => computeChannelStatistics(none), RangeError, "there are no images");
});

/** 3000 images that are read on demand; image i has the value i mod 200. */
function readOnDemand(isMissing: boolean): ImageSource {
  const taken = (batchSize: number, indices: Int32Array) => ({
    pixels: Uint8Array.from({ length: 4 * batchSize }, (_, i) => indices[Math.floor(i / 4)]! % 200),
    missing: new Set(isMissing ? indices.keys() : []),
  });
  return {
    images: {
      open: ({ batchSize, indicesOf }) => ({
        take: (step) => taken(batchSize, indicesOf(step)!),
        close() {},
      }),
    },
    labels: new Int32Array(3000),
    imageShape,
  };
}

Deno.test("statistics of images that are not in memory come from 1000 of them, spread evenly", async () => {
  const { mean, source } = await measureChannelStatistics(readOnDemand(false));
  const sample = Array.from({ length: 1000 }, (_, i) => (3 * i) % 200 / 255);
  const expected = sample.reduce((sum, value) => sum + value) / 1000;
  assertClose(mean, [expected, expected], { rtol: 1e-12, atol: 0 });
  assertEquals(source, "some of the training images");
  await assertRejects(() => measureChannelStatistics(readOnDemand(true)), RangeError, "there are no images");
});
