/**
 * Data as people have it: every case of as_people_have_them/ is made and looked at, and what is understood of it is
 * compared with what was expected. A new case is a line in one of the files there.
 */
import { join } from "node:path";
import { countLabels, examineFolder, type UserFolder } from "../../data/files/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import type { Case, Reading } from "./as_people_have_them/case.ts";
import { withFiles } from "./fixtures.ts";

const corpus = new URL("as_people_have_them/", import.meta.url);

async function allCases(): Promise<Case[]> {
  const files = [...Deno.readDirSync(corpus)].map(({ name }) => name).sort();
  const modules = files.filter((name) => name.endsWith(".ts") && name !== "case.ts");
  const found: { cases: Case[] }[] = [];
  for (const name of modules) found.push(await import(new URL(name, corpus).href));
  return found.flatMap(({ cases }) => cases);
}

function readingOf({ classes, train, test }: UserFolder): Omit<Reading, "notes" | "labels"> {
  const labeled = countLabels(train.labels, classes.length);
  return {
    classes,
    labeled,
    unlabeled: train.labels.length - labeled.reduce((sum, count) => sum + count, 0),
    test: test && countLabels(test.labels, classes.length),
  };
}

function checkNotes(notes: readonly string[], expected: readonly RegExp[]): void {
  const unsaid = expected.filter((pattern) => !notes.some((note) => pattern.test(note)));
  const unexpected = notes.filter((note) => !expected.some((pattern) => pattern.test(note)));
  assertEquals([unsaid, unexpected], [[], []], `notes were:\n${notes.join("\n")}`);
}

async function check({ path = "", options = {}, expect }: Case, directory: string): Promise<void> {
  const { labels, ...others } = options;
  const look = () =>
    examineFolder(join(directory, path), {
      ...others,
      labels: labels?.map((name) => join(directory, name)),
    });
  if ("refusal" in expect) {
    const error = await assertRejects(look, Error);
    assertMatch(error.message, expect.refusal);
    assert(
      ["SyntaxError", "RangeError", "NotFound"].includes(error.name),
      `It must be an error of the data, but it is a ${error.name}`,
    );
    return;
  }
  const folder = await look();
  const { notes = [], labels: some = {}, ...reading } = expect;
  assertEquals(readingOf(folder), reading);
  checkNotes(folder.notes, notes);
  const classOf = new Map(
    folder.train.names?.map((name, i) => [name, folder.classes[folder.train.labels[i] ?? -1] ?? null]),
  );
  assertEquals(Object.fromEntries(Object.keys(some).map((name) => [name, classOf.get(name)])), some);
}

Deno.test("realistic data: every case of the corpus is read, or rejected, as expected", async (t) => {
  const cases = await allCases();
  assertEquals(new Set(cases.map(({ name }) => name)).size, cases.length, "no name is given twice");
  for (const each of cases) {
    await t.step(each.name, () =>
      withFiles({}, async (directory) => {
        await each.make(directory);
        await check(each, directory);
      }));
  }
});
