/** Optimisers on the device against PyTorch's formulas in float64. */
import { compile, type Device, input, type Variable, variable } from "../../kernels/mod.ts";
import {
  Adam,
  type AdamOptions,
  type NamedVariables,
  type Optimizer,
  Sgd,
  type SgdOptions,
} from "../../nn/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { randomValues } from "../kernels/reference.ts";

const starts: Readonly<Record<string, readonly number[]>> = {
  weight: [...randomValues(1, 6, [-1, 1], "float32")],
  bias: [0, -0.5, 2, 1e-3, 10],
};
const names = Object.keys(starts);
const shapes: Readonly<Record<string, readonly number[]>> = { weight: [2, 3], bias: [5] };
const steps = 7;
/** A different learning rate in every step, as a schedule gives. */
const learningRates = Array.from({ length: steps }, (_, step) => 0.1 / (1 + step));

/** Gradients of each step; some so small that epsilon matters, and one always 0. */
const gradients = Array.from({ length: steps }, (_, step) =>
  Object.fromEntries(names.map((name, i) => {
    const values = [...randomValues(10 * step + i, starts[name]!.length, [-2, 2], "float32")];
    values[1]! *= 1e-7;
    if (name === "bias") values[0] = 0;
    return [name, values];
  })));

type Numbers = Record<string, number[]>;
/** Computes the expected values after all steps, by name. */
type Rule = (parameter: readonly number[], name: string) => Numbers;

async function train(
  device: Device,
  create: (parameters: NamedVariables) => Optimizer,
): Promise<Record<string, ArrayLike<number>>> {
  const parameters: Record<string, Variable> = Object.fromEntries(
    names.map((name) => [name, variable(shapes[name]!, starts[name]!, { name })]),
  );
  const optimizer = create(parameters);
  const program = await compile(
    device,
    { weight: { shape: shapes["weight"]! }, bias: { shape: shapes["bias"]! }, learningRate: {} },
    ({ weight, bias, learningRate }) => ({ updates: optimizer.update([weight, bias], learningRate) }),
  );
  for (const [step, { weight, bias }] of gradients.entries()) {
    program.run({ weight: weight!, bias: bias!, learningRate: learningRates[step]! });
  }
  const all = { ...parameters, ...optimizer.state };
  const values = await device.read(Object.values(all));
  program[Symbol.dispose]();
  Object.values(all).forEach((each) => device.release(each));
  return Object.fromEntries(Object.keys(all).map((name, i) => [name, values[i]!]));
}

async function check(
  device: Device,
  create: (parameters: NamedVariables) => Optimizer,
  rule: Rule,
  scalars: Numbers = {},
): Promise<void> {
  const got = await train(device, create);
  const want: Numbers = {
    ...scalars,
    ...Object.assign({}, ...names.map((name) => rule(starts[name]!, name))),
  };
  assertEquals(Object.keys(got).sort(), Object.keys(want).sort());
  for (const [name, values] of Object.entries(want)) {
    assertClose(got[name]!, values, { rtol: 1e-5, atol: 1e-6, what: name });
  }
}

/** Returns the rule of torch.optim.SGD, element by element. */
function sgdRule({ momentum = 0.9, nesterov = true, weightDecay = 0 }: SgdOptions): Rule {
  return (parameter, name) => {
    const after = [...parameter], velocity: number[] = new Array(parameter.length).fill(0);
    for (let step = 0; step < steps; step++) {
      for (const i of parameter.keys()) {
        const gradient = gradients[step]![name]![i]! + weightDecay * after[i]!;
        velocity[i] = step === 0 ? gradient : momentum * velocity[i]! + gradient;
        const direction = momentum === 0
          ? gradient
          : nesterov
          ? gradient + momentum * velocity[i]!
          : velocity[i]!;
        after[i]! -= learningRates[step]! * direction;
      }
    }
    return { [name]: after, ...momentum > 0 ? { [`momentum.${name}`]: velocity } : {} };
  };
}

