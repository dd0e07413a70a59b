/** What changes from step to step: learning rate, consistency weight, EMA decay. */
import {
  defaultOptions,
  resolveOptions,
  scheduleOf,
  type StepSchedule,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const stepsPerEpoch = 10;
const options: Partial<TrainingOptions> = {
  epochs: 8,
  learningRate: 0.4,
  initialLearningRate: 0.1,
  learningRateRampupEpochs: 2,
  consistency: 50,
  consistencyRampupEpochs: 4,
  emaDecay: 0.9,
};

/** A scalar of the schedule at some steps. */
function assertSchedule(
  name: keyof StepSchedule,
  changed: Partial<TrainingOptions>,
  points: Readonly<Record<number, number>>,
): void {
  const resolved = resolveOptions({ ...options, ...changed });
  const got = Object.keys(points).map((step) => scheduleOf(resolved, Number(step), stepsPerEpoch)[name]);
  assertClose(got, Object.values(points), { rtol: 1e-12, atol: 1e-12, what: name });
}

/** ½ (cos(π share) + 1). */
const cosine = (share: number) => (Math.cos(Math.PI * share) + 1) / 2;

Deno.test("the learning rate warms up on a line, times a cosine to 0 at the end of the run", () => {
  assertSchedule("learningRate", {}, {
    0: 0.1,
    5: 0.175 * cosine(5 / 80),
    10: 0.25 * cosine(1 / 8),
    20: 0.4 * cosine(1 / 4),
    40: 0.2,
    79: 0.4 * cosine(79 / 80),
    80: 0,
  });
});

Deno.test("the cosine's length is its own where one is given, and counts in epochs", () => {
  assertSchedule("learningRate", { learningRateRampdownEpochs: 16 }, {
    0: 0.1,
    40: 0.4 * cosine(1 / 4),
    80: 0.2,
  });
});

Deno.test("the learning rate stays where the cosine's length is 0, and starts there without warm-up", () => {
  assertSchedule("learningRate", { learningRateRampdownEpochs: 0 }, { 0: 0.1, 10: 0.25, 20: 0.4, 80: 0.4 });
  assertSchedule("learningRate", { learningRateRampdownEpochs: 0, learningRateRampupEpochs: 0 }, {
    0: 0.4,
    1: 0.4,
    80: 0.4,
  });
});

Deno.test("warm-up may come down to the learning rate as well", () => {
  assertSchedule("learningRate", { learningRateRampdownEpochs: 0, initialLearningRate: 0.8 }, {
    0: 0.8,
    10: 0.6,
    20: 0.4,
  });
});

Deno.test("the consistency weight ramps up as a sigmoid at every step, then stays", () => {
  assertSchedule("consistencyWeight", {}, {
    0: 50 * Math.exp(-5),
    1: 50 * Math.exp(-5 * (1 - 1 / 40) ** 2),
    20: 50 * Math.exp(-1.25),
    39: 50 * Math.exp(-5 / 1600),
    40: 50,
    79: 50,
  });
  assertSchedule("consistencyWeight", { consistencyRampupEpochs: 0 }, { 0: 50, 79: 50 });
  assertSchedule("consistencyWeight", { consistency: 0 }, { 0: 0, 40: 0 });
});

Deno.test("the EMA decay is ½ at the first step and never above its option", () => {
  assertSchedule("emaDecay", {}, { 0: 1 / 2, 1: 2 / 3, 2: 3 / 4, 7: 8 / 9, 8: 0.9, 9: 0.9, 79: 0.9 });
  assertSchedule("emaDecay", { emaDecay: 0.25 }, { 0: 0.25, 79: 0.25 });
  assertSchedule("emaDecay", { emaDecay: 1 }, { 0: 1 / 2, 79: 80 / 81 });
});

Deno.test("the default schedule is finite and positive at every step before the end", () => {
  for (const steps of [1, 7, 1199]) {
    for (let step = 1; step < steps; step++) {
      const schedule = scheduleOf(defaultOptions, step, steps);
      assertEquals(Object.keys(schedule).sort(), ["consistencyWeight", "emaDecay", "learningRate"]);
      assert(Object.values(schedule).every((value) => value > 0 && Number.isFinite(value)));
    }
  }
});
