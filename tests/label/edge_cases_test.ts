/** Labellings under odd conditions: names, crashes, editors, folders that change, tiny folders. */
import { join } from "node:path";
import { createLabelSite } from "../../cli/label/label_site.ts";
import { openSource } from "../../cli/label/label_source.ts";
import { LabelFile } from "../../cli/label/label_lists.ts";
import { LabelSession } from "../../cli/label/session.ts";
import type { ShownPicture } from "../../cli/label/session_state.ts";
import { isInTestPool } from "../../cli/label/test_pool.ts";
import { startWebServer } from "../../cli/web/web_server.ts";
import { DecodePool, readLabelList } from "../../data/files/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { commandOf, run } from "../cli/command.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";

const picture = (number: number) =>
  png(12, 8, numbered(number, (x, y) => (x + number) % (2 + number % 5) === 0 ? 200 : 3 * y + number));

/** A labelling of pictures with these names. */
interface Place {
  readonly session: LabelSession;
  readonly directory: string;
  /** Gives a picture a label. @returns the conflicts. */
  label(name: string, label: string | null, seen?: string | null): Promise<number[]>;
  /** Number of a picture in addresses. */
  indexOf(name: string): number;
  /** Address of the page. */
  readonly address: string;
}

/** Opens a labelling with its page for a test. */
async function withLabelling(
  names: readonly string[],
  test: (place: Place) => Promise<void>,
  draw: (number: number) => Uint8Array = picture,
): Promise<void> {
  const files = Object.fromEntries(names.map((name, i) => [`photos/${name}`, draw(i)]));
  await withFiles({ "out/keep": new Uint8Array(), ...files }, async (directory) => {
    using decoder = new DecodePool(1);
    const { signal } = new AbortController();
    const source = await openSource(join(directory, "photos"), {
      labels: null,
      unlabelled: true,
      decoder,
      signal,
    });
    const options = { folder: join(directory, "out"), count: 10, seed: 1, training: {}, minutes: null };
    await using session = await LabelSession.open(source, options);
    const { site, channel } = createLabelSite(session, source.shown), server = await startWebServer(site);
    const indexOf = (name: string) => source.names.indexOf(name);
    const label: Place["label"] = (name, label, seen = null) =>
      session.label({ pictures: [{ index: indexOf(name), seen }], label, isSkip: false });
    try {
      await test({ session, directory, label, indexOf, address: server.address });
    } finally {
      channel.close();
      await server.stop();
    }
  });
}

/** Waits for the first batch. */
async function firstBatch(session: LabelSession): Promise<readonly ShownPicture[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  session.onChange = () => {
    const { failure, batch } = session.state;
    if (failure !== null) reject(new Error(failure));
    else if (batch.number > 0) resolve();
  };
  session.start();
  await promise;
  return session.state.batch.groups.flat();
}

const labelsOf = async (directory: string) => [
  ...(await LabelFile.open(join(directory, "out"), "train")).labels,
  ...(await LabelFile.open(join(directory, "out"), "test")).labels,
];
/** Names of pictures, none of which measures the error. */
const numberedNames = (count: number) =>
  Array.from({ length: 2 * count }, (_, i) => `${i}.png`).filter((name) => !isInTestPool(name)).slice(
    0,
    count,
  );

Deno.test("labelling: odd class names come back to the letter, from the lists and by their reader", async () => {
  const classes = [
    ...["T-shirt, red", '"quoted"', 'a "b" c', "'single'", "=1+1", "+1", "@home", "#1", "--", "a=b;c|d"],
    ...["🦊", "👩‍👩‍👧", "خروف", "שלום, עולם", "Ünïcödé", "猫", "a  b", "0", "1e3", "true", "__proto__"],
    ...["constructor", "../up", "C:\\x", "<b>bold</b>", "{}", "(1)", "train", "test", "%2e", "x".repeat(100)],
  ];
  const names = numberedNames(classes.length);
  await withLabelling(names, async ({ label, session, directory }) => {
    for (const [i, name] of names.entries()) assertEquals(await label(name, classes[i] ?? ""), []);
    const want = names.map((name, i) => [name, (classes[i] ?? "").normalize()]).sort();
    assertEquals((await labelsOf(directory)).sort(), want);
    const { list } = await readLabelList([...session.files]);
    assertEquals([...list].sort(), want);
    assertEquals(session.state.classes.length, new Set(classes).size);
  });
});

Deno.test("labelling: names that differ only by case, blanks or Unicode form are one class; a hundred are a hundred", async () => {
  const names = numberedNames(110);
  await withLabelling(names, async ({ label, session, directory }) => {
    for (const [i, name] of ["Cat", "cat", " CAT ", "Caf\u00e9", "Cafe\u0301"].entries()) {
      await label(names[i] ?? "", name);
    }
    assertEquals(session.state.classes.map(({ name, labels }) => [name, labels]), [["Cat", 3], ["Café", 2]]);
    for (let i = 5; i < 105; i++) await label(names[i] ?? "", `class ${i}`);
    assertEquals(session.state.classes.length, 102);
    assertEquals(new Set((await labelsOf(directory)).map(([, name]) => name)).size, 102);
  });
});

