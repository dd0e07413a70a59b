/** Interrupted runs of the command, and their resumption. */
import { join } from "node:path";
import { resumeCommand } from "../../cli/hints/resume_command.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  inFolder,
  jsonIn,
  linesIn,
  namesIn,
  run,
  short,
  snapshot,
  train,
} from "./command.ts";

/** A length that no run reaches before the signal; --max-steps stops runs earlier. */
const long = [...short, "--epochs=1000", "--print-freq=1", "--evaluation-epochs=0", "--checkpoint-epochs=0"];

/** Runs the command until a signal that it gets after its first step. @returns the step it stopped at, and its message. */
async function interrupted(directory: string, args: readonly string[], signal: Deno.Signal, code: number) {
  let isSent = false;
  const ending = await train(directory, args, (line, kill) => {
    if (isSent || !line.startsWith("step ")) return;
    kill(signal);
    isSent = true;
  });
  assertEnded(ending, code);
  const message = /Stopped at step (\d+) of \d+\. To continue:\n {2}(.+)\n$/.exec(ending.stderr);
  assert(message, ending.stderr);
  return { step: Number(message[1]), hint: message[2]! };
}

gpuTest(
  "resume: the printed command resumes an interrupted run, with the same final weights",
  async () => {
    await inFolder(async (directory) => {
      const { step, hint } = await interrupted(directory, [...long, "--output=my run"], "SIGINT", 130);
      const name = `checkpoint-${String(step).padStart(6, "0")}.safetensors`;
      assertEquals(namesIn(join(directory, "my run")), [name, "config.json", "labels.txt", "log.jsonl"]);
      assertEquals((await checkpointIn(directory, "my run", name)).step, step);

      const last = step + 3;
      const elsewhere = join(directory, "data");
      assertEnded(await run(["sh", "-c", `${hint} --max-steps=${last}`], elsewhere), 0);
      assertEnded(await train(directory, [...long, "--output=whole", `--max-steps=${last}`]), 0);
      assertEquals(namesIn(join(directory, "my run")), [
        name,
        "config.json",
        "final.safetensors",
        "labels.txt",
        "log.jsonl",
        "model.safetensors",
        "summary.json",
      ]);
      const { steps, firstStep } = await jsonIn(directory, "my run", "summary.json");
      assertEquals([steps, firstStep], [last, step]);
      const records = (await linesIn(directory, "my run", "log.jsonl")).map((line) => JSON.parse(line));
      assertEquals(records.filter(({ kind }) => kind === "start").map((record) => record.step), [0, step]);

      const [whole, inTwo] = [snapshot(join(directory, "whole")), snapshot(join(directory, "my run"))];
      assert(inTwo["final.safetensors"] === whole["final.safetensors"]);
      assert(inTwo["model.safetensors"] === whole["model.safetensors"]);
      assertEquals((await checkpointIn(directory, "whole", "final.safetensors")).step, last);

      const again = await run(["sh", "-c", hint], elsewhere);
      assertEnded(again, 1);
      assertMatch(again.stderr, /^Cannot resume in .+: the run there is finished [^\n]+\n$/);
    });
  },
);

gpuTest(
  "resume: a run stopped by --max-steps resumes in another folder, and its label list gives the same weights",
  async () => {
    await inFolder(async (directory) => {
      assertEnded(await train(directory, [...long, "--max-steps=2", "--output=first"]), 0);
      const before = snapshot(join(directory, "first"));
      const withList = long.filter((arg) => !arg.startsWith("--labels-per-class"));
      const runs = [
        ["--resume=first/final.safetensors", "--output=second", "--max-steps=4"],
        [...long, "--max-steps=4", "--output=whole"],
        [...withList, "--labels=first/labels.txt", "--max-steps=2", "--output=listed"],
      ];
      for (const args of runs) assertEnded(await train(directory, args), 0);
      assert(snapshot(join(directory, "listed"))["final.safetensors"] === before["final.safetensors"]);
      const [second, whole] = [snapshot(join(directory, "second")), snapshot(join(directory, "whole"))];
      assert(second["final.safetensors"] === whole["final.safetensors"]);
      assertEquals(second["labels.txt"], whole["labels.txt"]);
      assertEquals(snapshot(join(directory, "first")), before);
      const { about: { resume, ...about }, ...rest } = await jsonIn(directory, "second", "config.json");
      assertEquals(resume, join(await Deno.realPath(directory), "first", "final.safetensors"));
      const { labelsPerClass, about: { given, ...otherAbout }, ...other } = await jsonIn(
        directory,
        "whole",
        "config.json",
      );
      assertEquals([{ ...rest, about }, labelsPerClass], [{ ...other, about: otherAbout }, 2]);
      assertEquals([given.labelsPerClass, given.epochs, given.maxSteps], [2, 1000, 4]);

      const tooShort = await train(directory, [
        "--resume=first/final.safetensors",
        "--output=third",
        "--max-steps=1",
      ]);
      assertEnded(tooShort, 1);
      assertMatch(
        tooShort.stderr,
        /^Cannot resume from .+: the run ends at step 1, but the checkpoint is from step 2\. Increase --max-steps, --steps or --epochs\.\n$/,
      );
      assertEquals(namesIn(directory), ["data", "first", "listed", "second", "whole"]);
    });
  },
);

gpuTest("resume: SIGTERM saves a checkpoint too", async () => {
  if (Deno.build.os === "windows") return;
  await inFolder(async (directory) => {
    const { step } = await interrupted(directory, [...long, "--output=out"], "SIGTERM", 143);
    assert(
      namesIn(join(directory, "out")).includes(`checkpoint-${String(step).padStart(6, "0")}.safetensors`),
    );
  });
});

Deno.test("resume: the printed command works without PATH, and is quoted for the shell", () => {
  const path = Deno.env.get("PATH");
  const resumed = resumeCommand("it's here/final.safetensors");
  assertMatch(
    resumed,
    Deno.build.os === "windows" ? /--resume ".+"$/ : /--resume '\/.+\/it'\\''s here\/final\.safetensors'$/,
  );
  Deno.env.set("PATH", "");
  try {
    assertMatch(
      resumeCommand("a"),
      Deno.build.os === "windows" ? /train\.ts --resume / : /\/run train --resume \/.+\/a$/,
    );
  } finally {
    if (path !== undefined) Deno.env.set("PATH", path);
  }
});
