/** One run in several processes that Open MPI connects. */
import { join } from "node:path";
import { warnOfSeparateRuns } from "../../cli/distributed/distributed_options.ts";
import { sharedCards } from "../../cli/distributed/introduction.ts";
import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  command,
  inFolder,
  linesIn,
  namesIn,
  run,
  short,
  tinyDataset,
  writeFolder,
} from "./command.ts";
import { childrenOf, differencesOf, mpirun, mpirunOf, waitForEnds } from "./mpirun.ts";

/** A run whose rounding errors stay small. */
const calm = [
  ...short,
  "--optimizer=sgd",
  "--lr=0.01",
  "--lr-rampup=0",
  "--consistency=4",
  "--consistency-rampup=0",
  "--checkpoint-epochs=4steps",
  "--evaluation-epochs=4steps",
  "--print-freq=2",
  "--steps=8",
];

const hasMpi = await new Deno.Command("mpirun", { args: ["--version"], stdout: "null", stderr: "null" })
  .output()
  .then(({ success }) => success, () => false);
if (!hasMpi && Deno.env.get("CI") === "true") throw new Error("mpirun of Open MPI is missing");

/** Registers a test that needs a GPU and Open MPI. */
function mpiTest(name: string, test: () => Promise<void>): void {
  if (hasMpi) gpuTest(name, test);
  else Deno.test({ name, ignore: true, fn: test });
}

mpiTest(
  "train --distributed: two processes write the files of one, and one continues their run",
  async () => {
    await inFolder(async (directory) => {
      const one = await run([...command, ...calm, "--output=one"], directory);
      assertEnded(one, 0);
      const two = await mpirun(directory, 2, [...calm, "--output=two", "--max-steps=4"]);
      assertEnded(two, 0);
      assertStringIncludes(two.stderr, "Rank 1 of 2 on ");
      assertEquals(two.stdout.match(/^Results: /gm)?.length, 1);
      assertEquals(
        namesIn(join(directory, "two")),
        namesIn(join(directory, "one")).filter((name) => !name.startsWith("checkpoint-")),
      );
      const log = (await linesIn(directory, "two", "log.jsonl")).map((line) => JSON.parse(line));
      assertEquals(log.map(({ kind, step }) => `${kind} ${step}`), [
        "start 0",
        "costs 2",
        "costs 4",
        "diagnostics 4",
        "evaluation 4",
      ]);

      const resumed = await run([...command, "--resume=two/final.safetensors", "--output=three"], directory);
      assertEnded(resumed, 0);
      const differences = await differencesOf(
        join(directory, "three", "final.safetensors"),
        join(directory, "one", "final.safetensors"),
      );
      for (const difference of Object.values(differences)) assertLess(difference, 1e-5);
    });
  },
);

mpiTest(
  "train --distributed: options that one process decides alone are refused, as is a start without mpirun",
  async () => {
    await inFolder(async (directory) => {
      const alone = await run([...command, ...short, "--distributed"], directory);
      assertEquals(alone.code, 1);
      assertStringIncludes(alone.stderr, "the command must be started by mpirun");
      const timed = await run([...command, ...short, "--distributed", "--minutes=1"], directory);
      assertEquals(timed.code, 1);
      assertStringIncludes(timed.stderr, "Cannot use --minutes with --distributed");
      const small = await mpirun(directory, 3, [...short, "--batch-size=2", "--labeled-batch-size=1"]);
      assert(small.code !== 0);
      assertEquals(
        small.stderr.match(/Cannot share batches: each process needs at least one image/g)?.length,
        1,
      );
      assertEquals(namesIn(directory), ["data"]);
    });
  },
);

mpiTest("train --distributed: processes with other options or other images are named", async () => {
  await inFolder(async (directory) => {
    const files = tinyDataset(), images = files["train-images-idx3-ubyte"]!;
    await writeFolder(join(directory, "other"), {
      ...files,
      "train-images-idx3-ubyte": images.with(images.length - 1, 255),
    });
    const first = [...mpirunOf(1), ...command, "--distributed", ...calm, "--output=run"];
    for (
      const [own, message] of [
        ["--sync-batch-norm=off", "options must be the same in all processes, but those of rank 1 differ"],
        ["--data-dir=other", "images must be the same in all processes, but those of rank 1 differ"],
      ] as const
    ) {
      const second = [...command, "--distributed", ...calm, "--output=run", own];
      const { code, stderr } = await run([...first, ":", "-n", "1", ...second], directory);
      assert(code !== 0);
      assertEquals(stderr.match(/^Cannot train together: .*$/gm)?.length, 1, stderr);
      assertStringIncludes(stderr, message);
      assertEquals(namesIn(directory).filter((name) => name === "run"), []);
    }
  });
});

Deno.test("train: processes of mpirun without --distributed are warned once", () => {
  const lines: unknown[] = [], { error } = console;
  console.error = (line) => lines.push(line);
  try {
    warnOfSeparateRuns();
    Deno.env.set("OMPI_COMM_WORLD_SIZE", "3");
    for (const rank of [0, 1, 2]) {
      Deno.env.set("OMPI_COMM_WORLD_RANK", `${rank}`);
      warnOfSeparateRuns();
    }
  } finally {
    console.error = error;
    for (const name of ["SIZE", "RANK"]) Deno.env.delete(`OMPI_COMM_WORLD_${name}`);
  }
  assertEquals(lines.length, 1);
  assertStringIncludes(`${lines[0]}`, "mpirun started 3 processes, each of which trains a run of its own");
});

mpiTest("train --distributed: a process that hangs ends all within 30 seconds, with its name", async () => {
  await inFolder(async (directory) => {
    const events = Deno.watchFs(directory);
    const [path = "", ...start] = mpirunOf(2),
      child = new Deno.Command(path, {
        args: [
          ...start,
          ...command,
          "--distributed",
          ...calm,
          "--steps=100000",
          "--output=run",
          "--quiet",
        ],
        cwd: directory,
        env: { NO_COLOR: "1" },
        stdout: "null",
        stderr: "piped",
      }).spawn();
    const stderr = new Response(child.stderr).text();
    for await (const { paths } of events) {
      if (paths.some((path) => /checkpoint-\d+\.safetensors$/.test(path))) break;
    }
    const processes = childrenOf(child.pid), stopped = performance.now();
    Deno.kill(Math.max(...processes), "SIGSTOP");
    assert((await child.status).code !== 0);
    await waitForEnds(processes, 30_000 - (performance.now() - stopped));
    assertStringIncludes(await stderr, "has not answered for 20 seconds: it hangs");
    const last = namesIn(join(directory, "run")).filter((name) => name.startsWith("checkpoint-")).at(-1);
    assertGreater((await checkpointIn(directory, "run", last!)).step, 0);
  });
});

Deno.test("train --distributed: processes on the same card are found by boot, name and the cards that they may open", () => {
  const rank = { host: "a", boot: "1", adapter: "H100", isCpu: false, cards: ["nvidia0 1", "nvidia1 2"] };
  assertEquals(sharedCards([rank, rank]), [[0, 1]]);
  assertEquals(sharedCards([rank, { ...rank, host: "container" }, { ...rank, boot: "2" }]), [[0, 1]]);
  assertEquals(sharedCards([{ ...rank, cards: ["nvidia0 1"] }, { ...rank, cards: ["nvidia1 2"] }]), []);
  assertEquals(sharedCards([{ ...rank, isCpu: true }, { ...rank, isCpu: true }]), []);
  assertEquals(sharedCards([{ ...rank, cards: null }, { ...rank, cards: null }]), [[0, 1]]);
});
