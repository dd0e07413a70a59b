/** The supervised baseline of a run, the gain from unlabelled images, and warnings of the self-check. */
import { join } from "node:path";
import { computeGain, describeGain } from "../../cli/run/gain.ts";
import type { RunSummary } from "../../cli/run_files/run_summary.ts";
import type { Arguments } from "../../cli/command/options.ts";
import { planNew, planRun } from "../../cli/plan/run_plan.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  type Ending,
  inFolder,
  jsonIn,
  linesIn,
  namesIn,
  parseArguments,
  run,
  short,
  snapshot,
  train,
} from "./command.ts";

gpuTest("baseline: labels, options and steps are those of its run; the gain is reported", async () => {
  await inFolder(async (directory) => {
    const args = [...short, "--baseline", "--epochs=0.5", "--evaluation-epochs=0.25", "--seed=3"];
    const ending = await train(directory, [...args, "--output=out"]);
    assertEnded(ending, 0);
    const folder = join(directory, "out"), baselineFolder = join(folder, "baseline");
    const files = [
      "config.json",
      "final.safetensors",
      "labels.txt",
      "log.jsonl",
      "model.safetensors",
      "summary.json",
    ];
    assertEquals(namesIn(folder), ["baseline", ...files]);
    assertEquals(namesIn(baselineFolder), files);
    const [own, other] = [snapshot(folder), snapshot(baselineFolder)];
    assertEquals(other["labels.txt"], own["labels.txt"]);
    const { labelsPerClass, baseline: isCompared, ...config } = await jsonIn(folder, "config.json");
    assertEquals([labelsPerClass, isCompared], [2, true]);
    const { given: _, ...about } = config.about;
    const baselineOf = await Deno.realPath(folder);
    assertEquals(await jsonIn(baselineFolder, "config.json"), {
      ...config,
      about: { ...about, baselineOf },
      excludeUnlabeled: true,
      consistency: 0,
    });
    const summary = await jsonIn(folder, "summary.json");
    const baseline = await jsonIn(baselineFolder, "summary.json");
    assertEquals([summary.algorithm, baseline.algorithm], ["mean-teacher", "supervised"]);
    assertEquals([summary.steps, baseline.steps, summary.testImages], [14, 14, 60]);
    const { student, teacher, steps } = baseline;
    assertEquals(summary.baseline, { folder: "baseline", student, teacher, steps });
    assertEquals(summary.gain, computeGain(summary, baseline));
    assertEquals([summary.warnings, baseline.warnings], [[], []]);
    assertEquals(ending.stderr, "");
    assertStringIncludes(
      ending.stdout,
      "\nSupervised training on mnist with 20 labels: 14 steps of 20 images",
    );
    assertStringIncludes(ending.stdout, `\n\n${describeGain(summary, baseline)}\nNext:\n`);

    const before = snapshot(folder);
    const again = await train(directory, ["--baseline", "--resume=out/final.safetensors"]);
    assertEnded(again, 0);
    assert(again.stdout.startsWith(`\n${describeGain(summary, baseline)}\nNext:\n`), again.stdout);
    assertEquals(snapshot(folder), before);
  });
});

/** Runs a command until a signal at the first step of Mean Teacher, or of its baseline. */
async function interruptedIn(
  part: "Mean Teacher" | "Supervised training",
  start: (onLine: (line: string, kill: (signal: Deno.Signal) => void) => void) => Promise<Ending>,
) {
  let isThere = false, isSent = false;
  const ending = await start((line, kill) => {
    isThere ||= line.startsWith(part);
    if (isSent || !isThere || !line.startsWith("step ")) return;
    kill("SIGINT");
    isSent = true;
  });
  assertEnded(ending, 130);
  const [, hint] = /Stopped at step \d+ of 60. To continue:\n {2}(.+ --baseline)\n$/.exec(ending.stderr) ??
    [];
  assert(hint !== undefined, ending.stderr);
  return hint;
}

