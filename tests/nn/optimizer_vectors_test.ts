/** AdamW, clipping by global norm and schedules against PyTorch's numbers. */
import { compile, input, variable } from "../../kernels/mod.ts";
import { AdamW, clipByGlobalNorm, ClippingOptimizer, readSafetensors, Sgd } from "../../nn/mod.ts";
import {
  constantSchedule,
  cosineArcSchedule,
  cosineSchedule,
  type Schedule,
  stepSchedule,
} from "../../semisup/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";

const file = new URL("../vectors/optimizers.safetensors", import.meta.url);
const { tensors, metadata } = readSafetensors(Deno.readFileSync(file), { source: "optimizers.safetensors" });
const learningRates = JSON.parse(metadata["learning_rates"]!) as number[];
const names = ["weight", "bias"] as const;
const valuesOf = (name: string) => tensors.get(name)!.data;
const shapes = { weight: tensors.get("init/weight")!.shape, bias: tensors.get("init/bias")!.shape };

/** Options of a case, by PyTorch's names. */
interface AdamWCase {
  readonly weight_decay?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly clip?: number;
}

for (const [name, options] of Object.entries(JSON.parse(metadata["adamw"]!) as Record<string, AdamWCase>)) {
  gpuTest(`AdamW arrives where PyTorch's does, ${name}: ${JSON.stringify(options)}`, async (device) => {
    const { weight_decay: weightDecay, betas: [beta1, beta2] = [0.9, 0.999], eps: epsilon = 1e-8, clip } =
      options;
    const weight = variable(shapes.weight, valuesOf("init/weight"), { name: "weight" });
    const bias = variable(shapes.bias, valuesOf("init/bias"), { name: "bias" });
    const adamw = new AdamW({ weight, bias }, {
      beta1,
      beta2,
      epsilon,
      ...weightDecay === undefined ? {} : { weightDecay },
    });
    const optimizer = clip === undefined ? adamw : new ClippingOptimizer(adamw, clip);
    const program = await compile(
      device,
      { weight: { shape: shapes.weight }, bias: { shape: shapes.bias }, learningRate: {} },
      ({ weight, bias, learningRate }) => ({ updates: optimizer.update([weight, bias], learningRate) }),
    );
    learningRates.forEach((learningRate, step) =>
      program.run({
        weight: valuesOf(`step${step}/weight`),
        bias: valuesOf(`step${step}/bias`),
        learningRate,
      })
    );
    for (const [key, parameter] of Object.entries({ weight, bias })) {
      const [final, first, second] = await device.read([
        parameter,
        optimizer.state[`first_moment.${key}`]!,
        optimizer.state[`second_moment.${key}`]!,
      ]);
      for (const [what, got] of Object.entries({ final, first_moment: first, second_moment: second })) {
        const want = valuesOf(`adamw/${name}/${what}/${key}`);
        assertClose(got!, want, { rtol: 1e-5, atol: 1e-7, what: `${what} of ${key}` });
      }
    }
    program[Symbol.dispose]();
    [weight, bias, ...Object.values(optimizer.state)].forEach((each) => device.release(each));
  });
}

const norms = JSON.parse(metadata["clip_norms"]!) as Record<string, number>;
for (const limit of new Set(Object.keys(norms).map((key) => key.split("/")[0]!))) {
  gpuTest(`gradients are clipped to a norm of ${limit} as by clip_grad_norm_`, async (device) => {
    const program = await compile(
      device,
      { weight: { shape: shapes.weight }, bias: { shape: shapes.bias } },
      (given) => {
        const { gradients: [weight, bias], norm } = clipByGlobalNorm(
          [given.weight, given.bias],
          Number(limit),
        );
        return { outputs: { weight: weight!, bias: bias!, norm } };
      },
    );
    for (const step of learningRates.keys()) {
      const given = { weight: valuesOf(`step${step}/weight`), bias: valuesOf(`step${step}/bias`) };
      const got = await program.runAndRead(given);
      assertClose(got.norm, [norms[`${limit}/step${step}`]!], { rtol: 1e-5, atol: 0, what: "norm" });
      for (const name of names) {
        const want = valuesOf(`clip/${limit}/step${step}/${name}`);
        assertClose(got[name], want, { rtol: 1e-5, atol: 0, what: `${name} of step ${step}` });
      }
    }
    program[Symbol.dispose]();
  });
}