Deno.test("labelling: pictures with odd names are shown and labelled", async () => {
  const names = [
    "a b.png",
    "a,b.png",
    'q"q.png',
    "ü猫🦊.png",
    "=x.png",
    "#1.png",
    "-.png",
    "%2e%2e.png",
    "a;b|c.png",
    "sub/x.png",
  ];
  await withLabelling(names, async ({ label, session, directory, address, indexOf }) => {
    for (const name of names) {
      const answer = await fetch(`${address}picture/${indexOf(name)}`);
      assertEquals([answer.status, answer.headers.get("content-type")], [200, "image/png"], name);
      await answer.body?.cancel();
      await label(name, "a class");
    }
    assertEquals((await labelsOf(directory)).map(([name]) => name).sort(), [...names].sort());
    const { list } = await readLabelList([...session.files]);
    assertEquals(list.size, names.length);
  });
});

Deno.test("labelling: what an editor writes meanwhile is kept, and a list that it breaks is not overwritten", async () => {
  const names = numberedNames(8);
  await withLabelling(names, async ({ label, session, directory, indexOf }) => {
    await label("1.png", "a");
    const path = session.files[0] ?? "", text = await Deno.readTextFile(path);
    // An editor saves the list with another label, one more line, and one less.
    await Deno.writeTextFile(path, `1.png\tb\n2.png\tc\n`);
    assertEquals(await label("1.png", "d", "a"), [indexOf("1.png")], "the editor's label was overwritten");
    assertEquals(await label("2.png", "d"), [indexOf("2.png")]);
    assertEquals(await label("3.png", "d"), []);
    const all = new Map(await labelsOf(directory));
    assertEquals([all.get("1.png"), all.get("2.png"), all.get("3.png")], ["b", "c", "d"]);
    const broken = `${text}\n\u0000\u0001 not a list, "open quote\n`;
    await Deno.writeTextFile(path, broken);
    const failed = await label("4.png", "d").then(() => false, () => true);
    if (failed) assertEquals(await Deno.readTextFile(path), broken);
    else assert((await Deno.readTextFile(path)).includes("not a list"), "the editor's line was lost");
  });
});

Deno.test("labelling: a class whose labels are all removed or taken back stays a key, and the lists forget it", async () => {
  await withLabelling(numberedNames(6), async ({ label, session, directory }) => {
    await label("1.png", "a");
    await label("2.png", "typo");
    await label("2.png", null, "typo");
    await label("1.png", "b", "a");
    assertEquals(session.state.classes, [
      { name: "a", labels: 0, tests: 0 },
      { name: "typo", labels: 0, tests: 0 },
      { name: "b", labels: 1, tests: 0 },
    ]);
    assertEquals(await labelsOf(directory), [["1.png", "b"]]);
    assertEquals(session.state.obstacle, "Training needs labels of at least two classes.");
  });
});

Deno.test("labelling: pictures that vanish are answered as such and keep the rest; new ones wait for the next start", async () => {
  const names = numberedNames(12);
  await withLabelling(names, async ({ label, session, directory, address, indexOf }) => {
    const gone = "3.png";
    await Deno.remove(join(directory, "photos", gone));
    await Deno.writeFile(join(directory, "photos/new.png"), picture(99));
    const batch = await firstBatch(session);
    assert(batch.length >= 8 && batch.every(({ name }) => name !== "new.png"));
    const answer = await fetch(`${address}picture/${indexOf(gone)}`);
    assertEquals([answer.status, await answer.text()], [404, "The picture cannot be decoded.\n"]);
    await label(gone, "a");
    await label("4.png", "a");
    assertEquals((await labelsOf(directory)).length, 2);
    // The folder of the lists vanishes: the label is refused, and nothing pretends that it was saved.
    await Deno.rename(join(directory, "out"), join(directory, "moved"));
    await assertRejects(() => label("5.png", "b"));
    assertEquals(session.labels.has("5.png"), false);
    await Deno.rename(join(directory, "moved"), join(directory, "out"));
    assertEquals(await label("5.png", "b"), []);
    assertEquals((await labelsOf(directory)).length, 3);
  });
});

for (const names of [["0.png"], ["1.png"], ["0.png", "1.png"]]) {
  Deno.test(`labelling: a folder of ${names.join(" and ")} is shown and labelled to its end`, async () => {
    await withLabelling(names, async ({ label, session }) => {
      const batch = await firstBatch(session);
      assertEquals(batch.map(({ name }) => name).sort(), names);
      for (const name of names) await label(name, `class ${name}`);
      assertEquals(session.state.unlabelled, 0);
      session.next(1);
      await new Promise<void>((resolve) => {
        session.onChange = () => session.state.batch.number === 2 && resolve();
      });
      assertEquals(session.state.batch.groups, []);
    });
  });
}

Deno.test("labelling: pictures that equal each other are all asked for", async () => {
  const names = numberedNames(6);
  await withLabelling(names, async ({ session }) => {
    const batch = await firstBatch(session);
    assertEquals(batch.map(({ name }) => name).sort(), [...names].sort());
  }, () => picture(3));
});

Deno.test("label: without pictures, without the right to read, and with a file for a folder it says why", async () => {
  const files = { "empty/readme.txt": new Uint8Array([65]), "file.txt": new Uint8Array([65]) };
  await withFiles(files, async (directory) => {
    const start = (...args: string[]) => run([...commandOf("label"), ...args], directory);
    for (
      const [path, reason] of [
        ["empty", /^Cannot .*empty/],
        ["missing", /^Cannot .*missing/],
        ["file.txt", /^Cannot .*file\.txt/],
      ] as const
    ) {
      const { code, stdout, stderr } = await start(path);
      assertEquals([code, stdout], [1, ""], stderr);
      assertMatch(stderr, reason);
      assert(!stderr.includes("    at "), stderr);
    }
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["empty", "file.txt"]);
  });
});
