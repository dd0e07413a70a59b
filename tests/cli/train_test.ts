/** Whole runs of the command. */
import { errorText } from "../../cli/terminal/figures.ts";
import { join } from "node:path";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  command,
  inFolder,
  jsonIn,
  linesIn,
  namesIn,
  run,
  short,
  snapshot,
  train,
} from "./command.ts";

function isShare(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

gpuTest("train: a run writes all its files, and prints plain lines", async () => {
  await inFolder(async (directory) => {
    const ending = await train(directory, [
      ...short,
      "--output=runs/a",
      "--epochs=0.5",
      "--print-freq=5",
      "--evaluation-epochs=0.25",
      "--checkpoint-epochs=0.2",
    ]);
    assertEnded(ending, 0);
    const folder = join(directory, "runs", "a");
    assertEquals(namesIn(folder), [
      "checkpoint-000006.safetensors",
      "checkpoint-000012.safetensors",
      "config.json",
      "final.safetensors",
      "labels.txt",
      "log.jsonl",
      "model.safetensors",
      "summary.json",
    ]);

    const config = await jsonIn(folder, "config.json");
    assertEquals([config.dataset, config.dataDir], ["mnist", join(await Deno.realPath(directory), "data")]);
    assertEquals([config.batchSize, config.epochs, config.learningRate], [20, 0.5, 0.003]);
    assertEquals([config.labelsPerClass, config.labels], [2, undefined]);

    const list = parseLabelList(await Deno.readTextFile(join(folder, "labels.txt")));
    assertEquals([...list.values()].sort(), [..."00112233445566778899"]);
    for (const [name, label] of list) assertEquals(Number(name.slice(6)) % 10, Number(label), name);

    const records = (await linesIn(folder, "log.jsonl")).map((line) => JSON.parse(line));
    assertEquals(records.map(({ kind, step }) => `${kind} ${step}`), [
      "start 0",
      "costs 5",
      "diagnostics 7",
      "evaluation 7",
      "costs 10",
      "diagnostics 14",
      "evaluation 14",
    ]);
    const { costs: { cost, classification, consistency }, hyperparameters, seconds } = records[4];
    for (const number of [cost, classification, consistency, hyperparameters.learningRate, seconds]) {
      assert(Number.isFinite(number) && number > 0, JSON.stringify(records[4]));
    }

    const summary = await jsonIn(folder, "summary.json");
    for (const { testError } of [summary.student, summary.teacher]) {
      assert(isShare(testError), `${testError}`);
    }
    assertEquals([summary.steps, summary.labels, summary.dataset], [14, 20, "mnist"]);
    const { interval: [low, high], ...teacher } = summary.teacher;
    assertEquals(teacher, records[6].teacher);
    assert(low <= teacher.testError && teacher.testError <= high && low < high, `${low} to ${high}`);
    assertGreater(summary.seconds, 0);
    assertGreater(summary.device.length, 0);

    const { step, options } = await checkpointIn(folder, "final.safetensors");
    assertEquals([step, options.epochs], [14, 0.5]);

    const all = ending.stdout.trimEnd().split("\n"), next = all.slice(-4);
    // Options are shown in a few lines, indented.
    assertEquals(all[1], "Options other than the defaults:");
    const lines = all.slice(0, -4).filter((line, i) => i !== 1 && !line.startsWith("  "));
    assertMatch(
      lines[0]!,
      /^Mean Teacher on mnist with 20 labels: 14 steps of 20 images on .+, writing to runs\/a$/,
    );
    assertMatch(lines.splice(1, 1)[0]!, /^The run needs about \d.* MB for its files/);
    assertMatch(lines[1]!, /^step 5\/14 {2}epoch 0.18 {2}cost \d/);
    assertMatch(
      lines[2]!,
      /^step 7\/14 {2}test error: student \d+\.\d % \(\d+\.\d to \d+\.\d %\), teacher \d+\.\d % \(.+ %\)$/,
    );
    assertMatch(
      lines.at(-3)!,
      /^Test error on 60 images of mnist: student .+ %\), teacher .+ %\); 14 steps, \d+ /,
    );
    assertEquals(
      lines.at(-2),
      "Model: runs/a/model.safetensors (the teacher, an average of the student's weights that usually makes fewer errors). Its probabilities are not calibrated (temperature 1), because no labels were held out",
    );
    assertEquals(lines.at(-1), "Results: runs/a/summary.json, final checkpoint: runs/a/final.safetensors");
    assertEquals(next.map((line) => line.replace(/\S+ run -A \S+\/cli\//, "")), [
      "Next:",
      "  all test results:      evaluate.ts runs/a",
      "  report as a web page:  report.ts runs/a",
      "  images to label next:  suggest.ts runs/a",
    ]);
    for (const code of [...ending.stdout, ...ending.stderr].map((letter) => letter.charCodeAt(0))) {
      assert(code === 10 || code >= 32, `control character ${code}`);
    }
    assertEquals(ending.stderr, "");

    const before = snapshot(directory);
    const evaluation = await train(directory, ["--evaluate", "--resume=runs/a/final.safetensors"]);
    assertEnded(evaluation, 0);
    assertEquals(evaluation.stdout.trimEnd(), lines.at(-3)!.split(";")[0]);
    assertEquals(snapshot(directory), before);
  });
});