gpuTest("gradients of a hundred parameters are clipped together", async (device) => {
  const count = 100, length = 300;
  const gradients = Array.from(
    { length: count },
    (_, i) => variable([length], new Float32Array(length).fill(i % 2 ? 0.5 : -0.5)),
  );
  const program = await compile(device, {}, () => {
    const { gradients: clipped, norm } = clipByGlobalNorm(gradients, 1);
    return { outputs: { norm, first: clipped[0]!, last: clipped.at(-1)! } };
  });
  const { norm, first, last } = await program.runAndRead({});
  const want = 0.5 * Math.sqrt(count * length);
  assertClose(norm, [want], { rtol: 1e-5, atol: 0 });
  assertClose([first[7]!, last[0]!], [-0.5 / want, 0.5 / want], { rtol: 1e-5, atol: 0 });
  program[Symbol.dispose]();
  gradients.forEach((each) => device.release(each));
});

const { rate, steps, rates } = JSON.parse(metadata["schedules"]!) as {
  rate: number;
  steps: number;
  rates: Record<string, number[]>;
};
const schedules: Record<string, Schedule> = {
  "constant": constantSchedule(),
  "cosine": cosineSchedule(),
  "cosine_to_0.001": cosineSchedule(0.001 / rate),
  "step_every_10_by_0.1": stepSchedule({ every: 10 }),
  "steps_at_5_12_by_0.2": stepSchedule({ at: [5, 12] }, 0.2),
  "cosine_7_16": cosineArcSchedule(),
};
for (const [name, want] of Object.entries(rates)) {
  Deno.test(`the schedule ${name} is PyTorch's`, () => {
    const got = want.map((_, step) =>
      rate * schedules[name]!(step, { totalSteps: steps, stepsPerEpoch: 10 })
    );
    assertClose(got, want, { rtol: 1e-12, atol: 1e-17, what: name });
  });
}

Deno.test("AdamW's state is Adam's, and its parameters are decayed once", () => {
  const weight = variable([2], [1, 2]);
  const optimizer = new ClippingOptimizer(new AdamW({ weight }), 1);
  assertEquals(Object.keys(optimizer.state), [
    "first_weight",
    "second_weight",
    "first_moment.weight",
    "second_moment.weight",
  ]);
  const updated = optimizer.update([weight], input("learningRate")).map(([variable]) => variable);
  assertEquals(new Set(updated).size, updated.length);
});

Deno.test("AdamW, clipping and schedules refuse numbers out of range", () => {
  const weight = variable([2], [1, 2]);
  for (const wrong of [-1, NaN, Infinity]) {
    assertThrows(() => new AdamW({ weight }, { weightDecay: wrong }), RangeError, `but it is ${wrong}`);
    assertThrows(() => new ClippingOptimizer(new Sgd({ weight }), wrong), RangeError, `but it is ${wrong}`);
    assertThrows(() => clipByGlobalNorm([weight], wrong), RangeError, `but it is ${wrong}`);
    assertThrows(() => cosineSchedule(wrong), RangeError, "the end must be in [0, 1]");
    assertThrows(() => cosineArcSchedule(wrong), RangeError, "the arc must be in [0, ½]");
    assertThrows(() => stepSchedule({ every: 2 }, wrong), RangeError, "the factor must be above 0");
  }
  assertThrows(() => stepSchedule({ every: 0 }), RangeError, "the interval must be a whole number of steps");
  assertThrows(() => stepSchedule({ at: [3, -1] }), RangeError, "each change must be at a step ≥ 0");
});
