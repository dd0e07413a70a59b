/** Cross-validation over the labels: `--folds`. */
import { join } from "node:path";
import { errorText } from "../../cli/terminal/figures.ts";
import { planNew, planRun } from "../../cli/plan/run_plan.ts";
import { describeFolds } from "../../cli/run/folds.ts";
import { parseLabelList } from "../../data/mod.ts";
import { errorInterval } from "../../semisup/mod.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  type Ending,
  jsonIn,
  namesIn,
  parseArguments,
  run,
  snapshot,
  train,
} from "./command.ts";
import { classFolders, type Files, listedPictures, npyPair, trainAndVal } from "./tiny_files.ts";

const below = (files: Files) =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`d/${path}`, bytes]));

const listIn = (text: string | undefined) => [...parseLabelList(text ?? "")];

/** Checks the folder of a run with three folds of 14 labels. */
async function checkFolder(directory: string, ending: Ending): Promise<void> {
  const all = snapshot(join(directory, "out"));
  const { folds, labels, testImages, student } = await jsonIn(directory, "out", "summary.json");
  assertEquals([labels, testImages, student, all["held-out.txt"]], [14, 0, undefined, undefined]);
  const listed = listIn(all["labels.txt"]), heldOut: (readonly [string, string])[] = [];
  const wrong = { student: 0, teacher: 0 };
  for (const i of [1, 2, 3]) {
    const own = listIn(all[`fold-${i}/labels.txt`]), out = listIn(all[`fold-${i}/held-out.txt`]);
    // What is tested on is not learned from, and all else is.
    assertEquals([...own, ...out].sort(), [...listed].sort());
    assertEquals(new Set(out.map(([, name]) => name)).size, 2);
    heldOut.push(...out);
    const summary = await jsonIn(directory, "out", `fold-${i}`, "summary.json");
    assertEquals([summary.labels, summary.testImages], [own.length, out.length]);
    for (const who of ["student", "teacher"] as const) {
      wrong[who] += Math.round(summary[who].testError * out.length);
    }
    const config = await jsonIn(directory, "out", `fold-${i}`, "config.json");
    assertEquals([config.about.foldOf, config.steps], [await Deno.realPath(join(directory, "out")), 3]);
  }
  assertEquals(heldOut.sort(), [...listed].sort());
  const error = (count: number) => ({
    testError: count / 14,
    examples: 14,
    interval: [...errorInterval(count / 14, 14)],
  });
  assertEquals(folds, { count: 3, student: error(wrong.student), teacher: error(wrong.teacher) });
  assertStringIncludes(ending.stdout, `\n${describeFolds(folds)}\nNext:\n`);
  assertStringIncludes(
    ending.stdout,
    "test images   none in this run; 3 runs follow, each tested on another part of the labels",
  );
}

const options = ["--data=d", "--steps=3", "--folds=3", "--output=out"];
const counts = { each: 7, unlabeled: 20 };

gpuTest(
  "folds: of pictures and of arrays, each label is tested once by a run without it",
  async () => {
    for (
      const files of [
        listedPictures({ each: 7, unlabeled: 0 }), // Batches of folds then have fewer images than those of the run.
        npyPair(["images.npy", "labels.npy"], 34, 14, 1),
      ]
    ) {
      await withFiles(below(files), async (directory) => {
        const ending = await train(directory, options);
        assertEnded(ending, 0);
        assertEquals(namesIn(join(directory, "out")).filter((name) => name.startsWith("fold")).length, 3);
        await checkFolder(directory, ending);
      });
    }
  },
);

gpuTest(
  "folds: finished folds stay unchanged, and a different number of folds is refused",
  async () => {
    await withFiles(below(classFolders(counts)), async (directory) => {
      // A run of long ago can have them too, as nothing of it was held out.
      const alone = await train(directory, options.filter((option) => !option.startsWith("--folds")));
      assertEnded(alone, 0);
      const own = snapshot(join(directory, "out"));
      const resume = (count: number) =>
        train(directory, ["--resume=out/final.safetensors", `--folds=${count}`]);
      const first = await resume(3);
      assertEnded(first, 0);
      const all = snapshot(join(directory, "out"));
      assert(own["final.safetensors"] === all["final.safetensors"]);
      const again = await resume(3);
      assertEnded(again, 0);
      const { folds } = await jsonIn(directory, "out", "summary.json");
      assert(again.stdout.startsWith(`\n${describeFolds(folds)}\nNext:\n`), again.stdout);
      assertEquals(snapshot(join(directory, "out")), all);
      const other = await resume(2);
      assertEnded(other, 1);
      assertStringIncludes(
        other.stderr,
        "fold-1: it holds out other images than a split of these labels into 2 folds",
      );
      const report = await run([
        "deno",
        "run",
        "-A",
        new URL("../../cli/report.ts", import.meta.url).pathname,
        "out",
      ], directory);
      assertEnded(report, 0);
    });
  },
);

