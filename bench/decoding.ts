/**
 * `deno run -A bench/decoding.ts DATA_DIR [IMAGE_SIZE]`: streams batches of a folder's training images,
 * decoded by 1, 2, 4, … workers, and prints images per second and memory.
 * @module
 */
import { DecodePool, findDataset, streamFiles } from "../data/files/mod.ts";

const [directory = "", size = "256"] = Deno.args;
if (directory === "") {
  throw new RangeError("DATA_DIR is missing: run deno run -A bench/decoding.ts DATA_DIR [IMAGE_SIZE]");
}
const imageSize = Number(size);
const opened = await findDataset("folder").load({ dataDirectory: directory, memoryLimit: 0, imageSize });
const { names = [], imageShape } = opened.train;
const [, height, width] = imageShape;
console.log(
  `${names.length} images at ${height}×${width}, ${navigator.hardwareConcurrency} processors`,
);

const formatMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Streams batches of 100 images in order and prints speed and memory. */
async function measureStream(workers: number, steps: number): Promise<void> {
  const batchSize = 100, decoder = new DecodePool(workers);
  const indicesOf = (step: number) =>
    Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % names.length);
  const { images } = streamFiles({ directory, names, imageShape }, { decoder });
  const batches = images.open({ batchSize, indicesOf });
  await batches.take(0);
  await batches.take(2); // by now the workers have started and decoded ahead
  const start = performance.now();
  let peak = 0;
  for (let step = 3; step < 3 + steps; step++) {
    await batches.take(step);
    peak = Math.max(peak, Deno.memoryUsage().rss);
  }
  const rate = steps * batchSize / (performance.now() - start) * 1000;
  console.log(
    `${workers} ${workers === 1 ? "worker" : "workers"}: ${rate.toFixed(0)} images/s, ${
      (rate / workers).toFixed(0)
    } per worker; peak memory ${formatMegabytes(peak)}`,
  );
  decoder.close();
}

console.log(`memory before: ${formatMegabytes(Deno.memoryUsage().rss)}`);
for (let workers = 1; workers <= navigator.hardwareConcurrency; workers *= 2) {
  await measureStream(workers, 20);
}
