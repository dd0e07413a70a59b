/** The command that runs presets over seeds. */
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, inFolder, jsonIn, namesIn, run, snapshot, train } from "./command.ts";

const experiment = (
  directory: string,
  args: readonly string[],
  onLine?: Parameters<typeof run>[2],
) => run([...commandOf("experiment"), ...args], directory, onLine);

/** A short form of a preset on the tiny dataset. */
const short = [
  "--preset=mnist-20",
  "--data-dir=data",
  "--batch-size=20",
  "--labeled-batch-size=10",
  "--steps=40",
  "--lr-rampdown=40steps",
  "--consistency-rampup=10steps",
  "--evaluation-epochs=0.5",
  "--print-freq=1",
];

gpuTest(
  "experiment: interrupted runs resume, finished runs are not repeated, and all are in the table",
  async () => {
    await inFolder(async (directory) => {
      const args = [...short, "--seeds=1,2", "--output=all"];
      let isSent = false;
      const stopped = await experiment(directory, args, (line, kill) => {
        if (isSent || !line.startsWith("step ")) return;
        kill("SIGINT");
        isSent = true;
      });
      assertEnded(stopped, 130);
      assertStringIncludes(stopped.stdout, "1 of 2: mnist-20, seed 1\n");
      assertEquals((await jsonIn(directory, "all", "results.json")).rows[0].finished, []);
      const first = join(directory, "all", "mnist-20", "seed-1");
      assertEquals(namesIn(first).filter((name) => name.startsWith("checkpoint-")).length, 1);

      const finished = await experiment(directory, args);
      assertEnded(finished, 0);
      assertStringIncludes(finished.stdout, "2 of 2: mnist-20, seed 2\n");
      assertEquals(namesIn(join(directory, "all")), [
        "mnist-20",
        "results.json",
        "results.md",
        "results.txt",
      ]);
      const { rows } = await jsonIn(directory, "all", "results.json");
      const summaries = await Promise.all(
        [1, 2].map((seed) => jsonIn(directory, "all", "mnist-20", `seed-${seed}`, "summary.json")),
      );
      assertEquals([rows.length, rows[0].finished, rows[0].labels], [1, [1, 2], 20]);
      assertEquals(rows[0].teacherLast.values, summaries.map(({ teacher }) => teacher.testError));
      assertEquals(rows[0].studentLast.values, summaries.map(({ student }) => student.testError));
      assert(
        rows[0].teacherBest.values.every((best: number, i: number) => best <= rows[0].teacherLast.values[i]),
      );

      // The run that was interrupted ended as one that was not.
      const whole = [...short, "--seed=1", "--output=whole"];
      assertEnded(await train(directory, whole), 0);
      const bytes = (folder: string) => snapshot(folder)["final.safetensors"];
      assert(bytes(first) === bytes(join(directory, "whole")));

      const before = snapshot(directory);
      const again = await experiment(directory, args);
      assertEnded(again, 0);
      assertMatch(again.stdout, /^\nTest error in per cent: .*\n\nPreset +Labels .*\nmnist-20 +20 +2\/2 /);
      assertEquals(snapshot(directory), before);

      const other = await experiment(directory, [...args, "--lr=0.1"]);
      assertEnded(other, 1);
      assertStringIncludes(
        other.stderr,
        "its learningRate is 0.003, but 0.1 is requested. Set another --output.",
      );
      assertEquals(snapshot(directory), before);
    });
  },
);

gpuTest("experiment: diverged runs are marked in the table, and the others continue", async () => {
  await inFolder(async (directory) => {
    const args = [
      ...short.filter((arg) => !arg.startsWith("--preset")),
      "--preset=mnist-20-pi,mnist-20-supervised",
      "--labels-per-class=1",
      "--seeds=1",
      "--output=all",
      "--lr=1e9",
      "--lr-rampup=0",
      "--labeled-batch-size=5",
      "--batch-size=10",
    ];
    const ending = await experiment(directory, args);
    assertEnded(ending, 1);
    const lines = ending.stderr.trimEnd().split("\n");
    assertEquals(lines.length, 3);
    for (const line of lines.slice(0, 2)) {
      assertStringIncludes(line, "Cannot continue training: the cost must stay below 100000");
    }
    assertEquals(lines[2], "Cannot complete the table: 2 of 2 runs diverged");
    const { rows, overrides } = await jsonIn(directory, "all", "results.json");
    assertEquals(
      rows.map(({ preset, labels, diverged, teacherLast }: Record<string, unknown>) => [
        preset,
        labels,
        diverged,
        teacherLast,
      ]),
      [["mnist-20-pi", 10, [1], null], ["mnist-20-supervised", 10, [1], null]],
    );
    assertEquals(overrides.learningRate, 1e9);
    assertEquals(namesIn(join(directory, "all")).filter((name) => name.startsWith("mnist")), [
      "mnist-20-pi-1-per-class",
      "mnist-20-supervised-1-per-class",
    ]);
  });
});

