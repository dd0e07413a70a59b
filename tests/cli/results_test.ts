/** The table of an experiment. */
import { join } from "node:path";
import { findPreset } from "../../cli/presets.ts";
import { formatResults, readResult, rowOf, spreadOf } from "../../cli/results.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("results: mean and standard deviation of a sample", () => {
  assertEquals(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]).mean, 5);
  // Squares from the mean: 32, over 8 − 1.
  assertEquals(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]).standardDeviation, Math.sqrt(32 / 7));
  assertEquals(spreadOf([3]), { mean: 3, standardDeviation: null, values: [3] });
});

const run = (seed: number, student: number, teacher: number) => ({
  seed,
  student: { last: student, best: student / 2 },
  teacher: { last: teacher, best: teacher },
});

Deno.test("results: a line has student and teacher, last and best, beside what was published", () => {
  const rows = [
    rowOf({
      preset: findPreset("cifar10-4000-convnet"),
      labelsPerClass: 400,
      seeds: [1, 2, 3],
      results: [run(1, 0.2, 0.12), run(3, 0.22, 0.14)],
      diverged: [2],
    }),
    rowOf({
      preset: findPreset("cifar10-4000-convnet"),
      labelsPerClass: 10,
      seeds: [1],
      results: [run(1, 0.5, 0.4)],
      diverged: [],
    }),
    rowOf({
      preset: findPreset("imagenet-10pct-resnext152"),
      labelsPerClass: 128,
      seeds: [1],
      results: [],
      diverged: [],
    }),
    rowOf({
      preset: findPreset("mnist-100-pi"),
      labelsPerClass: null,
      seeds: [1],
      results: [],
      diverged: [],
    }),
  ];
  const texts = formatResults(rows, { learningRate: 0.1 });
  const lines = texts["results.md"].trimEnd().split("\n").slice(2);
  assertEquals(lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim())), [
    ["Preset", "Labels", "Runs", "Student", "best", "Teacher", "best", "Published"],
    lines[1]!.split("|").slice(1, -1).map((cell) => cell.trim()),
    [
      "cifar10-4000-convnet",
      "4000",
      "2/3 (1 diverged)",
      "21.00 ± 1.41",
      "10.50 ± 0.71",
      "13.00 ± 1.41",
      "13.00 ± 1.41",
      "12.31 ± 0.28",
    ],
    ["cifar10-4000-convnet", "100", "1/1", "50.00", "25.00", "40.00", "40.00", "–"],
    ["imagenet-10pct-resnext152", "128000", "0/1", "–", "–", "–", "–", "9.11 ± 0.12 (top-5)"],
    ["mnist-100-pi", "list", "0/1", "–", "–", "–", "–", "–"],
  ]);
  assertStringIncludes(texts["results.txt"], "Not as the presets: learningRate 0.1.");
  assertStringIncludes(
    texts["results.txt"],
    "cifar10-4000-convnet         4000  2/3 (1 diverged)  21.00 ± 1.41",
  );
  const { overrides, rows: data } = JSON.parse(texts["results.json"]);
  assertEquals(overrides, { learningRate: 0.1 });
  assertEquals(data[0].teacherLast.values, [0.12, 0.14]);
  assertEquals([data[0].finished, data[0].diverged, data[0].algorithm], [[1, 3], [2], "mean-teacher"]);
  assertEquals([data[1].published, data[2].teacherLast, data[3].algorithm], [null, null, "pi"]);
});

const evaluation = (student: number, teacher: number) =>
  JSON.stringify({ kind: "evaluation", student: { testError: student }, teacher: { testError: teacher } });

Deno.test("results: the best of a run is the lowest of its evaluations, the last is its summary's", async () => {
  const files = {
    "summary.json": encode(JSON.stringify({ student: { testError: 0.3 }, teacher: { testError: 0.2 } })),
    "log.jsonl": encode(`{"kind":"start"}\n${evaluation(0.5, 0.1)}\n${evaluation(0.3, 0.2)}\n`),
  };
  await withFiles(files, async (folder) => {
    assertEquals(await readResult(folder, 7), {
      seed: 7,
      student: { last: 0.3, best: 0.3 },
      teacher: { last: 0.2, best: 0.1 },
    });
  });
});

Deno.test("results: a folder without the files of a finished run is refused, by name", async () => {
  const summary = encode(JSON.stringify({ student: { testError: 0.3 }, teacher: {} }));
  for (
    const files of [
      {},
      { "summary.json": encode("{") },
      { "summary.json": summary, "log.jsonl": encode(`${evaluation(1, 1)}\n`) },
      { "summary.json": encode("{}"), "log.jsonl": encode("{}\n") },
    ]
  ) {
    await withFiles(files, async (folder) => {
      await assertRejects(
        () => readResult(join(folder), 1),
        SyntaxError,
        `Cannot use the run in ${folder} as summary.json and log.jsonl must be those of a finished run`,
      );
    });
  }
});
