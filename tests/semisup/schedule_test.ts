/** Schedules of learning rate, consistency weight, EMA decay and Adam's betas. */
import {
  checkSchedule,
  defaultOptions,
  resolveOptions,
  runSteps,
  scheduleOf,
  type StepSchedule,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const stepsPerEpoch = 10;
const options: Partial<TrainingOptions> = {
  epochs: 8,
  learningRate: 0.4,
  initialLearningRate: 0.1,
  learningRateRampup: 2,
  consistency: 50,
  consistencyRampup: 4,
  emaDecay: 0.9,
};

/** Asserts a scalar of the schedule at some steps. */
function assertSchedule(
  name: keyof StepSchedule & string,
  changed: Partial<TrainingOptions>,
  points: Readonly<Record<number, number>>,
): void {
  const resolved = resolveOptions({ ...options, ...changed });
  const got = Object.keys(points).map((step) => scheduleOf(resolved, Number(step), stepsPerEpoch)[name]!);
  assertClose(got, Object.values(points), { rtol: 1e-12, atol: 1e-12, what: name });
}

/** Computes ½ (cos(π share) + 1). */
const cosine = (share: number) => (Math.cos(Math.PI * share) + 1) / 2;

Deno.test("the learning rate warms up linearly, times a cosine to 0 at the end of the run", () => {
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

Deno.test("the cosine's length can be set, in epochs", () => {
  assertSchedule("learningRate", { learningRateRampdown: 16 }, {
    0: 0.1,
    40: 0.4 * cosine(1 / 4),
    80: 0.2,
  });
});

Deno.test("without ramp-down and warm-up the learning rate is constant", () => {
  assertSchedule("learningRate", { learningRateRampdown: 0 }, { 0: 0.1, 10: 0.25, 20: 0.4, 80: 0.4 });
  assertSchedule("learningRate", { learningRateRampdown: 0, learningRateRampup: 0 }, {
    0: 0.4,
    1: 0.4,
    80: 0.4,
  });
});

Deno.test("warm-up may start above the learning rate", () => {
  assertSchedule("learningRate", { learningRateRampdown: 0, initialLearningRate: 0.8 }, {
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
  assertSchedule("consistencyWeight", { consistencyRampup: 0 }, { 0: 50, 79: 50 });
  assertSchedule("consistencyWeight", { consistency: 0 }, { 0: 0, 40: 0 });
});

Deno.test("the EMA decay is ½ at the first step and never exceeds its option", () => {
  assertSchedule("emaDecay", {}, { 0: 1 / 2, 1: 2 / 3, 2: 3 / 4, 7: 8 / 9, 8: 0.9, 9: 0.9, 79: 0.9 });
  assertSchedule("emaDecay", { emaDecay: 0.25 }, { 0: 0.25, 79: 0.25 });
  assertSchedule("emaDecay", { emaDecay: 1 }, { 0: 1 / 2, 79: 80 / 81 });
});

Deno.test("the default schedule is finite and positive at every step before the end", () => {
  for (const steps of [1, 7, 1199]) {
    for (let step = 1; step < steps; step++) {
      const schedule = scheduleOf(defaultOptions, step, steps);
      const names = ["beta1", "beta2", "consistencyWeight", "emaDecay", "learningRate"];
      assertEquals(Object.keys(schedule).sort(), names);
      assert(Object.values(schedule).every((value) => value > 0 && Number.isFinite(value)));
    }
  }
});

/** Lengths in steps, as in the reference's step version; an epoch has 10 steps. */
const stepwise: Partial<TrainingOptions> = {
  steps: 100,
  learningRate: 0.4,
  initialLearningRate: 0,
  learningRateRampup: "20steps",
  learningRateRampupShape: "sigmoid",
  learningRateRampdown: "40steps",
  learningRateRampdownShape: "sigmoid",
  consistency: 50,
  consistencyRampup: "20steps",
};

Deno.test("in steps: the learning rate ramps up as a sigmoid, and down as one over the last steps", () => {
  assertSchedule("learningRate", stepwise, {
    0: 0.4 * 0.006737946999085467, // e⁻⁵
    10: 0.4 * 0.2865047968601901, // e^(−5/4)
    20: 0.4,
    60: 0.4,
    70: 0.4 * 0.45783336177161427, // e^(−12.5/16)
    80: 0.4 * 0.04393693362340742, // e^(−12.5/4)
    99: 0.4 * 6.908123638278764e-6, // e^(−12.5 · (39/40)²)
  });
  assertSchedule("learningRate", { ...stepwise, learningRateRampdown: 0 }, { 20: 0.4, 99: 0.4 });
});

Deno.test("in steps: the consistency weight ramps up in its own length and shape", () => {
  assertSchedule("consistencyWeight", stepwise, { 0: 50 * Math.exp(-5), 10: 50 * Math.exp(-1.25), 20: 50 });
  const inForm = (consistencyRampupShape: "linear" | "step") => ({ ...stepwise, consistencyRampupShape });
  assertSchedule("consistencyWeight", inForm("linear"), { 0: 0, 5: 12.5, 19: 47.5, 20: 50 });
  assertSchedule("consistencyWeight", inForm("step"), { 0: 0, 19: 0, 20: 50, 99: 50 });
});

Deno.test("lengths in epochs and in steps can be mixed", () => {
  assertSchedule("consistencyWeight", { ...stepwise, consistencyRampup: 4 }, {
    20: 50 * Math.exp(-1.25),
    40: 50,
  });
  // A cosine over the whole run, in either unit.
  const whole = {
    ...stepwise,
    learningRateRampdownShape: "cosine",
    learningRateRampdown: null,
  } as const;
  assertSchedule("learningRate", whole, { 20: 0.4 * cosine(0.2), 50: 0.2 });
  assertSchedule("learningRate", { ...whole, learningRateRampdown: 20 }, { 50: 0.4 * cosine(0.25) });
  // A sigmoid of two epochs at the end of a run of 100 steps.
  assertSchedule("learningRate", {
    ...stepwise,
    learningRateRampdown: 2,
  }, { 80: 0.4, 90: 0.4 * Math.exp(-12.5 / 4) });
});

Deno.test("once an epoch: the consistency weight changes every epoch, the learning rate every step", () => {
  const perEpoch = { consistencyRampupPerEpoch: true };
  assertSchedule("consistencyWeight", perEpoch, {
    0: 50 * Math.exp(-5),
    9: 50 * Math.exp(-5),
    10: 50 * Math.exp(-5 * 9 / 16),
    19: 50 * Math.exp(-5 * 9 / 16),
    39: 50 * Math.exp(-5 / 16),
    40: 50,
  });
  assertSchedule("learningRate", perEpoch, { 5: 0.175 * cosine(5 / 80), 40: 0.2 });
  assertSchedule("consistencyWeight", { ...perEpoch, consistencyRampup: "40steps" }, {
    19: 50 * Math.exp(-5 * 9 / 16),
    39: 50 * Math.exp(-5 / 16),
    40: 50,
  });
});

Deno.test("two phases: EMA decay and β₂ change once the consistency weight is up", () => {
  const phases = { ...stepwise, emaWarmup: false, emaDecay: 0.999, emaDecayDuringRampup: 0.99 };
  assertSchedule("emaDecay", phases, { 0: 0.99, 19: 0.99, 20: 0.999, 99: 0.999 });
  assertSchedule("emaDecay", { ...phases, emaDecayDuringRampup: null }, { 0: 0.999, 20: 0.999 });
  // With warm-up, the smaller decay applies.
  assertSchedule("emaDecay", { ...phases, emaWarmup: true }, {
    0: 0.5,
    19: 20 / 21,
    20: 21 / 22,
    99: 100 / 101,
  });
  assertSchedule("beta2", { ...stepwise, beta2: 0.999, beta2DuringRampup: 0.99 }, { 19: 0.99, 20: 0.999 });
  assertSchedule("beta2", { ...stepwise, beta2: 0.999 }, { 0: 0.999, 20: 0.999 });
  assertSchedule("emaDecay", { ...phases, consistencyRampup: 0 }, { 0: 0.999 });
});

Deno.test("β₁ ramps down with the learning rate", () => {
  assertSchedule("beta1", { ...stepwise, beta1AfterRampdown: 0.5 }, {
    0: 0.9,
    60: 0.9,
    80: 0.517574773449363, // .9 r + .5 (1 − r), r = e^(−12.5/4)
    99: 0.5000027632494554,
  });
  assertSchedule("beta1", { ...stepwise, beta1AfterRampdown: 0.5, learningRateRampdown: 0 }, {
    99: 0.9,
  });
  assertSchedule("beta1", stepwise, { 0: 0.9, 99: 0.9 });
});

Deno.test("the length of a run is its steps, or else its epochs, and at least one step", () => {
  const stepsOf = (options: Partial<TrainingOptions>) => runSteps(resolveOptions(options), 10);
  assertEquals(
    [{ epochs: 3 }, { epochs: 1.26 }, { epochs: 0.01 }, { epochs: 3, steps: 7 }].map(stepsOf),
    [30, 13, 1, 7],
  );
});

Deno.test("a ramp-down that does not fit the run is refused, in any combination of units", () => {
  const check = (options: Partial<TrainingOptions>) => checkSchedule(resolveOptions(options), 10);
  assertThrows(
    () => check({ steps: 100, learningRateRampdown: 8 }),
    RangeError,
    "Cannot train: the learning rate's ramp-down must be at least as long as the run, but they are 8 and 10 epochs",
  );
  assertThrows(
    () => check({ epochs: 3, learningRateRampdown: "20steps" }),
    RangeError,
    "must be at least as long as the run, but they are 20 and 30 steps",
  );
  const sigmoid = { learningRateRampdownShape: "sigmoid" } as const;
  assertThrows(
    () => check({ ...sigmoid, steps: 100, learningRateRampdown: 12 }),
    RangeError,
    "must be at most as long as the run, but they are 12 and 10 epochs",
  );
  check({ steps: 100, learningRateRampdown: 10 });
  check({ steps: 104, learningRateRampdown: 10.35 });
  check({ epochs: 1.24, learningRateRampdown: "12steps" });
  check({ ...sigmoid, steps: 100, learningRateRampdown: 10 });
  check({ steps: 100, learningRateRampdown: 0 });
});
