/** Labellings, without a page and without training. */
import { join } from "node:path";
import { type LabelSource, openSource } from "../../cli/label/label_source.ts";
import { LabelFile, NONE } from "../../cli/label/label_lists.ts";
import { roundOptions } from "../../cli/label/round_options.ts";
import { readRounds } from "../../cli/label/rounds.ts";
import { LabelSession } from "../../cli/label/session.ts";
import type { SessionState, ShownPicture } from "../../cli/label/session_state.ts";
import { isInTestPool } from "../../cli/label/test_pool.ts";
import { DecodePool } from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";

/** Pictures of bars, named by number. */
function pictures(folder: string, count: number, from = 0): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${folder}/${from + i}.png`,
      png(12, 8, numbered(from + i, (x, y) => (x + from + i) % (2 + i % 5) === 0 ? 200 : 3 * y + i)),
    ]),
  );
}

const text = (content: string) => new TextEncoder().encode(content);

/** Opens a source for a test. */
async function withSource(
  files: Record<string, Uint8Array>,
  test: (source: LabelSource, directory: string) => Promise<void>,
  options: { labels?: string[]; unlabelled?: boolean } = {},
): Promise<void> {
  await withFiles({ "out/keep": text(""), ...files }, async (directory) => {
    using decoder = new DecodePool(1);
    const { signal } = new AbortController();
    const labels = options.labels?.map((name) => join(directory, name)) ?? null;
    const source = await openSource(join(directory, "photos"), {
      labels,
      unlabelled: options.unlabelled ?? false,
      decoder,
      signal,
    });
    await test(source, directory);
  });
}

const open = (source: LabelSource, directory: string, count = 10) =>
  LabelSession.open(source, { folder: join(directory, "out"), count, seed: 1, training: {}, minutes: null });

/** Waits for a batch. */
async function batchOf(session: LabelSession, number = 1): Promise<ShownPicture[]> {
  const reached = Promise.withResolvers<void>();
  const check = () => {
    const { batch, failure } = session.state;
    if (failure !== null) reached.reject(new Error(failure));
    if (batch.number >= number) reached.resolve();
  };
  session.onChange = check;
  check();
  await reached.promise;
  return session.state.batch.groups.flat();
}

const seenIn = (pictures: readonly ShownPicture[]) =>
  pictures.map(({ index, label }) => ({ index, seen: label }));

Deno.test("labelling: pictures without any label are asked for in groups, and become a list line by line", async () => {
  await withSource(pictures("photos", 30), async (source, directory) => {
    assertEquals([source.names.length, source.classes, source.isTested], [30, [], false]);
    await using session = await open(source, directory);
    session.start();
    const batch = await batchOf(session);
    assertEquals(batch.length, 10);
    assertEquals(new Set(batch.map(({ name }) => name)).size, 10);
    assertEquals(batch.filter(({ isTest }) => isTest).length, 2);
    assertEquals(session.state.obstacle, "Training needs labels of at least two classes.");
    const teach = batch.filter(({ isTest }) => !isTest), tests = batch.filter(({ isTest }) => isTest);
    const label = (pictures: readonly ShownPicture[], label: string | null, isSkip = false) =>
      session.label({ pictures: seenIn(pictures), label, isSkip });
    assertEquals(await label(teach.slice(0, 3), "cat"), []);
    assertEquals(await label(teach.slice(3, 5), " Guinea  pig"), []);
    assertEquals(await label(teach.slice(5, 6), NONE), []);
    assertEquals(await label(teach.slice(6, 7), null, true), []);
    assertEquals(await label(tests.slice(0, 1), "CAT"), []);
    assertEquals(await label(tests.slice(1), NONE), []);
    const names = (some: readonly ShownPicture[]) => some.map(({ name }) => name);
    const [train, test] = [
      await LabelFile.open(join(directory, "out"), "train"),
      await LabelFile.open(join(directory, "out"), "test"),
    ];
    assertEquals([...train.labels], [
      ...names(teach.slice(0, 3)).map((name): [string, string] => [name, "cat"]),
      ...names(teach.slice(3, 5)).map((name): [string, string] => [name, "Guinea  pig"]),
      ...names([...teach.slice(5, 6), ...tests.slice(1)]).map((name): [string, string] => [name, NONE]),
    ]);
    assertEquals([...test.labels], [[tests[0]?.name ?? "", "cat"]]);
    assertEquals(session.state.obstacle, null);
    assertEquals(session.state.classes, [{ name: "cat", labels: 4, tests: 1 }, {
      name: "Guinea  pig",
      labels: 2,
      tests: 0,
    }]);
    assertEquals(session.state.unlabelled, 30 - 8);
    session.next(1);
    session.next(1);
    const next = await batchOf(session, 2);
    assertEquals(session.state.batch.number, 2);
    const before = new Set(names(batch).filter((_, i) => !teach.slice(7).includes(batch[i]!)));
    assert(next.every(({ name }) => !before.has(name)), "a picture with a label came again");
  });
});

Deno.test("labelling: two pages at once do not overwrite each other, nor what another program has written", async () => {
  await withSource(pictures("photos", 12), async (source, directory) => {
    await using session = await open(source, directory, 5);
    const [one, other] = [0, 1].map((index) => ({ index, seen: null }));
    assert(one && other);
    assertEquals(await session.label({ pictures: [one], label: "a", isSkip: false }), []);
    assertEquals(await session.label({ pictures: [one, other], label: "b", isSkip: false }), [0]);
    assertEquals(session.labels.get(source.names[0] ?? ""), "a");
    assertEquals(session.labels.get(source.names[1] ?? ""), "b");
    const both = await Promise.all(
      ["c", "d"].map((label) =>
        session.label({ pictures: [{ index: 2, seen: null }], label, isSkip: false })
      ),
    );
    assertEquals(both, [[], [2]]);
    await Deno.writeTextFile(join(directory, "out/labels.txt"), `${source.names[3]}\tx\n`, { append: true });
    assertEquals(await session.label({ pictures: [{ index: 3, seen: null }], label: "a", isSkip: false }), [
      3,
    ]);
    assertEquals(session.labels.get(source.names[3] ?? ""), "x");
    assertEquals(
      await session.label({ pictures: [{ index: 999, seen: null }], label: "a", isSkip: false }),
      [],
    );
  });
});

Deno.test("labelling: names that lists cannot hold or would read as no label are refused, and change nothing", async () => {
  await withSource(pictures("photos", 6), async (source, directory) => {
    await using session = await open(source, directory, 5);
    for (
      const label of [
        ...["none", "?", "N/A", "a\tb", "a\nb", "   ", "x".repeat(101)],
        ...["label", "class", "file", "unlabeled", "[1]"],
      ]
    ) {
      await assertRejects(
        () => session.label({ pictures: [{ index: 0, seen: null }], label, isSkip: false }),
        RangeError,
      );
    }
    assertEquals([...session.labels], []);
    assertThrows(() => session.train(), RangeError, "at least two classes");
  });
});

Deno.test("labelling: labels of class folders are written to the list; a test set measures the error", async () => {
  const files = {
    ...pictures("photos/train/cat", 3),
    ...pictures("photos/train/dog", 3, 10),
    ...pictures("photos/train/unlabeled", 20, 20),
    ...pictures("photos/test/cat", 2, 50),
    ...pictures("photos/test/dog", 2, 60),
  };
  await withSource(files, async (source, directory) => {
    assertEquals([source.classes, source.isTested, source.needsKnownList], [["cat", "dog"], true, true]);
    await using session = await open(source, directory, 5);
    assertEquals(session.labels.size, 6);
    session.start();
    const batch = await batchOf(session);
    assert(batch.every(({ name, isTest }) => name.startsWith("train/unlabeled/") && !isTest));
    assertEquals(session.state.unlabelled, 20);
    const list = await Deno.readTextFile(join(directory, "out/labels.txt"));
    assertStringIncludes(list, "train/dog/10.png\tdog\n");
    const [train, test] = [
      await LabelFile.open(join(directory, "out"), "train"),
      await LabelFile.open(join(directory, "out"), "test"),
    ];
    assertEquals(
      roundOptions(source, { train, test, output: "o", init: "i", training: { seed: 3 }, minutes: 2 }),
      { data: source.training["data"], seed: 3, labels: [train.path], output: "o", init: "i", minutes: 2 },
    );
  });
});

Deno.test("labelling: labels of a list stay there; with few tests none is held out, with five these are", async () => {
  const files = {
    ...pictures("photos/all", 40),
    "photos/labels.csv": text("file,label\nall/0.png,a\nall/1.png,b\n"),
  };
  await withSource(files, async (source, directory) => {
    assertEquals([source.needsKnownList, source.lists.map((list) => list.split("/").at(-1))], [false, [
      "labels.csv",
    ]]);
    await using session = await open(source, directory);
    assertEquals(session.state.obstacle, null);
    const parts = async () => ({
      train: await LabelFile.open(join(directory, "out"), "train"),
      test: await LabelFile.open(join(directory, "out"), "test"),
      ...{ output: "o", init: null, training: {}, minutes: null },
    });
    const data = source.training["data"];
    assertEquals(roundOptions(source, await parts()), {
      data,
      labels: source.lists,
      output: "o",
      holdOut: false,
    });
    const tests = source.names.keys().filter((index) => {
      const name = source.names[index] ?? "";
      return isInTestPool(name) && !source.known.has(name);
    }).toArray();
    assert(tests.length >= 5, `${tests.length}`);
    const label = (indices: number[]) =>
      session.label({ pictures: indices.map((index) => ({ index, seen: null })), label: "b", isSkip: false });
    await label(tests.slice(0, 4));
    assertEquals(roundOptions(source, await parts())["holdOut"], false);
    await label(tests.slice(4, 5));
    const { test } = await parts();
    assertEquals(
      roundOptions(source, await parts()),
      { data, labels: [...source.lists, test.path], output: "o", holdOut: test.path },
    );
  });
});

Deno.test("labelling: class folders can be ignored", async () => {
  const files = { ...pictures("photos/holiday", 4), ...pictures("photos/garden", 4, 10) };
  await withSource(files, (source) => Promise.resolve(assertEquals(source.known.size, 8)));
  await withSource(files, (source) => {
    assertEquals([source.known.size, source.names.length, source.classes], [0, 8, []]);
    return Promise.resolve();
  }, { unlabelled: true });
});

Deno.test("labelling: it continues where it was, and rounds that did not finish leave gaps", async () => {
  await withSource(pictures("photos", 12), async (source, directory) => {
    {
      await using session = await open(source, directory, 5);
      await session.label({ pictures: [{ index: 0, seen: null }], label: "a", isSkip: false });
    }
    await using session = await open(source, directory, 5);
    assertEquals(session.state.classes.map(({ name }: SessionState["classes"][number]) => name), ["a"]);
    session.start();
    const batch = await batchOf(session);
    assert(batch.every(({ index }) => index !== 0));
    for (const name of ["round-1", "round-7", "round-x", "round-03x"]) {
      await Deno.mkdir(join(directory, "out", name));
    }
    assertEquals(await readRounds(join(directory, "out")), { rounds: [], next: 8 });
  });
});
