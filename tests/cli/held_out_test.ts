/** Selection of held-out pictures by their contents or by a list; suggested pictures are never held out. */
import { join } from "node:path";
import { holdOutTestImages } from "../../cli/plan/held_out.ts";
import { examineFolder, type UserFolder } from "../../data/files/mod.ts";
import { CORRECTED, SUGGESTED } from "../../data/internal.ts";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded } from "./command.ts";
import { callOn } from "./in_process.ts";

const text = (content: string) => new TextEncoder().encode(content);
/** Bytes that begin and end like a JPEG file. */
const jpeg = (i: number) => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, i, i >> 8, 0xff, 0xd9);
/** Files differ only in their names here; none is decoded. */
function pictures(count: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`p/${i}.jpg`, jpeg(i)]),
  );
}
const list = (from: number, to: number, nameOf = (i: number) => `${i}.jpg`) =>
  Array.from({ length: to - from }, (_, i) => `${nameOf(from + i)} ${"ab"[(from + i) % 2]}\n`).join("");

async function held(
  files: Record<string, Uint8Array>,
  lists: readonly string[],
  holdOut: string | false | null = null,
): Promise<UserFolder> {
  const found: UserFolder[] = [];
  await withFiles(files, async (directory) => {
    const folder = await examineFolder(join(directory, "p"), {
      labels: lists.map((name) => join(directory, name)),
    });
    found.push(
      await holdOutTestImages(folder, typeof holdOut === "string" ? join(directory, holdOut) : holdOut, 1),
    );
  });
  assert(found[0]);
  return found[0];
}
const namesOf = ({ test }: UserFolder) => [...test?.names ?? []];

Deno.test("hold out: suggested images are used for training, and nothing else changes", async () => {
  const files = { ...pictures(400), "a.txt": text(list(0, 200)) };
  const before = namesOf(await held(files, ["a.txt"]));
  assert(before.length > 25 && before.length < 55, `${before.length}`);
  const more = list(200, 400);
  const grown = namesOf(await held({ ...files, "b.txt": text(more) }, ["a.txt", "b.txt"]));
  assert(grown.length > before.length + 25);
  for (
    const marked of [
      `${SUGGESTED}\n${more}`,
      `\ufeff${SUGGESTED}\r\n${more.replaceAll("\n", "\r\n")}`,
      `${SUGGESTED},\nfile,label\n${more.replaceAll(" ", ",")}`,
    ]
  ) {
    const suggested = await held({ ...files, "b.txt": text(marked) }, ["a.txt", "b.txt"]);
    assertEquals(namesOf(suggested), before);
    assertEquals(suggested.train.labels.filter((label) => label >= 0).length, 400 - before.length);
    assert(!suggested.notes.some((note) => note.includes("suggested")), suggested.notes.join());
  }
  // One file of both, as `cat` makes it; and any order of lists.
  const both = { ...files, "c.txt": text(`${list(0, 200)}${SUGGESTED}\n${more}`) };
  assertEquals(namesOf(await held(both, ["c.txt"])), before);
  const other = { ...files, "b.txt": text(`${SUGGESTED}\n${more}`) };
  assertEquals(namesOf(await held(other, ["b.txt", "a.txt"])), before);
  assertEquals(parseLabelList(`${SUGGESTED}\n1.jpg a\n`), new Map([["1.jpg", "a"]]));
});

Deno.test("corrections replace labels of folders' lists in any order; without a class they remove the label", async () => {
  const files = { ...pictures(30), "a.txt": text(list(0, 20)), "held.txt": text("4.jpg\n5.jpg\n6.jpg\n") };
  const correction = text(`${CORRECTED}\np/3.jpg a\n4.jpg b\n5.jpg ?\n25.jpg b\n`);
  const table = text(`${CORRECTED},\nfile,label\n3.jpg,a\n4.jpg,b\n5.jpg,\n25.jpg,b\n`);
  for (const [lists, content] of [[["a.txt", "b.txt"], correction], [["b.txt", "a.txt"], table]] as const) {
    const { train, test, notes, classes } = await held({ ...files, "b.txt": content }, lists, "held.txt");
    const labelOf = new Map([...(train.names ?? []).entries()].map(([i, name]) => [name, train.labels[i]]));
    assertEquals([3, 5, 25, 7].map((i) => labelOf.get(`${i}.jpg`)), [0, -1, 1, 1]);
    assertEquals([test?.names, [...test?.labels ?? []]], [["4.jpg", "6.jpg"], [1, 0]]);
    assertEquals(classes, ["a", "b"]);
    assert(!notes.some((note) => note.includes("different classes")), notes.join());
  }
  const later = text(`${CORRECTED}\n3.jpg b\n`);
  const last = await held(
    { ...files, "b.txt": correction, "c.txt": later },
    ["a.txt", "b.txt", "c.txt"],
    false,
  );
  assertEquals(last.train.labels[last.train.names?.indexOf("3.jpg") ?? -1], 1);
});

