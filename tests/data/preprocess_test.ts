import { join } from "node:path";
import {
  applyZca,
  type Dataset,
  fitZca,
  globalContrastNormalization,
  perImageNormalization,
} from "../../data/mod.ts";
import { preprocess } from "../../data/files/mod.ts";
import { cachedZca } from "../../data/files/zca_cache.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import type { Device } from "../../kernels/mod.ts";
import { gpuTest } from "../kernels/device.ts";
import { withEnvironment, withFiles } from "./fixtures.ts";

const SHAPE = [3, 2, 2] as const;

/** A dataset of small images. */
function dataset(first = 7): Dataset<Uint8Array> {
  const images = (count: number, start: number) =>
    Uint8Array.from({ length: count * 12 }, (_, i) => (start + i * i * 31 + i * 7) % 251);
  return {
    name: "made up",
    classes: ["cat", "dog"],
    channelStatistics: { mean: [0.5, 0.5, 0.5], standardDeviation: [0.2, 0.2, 0.2], source: "made up" },
    train: {
      images: images(30, first),
      labels: Int32Array.from({ length: 30 }, (_, i) => i % 3 - 1),
      imageShape: SHAPE,
    },
    test: { images: images(5, 99), labels: Int32Array.of(0, 1, 0, 1, 0), imageShape: SHAPE },
  };
}

/** Computes the expected result for a dataset. */
async function whitened({ train, test }: Dataset<Uint8Array>, device: Device): Promise<Float32Array[]> {
  const contrast = globalContrastNormalization(train.images, 12);
  const zca = await fitZca(contrast, 12, { device });
  return [
    await applyZca(zca, contrast, { device }),
    await applyZca(zca, globalContrastNormalization(test.images, 12), { device }),
  ];
}

/** Runs preprocess with a cache. @returns the images of both sets and all messages. */
async function run(
  data: Dataset<Uint8Array>,
  cacheDirectory: string,
  device: Device,
): Promise<{ images: Float32Array[]; messages: string[] }> {
  const messages: string[] = [];
  const onMessage = (message: string) => messages.push(message);
  const { train, test } = await preprocess(data, "gcn-zca", { device, cacheDirectory, onMessage });
  return { images: [train.images, test.images], messages };
}

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

gpuTest(
  "preprocess: every image gets mean 0 and deviation 1, labels stay, the statistics are of floats",
  async (device) => {
    const data = dataset();
    const { train, test, channelStatistics, ...rest } = await preprocess(data, "per-image", { device });
    assertEquals(train, { ...data.train, images: perImageNormalization(data.train.images, 12) });
    assertEquals(test, { ...data.test, images: perImageNormalization(data.test.images, 12) });
    assertEquals(channelStatistics.mean, [0, 0, 0]);
    assertEquals(channelStatistics.standardDeviation, [1, 1, 1]);
    assertEquals(rest, { name: "made up", classes: ["cat", "dog"] });
  },
);

gpuTest("preprocess: test images are whitened as the training images demand", async (device) => {
  const data = dataset();
  const { train, test, channelStatistics } = await preprocess(data, "gcn-zca", {
    device,
    cacheDirectory: null,
  });
  assertEquals([train.images, test.images], await whitened(data, device));
  assertEquals(train.labels, data.train.labels);
  assertEquals(channelStatistics.standardDeviation, [1, 1, 1]);
});

gpuTest(
  "preprocess: a whitening is kept, one for each set of training images, and used again",
  async (device) => {
    await withFiles({}, async (root) => {
      const cache = join(root, "new", "cache");
      const expected = await whitened(dataset(), device);
      assertEquals(await run(dataset(), cache, device), { images: expected, messages: [] });
      const [name] = namesIn(cache);
      assertMatch(name!, /^zca-[0-9a-f]{32}\.bin$/);
      const written = (await Deno.stat(join(cache, name!))).mtime;
      assertEquals(await run(dataset(), cache, device), { images: expected, messages: [] });
      assertEquals((await Deno.stat(join(cache, name!))).mtime, written);
      assertEquals(await run(dataset(8), cache, device), {
        images: await whitened(dataset(8), device),
        messages: [],
      });
      assertEquals(namesIn(cache).length, 2);
    });
  },
);

