import { Pace } from "../../cli/terminal/pace.ts";
import { duration, errorText, percent } from "../../cli/terminal/figures.ts";
import { createProgress } from "../../cli/terminal/progress.ts";
import type { CostRecord, EvaluationRecord } from "../../semisup/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const hyperparameters = { learningRate: 0.1, consistencyWeight: 1, emaDecay: 0.9, beta1: 0.9, beta2: 0.99 };

function costs(step: number, more: Readonly<Record<string, number>> = {}): CostRecord {
  const costs = { cost: 1.5, classification: 1, consistency: 0.5, ...more };
  return { kind: "costs", step, epoch: step / 100, costs, hyperparameters };
}

function evaluation(step: number, examples = 2000): EvaluationRecord {
  const of = (testError: number) => ({ examples, testError, top5Error: null, testCost: 1 });
  const [student, teacher] = [of(0.25), of(0.125)];
  return { kind: "evaluation", step, epoch: step / 100, student, teacher };
}

/** A run of 200 steps of 10 images whose clock and step are set by hand. */
function madeUpRun() {
  const state = { step: 0, milliseconds: 0 };
  const pace = new Pace({ firstStep: 0, totalSteps: 200, batchSize: 10 }, () => state.milliseconds);
  return { state, run: { totalSteps: 200, pace, currentStep: () => state.step } };
}

/** A bar on a terminal, and what it shows: its last drawing. */
function madeUpBar(columns: number) {
  const { state, run } = madeUpRun();
  let written = "";
  const bar = createProgress(run, { write: (text) => written += text, columns: () => columns });
  const shown = () => written.slice(written.lastIndexOf("\r") + 1).split("\x1b[K")[0]!;
  return { state, bar, shown, written: () => written };
}

Deno.test("progress: times and shares are easy to read", () => {
  assertEquals([0.4, 59.4, 59.6, 245, 3599, 3600, 90_061].map(duration), [
    "0 s",
    "59 s",
    "1 min 00 s",
    "4 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "25 h 01 min",
  ]);
  assertEquals([0, 0.03456, 1].map(percent), ["0.00 %", "3.46 %", "100.00 %"]);
  assertEquals(
    ([[0.225, 40], [0, 20], [1, 1], [0.0345, 1999], [0.03456, 2000]] as const).map(([testError, examples]) =>
      errorText({ testError, examples })
    ),
    [
      "22.5 % (12.3 to 37.5 %)",
      "0.0 % (0.0 to 16.1 %)",
      "100.0 % (20.7 to 100.0 %)",
      "3.5 % (2.7 to 4.3 %)",
      "3.46 %",
    ],
  );
});

Deno.test("progress: the pace excludes the work before the first step", () => {
  let milliseconds = 0;
  const pace = new Pace({ firstStep: 100, totalSteps: 200, batchSize: 10 }, () => milliseconds);
  milliseconds = 9000;
  assertEquals(pace.at(100), { imagesPerSecond: 0, secondsLeft: Infinity });
  milliseconds = 10_000;
  assertEquals(pace.at(101), { imagesPerSecond: 1, secondsLeft: 990 });
  milliseconds = 11_000;
  assertEquals(pace.at(111), { imagesPerSecond: 100, secondsLeft: 8.9 });
  assertEquals(pace.at(200).secondsLeft, 0);
});

Deno.test("progress: without a terminal, lines are plain", () => {
  const { state, run } = madeUpRun();
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    const progress = createProgress(run, undefined);
    state.milliseconds = 5000;
    progress.costs(costs(50));
    progress.costs(costs(50, { logitDistance: 0.25 }));
    progress.evaluation(evaluation(50));
    progress.evaluation(evaluation(50, 40));
    progress.stop();
  } finally {
    console.log = log;
  }
  assertEquals(lines, [
    "step 50/200  epoch 0.50  cost 1.5000 (classification 1.0000, consistency 0.5000)  100 images/s  15 s left",
    "step 50/200  epoch 0.50  cost 1.5000 (classification 1.0000, consistency 0.5000, logit distance 0.2500)  100 images/s  15 s left",
    "step 50/200  test error: student 25.00 %, teacher 12.50 %",
    "step 50/200  test error: student 25.0 % (14.2 to 40.2 %), teacher 12.5 % (5.5 to 26.1 %)",
  ]);
});

Deno.test("progress: after a silence, a line shows how far the run is", async () => {
  const { state, run } = madeUpRun();
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  const progress = createProgress(run, undefined, 10);
  try {
    const next = async (count: number) => {
      while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    await next(1);
    Object.assign(state, { step: 2, milliseconds: 4000 });
    await next(lines.length + 1);
    const said = lines.length;
    progress.costs(costs(2));
    assertEquals(lines.length, said + 1);
  } finally {
    progress.stop();
    console.log = log;
  }
  assertEquals(lines[0], "step 0/200  starting");
  // 200 steps of 10 images, 2 of them in 4 s.
  assertStringIncludes(lines.join("\n"), "\nstep 2/200  5 images/s  6 min 36 s left\n");
});

Deno.test("progress: the bar shows steps, time left, test errors, costs and speed as they come", () => {
  const { state, bar, shown } = madeUpBar(120);
  assertEquals(shown(), `${"░".repeat(20)} step 0/200 | starting`);
  Object.assign(state, { step: 50, milliseconds: 5000 });
  bar.costs(costs(50));
  assertEquals(
    shown(),
    `${"█".repeat(5)}${"░".repeat(15)} step 50/200 | 15 s left | cost 1.500 | 100 images/s`,
  );
  Object.assign(state, { step: 100, milliseconds: 10_000 });
  bar.evaluation(evaluation(100));
  assertEquals(
    shown(),
    `${"█".repeat(10)}${
      "░".repeat(10)
    } step 100/200 | 10 s left | error: teacher 12.50 % | student 25.00 % | cost 1.500 | 100 images/s`,
  );
  bar.stop();
});

Deno.test("progress: the bar fits in its line, and drops the least important parts first", () => {
  for (let columns = 1; columns <= 130; columns++) {
    const { state, bar, shown } = madeUpBar(columns);
    Object.assign(state, { step: 199, milliseconds: 5000 });
    bar.costs(costs(199));
    bar.evaluation(evaluation(199, columns % 2 === 0 ? 40 : 2000));
    if (columns >= 20) assert(shown().length < columns, `${shown()} in ${columns} columns`);
    assertStringIncludes(shown(), "step 199/200");
    if (columns >= 60) assertStringIncludes(shown(), "teacher 12.5");
    if (columns >= 80) assertStringIncludes(shown(), " left");
    bar.stop();
  }
});

Deno.test("progress: a warning has lines of its own above the bar", () => {
  const { bar, shown, written } = madeUpBar(120);
  const before = shown();
  bar.warning("Warning: much is wrong");
  assertStringIncludes(written(), "\r\x1b[KWarning: much is wrong\n\r");
  assertEquals(shown(), before);
  bar.stop();
});

Deno.test("progress: the bar hides the cursor, and restores it once", () => {
  const { bar, written } = madeUpBar(80);
  bar.stop();
  bar.stop();
  assert(written().startsWith("\x1b[?25l"));
  assert(written().endsWith("\x1b[?25h\n"));
  assertEquals(written().split("\x1b[?25h").length, 2);
});
