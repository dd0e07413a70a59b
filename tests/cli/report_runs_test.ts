/** Reading of run folders for reports, and grouping of runs. */
import { join } from "node:path";
import { dataSourceOf, findBaseline, groupRuns, withBaselines } from "../../cli/report/groups.ts";
import { differingOptions, overviewHtml } from "../../cli/report/overview.ts";
import { untestedRun } from "../../cli/report/run_tester.ts";
import { testSetsOf } from "../../cli/report/test_sets.ts";
import { parseLog } from "../../cli/run_files/run_log.ts";
import { labelCountOf, lastErrorsOf, readRun, readRuns, stepsOf } from "../../cli/report/run_record.ts";
import { warningsOf } from "../../cli/report/sections/self_check.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { assertClose } from "../kernels/close.ts";
import { madeUpLog, writeRun } from "./made_up_run.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const textOf = (records: readonly unknown[]) => records.map((each) => `${JSON.stringify(each)}\n`).join("");

Deno.test("report: of steps repeated after resuming from a checkpoint, the second time counts", () => {
  const evaluation = (step: number, error: number, seconds: number) => ({
    kind: "evaluation",
    step,
    seconds,
    student: { testError: error, examples: 9 },
    teacher: { testError: error / 2, examples: 9 },
  });
  const log = parseLog(
    textOf([
      { kind: "start", step: 0, device: "a" },
      evaluation(10, 0.5, 5),
      evaluation(20, 0.4, 11),
      evaluation(30, 0.3, 16),
      { kind: "start", step: 20, device: "b" },
      evaluation(30, 0.2, 7),
    ]),
    "log.jsonl",
  );
  assertEquals(
    log.evaluations.map(({ step, student }) => [step, student.testError]),
    [[10, 0.5], [20, 0.4], [30, 0.2]],
  );
  assertEquals([log.seconds, log.incompleteLines, log.starts.map(({ step }) => step)], [16 + 7, 0, [0, 20]]);
});

Deno.test("report: lines that were cut off are left out, wherever they are", () => {
  const costs = (step: number) => ({
    kind: "costs",
    step,
    seconds: step,
    costs: { cost: 1 },
    hyperparameters: {},
  });
  const start = (step: number) => JSON.stringify({ kind: "start", step, device: "a" });
  const [first, second] = [1, 2].map((step) => JSON.stringify(costs(step)));
  const stepsOf = (text: string) => {
    const { costs, starts, incompleteLines } = parseLog(text, "log.jsonl");
    return [starts.map(({ step }) => step), costs.map(({ step }) => step), incompleteLines];
  };
  assertEquals(stepsOf(`${start(0)}\n${first}\n{"kin\n${second}\n`), [[0], [1, 2], 1]);
  // Versions without mending began the next process on the same line.
  assertEquals(stepsOf(`${start(0)}\n${first}\n{"kin${start(1)}\n${second}\n`), [[0, 1], [1, 2], 1]);
  assertEquals(stepsOf(`${start(0)}\n${first}\n${second}{"kin${start(1)}\n${second}\n`), [[0, 1], [1, 2], 1]);
  assertEquals(stepsOf(`${start(0)}\n\0\0\0\n${first}\n\0\0`), [[0], [1], 2]);
});

Deno.test("report: a truncated last line is ignored, and other damage is reported with its line", () => {
  const start = `{"kind":"start","step":0}\n`;
  const cut = parseLog(`${start}{"kind":"costs","st`, "log.jsonl");
  assertEquals([cut.incompleteLines, cut.starts.length, cut.costs.length], [1, 1, 0]);
  for (
    const [line, state] of [
      ["[]", "not an object"],
      ["{}", "no kind"],
      [`{"kind":"costs"}`, "step is undefined"],
      [`{"kind":"costs","step":-1}`, "step is -1"],
      [`{"kind":"costs","step":1}`, "it has no costs"],
      [`{"kind":"costs","step":1,"costs":{"cost":null}}`, "cost is null"],
      [`{"kind":"costs","step":1,"costs":{"cost":1}}`, "it has no hyperparameters"],
      [
        `{"kind":"evaluation","step":1,"student":{"testError":0,"examples":1}}`,
        "no test error of the teacher",
      ],
    ] as const
  ) {
    assertThrows(
      () => parseLog(`${start}\n${line}\n`, "runs/a/log.jsonl"),
      SyntaxError,
      `Cannot use runs/a/log.jsonl: line 3 is not a valid training record (${state})`,
    );
  }
});

