/** Features of images before a model's heads. */
import { extractFeatures, type IndexedPixels, Model } from "../../nn/mod.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { randomWords } from "../kernels/reference.ts";
import { madeUpModel } from "./made_up_model.ts";

gpuTest("features of images are the input of the heads, batch by batch", async (device) => {
  const contents = madeUpModel("convnet_small", { imageShape: [3, 8, 8], temperature: 2 });
  using model = await Model.create(contents, { device, batchSize: 4 });
  const next = randomWords(3), pixels = Uint8Array.from({ length: 7 * 192 }, () => next() % 256);
  // As the sources of images do, one buffer serves all batches.
  const buffer = new Uint8Array(4 * 192);
  async function* read(): AsyncGenerator<IndexedPixels> {
    for (const [start, indices] of [[0, [9, 3, 5, 0]], [4, [8, 1, 2]]] as const) {
      const part = buffer.subarray(0, indices.length * 192);
      part.set(pixels.subarray(start * 192, (start + indices.length) * 192));
      yield await Promise.resolve({ indices, pixels: part, aspects: indices.map(() => 1) });
    }
  }
  const { values, shape, indices, predictions } = await extractFeatures(model, read());
  assertEquals([...indices], [9, 3, 5, 0, 8, 1, 2]);
  assertEquals(shape, [7, 64]);
  const want = await model.predictPlanes(pixels, undefined, { features: true });
  want.forEach(({ features, ...prediction }, n) => {
    assertClose(values.subarray(64 * n, 64 * (n + 1)), features ?? [], { rtol: 0, atol: 0 });
    assertEquals(predictions[n], prediction);
  });
  // The first head maps the features to the logits.
  const [weight, bias] = ["heads.0.weight", "heads.0.bias"].map((name) =>
    contents.weights.get(name)?.data ?? []
  );
  const row = values.subarray(64, 128);
  const logits = [0, 1, 2].map((c) =>
    row.reduce((sum, value, f) => sum + value * (weight?.[64 * c + f] ?? NaN), bias?.[c] ?? NaN)
  );
  assertClose(predictions[1]?.logits ?? [], logits, { rtol: 1e-4, atol: 1e-4 });
});

gpuTest("features of no images have no rows, and images without an index are refused", async (device) => {
  using model = await Model.create(madeUpModel("convnet_small", { imageShape: [1, 8, 8] }), { device });
  assertEquals((await extractFeatures(model, [])).shape, [0, 0]);
  await assertRejects(
    () => extractFeatures(model, [{ indices: [0], pixels: new Uint8Array(96) }]),
    RangeError,
    "each image must have an index, but there are 1 indices and 1.5 images",
  );
});