gpuTest(
  "folds: the printed command resumes an interrupted run or fold",
  async () => {
    await withFiles(below(classFolders(counts)), async (directory) => {
      const args = ["--data=d", "--steps=60", "--print-freq=1", "--folds=2", "--output=out"];
      /** Interrupts at the first step after a line that ends so. */
      const interrupted = async (
        end: string,
        start: (onLine: (line: string, kill: (signal: Deno.Signal) => void) => void) => Promise<Ending>,
      ) => {
        let isThere = false, isSent = false;
        const ending = await start((line, kill) => {
          isThere ||= line.endsWith(end);
          if (isSent || !isThere || !line.startsWith("step ")) return;
          kill("SIGINT");
          isSent = true;
        });
        assertEnded(ending, 130);
        const [, hint] =
          /Stopped at step \d+ of 60. To continue:\n {2}(.+ --folds=2)\n$/.exec(ending.stderr) ??
            [];
        assert(hint !== undefined, ending.stderr);
        return hint;
      };
      const first = await interrupted("writing to out", (onLine) => train(directory, args, onLine));
      const shell = (hint: string) => ["sh", "-c", `exec ${hint}`];
      const second = await interrupted("/fold-2", (onLine) => run(shell(first), directory, onLine));
      assertStringIncludes(second, "/out --folds=2");
      const done = snapshot(join(directory, "out"))["fold-1/final.safetensors"];
      const ending = await run(shell(second), directory);
      assertEnded(ending, 0);
      assertMatch(ending.stdout, /^Mean Teacher on d with 7 labels: \d+ steps of \d+ images/);
      assert(snapshot(join(directory, "out"))["fold-1/final.safetensors"] === done);
      const { folds, steps } = await jsonIn(directory, "out", "summary.json");
      assertEquals([folds.count, folds.teacher.examples, steps], [2, 14, 60]);
    });
  },
);

Deno.test("folds: unsuitable data and options are refused before training", async () => {
  const refuse = (args: readonly string[], message: string) =>
    assertRejects(() => planRun(parseArguments(args), new Date(0)), RangeError, message);
  await refuse(
    ["--folds=3"],
    "Cannot use --folds without --data: mnist has test images already",
  );
  assertThrows(
    () => planNew(parseArguments(["--folds=3", "--preset=mnist-100-pi"]), "out"),
    RangeError,
    "without --data",
  );
  await withFiles(
    {
      ...below(trainAndVal(counts)),
      ...Object.fromEntries(Object.entries(classFolders(counts)).map(([k, v]) => [`e/${k}`, v])),
    },
    async (directory) => {
      const [own, few] = [join(directory, "d"), join(directory, "e")];
      await refuse([`--data=${own}`, "--folds=3"], "has 8 test images already, which measure the error");
      await refuse(
        [`--data=${few}`, "--folds=8"],
        "Cannot draw 8 folds: each class needs at least 8 labels, but class bright one has 7",
      );
      await refuse([`--data=${few}`, "--folds=3", "--labels-per-class=2"], "class bright one has 2");
      await refuse([`--data=${few}`, "--folds=3", "--baseline"], "Cannot use --baseline with --folds");
    },
  );
  await refuse(["--resume=a", "--folds=3", "--evaluate"], "Cannot use --folds=3 with --evaluate");
  assertThrows(() => parseArguments(["--folds=1"]), Error, "folds");
});

gpuTest("folds: a run with held-out labels is refused, and with --folds none are held out", async () => {
  await withFiles(below(classFolders({ each: 50, unlabeled: 10 })), async (directory) => {
    assertEnded(await train(directory, ["--data=d", "--steps=2", "--output=out"]), 0);
    const ending = await train(directory, ["--resume=out/final.safetensors", "--folds=3"]);
    assertEnded(ending, 1);
    assertStringIncludes(ending.stderr, "has test images already, which measure the error");
    // Asked for from the beginning, none is held out.
    assertEnded(await train(directory, ["--data=d", "--steps=2", "--output=b", "--folds=2"]), 0);
    const { labels, folds } = await jsonIn(directory, "b", "summary.json");
    assertEquals([labels, folds.teacher.examples], [100, 100]);
    assertStringIncludes(describeFolds(folds), `teacher ${errorText(folds.teacher)}.`);
  });
});
