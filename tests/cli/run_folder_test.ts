import { join } from "node:path";
import { checkNewFolder, checkUnfinished } from "../../cli/run_files/new_folder.ts";
import { defaultFolder, lastCheckpoint } from "../../cli/run_files/run_files.ts";
import { RunFolder } from "../../cli/run_files/run_folder.ts";
import { runDefaults } from "../../cli/command/options.ts";
import { resumeFlags } from "../../cli/hints/resume_command.ts";
import { defaultOptions } from "../../semisup/mod.ts";
import { readSummary } from "../../cli/run_files/run_reader.ts";
import { writeAtomically } from "../../data/files/mod.ts";
import { lockName } from "../../cli/storage/folder_lock.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { namesIn } from "./command.ts";

const bytes = new Uint8Array([1, 2, 3]);

Deno.test("run folder: the default is named by the time", () => {
  assertEquals(defaultFolder(new Date("2026-01-02T03:04:05.678Z")), join("runs", "2026-01-02_03-04-05"));
});

Deno.test("run folder: new or empty folders can be used, others not", async () => {
  await withFiles({ file: bytes }, async (directory) => {
    await Deno.mkdir(join(directory, "empty"));
    for (const name of ["none", join("none", "below"), "empty"]) await checkNewFolder(join(directory, name));
    await assertRejects(() => checkNewFolder(directory), RangeError, "must be new or empty, but holds ");
    await assertRejects(
      () => checkNewFolder(join(directory, "file")),
      RangeError,
      "it must be a folder (a part of the path is not a folder",
    );
    assertEquals(namesIn(directory), ["empty", "file"]);
  });
});

Deno.test("run folder: a finished run is not resumed", async () => {
  await withFiles({ "log.jsonl": bytes }, async (directory) => {
    await checkUnfinished(directory);
    await (await RunFolder.open(directory)).write("final", bytes);
    await assertRejects(() => checkUnfinished(directory), RangeError, "the run there is finished");
  });
});

Deno.test("run folder: descriptions stay, the log grows, checkpoints are named by their step", async () => {
  await withFiles({}, async (directory) => {
    const path = join(directory, "a", "b");
    const folder = await RunFolder.open(path);
    await folder.describe({ labels: "first" });
    await folder.describe({ labels: "second", config: "{}" });
    await folder.log({ step: 1 });
    await folder.log({ step: 2 });
    assertEquals(await folder.writeCheckpoint(42, bytes, 2), join(path, "checkpoint-000042.safetensors"));
    await folder.writeCheckpoint(7, bytes, 2);
    assertEquals(await lastCheckpoint(path), join(path, "checkpoint-000042.safetensors"));
    assertEquals(await lastCheckpoint(join(path, "none")), undefined);
    const summary = { steps: 2, labels: 1, testImages: 0, imagesPerSecond: 9, kernels: {} };
    await folder.writeSummary(summary);
    assertEquals(await readSummary(path), summary);
    assertEquals(namesIn(path), [
      "checkpoint-000007.safetensors",
      "checkpoint-000042.safetensors",
      "config.json",
      "labels.txt",
      "log.jsonl",
      "summary.json",
    ]);
    assertEquals(await Deno.readTextFile(join(path, "labels.txt")), "first");
    assertEquals(await Deno.readTextFile(join(path, "log.jsonl")), '{"step":1}\n{"step":2}\n');
  });
});

Deno.test("run folder: the newest checkpoints stay, later ones of an earlier attempt too", async () => {
  await withFiles(
    { "checkpoint-000090.safetensors": bytes, "checkpoint-7.txt": bytes },
    async (directory) => {
      const folder = await RunFolder.open(directory);
      for (const step of [8, 9, 10, 30, 20]) await folder.writeCheckpoint(step, bytes, 3);
      const stepsIn = () =>
        namesIn(directory).flatMap((name) => /^checkpoint-0*(\d+)\./.exec(name)?.[1] ?? []);
      assertEquals(stepsIn(), ["9", "10", "20", "30", "90", "7"]);
      await folder.writeCheckpoint(100, bytes, 1);
      assertEquals(stepsIn(), ["100", "7"]);
    },
  );
});

