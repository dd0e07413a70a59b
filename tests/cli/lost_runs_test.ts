/** Runs of the command that are killed, or cannot write: the same command always ends with the same files. */
import { join } from "node:path";
import { readCheckpoint } from "../../semisup/mod.ts";
import { FolderClaims } from "../../cli/storage/folder_claims.ts";
import { FolderInUseError, lockName } from "../../cli/storage/folder_lock.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { namesIn } from "./command.ts";
import { fillDisk } from "../soak/full_disk.ts";
import { canMountDisks } from "../soak/small_disk.ts";
import { SoakRuns } from "../soak/soak_run.ts";

/** Runs of a stand-in for training, which needs no GPU. */
async function withRuns(test: (soak: SoakRuns, directory: string) => Promise<void>): Promise<void> {
  await withFiles({}, async (directory) => {
    await test(await SoakRuns.create(directory, { seed: 5, steps: 16, isStandIn: true }), directory);
  });
}

Deno.test("lost runs: killed at random times and inside file operations, they end with the same files", async () => {
  await withRuns(async (soak) => {
    await soak.killUntilFinished("operation", 4);
    await soak.killUntilFinished("time", 2);
  });
});

Deno.test("lost runs: a full disk ends a run with its state saved elsewhere, and room lets it continue", async () => {
  await withRuns(async (soak, directory) => {
    const args = ["--fallback=safe"];
    const full = await soak.start("full", {
      fault: { kind: "full", at: 30, share: 0.4, roomIn: "safe" },
      args,
    });
    assertEquals(full.code, 1, full.stderr);
    const [, path = "", hint, last = ""] =
      /is saved in (safe\S+)\. To continue, .*:\n {2}(.+)\nCannot write full\S+: no space left on device\. The last good checkpoint is (\S+)\.\n$/
        .exec(full.stderr) ?? [];
    assertMatch(`${hint}`, / --resume \S+ --output \S+\/full --csv --fallback \S+\/safe$/, full.stderr);
    const [saved, good] = await Promise.all(
      [path, last].map(async (file) => readCheckpoint(await Deno.readFile(join(directory, file)))),
    );
    assert(saved && good && saved.step >= good.step && good.step > 0);
    // The printed command takes the state that was saved elsewhere into the folder of its run.
    await Deno.mkdir(join(directory, "copy"));
    for (const file of namesIn(join(directory, "full"))) {
      await Deno.copyFile(join(directory, "full", file), join(directory, "copy", file));
    }
    const saving = ["--output=full", `--resume=${path}`];
    assertEquals((await soak.start(null, { args: saving, isBare: true })).code, 0);
    await soak.checkFiles("full");
    const finished = await soak.start(null, { args: saving, isBare: true });
    assertEquals(finished.code, 1);
    assertMatch(finished.stderr, /holds a finished run\. Set another --output\.\n$/);
    assertEquals((await soak.start("copy")).code, 0);
    await soak.checkFiles("copy");
  });
});

Deno.test({
  name:
    "lost runs: disks that are too small at different moments leave a good checkpoint, and a message that names it",
  // Only administrators of Linux can mount disks; elsewhere, the disk of the test above is all there is.
  ignore: !await canMountDisks(),
  fn: async () => {
    await withFiles({}, async (directory) => {
      const args = ["--keep-checkpoints=100"];
      const soak = await SoakRuns.create(directory, { seed: 5, steps: 16, isStandIn: true, args });
      const ends: unknown[] = [];
      for (const size of ["size=16k", "size=700k", "size=5m,nr_inodes=9"]) {
        const end = await fillDisk(soak, { directory, size });
        ends.push([end?.end, end?.step]);
      }
      assertEquals(ends, [["full", null], ["full", 4], ["full", 6]]);
    });
  },
});

Deno.test("lost runs: a checkpoint of another run is not taken into a folder", async () => {
  await withRuns(async (soak, directory) => {
    assertEquals((await soak.start("other", { args: ["--seed=2", "--max-steps=4"] })).code, 0);
    await soak.start("own", { fault: { kind: "kill", at: 30, share: 0.5 } });
    const before = namesIn(join(directory, "own"));
    const args = ["--resume=other/final.safetensors", "--output=own"];
    const { code, stderr } = await soak.start(null, { args, isBare: true });
    assertEquals(code, 1);
    assertMatch(stderr, /^Cannot write the run to own: .* holds an unfinished run\. Add --resume auto /);
    assertEquals(namesIn(join(directory, "own")), before);
  });
});

Deno.test("lost runs: writes that take only some bytes change nothing, and a closed terminal saves the state", async () => {
  await withRuns(async (soak, directory) => {
    assertEquals((await soak.start("short", { fault: { kind: "short", at: 0, share: 0.3 } })).code, 0);
    await soak.checkFiles("short");
    if (Deno.build.os === "windows") return;
    const hungUp = await soak.start("hung", { args: ["--steps=100000"], signal: "SIGHUP" });
    assertEquals(hungUp.code, 129, hungUp.stderr);
    assertMatch(hungUp.stderr, /Stopped at step \d+ of 100000\. To continue:\n/);
    assert(namesIn(join(directory, "hung")).some((name) => name.startsWith("checkpoint-")));
  });
});

Deno.test("lost runs: two that start in the same second keep both results, and one folder has one run", async () => {
  await withRuns(async (soak, directory) => {
    const named = ["--resume=auto", "--output=same", "--steps=200"];
    const ends = await Promise.all([soak.start(null), soak.start(null)]);
    assertEquals(ends.map(({ code }) => code), [0, 0], ends.map(({ stderr }) => stderr).join(""));
    const folders = namesIn(join(directory, "runs"));
    assertEquals(folders.length, 2);
    for (const folder of folders) await soak.checkFiles(join("runs", folder));
    const both = await Promise.all([soak.start(null, { args: named }), soak.start(null, { args: named })]);
    const refused = both.filter(({ code }) => code === 1);
    // The second may start after the first has ended.
    for (const { stderr } of refused) assertMatch(stderr, /is writing a run there since .*Wait for its end/);
    assert(refused.length <= 1);
  });
});

Deno.test("lost runs: of two in one folder, the one that has it first keeps it, in both orders", async () => {
  await withRuns(async (soak, directory) => {
    const folder = join(directory, "same"), lock = join(folder, lockName);
    {
      await using first = new FolderClaims();
      await first.claim(folder);
      const { code, stderr } = await soak.start("same");
      assertEquals(code, 1);
      assertMatch(
        stderr,
        new RegExp(`process ${Deno.pid} on .* is writing a run there since .*Wait for its end`),
      );
      assertEquals(namesIn(folder), [lockName]);
    }
    await Deno.mkdir(folder);
    await using second = new FolderClaims();
    using changes = Deno.watchFs(folder);
    const started = soak.start("same", { args: ["--steps=1000"] });
    // An empty lock is one whose owner is about to write its name.
    for await (const { paths } of changes) if (paths.includes(lock)) break;
    const refusal = await assertRejects(() => second.claim(folder), FolderInUseError);
    assertMatch(refusal.message, /process \d+ on .* is writing a run there since /);
    const { code, stderr } = await started;
    assertEquals(code, 0, stderr);
    assert(namesIn(folder).includes("final.safetensors") && !namesIn(folder).includes(lockName));
  });
});
