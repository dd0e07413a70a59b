/** Names of any kind and number in what the commands print. */
import { networksCommand } from "../../cli/networks.ts";
import { join } from "node:path";
import { runCommand } from "../../cli/command/process.ts";
import { markdownTable, textTable } from "../../cli/terminal/table.ts";
import { describeFolder } from "../../cli/plan/folder_text.ts";
import { describePlan } from "../../cli/plan/describe_plan.ts";
import type { Plan } from "../../cli/plan/plan.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { nameHtml } from "../../cli/report/html.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { folderOf } from "../data/as_people_have_them/case.ts";
import { withFiles } from "../data/fixtures.ts";
import { parseArguments } from "./command.ts";

const strange = "od\nd\u202e\u009b";
const shown = "od\\nd\\u202e\\u009b";
const unseen = /[\p{Cc}\u202e]/u;

/** The plan of a run on a folder of pictures, as a device without a GPU makes it. */
async function planOf(names: readonly string[], others: Record<string, string> = {}) {
  const plans: Plan[] = [];
  await withFiles({}, async (directory) => {
    const data = join(directory, "data");
    await folderOf(names.map((name) => `data/${name}`), others)(directory);
    plans.push(await planRun(parseArguments([`--data=${data}`, "--show"]), new Date(0), { isCpu: true }));
  });
  const [plan] = plans;
  assert(plan?.kind === "folder");
  return { plan, text: describeFolder(plan.own, plan.training, plan.run) };
}

Deno.test("names: tables, pages and errors escape line breaks and direction marks", async () => {
  assertEquals(
    textTable([["class", "n"], [strange, "1"]]),
    `${"class".padEnd(shown.length)}  n\n${shown}  1`,
  );
  assert(!unseen.test(markdownTable([["class"], [strange]]).replaceAll("\n", "")));
  assertEquals(nameHtml(`<b>${strange}`).text, `<bdi>&lt;b&gt;${shown}</bdi>`);
  const { error } = console;
  const printed: unknown[] = [];
  console.error = (text) => printed.push(text);
  try {
    const code = await runCommand([], () => Promise.reject(new RangeError(`Cannot use ${strange}`)), {
      ...networksCommand,
    });
    assertEquals(code, 1);
  } finally {
    console.error = error;
  }
  assertEquals(printed, [`Cannot use ${shown}`]);
});

Deno.test("--data: classes are listed with their indices, and are part of --show", async () => {
  const names = ["10/1.png", "9/1.png", `train station ${strange}/1.png`, "9/2.png"];
  const { plan, text } = await planOf(names);
  const classes = ["10", "9", `train station ${strange}`];
  assertEquals(describePlan(plan).about["classes"], classes);
  assertStringIncludes(text, `indices       0 10, 1 9, 2 train station ${shown}\n`);
  assert(!unseen.test(text.replaceAll("\n", "")), text);
});

Deno.test("--data: of many classes, the first and the last are listed", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `${i}.png`);
  const list = names.map((name, i) => `${name},${i}`).join("\n");
  const { plan, text } = await planOf(names, { "data/labels.csv": `file,label\n${list}\n` });
  assertStringIncludes(text, ", 19 19, … 29 29; all are in config.json");
  const classes = Array.from({ length: 200_000 }, (_, i) => `${i}`);
  const { own } = plan, labelCounts = classes.map((_, i) => 1 + i % 9);
  const large = { ...own, folder: { ...own.folder, classes }, facts: { ...own.facts, labelCounts } };
  const described = describeFolder(large, plan.training, plan.run);
  assertStringIncludes(described, "1 to 9 per class");
  assertStringIncludes(described, "… 199999 199999; all are in config.json");
});
