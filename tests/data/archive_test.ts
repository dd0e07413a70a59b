/** ZIP archives in the place of folders: understood and decoded as what they were made of. */
import { join } from "node:path";
import { hasBytes, readImages } from "../../data/mod.ts";
import { examineFolder, findFiles, openFolder, streamFiles } from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { Archive } from "../../data/files/archive.ts";
import { png, withFiles } from "./fixtures.ts";
import { npyFile, npzFile } from "./npy_writer.ts";
import { type Packed, zipFile } from "./zip_writer.ts";

const picture = (i: number) => png(9, 8, (x, y, c) => (i * 37 + x * 11 + y * 5 + c * 70) % 256);
const text = (contents: string) => new TextEncoder().encode(contents);

type Files = Readonly<Record<string, Uint8Array>>;

function packed(files: Files): Packed[] {
  return Object.entries(files).map(([name, data], i) => ({ name, data, method: i % 2 === 0 ? 0 : 8 }));
}

/** Files in a folder `unpacked`, and in an archive `photos.zip` beside it. */
function bothOf(files: Files): Files {
  const unpacked = Object.entries(files).map(([name, data]) => [`unpacked/${name}`, data]);
  return { ...Object.fromEntries(unpacked), "photos.zip": zipFile(packed(files)) };
}

const photos: Files = {
  "photos/b-c/2.png": picture(1),
  "photos/b/10.png": picture(2),
  "photos/b/9.png": picture(3),
  "photos/b/deeper/1.png": picture(4),
  "photos/notes.txt": text("x"),
  "photos/unlabeled/ü.png": picture(5),
  "__MACOSX/photos/b/._10.png": picture(6),
  "photos/.DS_Store": text("x"),
};

Deno.test("archive: the same files are found in it as in the folder that it was made of, in the same order", async () => {
  await withFiles(bothOf(photos), async (directory) => {
    const unpacked = await findFiles(join(directory, "unpacked"));
    assertEquals(await findFiles(join(directory, "photos.zip")), unpacked);
    assertEquals(unpacked.images.length, 5);
  });
});

Deno.test("archive: it is read, decoded and streamed like the folder", async () => {
  const listed: Files = {
    "1.png": picture(1),
    "2.png": picture(2),
    "3.png": picture(3),
    "labels.csv": text("file,label\n1.png,cat\n2.png,dog\n"),
  };
  for (const files of [photos, listed]) {
    await withFiles(bothOf(files), async (directory) => {
      const opened = [];
      for (const path of ["unpacked", "photos.zip"]) {
        const { directory: _, ...folder } = await examineFolder(join(directory, path));
        const options = { canvas: [8, 9], channels: 3 } as const;
        const whole = await openFolder({ ...folder, directory: join(directory, path) }, options);
        const { names = [] } = folder.train;
        const streamed = streamFiles({ directory: join(directory, path), names, imageShape: [3, 8, 9] });
        assert(hasBytes(whole.train));
        assertEquals((await readImages(streamed)).images, whole.train.images);
        opened.push({ folder, images: whole.train.images, damaged: whole.damaged });
      }
      assertEquals(opened[0], opened[1]);
    });
  }
});

Deno.test("archive: arrays in it are read, alone and in an archive of their own", async () => {
  const images = npyFile([2, 8, 8], Array.from({ length: 128 }, (_, i) => i), "|u1");
  const labels = npyFile([2], [3, 7], "|u1");
  for (
    const files of [{ "images.npy": images, "labels.npy": labels }, { "x.npz": npzFile({ images, labels }) }]
  ) {
    await withFiles({ "set.zip": zipFile(packed(files)) }, async (directory) => {
      const { classes, train } = await examineFolder(join(directory, "set.zip"));
      assertEquals([classes, [...train.labels], "images" in train], [["3", "7"], [0, 1], true]);
    });
  }
});

Deno.test("archive: a folder whose name ends like one is a folder", async () => {
  await withFiles({ "set.zip/a/1.png": picture(1), "set.zip/b/2.png": picture(2) }, async (directory) => {
    const path = join(directory, "set.zip"), folder = await examineFolder(path);
    assertEquals(folder.classes, ["a", "b"]);
    assertEquals((await openFolder(folder, { canvas: [8, 9], channels: 3 })).damaged, []);
  });
});

Deno.test("archive: damaged files are named; encrypted files and impossible sizes are rejected before anything is read", async () => {
  const two = packed({ "a/1.png": picture(1), "b/2.png": picture(2) });
  const damaged = { name: "b/3.png", data: picture(3), method: 8, checksum: 1 };
  await withFiles({ "x.zip": zipFile([...two, damaged]) }, async (directory) => {
    const folder = await examineFolder(join(directory, "x.zip"));
    assertEquals(folder.train.names, ["a/1.png", "b/2.png"]);
    assertEquals(folder.notes, [
      "1 file cannot be read as an image and is left out: b/3.png (its checksum is wrong: the archive is damaged. Download or copy it again)",
    ]);
    // Whoever reads it all the same hears it from the decoder.
    const noted: { name: string; reason: string }[] = [];
    const path = join(directory, "x.zip"), imageShape = [3, 8, 9] as const;
    await readImages(
      streamFiles({ directory: path, names: ["b/2.png", "b/3.png"], imageShape, damaged: noted }),
    );
    assertEquals(noted.map(({ name }) => name), ["b/3.png"]);
    assertStringIncludes(noted[0]?.reason ?? "", "its checksum is wrong");
  });
  let state = 1;
  const noise = new Uint8Array(60_000).map(() => (state = Math.imul(state, 1664525) + 1013904223) >>> 24);
  const bomb = { data: noise, size: 50_000_000, method: 8 };
  const cases: [Packed[], string][] = [
    [[...two, { ...damaged, flags: 1 }], "b/3.png in"],
    [[...two, { ...damaged, method: 12 }], "its compression, bzip2, is not supported"],
    [
      Array.from({ length: 100 }, (_, i) => ({ ...bomb, name: `${i % 2}/${i}.png` })),
      "claim to unpack to 5000000000 bytes, as in archives made to fill disks",
    ],
  ];
  for (const [files, message] of cases) {
    await withFiles({ "x.zip": zipFile(files) }, async (directory) => {
      const error = await assertRejects(() => examineFolder(join(directory, "x.zip")), SyntaxError);
      assertStringIncludes(error.message, message);
    });
  }
});

Deno.test("archive: timers and signals get their turn while many files are read", async () => {
  const data = new Uint8Array(2 ** 16);
  const files = Array.from({ length: 600 }, (_, i) => ({ name: `${i}.png`, data, method: 0 }));
  await withFiles({ "a.zip": zipFile(files) }, async (directory) => {
    using archive = await Archive.open(join(directory, "a.zip"));
    let turns = 0;
    const timer = setInterval(() => turns++);
    const start = performance.now();
    try {
      for (const name of archive.names) await archive.read(name);
    } finally {
      clearInterval(timer);
    }
    const intervals = (performance.now() - start) / 50;
    assert(turns >= Math.floor(intervals / 2), `${turns} turns in ${intervals} intervals`);
  });
});
