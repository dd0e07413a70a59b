/** Pictures that are there twice, and files that are no pictures: what is found while a folder is read. */
import { join } from "node:path";
import sharp from "npm:sharp@0.35.5";
import { examineFolder, holdOut, type UserFolder } from "../../data/files/mod.ts";
import { inspectFiles } from "../../data/files/inspect/inspect_files.ts";
import { assert, assertEquals } from "../assert.ts";
import { picture } from "./as_people_have_them/case.ts";
import { withFiles } from "./fixtures.ts";

async function examined(files: Record<string, Uint8Array>): Promise<UserFolder> {
  let found: UserFolder | undefined;
  await withFiles(files, async (directory) => {
    found = await examineFolder(directory);
  });
  assert(found);
  return found;
}

const labelsIn = ({ train: { names = [], labels } }: UserFolder) =>
  Object.fromEntries(names.map((name, i) => [name, labels[i]]));

Deno.test("copies: one that is tested on is not trained with, whatever its class there, and a warning says so", async () => {
  const found = await examined({
    "train/cat/1.png": picture(1),
    "train/cat/2.png": picture(2),
    "train/dog/1.png": picture(3),
    "train/dog/2.png": picture(4),
    "unlabeled/1.png": picture(5),
    "val/cat/9.png": picture(2),
    "val/dog/9.png": picture(5),
  });
  assertEquals(labelsIn(found), { "train/cat/1.png": 0, "train/dog/1.png": 1, "train/dog/2.png": 1 });
  assertEquals([...found.test?.names ?? []], ["val/cat/9.png", "val/dog/9.png"]);
  assertEquals(found.notes, [
    "WARNING: 2 pictures are both in val/ and in the training set (compared byte by byte). The test error would be too low, so these " +
    "copies are not used for training: val/cat/9.png = train/cat/2.png, val/dog/9.png = unlabeled/1.png",
  ]);
});

Deno.test("copies: one in several classes has no label, and is not tested on; others are counted", async () => {
  const found = await examined({
    "train/cat/1.png": picture(1),
    "train/cat/2.png": picture(2),
    "train/cat/2 (copy).png": picture(2),
    "train/dog/1.png": picture(1),
    "train/dog/3.png": picture(3),
    "unlabeled/1.png": picture(1),
    "unlabeled/3.png": picture(3),
    "val/cat/7.png": picture(7),
    "val/dog/7.png": picture(7),
    "val/dog/8.png": picture(8),
  });
  assertEquals(labelsIn(found), {
    "train/cat/1.png": -1,
    "train/cat/2 (copy).png": 0,
    "train/cat/2.png": 0,
    "train/dog/1.png": -1,
    "train/dog/3.png": 1,
    "unlabeled/1.png": -1,
    "unlabeled/3.png": -1,
  });
  assertEquals(found.test?.names, ["val/dog/8.png"]);
  assertEquals(found.notes, [
    "1 picture is in several classes of val/ (compared byte by byte) and not used for testing: val/cat/7.png = val/dog/7.png",
    "1 picture is in several classes (compared byte by byte) and left unlabelled: train/cat/1.png = train/dog/1.png = unlabeled/1.png",
    "2 pictures are copies of others (compared byte by byte): train/cat/2 (copy).png = train/cat/2.png, train/dog/3.png = unlabeled/3.png",
  ]);
});

Deno.test("copies: copies of held-out pictures are not used for training", async () => {
  const found = await examined({
    "cat/1.png": picture(1),
    "cat/2.png": picture(2),
    "dog/3.png": picture(3),
    "unlabeled/1.png": picture(1),
    "unlabeled/4.png": picture(4),
  });
  const { train, test, notes } = holdOut(found, Int32Array.of(0));
  assertEquals([train.names, test?.names], [["cat/2.png", "dog/3.png", "unlabeled/4.png"], ["cat/1.png"]]);
  assertEquals(notes.at(-1), "1 copy of held-out pictures is not used for training");
  assertEquals(holdOut(found, Int32Array.of(1)).train.names?.length, 4);
});

Deno.test("copies: files of equal sizes, beginnings and ends that differ between are no copies", async () => {
  const large = new Uint8Array(300_000).map((_, i) => i % 251);
  large.set(picture(1));
  large.set(picture(1).subarray(-12), large.length - 12);
  const other = large.slice();
  other[150_001] = 255;
  const found = await examined({
    "cat/1.png": large,
    "cat/2.png": large,
    "dog/1.png": other,
    "dog/2.png": picture(2),
  });
  assertEquals(found.notes, [
    "1 picture is a copy of another (compared byte by byte): cat/1.png = cat/2.png",
  ]);
});