Deno.test("report: each self-check warning is shown once, with its steps, current ones first", () => {
  const check = (step: number, ...codes: string[]) => ({
    kind: "diagnostics",
    step,
    seconds: 1,
    agreement: step / 100,
    isNoisy: true,
    teacherClasses: [0.5, 0.5],
    warnings: codes.map((code) => ({ code, message: `${code} at ${step}` })),
  });
  const { diagnostics } = parseLog(textOf([check(10, "a"), check(20, "a", "b"), check(30, "b")]), "log");
  assertEquals(warningsOf(diagnostics), [
    { code: "b", message: "b at 30", first: 20, last: 30, times: 2, isActive: true },
    { code: "a", message: "a at 20", first: 10, last: 20, times: 2, isActive: false },
  ]);
  assertEquals([diagnostics[2]!.figures, diagnostics[2]!.labelClasses], [{ agreement: 0.3 }, null]);
});

Deno.test("report: runs are found in the folder of an experiment, in the order of their numbers, each once", async () => {
  await withFiles({}, async (directory) => {
    const place = (...parts: string[]) => join(directory, ...parts);
    for (const seed of [10, 9]) await writeRun(place("exp", "mnist-20", `seed-${seed}`));
    await writeRun(place("exp", "mnist-20", "seed-9", "baseline"), { options: { excludeUnlabeled: true } });
    await writeRun(place("exp", "mnist-20-pi", "seed-1"), { options: { algorithm: "pi" } });
    await Deno.mkdir(place("exp", "empty"));
    const runs = await readRuns([place("exp"), place("exp", "mnist-20", "seed-9", "..", "seed-9")]);
    assertEquals(runs.map(({ name, method, baseline }) => [name, method, baseline?.method]), [
      ["mnist-20/seed-9", "mean-teacher", "supervised"],
      ["mnist-20/seed-10", "mean-teacher", undefined],
      ["mnist-20-pi/seed-1", "pi", undefined],
    ]);
    const [alone] = await readRuns([place("exp", "mnist-20", "seed-9", "baseline")]);
    assertEquals([alone!.name, alone!.method], ["baseline", "supervised"]);
  });
});

Deno.test("report: weights are the final ones, else those of the last checkpoint, else none", async () => {
  await withFiles({}, async (directory) => {
    await writeRun(directory, { isFinished: false, steps: 2000, labels: { a: 3, "b b": 4 } });
    const weights = async () => (await readRun(directory)).weights;
    assertEquals(await weights(), null);
    for (const name of ["checkpoint-000900", "checkpoint-1000000", "checkpoint-001000", "x-2000000"]) {
      await Deno.writeTextFile(join(directory, `${name}.safetensors`), "");
    }
    assertEquals(await weights(), {
      path: join(directory, "checkpoint-1000000.safetensors"),
      isFinal: false,
    });
    await Deno.writeTextFile(join(directory, "final.safetensors"), "");
    assertEquals(await weights(), { path: join(directory, "final.safetensors"), isFinal: true });
    const run = await readRun(directory);
    assertEquals([labelCountOf(run), stepsOf(run), run.labelsByClass?.get("b b")], [7, 2000, 4]);
    assertClose([lastErrorsOf(run)!.teacher.testError], [0.02], { rtol: 1e-12, atol: 0 });
  });
});