gpuTest(
  "baseline: the printed command resumes a run interrupted in either part, with the weights of a supervised run",
  async () => {
    await inFolder(async (directory) => {
      const options = [...short, "--steps=60", "--print-freq=1", "--evaluation-epochs=0"];
      const first = await interruptedIn(
        "Mean Teacher",
        (onLine) => train(directory, [...options, "--baseline", "--output=out"], onLine),
      );
      const second = await interruptedIn(
        "Supervised training",
        (onLine) => run(["sh", "-c", `exec ${first}`], directory, onLine), // The signal is for the command, not for the shell.
      );
      assertStringIncludes(second, "/out --baseline");
      const before = snapshot(join(directory, "out"))["final.safetensors"];
      const ending = await run(["sh", "-c", second], directory);
      assertEnded(ending, 0);
      assertMatch(ending.stdout, /^Supervised training on mnist with 20 labels: \d+ steps of 20 images/m);
      assertStringIncludes(ending.stdout, "\nGain from unlabelled images, on 60 test images:\n");
      const supervised = ["--exclude-unlabeled", "--consistency=0", "--output=alone"];
      assertEnded(await train(directory, [...options, ...supervised]), 0);
      assertEquals((await checkpointIn(directory, "alone", "final.safetensors")).step, 60);
      const after = snapshot(join(directory, "out"));
      assert(after["final.safetensors"] === before);
      assert(
        after["baseline/final.safetensors"] === snapshot(join(directory, "alone"))["final.safetensors"],
      );
      const { steps, gain } = await jsonIn(directory, "out", "summary.json");
      assertEquals(steps, 60);
      assert(Number.isFinite(gain.teacherError), JSON.stringify(gain));

      // Another length would be another run, and a baseline cannot change its length.
      const again = (resume: string, training: Arguments["training"] = {}) =>
        planRun({ run: { resume: join(directory, "out", resume), baseline: true }, training }, new Date(0));
      assertEquals((await again("final.safetensors")).from?.checkpoint.step, 60);
      await assertRejects(
        () => again("final.safetensors", { steps: 200 }),
        RangeError,
        "the run there is finished",
      );
      await assertRejects(
        () => again("baseline/final.safetensors"),
        RangeError,
        "the run uses no unlabelled images",
      );
    });
  },
);

/** A folder of two classes with so many labels each, and 40 images without. */
function pictures(labels: number): Record<string, Uint8Array> {
  const picture = (isBright: boolean, i: number) =>
    png(12, 12, numbered(i, (x, y, c) => (isBright ? 150 : 20) + (x * 5 + y * 3 + c * 11 + i) % 60));
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < labels; i++) {
    files[`photos/bright/${i}.png`] = picture(true, i);
    files[`photos/dark/${i}.png`] = picture(false, i);
  }
  for (let i = 0; i < 40; i++) files[`photos/unlabeled/${i}.png`] = picture(i % 3 === 0, 100 + i);
  return files;
}

const ofPhotos = ["--data=photos", "--steps=6", "--batch-size=16", "--labeled-batch-size=6", "--output=out"];

gpuTest(
  "baseline: for a user's folder it has the same labels and the same held-out part",
  () =>
    withFiles(pictures(50), async (directory) => {
      const ending = await train(directory, [...ofPhotos, "--baseline"]);
      assertEnded(ending, 0);
      const all = snapshot(join(directory, "out"));
      assertEquals(all["baseline/labels.txt"], all["labels.txt"]);
      assertEquals(all["baseline/held-out.txt"], all["held-out.txt"]);
      const { gain, testImages } = await jsonIn(directory, "out", "summary.json");
      assertEquals([(await linesIn(directory, "out", "held-out.txt")).length, gain === null], [
        testImages,
        false,
      ]);
      assertMatch(
        ending.stdout,
        new RegExp(`\nSupervised training on \\w+ with ${100 - testImages} labels: 6 steps of 16 images`),
      );
      assertStringIncludes(ending.stdout, `from unlabelled images, on ${testImages} test images:\n`);
    }),
);

Deno.test("baseline: without test images it is refused before training", () =>
  withFiles(
    { ...pictures(50), "few.txt": new TextEncoder().encode("bright/1.png a\ndark/1.png b\n") },
    async (directory) => {
      const refusals: readonly (readonly [args: readonly string[], state: string])[] = [
        [["--no-hold-out"], "--no-hold-out keeps none"],
        [["--labels=few.txt"], "there are too few labels to hold some out"],
      ];
      for (const [args, state] of refusals) {
        const ending = await train(directory, [...ofPhotos, "--baseline", ...args]);
        assertEnded(ending, 1);
        assertStringIncludes(
          ending.stderr,
          `Cannot use --baseline: the comparison needs test images, but ${state}. Pass a list of labelled pictures to --hold-out`,
        );
        assertEquals(namesIn(directory), ["few.txt", "photos"]);
      }
    },
  ));

