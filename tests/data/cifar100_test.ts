import { createHash } from "node:crypto";
import { join } from "node:path";
import { cifar100Form } from "../../data/files/known/cifar100.ts";
import { readArchive } from "../../data/files/known/cifar_forms.ts";
import { type Dataset, type ImageSet, parseCifar100Binary } from "../../data/mod.ts";
import { findDataset } from "../../data/files/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { cifarPixel, inMemory, tarball, withFiles } from "./fixtures.ts";

const cifar100 = findDataset("cifar100");

/** A file of images with these numbers: image i has the class 7 i % 100 and the superclass 3 i % 20. */
function batch(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((image) => [
    3 * image % 20,
    7 * image % 100,
    ...Array.from({ length: 3072 }, (_, i) => cifarPixel(image, i >> 10, (i >> 5) & 31, i & 31)),
  ]));
}

const FILES = { "train.bin": batch([0, 5, 14]), "test.bin": batch([99, 33]) };

function isTheFixture({ train, test }: Pick<Dataset, "train" | "test">): void {
  const check = ({ images, labels, imageShape }: ImageSet, numbers: number[]) => {
    assertEquals(imageShape, [3, 32, 32]);
    assertEquals([...labels], numbers.map((image) => 7 * image % 100));
    const pixel = (i: number) =>
      cifarPixel(numbers[Math.floor(i / 3072)]!, (i >> 10) % 3, (i >> 5) & 31, i & 31);
    assertEquals(images, Uint8Array.from({ length: numbers.length * 3072 }, (_, i) => pixel(i)));
  };
  check(inMemory(train), [0, 5, 14]);
  check(inMemory(test), [99, 33]);
}

Deno.test("CIFAR-100: loose files, their folder and the archive give the same pixels and fine classes", async () => {
  await withFiles(FILES, async (dataDirectory) => isTheFixture(await cifar100.load({ dataDirectory })));
  await withFiles({}, async (dataDirectory) => {
    const folder = join(dataDirectory, "cifar100", "cifar-100-binary");
    await Deno.mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(FILES)) await Deno.writeFile(join(folder, name), bytes);
    isTheFixture(await cifar100.load({ dataDirectory }));
  });
  const archive = await tarball({ ...FILES, "fine_label_names.txt": new Uint8Array(9) }, "cifar-100-binary");
  await withFiles({ [cifar100Form.archive]: archive }, async (directory) => {
    const digest = createHash("md5").update(archive).digest("hex");
    const path = join(directory, cifar100Form.archive);
    isTheFixture(await readArchive({ ...cifar100Form, checksum: { algorithm: "md5", digest } }, path));
    await assertRejects(
      () => cifar100.load({ dataDirectory: directory }),
      SyntaxError,
      `${cifar100Form.archive}: its md5 checksum must be 03b5dce01913d631647c71ecec9e9cb8`,
    );
  });
});

Deno.test("CIFAR-100: superclasses come beside the classes, of the same images", () => {
  const { fine, coarse } = parseCifar100Binary(FILES["train.bin"], "train.bin");
  assertEquals([...fine.labels], [0, 35, 98]);
  assertEquals([...coarse.labels], [0, 15, 2]);
  assertEquals(coarse.images, fine.images);
});

Deno.test("CIFAR-100: truncated files and labels that are no class are refused by name", async () => {
  const refuses = async (train: Uint8Array, kind: new (message?: string) => Error, message: string) => {
    await withFiles({ ...FILES, "train.bin": train }, async (dataDirectory) => {
      const error = await assertRejects(() => cifar100.load({ dataDirectory }), kind, message);
      assertStringIncludes(error.message, "train.bin");
    });
  };
  const train = FILES["train.bin"];
  await refuses(
    train.subarray(1),
    SyntaxError,
    "a multiple of 3074 bytes (one record per image), but it has 9221",
  );
  await refuses(
    train.with(3075, 100),
    RangeError,
    "labels must be integers from 0 to 99, but label 1 is 100",
  );
  await refuses(train.with(3074, 20), RangeError, "labels must be integers from 0 to 19, but label 1 is 20");
  assertThrows(() => parseCifar100Binary(new Uint8Array(), "some-file"), SyntaxError, "some-file");
});

Deno.test("CIFAR-100: a folder without its files is refused, saying how to get them", async () => {
  await withFiles({ "train.bin": FILES["train.bin"] }, async (dataDirectory) => {
    const load = () => cifar100.load({ dataDirectory });
    await assertRejects(load, Deno.errors.NotFound, "cifar-100-binary.tar.gz");
  });
});
