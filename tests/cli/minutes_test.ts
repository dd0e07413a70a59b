/** Runs whose length is a time, by a clock of the test; repeated by the number of steps that they print. */
import { join } from "node:path";
import { executePlan } from "../../cli/run/run.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import type { Clock } from "../../cli/run/time_limit.ts";
import { fixLength } from "../../cli/run/timed_plan.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import type { Device } from "../../kernels/mod.ts";
import { gpuTest } from "../kernels/device.ts";
import { checkpointIn, inFolder, jsonIn, linesIn, parseArguments, short } from "./command.ts";
import { timedTrainer } from "./timed_trainer.ts";
import { classFolders } from "./tiny_files.ts";

/** Executes the command's plan with a clock. @returns what it prints, on both streams. */
async function trainBy(now: Clock, device: Device, args: readonly string[]): Promise<string> {
  const { log, error } = console;
  let printed = "";
  console.log = console.error = (...values) => printed += `${values.join(" ")}\n`;
  try {
    const plan = await planRun(parseArguments(args), new Date(0), device);
    assertEquals(await executePlan(plan, new AbortController().signal, device, { now }), "finished");
    return printed;
  } finally {
    Object.assign(console, { log, error });
  }
}

/** A clock that advances by a second whenever it is looked at, at most `looks` times. */
function tickingClock(looks = Infinity): Clock {
  let count = 0;
  return () => 1000 * (count = Math.min(looks, count + 1));
}

/** Looks at the clock until the number of steps is fixed. */
const measuring = 11;

/** The settings of a run without those that its command line gave. */
async function settingsIn(folder: string) {
  const { about: { given: _, ...about }, ...settings } = await jsonIn(folder, "config.json");
  return { ...settings, about };
}

const bytesIn = (...path: string[]) => Deno.readFile(join(...path));

gpuTest(
  "minutes: the steps that fit are printed and stored, and --steps of them gives the same bits",
  async (device) => {
    await inFolder(async (directory) => {
      const at = (...names: string[]) => join(directory, ...names);
      const data = [`--data-dir=${at("data")}`, ...short.slice(1), "--tune=off"];
      const timed = [...data, "--minutes=0.5"];
      const printed = await trainBy(tickingClock(measuring), device, [...timed, `--output=${at("a")}`]);
      const steps = Number(
        /\n(\d+) steps fit in 0\.5 minutes at [\d.]+ s per step\. To repeat this run exactly: --steps \1 /
          .exec(
            printed,
          )?.[1],
      );
      assert(steps > 5 && steps < 30, printed);
      const config = await jsonIn(at("a"), "config.json"), summary = await jsonIn(at("a"), "summary.json");
      assertEquals([config.steps, summary.steps, summary.ended], [steps, steps, undefined]);
      const [start] = (await linesIn(at("a"), "log.jsonl")).map((line) => JSON.parse(line));
      assertEquals([start.minutes, start.secondsPerStep > 0], [0.5, true]);

      await trainBy(() => 0, device, [...data, `--steps=${steps}`, `--output=${at("b")}`]);
      assertEquals(await settingsIn(at("b")), await settingsIn(at("a")));
      assertEquals(await bytesIn(at("b"), "final.safetensors"), await bytesIn(at("a"), "final.safetensors"));

      // The machine takes a second a step now.
      const slower = await trainBy(tickingClock(), device, [...timed, `--output=${at("c")}`]);
      const { steps: taken, ended } = await jsonIn(at("c"), "summary.json");
      assertEquals([(await jsonIn(at("c"), "config.json")).steps, ended], [steps, "time"]);
      assert(taken > 1 && taken < steps, slower);
      assertStringIncludes(
        slower,
        `Ended at step ${taken} of ${steps} to respect the time: the machine became slower than measured. To repeat this run exactly: --steps ${steps} --max-steps ${taken}\n`,
      );
      const repeated = [`--steps=${steps}`, `--max-steps=${taken}`, `--output=${at("d")}`];
      await trainBy(() => 0, device, [...data, ...repeated]);
      assertEquals(await weightsIn(at("d")), await weightsIn(at("c")));
    });
  },
);

const weightsIn = async (folder: string) => {
  const { student, teacher, optimizer, step } = await checkpointIn(folder, "final.safetensors");
  return { student, teacher, optimizer, step };
};