Deno.test("inspection: workers find what is found without them, in any order of parts", async () => {
  const files: Record<string, Uint8Array> = {};
  const all = Array.from({ length: 30 }, (_, i) => i % 10 === 9 ? new Uint8Array() : picture(i % 7));
  for (const [i, bytes] of all.entries()) files[`${i}.png`] = bytes;
  await withFiles(files, async (directory) => {
    const few = Array.from(all, (_, i) => `${i}.png`);
    // Many names of the same files: workers look at so many.
    const many = Array.from({ length: 9000 }, (_, i) => `${i % 30}.png`);
    for (const wantsDigests of [false, true]) {
      const alone = await inspectFiles({ directory, names: few, wantsDigests });
      const shared = await inspectFiles({ directory, names: many, wantsDigests }, { patience: 0 });
      assertEquals(shared.keys, Float64Array.from(many, (_, i) => alone.keys[i % 30] ?? -1));
      assertEquals(shared.contents, Float64Array.from(many, (_, i) => alone.contents[i % 30] ?? -1));
      const digests = wantsDigests ? many.map((_, i) => alone.digests[i % 30] ?? "") : [];
      assertEquals(shared.digests, digests);
      const problems = new Map(alone.problems);
      const expected = many.flatMap((_, i) =>
        problems.has(i % 30) ? [[i, problems.get(i % 30) ?? ""] as const] : []
      );
      assertEquals(shared.problems.toSorted(([a], [b]) => a - b), expected);
    }
  });
});

Deno.test({
  name: "inspection: a pipe that is called like a picture is passed over, and nothing waits for it",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles({ "cat/1.png": picture(1), "dog/1.png": picture(2) }, async (directory) => {
      const made = await new Deno.Command("mkfifo", { args: [join(directory, "cat/x.png")] }).output();
      assert(made.success);
      await Deno.symlink("/dev/zero", join(directory, "dog/zero.png"));
      const { notes, train } = await examineFolder(directory);
      assertEquals(train.names, ["cat/1.png", "dog/1.png"]);
      assertEquals(notes, [
        "cat/x.png is skipped: it is a pipe or a device",
        "dog/zero.png is skipped: it is a pipe or a device",
      ]);
    }),
});

/** A picture with something to see: waves of its own directions and colours. */
async function waves(number: number, side = 96): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => {
    const x = Math.floor(i / 3) % side / side, y = Math.floor(i / 3 / side) / side, c = i % 3;
    return 128 + 60 * Math.sin(x * (3 + number % 5) * 2 + number + c) +
      60 * Math.cos(y * (2 + number % 7) * 2 - number);
  });
  return await sharp(data, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
}

Deno.test("copies: asked for by their looks, those saved again are found, in another format or size too, and no others", async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 40; i++) files[`${i % 2 ? "cat" : "dog"}/${i}.png`] = await waves(i);
  // All alike to the eye of 16×16 pixels but for their colour, or without anything to see.
  const tinted = await waves(1);
  files["cat/green.png"] = await sharp(tinted).recomb([[0.3, 0, 0], [0, 1.25, 0], [0, 0, 0.9]]).png()
    .toBuffer();
  for (const [i, value] of [100, 101].entries()) {
    const background = { r: value, g: value, b: value };
    files[`unlabeled/wall ${i}.png`] = await sharp({
      create: { width: 50, height: 50, channels: 3, background },
    })
      .png().toBuffer();
  }
  files["unlabeled/a.jpg"] = await sharp(files["cat/1.png"]).jpeg({ quality: 90 }).toBuffer();
  files["unlabeled/b.jpg"] = await sharp(files["dog/2.png"]).jpeg({ quality: 75 }).toBuffer();
  files["unlabeled/c.webp"] = await sharp(files["cat/3.png"]).webp({ quality: 80 }).toBuffer();
  files["unlabeled/d.png"] = await sharp(files["dog/4.png"]).resize(64).png().toBuffer();
  await withFiles(files, async (directory) => {
    assertEquals((await examineFolder(directory)).notes, []);
    const { notes, copies } = await examineFolder(directory, { copies: "pixels" });
    assertEquals(copies.map((group) => group.join(" = ")), [
      "cat/1.png = unlabeled/a.jpg",
      "cat/3.png = unlabeled/c.webp",
      "dog/2.png = unlabeled/b.jpg",
      "dog/4.png = unlabeled/d.png",
    ]);
    assertEquals(notes.length, 1);
    assert(
      notes[0]?.startsWith("4 pictures are copies of others (compared by their looks): cat/1.png = "),
      notes[0],
    );
  });
});
