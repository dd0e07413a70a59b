/** The commands that serve, over every kind of data: each answers a request, and ends in good order with Ctrl-C. */
import { exists } from "../../cli/command/given_file.ts";
import type { SessionState } from "../../cli/label/session_state.ts";
import { LabelFile } from "../../cli/label/label_lists.ts";
import { exitCodes } from "../../cli/command/exit_codes.ts";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "../assert.ts";
import { findEvent } from "../web/events.ts";
import { assertEnded, type Ending, jsonIn } from "./command.ts";
import type { Kind } from "./kinds_of_data.ts";
import type { Visit } from "./visits.ts";

/** A kind of data in a folder, with its run. */
interface Place {
  readonly kind: Kind;
  readonly visit: Visit;
  at(...names: string[]): string;
}

/** Returns the results in the JSON lines of a command that ended as documented. */
function resultsOf(ending: Ending) {
  assertEnded(ending, exitCodes.finished.code);
  return ending.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** The page of a run is drawn, and its events contain the run. */
export async function assertShown({ visit, at }: Place): Promise<void> {
  const ending = await visit("dashboard", [at("run")], async (address) => {
    const page = await fetch(address);
    assertEquals([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    assertStringIncludes(await page.text(), "<title>Dashboard");
    const { data } = await findEvent(address, ({ name }) => name === "layout");
    assertStringIncludes(JSON.stringify(data), "run-1-verdict");
  });
  assertEquals(resultsOf(ending).map(({ kind }) => kind), ["dashboard"]);
}

/** A picture gets the class and the probability that `predict` gave it. */
export async function assertServed({ visit, at }: Place): Promise<void> {
  const predicted: { file: string; class: string; probability: number }[] = await jsonIn(
    at("predictions.json"),
  );
  const pictures = await Promise.all(predicted.map(({ file }) => exists(file)));
  const want = predicted.find((_, i) => pictures[i]);
  assert(want, "no picture was predicted");
  const args = [at("run"), "--port=0", "--batch-size=1"];
  const ending = await visit("serve", args, async (address) => {
    const body = await Deno.readFile(want.file);
    const response = await fetch(`${address}predict`, { method: "POST", body });
    const got = await response.json();
    assertEquals([response.status, got.class], [200, want.class]);
    assertAlmostEquals(got.probability, want.probability, 1e-4);
  });
  assertEquals(resultsOf(ending).map(({ address: _, ...result }) => result), [
    { kind: "address" },
    { kind: "served", classified: 1, refused: 0 },
  ]);
}

/** A picture that gets a label on the page is in a list after the end. */
export async function assertLabelled({ kind, visit, at }: Place): Promise<void> {
  const source = kind.dataset === null ? at("data", kind.path ?? "") : at("run");
  let labelled = "";
  const args = [source, "--count=4", `--output=${at("labelled")}`];
  const ending = await visit("label", args, async (address) => {
    const { data } = await findEvent(
      address,
      ({ name, data }) => name === "state" && data.batch.number === 1,
    );
    const { batch, classes, failure, unlabelled }: SessionState = data, [first] = batch.groups.flat();
    assertEquals([failure, classes.map(({ name }) => name).sort()], [null, [...kind.classes].sort()]);
    // Without a list, all pictures of idx files have a label.
    assertEquals(first === undefined, unlabelled === 0);
    if (!first) return;
    labelled = first.name;
    const picture = await fetch(`${address}picture/${first.index}`);
    assertEquals([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
    await picture.body?.cancel();
    const body = JSON.stringify({ pictures: [{ index: first.index, seen: null }], label: kind.classes[1] });
    const response = await fetch(`${address}label`, { method: "POST", body });
    assertEquals(await response.json(), { conflicts: [] });
  });
  const results = resultsOf(ending);
  assertEquals(results.map(({ kind }) => kind), ["page", "labelling"]);
  if (labelled === "") return;
  const lists = await Promise.all(
    (["train", "test"] as const).map((list) => LabelFile.open(at("labelled"), list)),
  );
  assertEquals(new Map(lists.flatMap(({ labels }) => [...labels])).get(labelled), kind.classes[1]);
}
