/**
 * `deno run -A bench/decoding.ts DATA_DIR [IMAGE_SIZE]`: decodes the training images of a folder in 1, 2, … workers, and
 * streams batches of them; says images per second and memory.
 * @module
 */
import { DecodePool, findDataset, streamFiles } from "../data/files/mod.ts";

const [directory = "", size = "256"] = Deno.args;
if (directory === "") throw new RangeError("Cannot decode images as their folder must be given: it is not");
const imageSize = Number(size);
const opened = await findDataset("folder").load({ dataDirectory: directory, memoryLimit: 0, imageSize });
const { names = [], imageShape } = opened.train;
const [, height, width] = imageShape;
console.log(
  `${names.length} images at ${height}×${width}, ${navigator.hardwareConcurrency} processors`,
);

const megabytes = () => (Deno.memoryUsage().rss / 1e6).toFixed(0);

/** Streams batches of 100 in order. */
async function stream(workers: number, steps: number): Promise<void> {
  const batchSize = 100, decoder = new DecodePool(workers);
  const indicesOf = (step: number) =>
    Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % names.length);
  const { images } = streamFiles({ directory, names, imageShape }, { decoder });
  const batches = images.open({ batchSize, indicesOf });
  await batches.take(0);
  await batches.take(2); // Workers have started, and decoded what is ahead.
  const start = performance.now();
  let most = 0;
  for (let step = 3; step < 3 + steps; step++) {
    await batches.take(step);
    most = Math.max(most, Deno.memoryUsage().rss);
  }
  const rate = steps * batchSize / (performance.now() - start) * 1000;
  console.log(
    `${workers} ${workers === 1 ? "worker" : "workers"}: ${rate.toFixed(0)} images/s, ${
      (rate / workers).toFixed(0)
    } each; process at most ${(most / 1e6).toFixed(0)} MB`,
  );
  decoder.close();
}

console.log(`process before: ${megabytes()} MB`);
for (let workers = 1; workers <= navigator.hardwareConcurrency; workers *= 2) await stream(workers, 20);