Deno.test("report: a folder without a run is refused, with the reason", async () => {
  const log = encode(textOf(madeUpLog({})));
  const config = encode(`{"dataset":"mnist","seed":1,"excludeUnlabeled":false,"algorithm":"pi"}`);
  const refuse = (
    files: Record<string, Uint8Array>,
    kind: typeof RangeError | typeof SyntaxError,
    message: string,
  ) =>
    withFiles(files, async (directory) => {
      await assertRejects(() => readRuns([directory]), kind, message.replace("DIR", directory));
    });
  const foreign = "Cannot read DIR as a run: ";
  await refuse({}, RangeError, `${foreign}neither it nor a folder in it has a config.json`);
  await refuse(
    { "config.json": encode(`{"name":"b"}`) },
    RangeError,
    `${foreign}config.json lacks dataset, seed or method`,
  );
  await refuse({ "config.json": encode("[]") }, RangeError, `${foreign}config.json lacks fields`);
  await refuse({ "config.json": config }, RangeError, `${foreign}log.jsonl: no such file or folder`);
  await refuse({ "config.json": encode("{") }, SyntaxError, `config.json: the file is not valid JSON`);
  await refuse(
    { "config.json": config, "log.jsonl": encode("[]\n") },
    SyntaxError,
    "log.jsonl: line 1 is not a valid training record",
  );
  const damaged = { "config.json": config, "log.jsonl": log };
  await refuse(
    { ...damaged, "summary.json": encode("{") },
    SyntaxError,
    "summary.json: the file is not valid JSON",
  );
  await refuse({ ...damaged, "labels.txt": encode("one\n") }, SyntaxError, "labels.txt: line 1 must be");
  await withFiles({ file: log }, async (directory) => {
    const file = join(directory, "file"), none = join(directory, "none");
    await assertRejects(() => readRuns([file]), RangeError, `Cannot read ${file} as a run: `);
    await assertRejects(() => readRuns([file]), RangeError, "it is a file");
    await assertRejects(() => readRuns([none]), RangeError, "no such file or folder");
  });
});