Deno.test("preprocess: a cached whitening is used, not computed again", async () => {
  await withFiles({}, async (directory) => {
    const transform = { mean: Float32Array.of(0.1, -2e-30), matrix: Float32Array.of(1, 0.5, 0.5, 3e38) };
    const fitted: string[] = [];
    const ask = (parameter: string) => {
      const key = { images: Uint8Array.of(1, 2), parameters: { parameter } };
      return cachedZca(key, { directory, onMessage: (message) => fitted.push(message) }, () => {
        fitted.push(parameter);
        return Promise.resolve(transform);
      });
    };
    for (const parameter of ["a", "a", "b", "b", "a"]) assertEquals(await ask(parameter), transform);
    assertEquals(fitted, ["a", "b"]);
  });
});

gpuTest("preprocess: a whitening of other images under the name of these is not used", async (device) => {
  await withFiles({}, async (cache) => {
    await run(dataset(8), cache, device);
    const [other] = namesIn(cache);
    await run(dataset(), cache, device);
    const own = namesIn(cache).find((name) => name !== other)!;
    await Deno.copyFile(join(cache, other!), join(cache, own));
    const { images, messages } = await run(dataset(), cache, device);
    assertEquals(images, await whitened(dataset(), device));
    assertEquals(messages.length, 1);
    assert(messages[0]!.includes(own) && messages[0]!.includes("it belongs to other images"), messages[0]);
  });
});

gpuTest(
  "preprocess: a damaged file, wherever it is damaged, is reported and replaced",
  async (device) => {
    await withFiles({}, async (cache) => {
      const expected = await whitened(dataset(), device);
      await run(dataset(), cache, device);
      const path = join(cache, namesIn(cache)[0]!);
      const whole = await Deno.readFile(path);
      const middle = whole.length >> 1;
      const damaged = [
        new Uint8Array(),
        whole.subarray(0, 20),
        whole.subarray(0, whole.length - 1),
        Uint8Array.of(...whole, 0),
        whole.with(3, whole[3]! ^ 1),
        whole.with(middle, whole[middle]! ^ 128),
        whole.with(whole.length - 1, whole.at(-1)! ^ 1),
      ];
      for (const bytes of damaged) {
        await Deno.writeFile(path, bytes);
        const { images, messages } = await run(dataset(), cache, device);
        assertEquals(images, expected);
        assertEquals(messages, [
          `Cannot use ${path}: the file is damaged (its checksum does not match its contents). ` +
          "The whitening is computed again.",
        ]);
        assertEquals(await Deno.readFile(path), whole);
      }
    });
  },
);

gpuTest(
  "preprocess: if the cache cannot be written, it is reported and the images are whitened",
  async (device) => {
    await withFiles({ file: new Uint8Array(1) }, async (directory) => {
      const { images, messages } = await run(dataset(), join(directory, "file", "cache"), device);
      assertEquals(images, await whitened(dataset(), device));
      assertEquals(messages.length, 2);
      assert(
        messages[1]!.startsWith(`Cannot create folder ${join(directory, "file", "cache")}`),
        messages[1],
      );
      assertEquals(namesIn(directory), ["file"]);
    });
  },
);

if (Deno.build.os === "linux") {
  gpuTest("preprocess: by default whitenings are kept in the user's cache folder", async (device) => {
    await withFiles({}, (root) =>
      withEnvironment("XDG_CACHE_HOME", root, async () => {
        await preprocess(dataset(), "gcn-zca", { device });
        assertEquals(namesIn(join(root, "mean-teacher", "whitening")).length, 1);
      }));
  });
}

gpuTest("preprocess: a signal stops it, and nothing is kept", async (device) => {
  await withFiles({}, async (cacheDirectory) => {
    const reason = new Error("enough");
    let found: unknown;
    try {
      await preprocess(dataset(), "gcn-zca", { device, cacheDirectory, signal: AbortSignal.abort(reason) });
    } catch (error) {
      found = error;
    }
    assertEquals(found, reason);
    assertEquals(namesIn(cacheDirectory), []);
  });
});
