/** The number of steps that fit in a time, and the end of a run on a machine that became slower. */
import {
  fitSteps,
  limitOf,
  measureCosts,
  secondsOf,
  sinceStart,
  startClock,
} from "../../cli/run/time_limit.ts";
import { defaultOptions } from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { timedTrainer } from "./timed_trainer.ts";

const { signal } = new AbortController();

Deno.test("time limit: steps are measured after the first ones, few slow ones or many fast ones", async () => {
  const slow = timedTrainer({ step: 4, evaluation: 7, checkpoint: 1 }, 1000);
  const costs = await measureCosts(slow.trainer, { minutes: 3, now: slow.now, signal });
  assertClose([costs.step, costs.evaluation, costs.checkpoint], [4, 7, 1], { rtol: 1e-9, atol: 0 });
  assertEquals(slow.looks, [1, 1, 2]);
  const fast = timedTrainer({ step: 0.002, evaluation: 0, checkpoint: 0.1 }, 100_000);
  const quick = await measureCosts(fast.trainer, { minutes: 10, now: fast.now, signal });
  assertClose([quick.step, quick.checkpoint], [0.002, 0.1], { rtol: 1e-9, atol: 0 });
  assertEquals(quick.evaluation, 0);
  assertLess(fast.looks.length, 16);
});

Deno.test("time limit: measuring ends when the time is over", async () => {
  const { trainer, looks, now } = timedTrainer({ step: 20, evaluation: 7, checkpoint: 1 }, 1000);
  await assertRejects(
    () => measureCosts(trainer, { minutes: 2, now: now, signal }),
    RangeError,
    "Cannot train for 2 minutes: loading, compiling and measuring the speed took 2 min 10 s already. Use more --minutes, ",
  );
  assertEquals(looks, [1, 1]);
});

Deno.test("time limit: measuring ends at a signal", async () => {
  const { trainer, looks, now } = timedTrainer({ step: 1, evaluation: 7, checkpoint: 1 }, 1000);
  await assertRejects(
    () => measureCosts(trainer, { minutes: 60, now, signal: AbortSignal.abort(new Error("stopped")) }),
    Error,
    "stopped",
  );
  assertEquals(looks, [1]);
});

Deno.test("time limit: a run of few steps is measured to its end", async () => {
  const { trainer, now } = timedTrainer({ step: 0.01, evaluation: 1, checkpoint: 1 }, 7);
  assertClose([(await measureCosts(trainer, { minutes: 2, now: now, signal })).step], [0.01], {
    rtol: 1e-9,
    atol: 0,
  });
  assertEquals(trainer.step, 7);
});

Deno.test("time limit: evaluations, checkpoints and the end of a run are part of its time", () => {
  const costs = { step: 1, evaluation: 10, checkpoint: 5 };
  const options = { ...defaultOptions, evaluationEpochs: 0.5, checkpointEpochs: "100steps" } as const;
  const timeOf = (steps: number) => secondsOf(costs, steps, options, 50);
  // Evaluations after 25, 50, 75 steps, at the end two of both.
  assertEquals(timeOf(100), 100 + 3 * 10 + 30);
  assertEquals(timeOf(101), 101 + 4 * 10 + 5 + 30);
  assertEquals(secondsOf(costs, 100, { ...options, keep: "best" }, 50), 100 + 3 * 15 + 30);
  assertEquals(secondsOf(costs, 100, { ...options, evaluationEpochs: 0 }, 50), 130);
  for (const seconds of [31, 54.5, 55, 80, 160, 1000]) {
    const steps = fitSteps(seconds, timeOf);
    assert(timeOf(steps) <= seconds && timeOf(steps + 1) > seconds, `${steps} steps in ${seconds} s`);
  }
  assertEquals([fitSteps(30.9, timeOf), fitSteps(0, timeOf), fitSteps(-5, timeOf)], [0, 0, 0]);
});

Deno.test("time limit: a run may exceed its time by a fifth, its end and queued steps included", () => {
  let milliseconds = 0;
  const { mustEnd } = limitOf(2, { step: 0.5, evaluation: 3, checkpoint: 1 }, () => milliseconds);
  // 144 s less 16 steps of 0.5 s, two evaluations and two checkpoints.
  for (const [seconds, isOver] of [[0, false], [120, false], [127.9, false], [128.1, true]] as const) {
    milliseconds = 1000 * seconds;
    assertEquals(mustEnd(), isOver, `${seconds} s`);
  }
});

Deno.test("time limit: a worker that trains several runs starts a clock for each", async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = sinceStart();
  assertLess(startClock()(), before);
});
