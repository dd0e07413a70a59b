/** `--keep` and `--patience`: which weights a run keeps, where commands find them, and how few checkpoints stay. */
import { join } from "node:path";
import { readRun } from "../../cli/report/run_record.ts";
import { findKept } from "../../cli/run_files/run_reader.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { findRunFile } from "../../cli/weights/open_model.ts";
import { readModel } from "../../nn/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  inFolder,
  jsonIn,
  linesIn,
  namesIn,
  parseArguments,
  short,
} from "./command.ts";
import { callOn } from "./in_process.ts";
import { type Files, picture } from "./tiny_files.ts";

/** Pictures of two classes with 60 labels each, of which every fourth is wrong, so that training overfits. */
function noisyFolder(): Files {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 120; i++) {
    const isDark = (i % 2 === 1) !== (Math.floor(i / 2) % 4 === 0);
    files[`p/${isDark ? "dark" : "light"}/${i}.png`] = picture(i, true);
  }
  return files;
}

const options = [
  "--algorithm=supervised",
  "--arch=convnet_small",
  "--batch-size=40",
  "--input-noise=0",
  "--augment=none",
  "--lr=0.02",
  "--lr-rampup=12steps",
  "--tune=off",
  "--steps=40",
  "--evaluation-epochs=2steps",
  "--checkpoint-epochs=2steps",
];

/** The evaluations in the log of a run. */
async function evaluationsIn(folder: string) {
  const records = (await linesIn(folder, "log.jsonl")).map((line) => JSON.parse(line));
  return records.filter(({ kind }) => kind === "evaluation");
}

gpuTest(
  "keep: model and commands use the weights with the fewest errors on held-out labels",
  async (device) => {
    await withFiles(noisyFolder(), async (directory) => {
      const at = (...names: string[]) => join(directory, ...names), call = callOn(device);
      const train = async (...args: string[]) => {
        const ending = await call("train", ...args);
        assertEnded(ending, 0);
        return ending;
      };
      const chosen = [at("p"), ...options, "--keep=best", "--patience=4"];
      const { stdout, stderr } = await train(...chosen, `--output=${at("a")}`);

      const evaluations = await evaluationsIn(at("a"));
      const [best] = evaluations.toSorted((a, b) =>
        a.teacher.testError - b.teacher.testError || a.teacher.testCost - b.teacher.testCost
      );
      const { kept, steps, ended, teacher, testImages } = await jsonIn(at("a"), "summary.json");
      assertEquals(kept, { file: "best.safetensors", step: best.step, by: "held-out" });
      assertEquals([steps, ended, testImages], [best.step + 8, "patience", best.teacher.examples]);
      assert(best.step > 2 && best.step < 32, `the best step is ${best.step}`);
      assertEquals(teacher.testError, best.teacher.testError);
      assertStringIncludes(stdout, `Evaluations are compared on the ${testImages} held-out labels\n`);
      assertStringIncludes(stdout, ` (weights of step ${best.step}, the best by these held-out labels, so `);
      assertEquals(stderr, `Ended at step ${steps} of 40: the evaluations stopped improving (--patience)\n`);
      const number = (step: number) => String(step).padStart(6, "0");
      assertEquals(namesIn(at("a")), [
        "best.safetensors",
        `checkpoint-${number(steps - 2)}.safetensors`,
        `checkpoint-${number(steps)}.safetensors`,
        "config.json",
        "final.safetensors",
        "held-out.txt",
        "labels.txt",
        "log.jsonl",
        "model.safetensors",
        "summary.json",
      ]);

      // Every command finds the same weights.
      const file = at("a", "best.safetensors"), checkpoint = await checkpointIn(file);
      assertEquals(checkpoint.step, best.step);
      assertEquals(
        readModel(await Deno.readFile(at("a", "model.safetensors")), "").weights,
        checkpoint.teacher,
      );
      assertEquals([await findKept(at("a")), await findRunFile(at("a"), ["checkpoint"])], [file, file]);
      assertEquals((await readRun(at("a"))).weights, { path: file, isFinal: true });
      const evaluated = await call("evaluate", at("a"), `--output=${at("figures.json")}`);
      assertStringIncludes(evaluated.stdout, "a/best.safetensors: ");
      const figures = await jsonIn(at("figures.json"));
      assertEquals([figures.step, figures.teacher.testError], [best.step, best.teacher.testError]);
      assertEnded(await call("report", at("a"), `--output=${at("a.html")}`), 0);
      const page = await Deno.readTextFile(at("a.html"));
      assertStringIncludes(page, `Weights of step ${best.step}, the best by the held-out labels, on `);

      // Interrupted before and after the best step, and resumed elsewhere, all files are the same.
      for (const stop of [best.step - 2, best.step + 4]) {
        const [part, rest] = [at(`part-${stop}`), at(`rest-${stop}`)];
        await train(...chosen, `--max-steps=${stop}`, `--output=${part}`);
        await train(`--resume=${join(part, "final.safetensors")}`, `--output=${rest}`);
        for (const name of ["final", "best", "model"]) {
          const [whole, resumed] = [at("a"), rest].map((path) =>
            Deno.readFileSync(join(path, `${name}.safetensors`))
          );
          assertEquals(resumed, whole, `${name} of the run resumed at step ${stop}`);
        }
        assertEquals((await jsonIn(rest, "summary.json")).kept, kept);
      }

      // The last weights are kept on request, and the best ones are there too.
      await train(at("p"), ...options, "--keep=last", "--patience=4", `--output=${at("last")}`);
      assertEquals((await jsonIn(at("last"), "summary.json")).kept, undefined);
      assertEquals(await findKept(at("last")), at("last", "final.safetensors"));
      const model = readModel(await Deno.readFile(at("last", "model.safetensors")), "");
      assertEquals(model.weights, (await checkpointIn(at("last", "final.safetensors"))).teacher);
      assertEquals((await checkpointIn(at("last", "best.safetensors"))).teacher, checkpoint.teacher);
    });
  },
);