Deno.test("report: runs are grouped by test set, labels and method, and matched with their baselines", async () => {
  await withFiles({}, async (directory) => {
    const labels = { a: 2, b: 3 };
    const write = (name: string, teacher: number, options: object, rest: object = {}) =>
      writeRun(join(directory, name), { labels, teacher, student: 0.5, options, ...rest });
    await write("1", 0.1, { seed: 1 });
    await write("1/baseline", 0.4, { seed: 1, excludeUnlabeled: true });
    await write("2", 0.3, { seed: 2, epochs: 7 });
    await write("3", 0.5, { seed: 3 }, { isFinished: false });
    await write("4", 0.6, { seed: 2, excludeUnlabeled: true });
    await write("5", 0.7, { seed: 1 }, { labels: { a: 20, b: 20 } });
    await write("6", 0.8, { seed: 1 }, { dataset: "folder", about: { dataDir: "/photos" } });
    await write("7", 0.9, { seed: 1 }, { teacher: null });
    // The baseline is passed again, and must not count twice.
    const runs = await readRuns([directory, join(directory, "1", "baseline")]);
    assertEquals(withBaselines(runs).length, 8);
    const groups = groupRuns(runs);
    assertEquals(
      groups.map(({ dataSource, labels, method, runs }) => [dataSource, labels, method, runs.length]),
      [
        ["/photos", 5, "mean-teacher", 1],
        ["mnist", 5, "mean-teacher", 2],
        ["mnist", 5, "supervised", 2],
        ["mnist", 40, "mean-teacher", 1],
      ],
    );
    const [, two, alone] = groups;
    // Two numbers 0.2 apart deviate by 0.2 / √2.
    assertClose([two!.teacher.mean, two!.teacher.standardDeviation!], [0.2, 0.2 / Math.SQRT2], {
      rtol: 1e-9,
      atol: 0,
    });
    assertClose([alone!.teacher.mean], [0.5], { rtol: 1e-9, atol: 0 });
    assertEquals(findBaseline(two!, groups), alone);
    assertEquals([groups[0], groups[2], groups[3]].map((group) => findBaseline(group!, groups)), [
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals(differingOptions(runs), ["excludeUnlabeled", "epochs", "dataDir"]);
    assertEquals(runs.map(dataSourceOf).filter((dataSource) => dataSource !== "mnist"), ["/photos"]);
  });
});

Deno.test("report: runs with different held-out images are not compared, and are named", async () => {
  await withFiles({}, async (directory) => {
    const own = { dataset: "own", about: { data: "/my/photos" }, examples: 2 };
    const write = (name: string, heldOut: readonly string[], labels: number, teacher: number) =>
      writeRun(join(directory, name), { ...own, heldOut, labels: { a: labels, b: labels }, teacher });
    await write("first", ["1.png", "2.png"], 50, 0.2);
    await write("second", ["2.png", "1.png"], 75, 0.15);
    await write("third", ["1.png", "3.png"], 100, 0.4);
    const runs = await readRuns([directory]);
    assertEquals(groupRuns(runs).map(({ labels, runs }) => [labels, runs.map(({ name }) => name)]), [
      [100, ["first"]],
      [150, ["second"]],
      [200, ["third"]],
    ]);
    assertEquals(
      testSetsOf(runs).map(({ title, images, runs }) => [title, images, runs.map(({ name }) => name)]),
      [["photos, test images A", 2, ["first", "second"]], ["photos, test images B", 2, ["third"]]],
    );
    const page = overviewHtml(runs.map((record, i) => untestedRun(record, `run-${i}`))).text;
    const plain = page.replaceAll(/<[^>]*>/g, "");
    assertStringIncludes(
      plain,
      "Runs on photos were tested on different images, so their errors cannot be compared: A, 2 images, first, second; B, 2 images, third.",
    );
    assertStringIncludes(plain, "Test error by number of labels, photos, test images A");
    assertStringIncludes(plain, "Test error by number of labels, photos, test images B");
    // A baseline must be tested on the same images.
    await writeRun(join(directory, "alone"), {
      ...own,
      heldOut: ["1.png", "3.png"],
      labels: { a: 50, b: 50 },
      options: { excludeUnlabeled: true },
    });
    const groups = groupRuns(await readRuns([directory]));
    assertEquals(groups.map((group) => findBaseline(group, groups)), groups.map(() => undefined));

    const [same] = [testSetsOf(runs.slice(0, 2))];
    assertEquals(same!.map(({ title, letter }) => [title, letter]), [["photos", ""]]);
    const alike = overviewHtml(runs.slice(0, 2).map((record, i) => untestedRun(record, `run-${i}`)))
      .toString();
    assertEquals(alike.includes("cannot be compared"), false);
  });
});

Deno.test("report: a run that resumes another is counted instead of it", async () => {
  await withFiles({}, async (directory) => {
    await writeRun(join(directory, "a"), { teacher: 0.3, steps: 100 });
    const resume = join(directory, "a", "checkpoint-000050.safetensors");
    await writeRun(join(directory, "b"), { teacher: 0.2, steps: 200, about: { resume } });
    await writeRun(join(directory, "c"), { teacher: 0.1 });
    const runs = await readRuns([directory]);
    assertEquals(groupRuns(runs).map(({ runs }) => runs.map(({ name }) => name)), [["b", "c"]]);
    const page = overviewHtml(runs.map((record, i) => untestedRun(record, `run-${i}`))).text;
    assertStringIncludes(page.replaceAll(/<[^>]*>/g, ""), "Counted once: b, resumed from a.");
    // Where the other is not given, it is a run like others.
    const some = await readRuns([join(directory, "b"), join(directory, "c")]);
    assertEquals(groupRuns(some)[0]!.runs.length, 2);
  });
});