Deno.test("run folder: a file that cannot be written leaves nothing behind, and the old file stays", async () => {
  await withFiles({ file: bytes }, async (directory) => {
    await Deno.mkdir(join(directory, "folder", "inside"), { recursive: true });
    await assertRejects(
      () => writeAtomically(join(directory, "folder"), bytes),
      Error,
      `Cannot write ${join(directory, "folder")}: `,
    );
    const below = join(directory, "file", "below");
    await assertRejects(
      () => writeAtomically(below, bytes),
      Error,
      `Cannot write ${below}: `,
    );
    await assertRejects(() => RunFolder.open(below), Error, "Cannot create the folder");
    assertEquals(namesIn(directory), ["file", "folder"]);
    assertEquals(await Deno.readFile(join(directory, "file")), bytes);
  });
});

Deno.test("run folder: a file is replaced as a whole", async () => {
  await withFiles({ file: bytes }, async (directory) => {
    await writeAtomically(join(directory, "file"), new Uint8Array([9]));
    assertEquals(await Deno.readFile(join(directory, "file")), new Uint8Array([9]));
    assertEquals(namesIn(directory), ["file"]);
  });
});

Deno.test("run folder: an error of the log names the file", async () => {
  await withFiles({}, async (directory) => {
    const folder = await RunFolder.open(join(directory, "run"));
    await Deno.remove(join(directory, "run"));
    const path = join(directory, "run", "log.jsonl");
    await assertRejects(
      () => folder.log({}),
      Error,
      `Cannot write ${path}: no such file or folder`,
    );
  });
});

Deno.test("run folder: the command that resumes has all options that a checkpoint does not contain", () => {
  assertEquals(resumeFlags({ run: runDefaults, training: defaultOptions }), []);
  const run = {
    ...runDefaults,
    baseline: true,
    tensorboard: true,
    csv: true,
    download: true,
    memoryLimit: 100,
    plugin: "/a/b.ts",
    keepCheckpoints: 5,
  };
  assertEquals(resumeFlags({ run, training: { ...defaultOptions, maxSteps: 9 } }), [
    "--max-steps=9",
    "--baseline",
    "--tensorboard",
    "--csv",
    "--download",
    "--memory-limit=100",
    "--plugin",
    "/a/b.ts",
    "--keep-checkpoints=5",
  ]);
  assertEquals(resumeFlags({ run: { ...runDefaults, folds: 3 }, training: defaultOptions }), ["--folds=3"]);
});

Deno.test("run folder: a refusal says how to continue the run that is there", async () => {
  const refusalOf = async (...names: string[]): Promise<string> => {
    let message = "";
    await withFiles(Object.fromEntries(names.map((name) => [name, bytes])), async (directory) => {
      await checkNewFolder(directory).catch((error) => message = `${error.message}`);
    });
    return message;
  };
  const unfinished = await refusalOf("config.json", "checkpoint-000040.safetensors");
  assertMatch(
    unfinished,
    /holds an unfinished run\. Add --resume auto to continue it, as `.* --resume \S+` also/,
  );
  assertMatch(
    await refusalOf("config.json"),
    /ended before its first checkpoint\. Add --resume auto to start/,
  );
  assertMatch(
    await refusalOf("config.json", "final.safetensors"),
    /a finished run\. Set another --output\.$/,
  );
  // Neither a lock nor a part of a file is a reason to refuse.
  const part = "config.json.0b9f6e0e-6c52-4b9d-9f5e-1f5b4d0c8a11.part";
  assertEquals(await refusalOf(lockName, part), "");
  assertMatch(
    await refusalOf("notes.txt.0b9f6e0e-6c52-4b9d-9f5e-1f5b4d0c8a11.part"),
    /but holds notes\.txt\./,
  );
});