gpuTest("keep: with only a test set, the run says that it chooses the weights", async (device) => {
  await inFolder(async (directory) => {
    const at = (...names: string[]) => join(directory, ...names);
    const ending = await callOn(device)(
      "train",
      `--data-dir=${at("data")}`,
      ...short.slice(1),
      "--keep=best",
      "--steps=8",
      "--evaluation-epochs=4steps",
      "--checkpoint-epochs=2steps",
      "--keep-checkpoints=1",
      `--output=${at("a")}`,
    );
    assertEnded(ending, 0);
    assertStringIncludes(
      ending.stdout,
      "Evaluations are compared on the 60 images of the test set, as no labels are held out, so that the test error of the best weights may be slightly too low\n",
    );
    assertStringIncludes(ending.stdout, ", the best by these test images, so that ");
    assertEquals((await jsonIn(at("a"), "summary.json")).kept.by, "test");
    const checkpoints = namesIn(at("a")).filter((name) => name.startsWith("checkpoint-"));
    assertEquals(checkpoints, ["checkpoint-000006.safetensors"]);
  });
});

gpuTest(
  "keep: without labels or images to compare on, the best weights are refused before training",
  async (device) => {
    await withFiles(noisyFolder(), async (directory) => {
      const at = (...names: string[]) => join(directory, ...names), call = callOn(device);
      for (
        const [option, name] of [["--keep=best", "--keep best"], ["--patience=2", "--patience"]] as const
      ) {
        const ending = await call(
          "train",
          at("p"),
          ...options,
          "--no-hold-out",
          option,
          `--output=${at("a")}`,
        );
        assertEquals(ending.code, 1);
        assertStringIncludes(
          ending.stderr,
          `Cannot use ${name}: evaluations are compared on labelled images that training does not use, but there are none. `,
        );
        await assertRejects(
          () => planRun(parseArguments([at("p"), option, "--folds=2"]), new Date(0)),
          RangeError,
          `Cannot use ${name} with --folds: with folds, no labels are held out to compare evaluations on`,
        );
      }
      assertEquals(namesIn(directory), ["p"]);
    });
  },
);