Deno.test("baseline: runs without unlabelled images are refused", async () => {
  const plan = (...args: string[]) => planNew(parseArguments(["--baseline", ...args]), "out");
  assertEquals([plan().run.baseline, plan("--algorithm=pi").run.baseline], [true, true]);
  assertThrows(
    () => plan("--exclude-unlabeled"),
    RangeError,
    "Cannot use --baseline: the run uses no unlabelled images, so it would equal its baseline",
  );
  await assertRejects(
    () => planRun(parseArguments(["--baseline", "--evaluate", "--resume=a"]), new Date(0)),
    RangeError,
    "Cannot use --baseline with --evaluate: evaluating trains nothing",
  );
});

/** Whatever else a summary says. */
const more = { steps: 1, labels: 10, imagesPerSecond: 1, kernels: {} };
const summary = (student: number, teacher: number, testImages = 10_000): RunSummary => ({
  ...more,
  student: { testError: student, examples: testImages },
  teacher: { testError: teacher, examples: testImages },
  testImages,
});

Deno.test("baseline: the gain is measured against the better network of the baseline", () => {
  const [own, baseline] = [summary(0.06, 0.05), summary(0.1, 0.12)];
  assertEquals(computeGain(own, baseline), {
    teacherError: 0.05,
    baselineError: 0.1,
    relativeReduction: 0.5,
  });
  assertEquals(
    describeGain(own, baseline),
    [
      "Gain from unlabelled images, on 10000 test images:",
      "  with unlabelled images  student 6.00 %, teacher 5.00 %",
      "  supervised baseline     student 10.00 %, teacher 12.00 % (same labels and steps)",
      "The teacher makes 50 % fewer errors than the better network of the baseline.",
    ].join("\n"),
  );
  const worse = describeGain(summary(0.1, 0.15), summary(0.1, 0.2));
  assertStringIncludes(
    worse,
    "\nNo gain: the teacher makes 50 % more errors than the better network of the baseline.\nThings to try",
  );
  assertEquals(computeGain(summary(0.1, 0.15), summary(0.1, 0.2))!.relativeReduction! < -0.49, true);
  assertStringIncludes(
    describeGain(own, summary(0.05, 0.2)),
    "\nNo gain: the teacher makes as many errors as",
  );
});

Deno.test("baseline: a difference that may be chance is called so, and unknown figures are left out", () => {
  const chance = "may be chance: 100 test images are too few";
  assertStringIncludes(
    describeGain(summary(0.1, 0.1, 100), summary(0.13, 0.13, 100)),
    "with unlabelled images  student 10.0 % (5.5 to 17.4 %), teacher 10.0 % (5.5 to 17.4 %)\n",
  );
  // Two standard errors of a difference of .1 and .13, of 100 images each, are .09; of .1 and .3, .11.
  assertStringIncludes(describeGain(summary(0.1, 0.1, 100), summary(0.13, 0.13, 100)), chance);
  assertStringIncludes(describeGain(summary(0.1, 0.13, 100), summary(0.1, 0.1, 100)), chance);
  assertEquals(describeGain(summary(0.1, 0.1, 100), summary(0.3, 0.3, 100)).includes("chance"), false);
  const perfect = computeGain(summary(0.1, 0.1), summary(0, 0));
  assertEquals(perfect, { teacherError: 0.1, baselineError: 0, relativeReduction: null });
  assertStringIncludes(describeGain(summary(0.1, 0.1), summary(0, 0)), "the teacher makes more errors");
  const untested: RunSummary = { ...more, testImages: 0 };
  assertEquals(computeGain(untested, untested), null);
  assertStringIncludes(describeGain(untested, untested), "there are no test images");
});

gpuTest(
  "self-check: warnings are printed when they arise and at the end, with the options' flags",
  async () => {
    await inFolder(async (directory) => {
      const args = [...short, "--output=out", "--epochs=0.5", "--consistency=0", "--evaluation-epochs=0.25"];
      const ending = await train(directory, args);
      assertEnded(ending, 0);
      const message =
        "The weight of the consistency cost is 0, so unlabelled images teach the student nothing. Set --consistency above 0, or set --exclude-unlabeled to train on labels alone.";
      assertEquals(
        ending.stderr,
        `Warning at step 7 (consistency-zero): ${message}\nSelf-check warnings at the end of training:\n  consistency-zero: ${message}\n`,
      );
      const warnings = [{ code: "consistency-zero", message }];
      assertEquals((await jsonIn(directory, "out", "summary.json")).warnings, warnings);
      const records = (await linesIn(directory, "out", "log.jsonl")).map((line) => JSON.parse(line));
      const looks = records.filter(({ kind }) => kind === "diagnostics");
      assertEquals(looks.map((look) => [look.step, look.warnings]), [[7, warnings], [14, warnings]]);
    });
  },
);
