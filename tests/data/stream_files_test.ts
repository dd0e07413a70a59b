/** Batches decoded ahead: in order, never too many, the same whatever was taken before. */
import { type Decoder, type DecodeTarget, type ImageFiles, streamFiles } from "../../data/files/mod.ts";
import { type BatchPlan, type DamagedFile, feedOf } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

/** 12 images of 3×1×1 pixels; image i is decoded to the bytes i, i + 100, i + 200. */
const setOf = (damaged: DamagedFile[] = []): ImageFiles => ({
  directory: "/data",
  names: Array.from({ length: 12 }, (_, i) => `${i}.png`),
  labels: Int32Array.from({ length: 12 }, (_, i) => i % 3 - 1),
  imageShape: [3, 1, 1],
  damaged,
});

/** Batches of such images as Programs are fed with them. */
function streamOf(
  files: ImageFiles,
  { decoder, batches = 3, ...plan }: BatchPlan & { decoder: Decoder; batches?: number },
) {
  const feed = feedOf(streamFiles(files, { decoder, batches }), plan.batchSize, { largestBinding: 2 ** 20 });
  const fed = feed.batches(plan.indicesOf);
  return {
    async take(step: number) {
      const { pixels, aspects, labels, indices } = await fed.take(step);
      return { pixels: pixels!, aspects: aspects!, labels: labels!, indices };
    },
    close: () => fed.close(),
  };
}

/** A decoder that waits until it is released, and records the requests. */
class HeldDecoder implements Decoder {
  readonly asked: string[][] = [];
  readonly buffers = new Set<SharedArrayBuffer>();
  isClosed = false;
  #waiting: (() => void)[] = [];
  #isHeld: boolean;

  constructor(isHeld = true) {
    this.#isHeld = isHeld;
  }

  async decode(paths: readonly string[], target: DecodeTarget | null) {
    this.asked.push([...paths]);
    this.buffers.add(target!.buffer);
    if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return paths.map((path, i) => {
      const image = Number(/(\d+)\.png/.exec(path)![1]);
      if (image === 7) return "it is empty";
      new Uint8Array(target!.buffer, target!.offsets[i]!, 3).set([image, image + 100, image + 200]);
      return [1, image + 1] as const;
    });
  }

  /** Lets the oldest request be answered. */
  release(): void {
    this.#waiting.shift()!();
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Lets everything happen that does not wait for the decoder. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Batches of two: images 2·step and 2·step + 1, to step 5. */
const pairs = (step: number) => step < 6 ? Int32Array.of(2 * step, 2 * step + 1) : undefined;
const bytesIn = (pixels: ArrayBufferView) => [...new Uint8Array(pixels.buffer, pixels.byteOffset, 6)];

Deno.test("files: grey images are decoded to one channel", async () => {
  const decoder = new HeldDecoder(false);
  const targets: (DecodeTarget | null)[] = [];
  const noting: Decoder = {
    decode: (paths, target) => (targets.push(target), decoder.decode(paths, target)),
    close() {},
  };
  const grey = { ...setOf(), imageShape: [1, 1, 3] as const };
  const stream = streamOf(grey, { batchSize: 2, indicesOf: pairs, decoder: noting });
  await stream.take(5);
  assertEquals(targets.map((target) => [target!.canvas, target!.channels, target!.offsets]), [
    [[1, 3], 1, [0, 3]],
  ]);
});

Deno.test("files: at most the batches allowed are in memory or asked for, the one in use included", async () => {
  for (const batches of [1, 2, 3]) {
    const decoder = new HeldDecoder();
    const stream = streamOf(setOf(), { batchSize: 2, indicesOf: pairs, batches, decoder });
    assertEquals(decoder.asked, []);
    for (let step = 0; step < 6; step++) {
      const taking = stream.take(step);
      await settle();
      // While this batch is awaited and used, those up to step + batches − 1 may be asked for.
      const allowed = Math.min(6, step + batches);
      assertEquals(decoder.asked.length, allowed);
      if (step === 0) { for (let i = 0; i < allowed; i++) decoder.release(); }
      else if (step + batches <= 6) decoder.release();
      const { pixels } = await taking;
      const [a, b] = [2 * step, 2 * step + 1];
      const want = [a, a + 100, a + 200, b, b + 100, b + 200];
      if (step !== 3) assertEquals(bytesIn(pixels), want);
    }
    assertEquals(
      decoder.asked,
      [0, 1, 2, 3, 4, 5].map((step) => [2 * step, 2 * step + 1].map((i) => `/data/${i}.png`)),
    );
    assertEquals(decoder.buffers.size, batches);
    assertEquals([...decoder.buffers].map(({ byteLength }) => byteLength), new Array(batches).fill(8));
    stream.close();
    assert(!decoder.isClosed, "whoever gave the decoder closes it");
  }
});

Deno.test("files: a batch is the same in whatever order steps are taken", async () => {
  const stream = streamOf(setOf(), {
    batchSize: 2,
    indicesOf: pairs,
    decoder: new HeldDecoder(false),
  });
  for (const step of [4, 0, 5, 2, 2, 1]) {
    const { pixels, aspects, labels, indices } = await stream.take(step);
    assertEquals(bytesIn(pixels).filter((_, i) => i % 3 === 0), [2 * step, 2 * step + 1]);
    assertEquals([...aspects], [2 * step + 1, 2 * step + 2]);
    assertEquals([...labels], [2 * step, 2 * step + 1].map((i) => i % 3 - 1));
    assertEquals([...indices], [0, 1]);
  }
  await assertRejects(() => stream.take(6), RangeError, "the batch of step 6");
  stream.close();
});

Deno.test("files: a damaged file leaves its place empty, and is noted once", async () => {
  const damaged: DamagedFile[] = [];
  const stream = streamOf(setOf(damaged), {
    batchSize: 2,
    indicesOf: pairs,
    decoder: new HeldDecoder(false),
  });
  for (const step of [3, 0, 3]) {
    const { indices, labels } = await stream.take(step);
    assertEquals([...indices], step === 3 ? [0, -1] : [0, 1]);
    assertEquals(labels[1], step === 3 ? -1 : 0);
  }
  assertEquals(damaged, [{ name: "7.png", reason: "it is empty" }]);
  stream.close();
});

Deno.test("files: places without an image are empty", async () => {
  const indicesOf = () => Int32Array.of(-1, 5);
  const stream = streamOf(setOf(), { batchSize: 2, indicesOf, decoder: new HeldDecoder(false) });
  const { pixels, indices, labels } = await stream.take(0);
  assertEquals([...indices, ...labels], [-1, 1, -1, 1]);
  assertEquals(bytesIn(pixels).slice(3), [5, 105, 205]);
  stream.close();
});

Deno.test("files: where decoding fails altogether, taking a batch does", async () => {
  const decoder: Decoder = { decode: () => Promise.reject(new Error("no decoder")), close() {} };
  const stream = streamOf(setOf(), { batchSize: 2, indicesOf: pairs, decoder });
  await assertRejects(() => stream.take(0), Error, "no decoder");
  await assertRejects(() => stream.take(1), Error, "no decoder");
});

Deno.test("files: only grey and RGB images are decoded", () => {
  assertThrows(
    () => streamFiles({ ...setOf(), imageShape: [2, 1, 1] }),
    RangeError,
    "1 or 3 channels, but 2 are requested",
  );
});
