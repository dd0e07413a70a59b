import {
  flagOf,
  isTrainingOption,
  optionGroups,
  optionsTable,
  rows,
  runDefaults,
} from "../../cli/command/options.ts";
import { presetsTable, withPresetsTable } from "../../cli/command/docs.ts";
import { recipes } from "../../cli/plan/recipes.ts";
import { datasets } from "../../data/files/mod.ts";
import { defaultOptions, ownOptionRows, resolveOptions } from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("options: each has a flag of its own and a line of help", () => {
  const flags = rows.map(([option]) => flagOf(option));
  assertEquals(new Set(flags).size, rows.length);
  for (const flag of flags) {
    assert(/^--[a-z0-9]+(-[a-z0-9]+)*$/.test(flag) && !flag.startsWith("--no-"), flag);
  }
  for (const [option, { help }] of rows) assert(/^\S[^\n]*[^.\s]$/.test(help), option);
  assertEquals(rows.length, [runDefaults, defaultOptions, ownOptionRows()].flatMap(Object.keys).length);
});

Deno.test("options: names are those of the reference implementation, except lr-rampdown(-epochs), which may be in steps", () => {
  const flags = new Set(rows.map(([option]) => flagOf(option)));
  const names = "dataset labels labeled-batch-size batch-size arch epochs lr initial-lr lr-rampup " +
    "lr-rampdown momentum nesterov weight-decay ema-decay consistency consistency-type " +
    "consistency-rampup logit-distance-cost exclude-unlabeled checkpoint-epochs evaluation-epochs print-freq " +
    "resume evaluate";
  assertEquals(names.split(" ").filter((name) => !flags.has(`--${name}`)), []);
});

Deno.test("options: training options and program options are distinguished", () => {
  assert(isTrainingOption("learningRate"));
  assert(!isTrainingOption("dataset"));
  assert(!isTrainingOption("toString"));
});

Deno.test("options: every dataset has a recipe that can be trained with", () => {
  assertEquals(Object.keys(recipes).sort(), datasets.map(({ name }) => name).sort());
  for (const { training } of Object.values(recipes)) resolveOptions(training);
});

Deno.test("options: the table has a row for each, with as many cells as its head", () => {
  const lines = optionsTable().split("\n");
  assertEquals(lines.length, rows.length + 2);
  for (const line of lines) assertEquals(line.split(/(?<!\\)\|/).length, 5, line);
  rows.forEach(([option], i) => {
    assert(new RegExp(`^\\| \`--(no-)?${flagOf(option).slice(2)}[ \`]`).test(lines[i + 2]!), lines[i + 2]);
  });
});

Deno.test("docs: presets have a line each, their variants a column", () => {
  const lines = presetsTable().split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const cellsOf = (name: string) => lines.find(([, cell]) => cell === `\`${name}\``)?.slice(3, -1);
  assertEquals(cellsOf("svhn-250-convnet"), ["4.35 ± 0.50", "27.77 ± 3.18", "9.69 ± 0.92"]);
  assertEquals(cellsOf("imagenet-10pct-resnext152"), ["9.11 ± 0.12 (top-5)", "–", "–"]);
  assertEquals(cellsOf("mnist-100"), ["–", "–", "–"]);
  assertEquals(cellsOf("mnist-100-pi"), undefined);
});

Deno.test("docs: the table of presets is put between its markers and nowhere else", () => {
  const [begin, end] = ["<!-- presets -->", "<!-- /presets -->"];
  const text = withPresetsTable(`a\n${begin}\nold\n${end}\nb\n`);
  assertEquals(text, `a\n${begin}\n\n${presetsTable()}\n\n${end}\nb\n`);
  assertEquals(withPresetsTable(text), text);
  for (const wrong of ["", begin, `${end}${begin}`, `${begin}${begin}${end}`, `${begin}${end}${end}`]) {
    assertThrows(() => withPresetsTable(wrong), SyntaxError, "once each");
  }
});

Deno.test("options: every row is in one group, and train marks about a dozen as common", () => {
  const sections = optionGroups();
  assertEquals(
    sections.map(({ group }) => group),
    ["data", "labels", "network", "costs", "optimiser", "augmentation", "running", "output"],
  );
  assertEquals(sections.flatMap(({ rows }) => rows).length, rows.length);
  const common = rows.filter(([, row]) => row.common).length;
  assert(common >= 10 && common <= 16, `${common}`);
});

Deno.test("options: the table of one group has the rows of that group", () => {
  const [data] = optionGroups();
  const lines = optionsTable(data!.rows).split("\n");
  assertEquals(lines.length, data!.rows.length + 2);
  assert(lines.some((line) => line.startsWith("| `--data DIR`")), lines.join("\n"));
});