gpuTest("train: a diverging run ends with one line, and keeps earlier files", async () => {
  await inFolder(async (directory) => {
    const { code, stderr, stdout } = await train(directory, [
      ...short,
      "--output=out",
      "--lr=1e6",
      "--lr-rampup=0.5",
      "--initial-lr=0",
      "--print-freq=1",
      "--evaluation-epochs=0",
    ]);
    assertEnded({ code, stderr, stdout }, 1);
    assertMatch(
      stderr,
      /^Cannot continue training: the cost must stay below [^\n]* No checkpoint was saved before\.\n$/,
    );
    const records = (await linesIn(directory, "out", "log.jsonl")).map((line) => JSON.parse(line));
    assertEquals(records.slice(0, 2).map(({ kind, step }) => `${kind} ${step}`), ["start 0", "costs 1"]);
    assertEquals(namesIn(join(directory, "out")), ["config.json", "labels.txt", "log.jsonl"]);
  });
});

gpuTest("train: a removed folder ends the run, and the state is saved elsewhere", async () => {
  await inFolder(async (directory) => {
    let isGone = false;
    const ending = await train(
      directory,
      [...short, "--output=out", "--epochs=1000", "--print-freq=1", "--fallback=safe"],
      async (line) => {
        if (isGone || !line.startsWith("step ")) return;
        await Deno.rename(join(directory, "out"), join(directory, "gone"));
        isGone = true;
      },
    );
    assertEnded(ending, 1);
    const [, step, path, hint] =
      /^The state of step (\d+) is saved in (safe\S+)\. To continue, once out can be written to:\n {2}(.+)\nCannot write out\/log\.jsonl: no such file or folder\. No checkpoint was saved before\.\n$/
        .exec(ending.stderr) ?? [];
    assert(path !== undefined && hint !== undefined, ending.stderr);
    assertEquals((await checkpointIn(directory, path)).step, Number(step));
    assertMatch(hint, / --resume \/\S+\.safetensors --output \/\S+\/out --fallback \/\S+\/safe$/);
    // The lock is of a process that ended.
    assertEquals(namesIn(join(directory, "gone")), ["config.json", "labels.txt", "log.jsonl", "run.lock"]);
  });
});

/** Command of util-linux that runs a program on a pseudo-terminal. */
const hasScript = Deno.build.os === "linux" &&
  await new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).output()
    .then(({ success }) => success, () => false);

if (!hasScript) console.warn("The test of the bar on a terminal is skipped: there is no program `script`");
(hasScript ? gpuTest : Deno.test.ignore)(
  "train: on a terminal there is a bar with steps, time left and test errors",
  async () => {
    await inFolder(async (directory) => {
      const args = [...short, "--output=out", "--max-steps=4", "--print-freq=1", "--evaluation-epochs=0.05"];
      const line = `stty cols 120; ${[...command, ...args].map((word) => `'${word}'`).join(" ")}`;
      const ending = await run(["script", "-qec", line, "/dev/null"], directory);
      assertEnded(ending, 0);
      assertStringIncludes(ending.stdout, "░ step 0/4 | starting");
      assertMatch(
        ending.stdout,
        /\r█+░* step [34]\/4 \| \d+ s left \| error: teacher \d+\.\d % \(\d+\.\d to \d+\.\d %\) \| student \d+\.\d % \(.+ %\) \| cost \d/,
      );
      assertStringIncludes(ending.stdout, "█ step 4/4 | 0 s left");
      assertStringIncludes(
        ending.stdout.replaceAll("\r", ""),
        "\nTest error on 60 images of mnist: student ",
      );
      assert(ending.stdout.includes("\x1b[?25l") && ending.stdout.includes("\x1b[?25h"));
    });
  },
);

gpuTest("train: per-image normalisation applies in training and evaluation", async () => {
  await inFolder(async (directory) => {
    const args = [...short, "--normalize=per-image", "--max-steps=4", "--output=a"];
    assertEnded(await train(directory, args), 0);
    const { normalize } = (await checkpointIn(directory, "a", "final.safetensors")).options;
    assertEquals(normalize, "per-image");
    const { teacher } = await jsonIn(directory, "a", "summary.json");
    const ending = await train(directory, ["--resume=a/final.safetensors", "--evaluate"]);
    assertEnded(ending, 0);
    assertStringIncludes(ending.stdout, `teacher ${errorText(teacher)}`);
    // Bytes are something else.
    assertEnded(await train(directory, [...short, "--max-steps=4", "--output=b"]), 0);
    const [own, other] = await Promise.all(
      ["a", "b"].map(async (name) => (await checkpointIn(directory, name, "final.safetensors")).student),
    );
    const [weights, others] = [own!, other!].map((state) => [...state.values()][0]!.data);
    assert(weights!.some((weight, i) => weight !== others![i]));
  });
});