const sgds: readonly SgdOptions[] = [
  {},
  ...[0, 0.5].flatMap((momentum) =>
    [false, true].flatMap((nesterov) => [0, 0.1].map((weightDecay) => ({ momentum, nesterov, weightDecay })))
  ),
];
for (const options of sgds) {
  gpuTest(`Sgd steps as PyTorch's, ${JSON.stringify(options)}`, async (device) => {
    await check(device, (parameters) => new Sgd(parameters, options), sgdRule(options));
  });
}

/** Options with constant betas. */
type ConstantBetaOptions = Omit<AdamOptions, "beta1" | "beta2"> & {
  readonly beta1?: number;
  readonly beta2?: number;
};

/** Returns the rule of torch.optim.Adam, element by element. */
function adamRule(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: ConstantBetaOptions,
): Rule {
  return (parameter, name) => {
    const after = [...parameter];
    const first: number[] = new Array(after.length).fill(0), second = [...first];
    for (let step = 0; step < steps; step++) {
      const correction1 = 1 - beta1 ** (step + 1), correction2 = 1 - beta2 ** (step + 1);
      for (const i of parameter.keys()) {
        const gradient = gradients[step]![name]![i]! + weightDecay * after[i]!;
        first[i] = beta1 * first[i]! + (1 - beta1) * gradient;
        second[i] = beta2 * second[i]! + (1 - beta2) * gradient ** 2;
        const root = Math.sqrt(second[i]!) / Math.sqrt(correction2) + epsilon;
        after[i]! -= learningRates[step]! / correction1 * first[i]! / root;
      }
    }
    return { [name]: after, [`first_moment.${name}`]: first, [`second_moment.${name}`]: second };
  };
}

const adams: readonly ConstantBetaOptions[] = [
  {},
  { beta1: 0.5, beta2: 0.9 },
  { beta1: 0, beta2: 0.99 },
  { epsilon: 0.1 },
  { weightDecay: 0.1 },
  { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.02 },
];
for (const options of adams) {
  gpuTest(`Adam steps as PyTorch's, ${JSON.stringify(options)}`, async (device) => {
    const { beta1 = 0.9, beta2 = 0.999 } = options;
    await check(device, (parameters) => new Adam(parameters, options), adamRule(options), {
      first_weight: [1 - beta1 ** steps],
      second_weight: [1 - beta2 ** steps],
    });
  });
}

gpuTest("Adam takes betas that change from step to step, without recompiling", async (device) => {
  // Computed independently in Python: m, v and the products of all betas so far, in float64.
  const betas = [[0.9, 0.99], [0.8, 0.99], [0.7, 0.999], [0.5, 0.999]] as const;
  const gradients = [1, -2, 0.5, 3];
  const want = [0.9, 0.9721719128, 0.9818034816, 0.8628026203];
  const parameter = variable([1], [1]);
  const optimizer = new Adam({ parameter }, { beta1: "input", beta2: "input" });
  const inputs = { gradient: { shape: [1] }, learningRate: {}, beta1: {}, beta2: {} };
  const program = await compile(device, inputs, ({ gradient, learningRate, ...betas }) => ({
    updates: optimizer.update([gradient], learningRate, betas),
  }));
  for (const [step, [beta1, beta2]] of betas.entries()) {
    program.run({ gradient: [gradients[step]!], learningRate: 0.1, beta1, beta2 });
    const [value] = await device.read([parameter]);
    assertClose(value!, [want[step]!], { rtol: 1e-5, atol: 0, what: `step ${step}` });
  }
  program[Symbol.dispose]();
  [parameter, ...Object.values(optimizer.state)].forEach((each) => device.release(each));
});

Deno.test("Adam refuses to update without the betas declared as inputs", () => {
  const parameter = variable([], [1]), rate = variable([], [0.1]);
  for (const name of ["beta1", "beta2"] as const) {
    const optimizer = new Adam({ parameter }, { [name]: "input" });
    assertThrows(
      () => optimizer.update([parameter], rate),
      TypeError,
      `Cannot update parameters: Adam takes ${name} as an input, but none was passed`,
    );
    optimizer.update([parameter], rate, { [name]: variable([], [0.5]) });
  }
});

