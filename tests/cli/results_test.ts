/** The table of an experiment. */
import { join } from "node:path";
import { findPreset } from "../../cli/plan/presets/presets.ts";
import { formatResults, readResult, rowOf, spreadOf } from "../../cli/report/results.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("results: mean and standard deviation of a sample", () => {
  assertEquals(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]).mean, 5);
  // Squares from the mean: 32, over 8 − 1.
  assertEquals(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]).standardDeviation, Math.sqrt(32 / 7));
  assertEquals(spreadOf([3]), { mean: 3, standardDeviation: null, values: [3] });
});

const pair = (student: number, teacher: number) => ({
  student: { last: student, best: student / 2 },
  teacher: { last: teacher, best: teacher },
});

const run = (seed: number, student: number, teacher: number, labels = 4000) => ({
  seed,
  labels,
  testImages: 10_000,
  errors: { "top-1": pair(student, teacher), "top-5": pair(student / 10, teacher / 10) },
});

const ofFewClasses = (seed: number, student: number, teacher: number) => ({
  seed,
  labels: 384,
  testImages: 10_000,
  errors: { "top-1": pair(student, teacher), "top-5": null },
});

Deno.test("results: a line has student and teacher, last and best, and the published errors", () => {
  const rows = [
    rowOf({
      preset: findPreset("cifar10-4000-convnet"),
      labelsPerClass: 400,
      settings: [],
      seeds: [1, 2, 3],
      results: [run(1, 0.2, 0.12), run(3, 0.22, 0.14)],
      diverged: [2],
    }),
    rowOf({
      preset: findPreset("cifar10-4000-convnet"),
      labelsPerClass: 10,
      settings: [],
      seeds: [1],
      results: [run(1, 0.5, 0.4, 100)],
      diverged: [],
    }),
    rowOf({
      preset: findPreset("imagenet-10pct-resnext152"),
      labelsPerClass: 128,
      settings: [],
      seeds: [1],
      results: [],
      diverged: [],
    }),
    rowOf({
      preset: findPreset("mnist-100-pi"),
      labelsPerClass: null,
      settings: [],
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
  assertStringIncludes(texts["results.txt"], "Options that differ from the presets: learningRate 0.1.");
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

Deno.test("results: a run compared with a published top-5 error has top-5 errors, and so has its baseline", () => {
  const row = (name: string, results: readonly ReturnType<typeof ofFewClasses | typeof run>[]) => {
    const those = {
      preset: findPreset(name),
      labelsPerClass: 128,
      settings: [],
      seeds: [1, 2],
      results,
      diverged: [],
    };
    const { measure, teacherLast, published } = rowOf(those);
    const [, , line] = formatResults([rowOf(those)], {})["results.md"].trimEnd().split("\n").slice(2);
    return [
      measure,
      teacherLast?.mean,
      published?.mean,
      line!.split("|").slice(2, 9).map((cell) => cell.trim()),
    ];
  };
  const name = "imagenet-10pct-resnext152";
  assertEquals(row(name, [run(1, 0.8, 0.6, 128_000), run(2, 0.8, 0.6, 128_000)]), ["top-5", 0.06, 9.11, [
    "128000",
    "2/2",
    "8.00 ± 0.00 (top-5)",
    "4.00 ± 0.00 (top-5)",
    "6.00 ± 0.00 (top-5)",
    "6.00 ± 0.00 (top-5)",
    "9.11 ± 0.12 (top-5)",
  ]]);
  assertEquals(row(`${name}-supervised`, [run(1, 0.8, 0.6)]).slice(0, 3), ["top-5", 0.06, undefined]);
  // Of three classes the five likeliest say nothing, and what was published of a thousand does not compare.
  assertEquals(row(name, [ofFewClasses(1, 0.8, 0.6)]), ["top-1", 0.6, undefined, [
    "384",
    "1/2",
    "80.00",
    "40.00",
    "60.00",
    "60.00",
    "–",
  ]]);
  assertEquals(row(name, [run(1, 0.8, 0.6, 1280)]).slice(0, 3), ["top-5", 0.06, undefined]);
  assertEquals(row("cifar10-4000-convnet", [run(1, 0.2, 0.1)]).slice(0, 2), ["top-1", 0.1]);
});

Deno.test("results: an error on few images has its interval in the table, that of the mean over seeds", () => {
  const few = (seed: number, teacher: number, testImages: number) => ({
    ...run(seed, 0.5, teacher),
    testImages,
  });
  const row = (...results: readonly ReturnType<typeof few>[]) => {
    const preset = findPreset("cifar10-4000-convnet");
    return rowOf({ preset, labelsPerClass: 400, settings: [], seeds: [1, 2], results, diverged: [] });
  };
  const rows = [row(few(1, 0.2, 40), few(2, 0.25, 40)), row(few(1, 0.225, 40)), row(few(1, 0.2, 2000))];
  const table = formatResults(rows, {})["results.md"];
  assertStringIncludes(table, "| 22.50 ± 3.54 (12.3 to 37.5) |");
  assertStringIncludes(table, "| 22.50 (12.3 to 37.5) ");
  assertStringIncludes(table, "| 20.00 ");
  assertEquals(rows.map(({ testImages }) => testImages), [40, 40, 2000]);
});

/** The other fields of a summary. */
const numbers = { steps: 1, labels: 2, testImages: 60, imagesPerSecond: 1, kernels: {} };

const evaluation = (student: number, teacher: number, beyondFive?: number | null) => {
  const those = (testError: number) => ({ testError, examples: 60, top5Error: beyondFive });
  return JSON.stringify({ kind: "evaluation", step: 1, student: those(student), teacher: those(teacher) });
};

Deno.test("results: runs with another number of test images are excluded, and named", () => {
  const row = rowOf({
    preset: findPreset("cifar10-4000-convnet"),
    labelsPerClass: 400,
    settings: [],
    seeds: [1, 2, 3],
    results: [{ ...run(1, 0.9, 0.9), testImages: 60 }, run(2, 0.2, 0.12), run(3, 0.22, 0.14)],
    diverged: [],
  });
  assertEquals([row.finished, row.leftOut, row.testImages], [[2, 3], [1], 10_000]);
  assertEquals(row.teacherLast?.values, [0.12, 0.14]);
  assertStringIncludes(
    formatResults([row], {})["results.txt"],
    "Left out of cifar10-4000-convnet, because they were not tested on 10000 images like the others: seeds 1.",
  );
});

Deno.test("results: the best error of a run is the lowest of its evaluations, the last is that of its summary", async () => {
  const files = {
    "summary.json": encode(
      JSON.stringify({
        ...numbers,
        student: { testError: 0.3, examples: 60 },
        teacher: { testError: 0.2, examples: 60 },
        labels: 20,
      }),
    ),
    "log.jsonl": encode(`{"kind":"start","step":0}\n${evaluation(0.5, 0.1)}\n${evaluation(0.3, 0.2)}\n`),
  };
  await withFiles(files, async (folder) => {
    assertEquals(await readResult(folder, 7), {
      seed: 7,
      labels: 20,
      testImages: 60,
      errors: {
        "top-1": { student: { last: 0.3, best: 0.3 }, teacher: { last: 0.2, best: 0.1 } },
        "top-5": null,
      },
    });
  });
});

Deno.test("results: top-5 errors of a run are read if all its evaluations have them", async () => {
  const summary = {
    ...numbers,
    student: { testError: 0.3, examples: 60, top5Error: 0.2 },
    teacher: { testError: 0.2, examples: 60, top5Error: 0.04 },
    labels: 9,
  };
  for (const [first, want] of [[0.03, 0.03], [null, null], [undefined, null]] as const) {
    const files = {
      "summary.json": encode(JSON.stringify(summary)),
      "log.jsonl": encode(`${evaluation(0.5, 0.1, first)}\n${evaluation(0.3, 0.2, 0.04)}\n`),
    };
    await withFiles(files, async (folder) => {
      const { errors } = await readResult(folder, 1);
      assertEquals(errors["top-1"].teacher, { last: 0.2, best: 0.1 });
      assertEquals(errors["top-5"]?.teacher ?? null, want === null ? null : { last: 0.04, best: want });
    });
  }
});

Deno.test("results: a folder without the files of a finished run is refused, by name", async () => {
  const errors = { student: { testError: 0.3, examples: 60 }, teacher: {} };
  const summary = encode(JSON.stringify({ ...numbers, ...errors }));
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
        `Cannot use the run in ${folder}: summary.json or log.jsonl is missing or damaged, or has no test errors`,
      );
    });
  }
});
