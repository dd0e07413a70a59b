/** Shares of an experiment's runs, settings in all combinations, and arguments of jobs. */
import { ownOptionRows, trainingOptions } from "../../semisup/mod.ts";
import { combine } from "../../cli/experiments/grid.ts";
import { argumentsOfJobs } from "../../cli/experiments/jobs.ts";
import { chooseShard, selectShare } from "../../cli/experiments/shard.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const shardIn = (environment: Record<string, string>, option: string | null = null) =>
  chooseShard(option, (name) => environment[name]);

Deno.test("shards: from the option, from Slurm's array, from an indexed Job, or none", () => {
  assertEquals(shardIn({}), undefined);
  assertEquals(shardIn({}, "2/6"), { index: 2, count: 6 });
  const slurm = { SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "6" };
  assertEquals(shardIn(slurm), { index: 3, count: 6 });
  assertEquals(shardIn(slurm, "0/2"), { index: 0, count: 2 });
  assertEquals(
    shardIn({ ...slurm, SLURM_ARRAY_TASK_ID: "7", SLURM_ARRAY_TASK_MIN: "1", SLURM_ARRAY_TASK_STEP: "2" }),
    { index: 3, count: 6 },
  );
  assertEquals(shardIn({ JOB_COMPLETION_INDEX: "4" }), { index: 4, count: null });
});

Deno.test("shards: what is no share is refused", () => {
  for (
    const text of ["", "1", "2/2", "-1/2", "0/0", "1/2/3", "a/b", "0.5/2", "1 / 2", "9999999999/99999999999"]
  ) {
    assertThrows(() => shardIn({}, text), RangeError, "--shard must be I/N, such as 0/4");
  }
  const array = { SLURM_ARRAY_TASK_ID: "5", SLURM_ARRAY_TASK_COUNT: "3", SLURM_ARRAY_TASK_MIN: "1" };
  assertThrows(() => shardIn(array), RangeError, "not evenly spaced");
  assertThrows(() => shardIn({ SLURM_ARRAY_TASK_ID: "0" }), RangeError, "not evenly spaced");
  assertThrows(() => shardIn({ JOB_COMPLETION_INDEX: "x" }), RangeError, "JOB_COMPLETION_INDEX must be");
});

Deno.test("shards: together they are all runs, each once", () => {
  for (const count of [1, 2, 3, 7, 20]) {
    const runs = Array.from({ length: 12 }, (_, i) => i);
    const shares = Array.from({ length: count }, (_, index) => selectShare(runs, { index, count }));
    assertEquals(shares.flat().sort((a, b) => a - b), runs);
  }
  assertEquals(selectShare([0, 1, 2], { index: 4, count: null }), [1, 2, 0]);
  assertEquals(selectShare([], { index: 4, count: null }), []);
  assertEquals(selectShare([0, 1], undefined), [0, 1]);
});

const rows = { ...trainingOptions, ...ownOptionRows() };

Deno.test("grid: all combinations, in order", () => {
  assertEquals(combine([], rows), [{ training: {}, words: [] }]);
  assertEquals(combine(["lr=0.01", "0.03", "0.01", "nesterov=true"], rows), [
    { training: { learningRate: 0.01, nesterov: true }, words: ["lr=0.01", "nesterov=true"] },
    { training: { learningRate: 0.03, nesterov: true }, words: ["lr=0.03", "nesterov=true"] },
  ]);
  // Values that are equal in other words are tried once.
  assertEquals(combine(["lr=0.1", "0.10", "1e-1"], rows).map(({ words }) => words), [["lr=0.1"]]);
  assertEquals(combine(["arch=convnet_small", "convnet13_bn"], rows).map(({ training }) => training), [
    { architecture: "convnet_small" },
    { architecture: "convnet13_bn" },
  ]);
});

Deno.test("grid: what is no setting is refused", () => {
  const refusals: [string[], string][] = [
    [["0.1"], '--grid must be NAME=VALUE,VALUE,…, such as lr=0.01,0.03, but has "0.1"'],
    [["lr="], '--grid must be NAME=VALUE,VALUE,…, such as lr=0.01,0.03, but has "lr="'],
    [["=1"], "Unknown setting"],
    [["lrr=1"], "Unknown setting lrr in --grid; did you mean lr?"],
    [["seed=1"], "Unknown setting seed in --grid. Use the option --seeds with a list instead."],
    [["labels-per-class=1", "10"], "Use the option --labels-per-class with a list instead."],
    [["class-weights=1", "2"], "--grid cannot vary class-weights: its values contain commas themselves"],
    [["lr=0.1", ""], '--grid must be NAME=VALUE,VALUE,…, such as lr=0.01,0.03, but has ""'],
    [["output=a"], "Unknown setting output in --grid"],
    [["lr=1", "lr=2"], "--grid must have each setting once, but has lr twice"],
    [["lr=x"], "--grid lr must be"],
    [["nesterov=yes"], '--grid nesterov must be true or false, but it is "yes"'],
  ];
  for (const [parts, message] of refusals) assertThrows(() => combine(parts, rows), RangeError, message);
});

Deno.test("jobs: their arguments are those of the command without --jobs", () => {
  assertEquals(argumentsOfJobs(["experiment", "--jobs", "2", "--seeds=1,2", "--jobs=3"]), [
    "experiment",
    "--seeds=1,2",
  ]);
});