gpuTest("minutes: the settings of a folder follow from the steps, as with --steps", async (device) => {
  const files = Object.entries(classFolders({ each: 10, unlabeled: 20 }, { isGrey: true }));
  await withFiles(Object.fromEntries(files.map(([name, file]) => [`p/${name}`, file])), async (directory) => {
    const at = (...names: string[]) => join(directory, ...names);
    const printed = await trainBy(tickingClock(measuring), device, [
      at("p"),
      "--minutes=0.4",
      `--output=${at("a")}`,
    ]);
    const { steps } = await jsonIn(at("a"), "config.json");
    assertMatch(printed, new RegExp(`\n  length +${steps} steps \\(as many as fit in --minutes 0\\.4\\)\n`));
    await trainBy(() => 0, device, [at("p"), `--steps=${steps}`, `--output=${at("b")}`]);
    assertEquals(await settingsIn(at("b")), await settingsIn(at("a")));
    assertEquals(await bytesIn(at("b"), "final.safetensors"), await bytesIn(at("a"), "final.safetensors"));
  });
});

/** Fixes the length of a plan for a machine of some speed. */
async function fix(args: readonly string[], secondsPerStep: number, isCpu = true, totalSteps = 2696) {
  const speed = { step: secondsPerStep, evaluation: 5 * secondsPerStep, checkpoint: 0.1 };
  const { trainer, now } = timedTrainer(speed, totalSteps, 1198);
  const plan = await planRun(parseArguments([...args, "--output=none"]), new Date(0));
  const { log, error } = console;
  let printed = "", created = 0;
  console.log = console.error = (...values) => printed += `${values.join(" ")}\n`;
  try {
    const create = () => Promise.resolve((created++, trainer));
    const { plan: { training }, limit } = await fixLength(plan, create, {
      isCpu,
      now,
      signal: new AbortController().signal,
    });
    assertEquals(trainer.isDisposed, created === 1);
    return { printed, training, limit, usual: plan.training };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("minutes: the demo takes at most about five minutes on a processor", async () => {
  const slow = await fix(["--seed=2", "--baseline"], 0.25);
  const { steps } = slow.training;
  assert(steps !== null && steps > 600 && steps < 960, `${steps}`);
  assertEquals(slow.training, { ...slow.usual, steps });
  assertEquals(slow.limit?.minutes, 5);
  assertMatch(
    slow.printed,
    /\nThis processor would take about 13 min \d\d s for the usual 2696 steps, so the run has \d+, in about 5 minutes\. For the usual length: --epochs 2\.25\n$/,
  );
  const quick = await fix([], 0.05);
  assertEquals([quick.training, quick.limit], [quick.usual, undefined]);
});

Deno.test("minutes: with an option of training, on a GPU, or with another dataset, no run is shortened", async () => {
  const cases: readonly (readonly [args: readonly string[], isCpu: boolean])[] = [
    [[], false],
    [["--epochs=2.25"], true],
    [["--steps=3000"], true],
    [["--max-steps=2000"], true],
    [["--arch=convnet13"], true],
    [["--preset=mnist-100"], true],
    [["--dataset=fashion-mnist"], true],
  ];
  for (const [args, isCpu] of cases) {
    const { training, usual, limit, printed } = await fix(args, 10, isCpu);
    assertEquals([training, limit, printed], [usual, undefined, ""]);
  }
});

Deno.test("minutes: a time in which no step fits is refused", async () => {
  await assertRejects(
    () => fix(["--minutes=1"], 9),
    RangeError,
    "Cannot train for 1 minute: loading, compiling and measuring the speed took ",
  );
});

Deno.test("minutes: a step limit that the ramp-down of a preset does not allow is refused as with --steps", async () => {
  await assertRejects(
    () => fix(["--preset=cifar10-4000-convnet", "--minutes=5"], 1),
    RangeError,
    "--lr-rampdown",
  );
});

Deno.test("minutes: contradictions are refused", async () => {
  for (const other of ["--steps=5", "--epochs=2"]) {
    assertThrows(
      () => parseArguments(["--minutes=2", other]),
      RangeError,
      `Cannot combine ${other.split("=")[0]} and --minutes: both set the length of the run`,
    );
  }
  for (const value of ["0", "-1", "soon", ""]) {
    assertThrows(() => parseArguments([`--minutes=${value}`]), RangeError, "--minutes");
  }
  await assertRejects(
    () => planRun(parseArguments(["--minutes=2", "--show"]), new Date(0)),
    RangeError,
    "Cannot use --minutes with --show: the number of steps is measured by training",
  );
  await assertRejects(
    () => planRun(parseArguments(["--minutes=2", "--resume=a.safetensors"]), new Date(0)),
    RangeError,
    "Cannot use --minutes with --resume: the checkpoint determines it",
  );
});