Deno.test("experiment: invalid options are refused in one line, and nothing is written", async () => {
  await inFolder(async (directory) => {
    await Deno.mkdir(join(directory, "bad", "mnist-20", "seed-1"), { recursive: true });
    await Deno.writeTextFile(join(directory, "bad", "mnist-20", "seed-1", "config.json"), "{");
    const before = snapshot(directory);
    const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
      [[], "--preset is missing: name at least one run"],
      [["--preset=mnist-20,mnist"], "--preset must be one of cifar10-4000-resnet, "],
      [["--preset=mnist-20", "--seeds=1,x"], "--seeds must be a whole number from 0"],
      [
        ["--preset=mnist-20", "--labels=a", "--labels-per-class=1"],
        "the list already decides which examples have labels",
      ],
      [["--preset=mnist-20", "--batch-size=20"], "--labeled-batch-size must be below --batch-size"],
      [["--preset=mnist-20", "--seed=1"], "Unknown option --seed; did you mean --seeds?"],
      [["--preset=mnist-20", "--output=bad"], "config.json: the file is not valid JSON"],
    ];
    for (const [args, message] of refusals) {
      const ending = await experiment(directory, args);
      assertEnded(ending, 1);
      assertStringIncludes(ending.stderr, message);
      assert(/^\S[^\n]+\n$/.test(ending.stderr), ending.stderr);
    }
    assertEquals(snapshot(directory), before);
  });
});

/** Returns the names of the files in a folder, with the times of their last changes. */
function timesIn(folder: string) {
  return namesIn(folder).map((name) => [name, Deno.statSync(join(folder, name)).mtime]);
}

gpuTest("experiment: jobs and shards give the table of one process, byte for byte", async () => {
  await inFolder(async (directory) => {
    const args = [
      ...short.filter((arg) => !arg.startsWith("--steps")),
      "--steps=6",
      "--seeds=1,2",
      "--grid=lr=0.003,0.001",
    ];
    const tables = (output: string) =>
      ["results.txt", "results.md", "results.json"].map((name) => snapshot(directory)[join(output, name)]);
    assertEnded(await experiment(directory, [...args, "--output=one"]), 0);
    const whole = tables("one");
    assertEquals(
      (await jsonIn(directory, "one", "results.json")).rows.map((row: { settings: string[] }) =>
        row.settings
      ),
      [
        ["lr=0.003"],
        ["lr=0.001"],
      ],
    );

    const flags = config.tasks.experiment.split(" ").slice(1, -1);
    const withFlags = [Deno.execPath(), ...flags, ...commandOf("experiment").slice(-1)];
    const jobs = await run([...withFlags, ...args, "--output=jobs", "--jobs=2"], directory);
    assertEnded(jobs, 0);
    assertMatch(jobs.stdout, /^\[1\] /m);
    assertMatch(jobs.stdout, /^\[2\] /m);
    assertEquals(tables("jobs"), whole);

    // A killed shard continues with what it has not finished.
    const shard = (index: number, onLine?: Parameters<typeof run>[2]) =>
      experiment(directory, [...args, "--output=shards", `--shard=${index}/2`], onLine);
    const [killed, other] = await Promise.all([
      shard(0, (line, kill) => {
        if (line.startsWith("2 of 2")) kill("SIGKILL");
      }),
      shard(1),
    ]);
    assert(killed.code !== 0);
    assertEnded(other, 0);
    const finished = ["mnist-20-lr=0.003/seed-1", "mnist-20-lr=0.003/seed-2", "mnist-20-lr=0.001/seed-2"];
    const files = () => finished.map((name) => timesIn(join(directory, "shards", name)));
    const before = files(), again = await shard(0);
    assertEnded(again, 0);
    assertEquals(again.stdout.match(/^\d of \d: .*$/gm), ["1 of 1: mnist-20, lr=0.001, seed 1"]);
    assertEquals(files(), before);
    assertEquals(tables("shards"), whole);
  });
});