Deno.test("hold out: a list, of names or in any form of label list, determines the held-out images", async () => {
  const files = { ...pictures(30), "a.txt": text(list(0, 20)), "p/my pic 1.jpg": jpeg(999) };
  for (
    const lines of [
      "3.jpg\n4.jpg\n",
      "p/3.jpg\r\n4.jpg",
      "3.jpg b\n4.jpg a\n",
      "file,label\n3.jpg,b\n4.jpg,a\n",
      '{"file_name": "3.jpg", "label": "a"}\n{"file_name": "4.jpg", "label": "b"}\n',
    ]
  ) {
    const folder = await held({ ...files, "h.txt": text(lines) }, ["a.txt"], "h.txt");
    assertEquals(namesOf(folder), ["3.jpg", "4.jpg"]);
    // The labels are those of the folder, whatever the list says of them.
    assertEquals([...folder.test!.labels], [1, 0]);
    assertEquals(folder.train.names!.length, 29);
  }
  const spaced = {
    ...files,
    "a.txt": text(`${list(0, 9)}my pic 1.jpg\ta\n`),
    "h.txt": text("my pic 1.jpg\n2.jpg\n"),
  };
  assertEquals(namesOf(await held(spaced, ["a.txt"], "h.txt")), ["2.jpg", "my pic 1.jpg"]);
  assertEquals((await held(files, ["a.txt"], false)).test, null);
});

Deno.test("hold out: a list of images that cannot be held out is refused, with the reason", async () => {
  const files = { ...pictures(30), "a.txt": text(list(0, 20)) };
  const cases: readonly (readonly [lines: string, message: RegExp])[] = [
    ["3.jpg\n99.jpg\n", /h\.txt: each line must name one training picture, but 99\.jpg does not$/],
    ["3.jpg\n25.jpg\n", /held-out pictures need labels, but 25\.jpg has none\. If the list has classes/],
    ["", /h\.txt/],
  ];
  for (const [lines, message] of cases) {
    const error = await assertRejects(
      () => held({ ...files, "h.txt": text(lines) }, ["a.txt"], "h.txt"),
      Error,
    );
    assertMatch(error.message, message);
  }
  await assertRejects(
    () => held(files, ["a.txt"], "none.txt"),
    RangeError,
    "none.txt: no such file or folder",
  );
  await withFiles({
    "p/train/a/1.jpg": jpeg(1),
    "p/train/b/1.jpg": jpeg(2),
    "p/val/a/2.jpg": jpeg(3),
    "h.txt": text("1.jpg"),
  }, async (directory) => {
    const folder = await examineFolder(join(directory, "p"));
    await assertRejects(
      () => holdOutTestImages(folder, join(directory, "h.txt"), 1),
      RangeError,
      "the folder already has a test set, val/",
    );
  });
});

gpuTest(
  "hold out: a list decides over folders of sets without classes, as rounds of labelling need it",
  async (device) => {
    const call = callOn(device);
    const pictures = Array.from({ length: 22 }, (_, i) => `${i < 20 ? "train" : "test"}/${i}.png`);
    const labels = (paths: readonly string[]) => paths.map((path, i) => `${path} ${"ab"[i % 2]}\n`).join("");
    const files = {
      ...Object.fromEntries(pictures.map((path, i) => [`p/${path}`, png(8, 8, () => 9 * i)])),
      "labels.txt": text(`${SUGGESTED}\n${labels(pictures.slice(0, 10))}`),
      "test.txt": text(labels(pictures.slice(17))),
    };
    await withFiles(files, async (directory) => {
      const at = (name: string) => join(directory, name);
      const args = [at("p"), `--labels=${at("labels.txt")},${at("test.txt")}`];
      const divided = await call("train", ...args, "--show");
      assertMatch(divided.stderr, /test images +the 2 images of test$/m);
      const ended = await call(
        "train",
        ...args,
        `--hold-out=${at("test.txt")}`,
        "--steps=2",
        `--output=${at("a")}`,
      );
      assertEnded(ended, 0);
      assertMatch(ended.stdout, /test images +5 labelled images held out of training/);
      const evaluated = await call("evaluate", at("a"));
      assertEnded(evaluated, 0);
      assertStringIncludes(evaluated.stdout, "5 test images of p");
    });
  },
);
