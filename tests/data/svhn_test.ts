import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findDataset } from "../../data/files/mod.ts";
import { type ImageSet, NO_LABEL } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { writer } from "./mat5_writer.ts";
import { cifarPixel, inMemory, withEnvironment, withFiles } from "./fixtures.ts";

/** Files that SciPy wrote; see make.py there. */
const folder = fileURLToPath(new URL("./fixtures/svhn/", import.meta.url));
const [svhn, svhnExtra] = [findDataset("svhn"), findDataset("svhn-extra")];
const [TRAIN, TEST, EXTRA] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"] as const;

function isTheFixture({ images, labels, imageShape }: ImageSet, numbers: number[], expected: number[]): void {
  assertEquals(imageShape, [3, 32, 32]);
  assertEquals([...labels], expected);
  assertEquals(images.length, numbers.length * 3072);
  const pixel = (i: number) =>
    cifarPixel(numbers[Math.floor(i / 3072)]!, (i >> 10) % 3, (i >> 5) & 31, i & 31);
  assertEquals(images, images.map((_, i) => pixel(i)));
}

/** The fixture's files, for tests that change one. */
async function fixture(): Promise<Record<string, Uint8Array>> {
  const names = [TRAIN, TEST, EXTRA];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await Deno.readFile(join(folder, name))])),
  );
}

async function refuses(
  files: Record<string, Uint8Array>,
  kind: new (message?: string) => Error,
  ...messages: string[]
): Promise<void> {
  await withFiles(files, async (dataDirectory) => {
    const error = await assertRejects(() => svhn.load({ dataDirectory }), kind);
    for (const message of messages) assertStringIncludes(error.message, message);
    assert(!error.message.includes("\n"), error.message);
  });
}

Deno.test("SVHN: pixels and digits are those that SciPy wrote, [N, 3, 32, 32], class 10 being the digit 0", async () => {
  const { train, test, classes } = await svhn.load({ dataDirectory: folder });
  isTheFixture(inMemory(train), [0, 1, 2], [1, 0, 9]);
  isTheFixture(inMemory(test), [3, 4], [0, 4]);
  assertEquals(classes[0], "0");
});

Deno.test("SVHN: extra images come behind the training images, without labels", async () => {
  const { train, test, name } = await svhnExtra.load({ dataDirectory: folder });
  isTheFixture(inMemory(train), [0, 1, 2, 5], [1, 0, 9, NO_LABEL]);
  isTheFixture(inMemory(test), [3, 4], [0, 4]);
  assertEquals(name, "svhn-extra");
});

Deno.test("SVHN: files are found in a folder of its name, and in the cache, which both datasets share", async () => {
  await withFiles({}, async (root) => {
    const cache = join(root, "mean-teacher", "svhn");
    await Deno.mkdir(cache, { recursive: true });
    for (const [name, bytes] of Object.entries(await fixture())) {
      await Deno.writeFile(join(cache, name), bytes);
    }
    await withEnvironment("XDG_CACHE_HOME", root, async () => {
      // The cache is elsewhere on other systems.
      if (Deno.build.os === "linux") assertEquals((await svhnExtra.load()).train.labels.length, 4);
      assertEquals((await svhn.load({ dataDirectory: join(root, "mean-teacher") })).train.labels.length, 3);
    });
  });
});

Deno.test("SVHN: a folder without its files is refused, saying how to get them", async () => {
  const { [TEST]: _, ...others } = await fixture();
  await refuses(
    others,
    Deno.errors.NotFound,
    "contains extra_32x32.mat, train_32x32.mat",
    "ufldl.stanford.edu",
  );
  await withFiles(await fixture(), async (dataDirectory) => {
    await Deno.remove(join(dataDirectory, EXTRA));
    await svhn.load({ dataDirectory });
    await assertRejects(() => svhnExtra.load({ dataDirectory }), Deno.errors.NotFound, EXTRA);
  });
});

Deno.test("SVHN: damaged files are refused by name", async () => {
  const files = await fixture();
  const train = files[TRAIN]!, test = files[TEST]!;
  await refuses({ ...files, [TRAIN]: train.subarray(0, 900) }, SyntaxError, TRAIN, "is truncated");
  await refuses({ ...files, [TRAIN]: train.with(600, train[600]! ^ 1) }, SyntaxError, TRAIN, "is damaged");
  await refuses(
    { ...files, [TRAIN]: new TextEncoder().encode("<html>") },
    SyntaxError,
    TRAIN,
    "is truncated",
  );
  // The array y takes the last 72 bytes of this plain file, its two float64 values the last 16: 10 is 0x4024….
  const end = test.length;
  await refuses(
    { ...files, [TEST]: test.subarray(0, end - 72) },
    SyntaxError,
    TEST,
    "y is missing. It contains X",
  );
  await refuses(
    { ...files, [TEST]: test.subarray(0, 128) },
    SyntaxError,
    TEST,
    "X is missing. It contains nothing",
  );
  await refuses({ ...files, [TEST]: test.with(end - 10, 0x26) }, RangeError, TEST, "label 0 is 11");
  await refuses({ ...files, [TEST]: test.with(end - 10, 0x25) }, RangeError, TEST, "label 0 is 10.5");
  await refuses({ ...files, [TEST]: test.fill(0, end - 16, end - 8) }, RangeError, TEST, "label 0 is 0");
});

Deno.test("SVHN: a file whose arrays are of other sizes or kinds is refused", async () => {
  const files = await fixture();
  const { array, element, float64, file } = writer(true);
  const images = (shape: readonly number[], type = 2) =>
    array("X", shape, element(type, new Uint8Array(6144)));
  const digits = (...values: number[]) => array("y", [values.length, 1], element(9, float64(...values)));
  const cases: [Uint8Array, string][] = [
    [
      file(images([16, 64, 3, 2]), digits(1, 2)),
      "X must be 32×32×3×N of uint8, but it is 16×64×3×2 of uint8",
    ],
    [file(images([32, 32, 3, 2], 1), digits(1, 2)), "it is 32×32×3×2 of int8"],
    [file(images([32, 32, 6]), digits(1)), "it is 32×32×6 of uint8"],
    [file(array("X", [32, 32, 3, 0], element(2, new Uint8Array())), digits()), "it is 32×32×3×0 of uint8"],
    [file(images([32, 32, 3, 2]), digits(1)), "there are 2 images, but 1 labels"],
  ];
  for (const [bytes, message] of cases) {
    await refuses({ ...files, [TRAIN]: bytes }, SyntaxError, TRAIN, message);
  }
});
