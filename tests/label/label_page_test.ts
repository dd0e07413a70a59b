/** The labelling page in headless Chromium, with the command as its users start it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { findChromium } from "../chromium.ts";
import { commandOf, jsonIn, namesIn, run } from "../cli/command.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { findEvent } from "../web/events.ts";
import type { SessionState } from "../../cli/label/session_state.ts";
import type { Seen } from "./drive_labelling.ts";

const chromium = await findChromium();

/** As short as can be. */
const config = JSON.stringify({
  ...{
    steps: 3,
    batchSize: 8,
    labeledBatchSize: 4,
    architecture: "convnet_small",
    dropout: 0,
    inputNoise: 0,
  },
  ...{ augment: "none", tune: "off" },
});

/** Pictures of two kinds of bars. */
const files: Record<string, Uint8Array> = {
  "config.json": new TextEncoder().encode(config),
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `photos/${i}.png`,
      png(12, 12, numbered(i, (x, y, c) => (i % 2 === 0 ? x : y) % 4 < 2 ? 60 + 3 * i + c : 10)),
    ]),
  ),
};

/** Starts a command, does something with its page, and ends it by a signal. */
async function withPage(
  directory: string,
  signal: Deno.Signal,
  use: (address: string) => Promise<void>,
  command: readonly string[] = [...commandOf("label"), "photos", "--config=config.json", "--count=12"],
) {
  let used: Promise<void> = Promise.resolve();
  const ending = await run(
    command,
    directory,
    (line, kill) => {
      const address = /^Labelling page: (http:\S+)$/.exec(line)?.[1];
      if (!address) return;
      used = use(address).finally(() => kill(signal));
      used.catch(() => {}); // It is awaited below.
    },
  );
  await used;
  return ending;
}

/** Drives the page in a process of its own. */
async function drive(address: string, task: "label" | "train"): Promise<Seen> {
  const program = fileURLToPath(new URL("./drive_labelling.ts", import.meta.url));
  const { code, stdout, stderr } = await run(
    [Deno.execPath(), "run", "-A", "--no-lock", "--no-check", program, chromium ?? "", address, task],
    Deno.cwd(),
  );
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Waits until the state of a page fulfils a condition. */
async function stateOf(
  address: string,
  isReached: (state: SessionState) => boolean,
): Promise<SessionState> {
  const { data } = await findEvent(address, ({ name, data }) => {
    if (name !== "state") return false;
    if (data.failure !== null) throw new Error(data.failure);
    return isReached(data);
  });
  return data;
}

/** Labels a picture of a run that the teacher is unsure of, and makes sure that its list has it. */
async function assertSuggestedOpen(directory: string): Promise<void> {
  const photos = join(directory, "photos-labelled/round-1");
  let labelled = "";
  const ending = await withPage(directory, "SIGINT", async (address) => {
    const { batch, classes } = await stateOf(address, (state) => state.batch.number === 1);
    assertEquals(classes.map(({ name }) => name).sort(), ["Red bar", "blue"]);
    const shown = batch.groups.flat();
    assert(shown.length > 0 && shown.every(({ guesses, label }) => guesses.length > 0 && label === null));
    const [first] = shown;
    labelled = first?.name ?? "";
    const body = JSON.stringify({ pictures: [{ index: first?.index, seen: null }], label: "blue" });
    assertEquals(await (await fetch(`${address}label`, { method: "POST", body })).json(), { conflicts: [] });
  }, [...commandOf("suggest"), photos, "--open", "--count=6"]);
  assertEquals(ending.code, 0, ending.stderr);
  assertMatch(ending.stdout, /\d+ labels: photos-labelled\/round-1-labelled\//);
  const lists = await Promise.all(
    ["labels.txt", "test.txt"].map((name) =>
      Deno.readTextFile(join(directory, "photos-labelled/round-1-labelled", name)).catch(() => "")
    ),
  );
  assertStringIncludes(lists.join(""), `${labelled}\tblue\n`);
}

const listIn = async (
  directory: string,
  name: string,
) => [
  ...parseLabelList(
    (await Deno.readTextFile(join(directory, "photos-labelled", name))).replace(/^# .*/m, ""),
  ),
];

gpuTest(
  "label page: keys, mouse, undo and two pages; a crash loses nothing; it trains on and asks again",
  async () => {
    if (chromium === null) throw new Error("Chromium is missing: install the Debian package chromium");
    await withFiles(files, async (directory) => {
      let seen: Seen | undefined;
      await withPage(directory, "SIGKILL", async (address) => {
        seen = await drive(address, "label");
      });
      assert(seen);
      assertEquals(seen.faults, []);
      assertEquals(seen.captions, seen.others);
      const { notes } = seen;
      assertEquals(notes["keys"], "R1Red bar1|B2blue1");
      assertEquals([notes["focus after undo"], notes["focus after two"], notes["tiles"]], ["6", "8", "12"]);
      assertEquals(notes["conflicts"], "");
      const [span, selected] = (notes["dragged"] ?? "").split(" ").map(Number);
      assert(selected === span || selected === 2, notes["dragged"]);
      // After the kill the lists have what the page showed, line by line.
      const lists = new Map([
        ...await listIn(directory, "labels.txt"),
        ...await listIn(directory, "test.txt"),
      ]);
      const shown = Object.entries(seen.captions).filter(([, caption]) => !["?", "skipped"].includes(caption))
        .map(([name, caption]) => [name, caption === "none of these" ? "none" : caption] as const);
      assertEquals(new Map([...lists].sort()), new Map(shown.sort() as [string, string][]));
      assertEquals([...lists.values()].filter((each) => each === "Red bar").length >= 2, true);

      const ending = await withPage(directory, "SIGINT", async (address) => {
        seen = await drive(address, "train");
      });
      assertEquals(ending.code, 0, ending.stderr);
      assertEquals([seen.faults, seen.notes["failure"]], [[], ""]);
      assertMatch(seen.notes["rounds"] ?? "", /^1\d+\d+\.\d % \(/);
      assertStringIncludes(ending.stdout, "labels: photos-labelled/labels.txt");
      assertStringIncludes(ending.stdout, "Model: photos-labelled/round-1/model.safetensors");
      assert(namesIn(join(directory, "photos-labelled/round-1")).includes("final.safetensors"));
      const { labels } = await jsonIn(directory, "photos-labelled/round-1/summary.json");
      const usable = [...lists.values()].filter((each) => each !== "none").length;
      assert(labels > 0 && labels <= usable);
      const after = new Map([
        ...await listIn(directory, "labels.txt"),
        ...await listIn(directory, "test.txt"),
      ]);
      assertEquals(after.size, lists.size + 2);
      for (const [name, label] of lists) assertEquals(after.get(name), label);
      await assertSuggestedOpen(directory);
    });
  },
);