gpuTest("Adam's steps on a constant gradient are the learning rate, even the 2000th", async (device) => {
  const parameter = variable([3], [0, 0, 0]);
  const optimizer = new Adam({ parameter });
  const gradient = variable([3], [1e-3, -7, 300]);
  const program = await compile(device, { learningRate: {} }, ({ learningRate }) => ({
    updates: optimizer.update([gradient], learningRate),
  }));
  // A learning rate and sums that float32 holds exactly, so that only the direction can be wrong.
  const learningRate = 2 ** -10;
  let done = 0;
  for (const upTo of [1, 10, 1999, 2000]) {
    for (; done < upTo; done++) program.run({ learningRate });
    const [value] = await device.read([parameter]);
    assertClose(value!, [-1, 1, -1].map((sign) => sign * learningRate * upTo), { rtol: 2e-5, atol: 0 });
  }
  const { first_weight, second_weight } = optimizer.state;
  const [first, second] = await device.read([first_weight!, second_weight!]);
  assertClose([first![0]!, second![0]!], [1 - 0.9 ** 2000, 1 - 0.999 ** 2000], { rtol: 1e-4, atol: 0 });
  program[Symbol.dispose]();
  [parameter, gradient, ...Object.values(optimizer.state)].forEach((each) => device.release(each));
});

const parameters = { a: variable([2], [1, 2]), "b.c": variable([], [3]) };

Deno.test("optimisers name their state after the parameters", () => {
  const stateNames = (optimizer: Optimizer) =>
    Object.entries(optimizer.state).map(([name, each]) => {
      assertEquals(each.name, name);
      assertEquals(each.initial.every((value) => value === 0), true);
      return `${name} [${each.shape}]`;
    });
  assertEquals(stateNames(new Sgd(parameters)), ["momentum.a [2]", "momentum.b.c []"]);
  assertEquals(stateNames(new Sgd(parameters, { momentum: 0 })), []);
  assertEquals(stateNames(new Adam(parameters)), [
    "first_weight []",
    "second_weight []",
    "first_moment.a [2]",
    "first_moment.b.c []",
    "second_moment.a [2]",
    "second_moment.b.c []",
  ]);
});

Deno.test("optimisers refuse options out of range, naming them", () => {
  for (const momentum of [-0.1, 1, NaN]) {
    assertThrows(
      () => new Sgd(parameters, { momentum }),
      RangeError,
      `Cannot create Sgd: momentum must be in [0, 1), but it is ${momentum}`,
    );
  }
  for (const weightDecay of [-0.1, Infinity, NaN]) {
    const message = `weight decay must be a number ≥ 0, but it is ${weightDecay}`;
    assertThrows(() => new Sgd(parameters, { weightDecay }), RangeError, message);
    assertThrows(() => new Adam(parameters, { weightDecay }), RangeError, message);
    assertThrows(
      () => new Adam(parameters, { epsilon: weightDecay }),
      RangeError,
      `Cannot create Adam: epsilon must be a number ≥ 0, but it is ${weightDecay}`,
    );
  }
  for (const beta of [-0.1, 1, NaN]) {
    assertThrows(
      () => new Adam(parameters, { beta1: beta }),
      RangeError,
      `Cannot create Adam: betas must be in [0, 1), but one is ${beta}`,
    );
    assertThrows(
      () => new Adam(parameters, { beta2: beta }),
      RangeError,
      `Cannot create Adam: betas must be in [0, 1), but one is ${beta}`,
    );
  }
});

Deno.test("optimisers refuse gradients that differ in number from the parameters", () => {
  const gradient = variable([2], [0, 0]);
  for (const optimizer of [new Sgd(parameters), new Adam(parameters)]) {
    for (const wrong of [[], [gradient], [gradient, gradient, gradient]]) {
      assertThrows(
        () => optimizer.update(wrong, input("learningRate")),
        RangeError,
        `each parameter needs a gradient, but there are 2 parameters and ${wrong.length} gradients`,
      );
    }
  }
});
