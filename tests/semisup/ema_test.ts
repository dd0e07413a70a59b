/** The teacher's weights as an average of the student's. */
import { add, mul, type Tensor, type Update, type Variable, variable } from "../../kernels/mod.ts";
import { BatchNorm2d, Conv2d, Initializer, Sequential, stateOf } from "../../nn/mod.ts";
import { emaUpdates, warmedEmaDecay } from "../../semisup/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";

/** Constants of a graph are float32. */
const close = { rtol: 1e-7, atol: 1e-7 };

Deno.test("the decay warms up as 1/2, 2/3, 3/4, … up to the option's value", () => {
  assertEquals(warmedEmaDecay(1, 0.99), 1 / 2);
  assertClose([2, 3, 4].map((steps) => warmedEmaDecay(steps, 0.99)), [2 / 3, 3 / 4, 4 / 5], {
    rtol: 1e-15,
    atol: 0,
  });
  assertClose([98, 99, 100, 1e6].map((steps) => warmedEmaDecay(steps, 0.99)), [98 / 99, 0.99, 0.99, 0.99], {
    rtol: 1e-15,
    atol: 0,
  });
  assertEquals([warmedEmaDecay(1, 0.3), warmedEmaDecay(1, 0), warmedEmaDecay(0, 0.99)], [0.3, 0, 0]);
});

Deno.test("during warm-up, the average is the mean of all values so far", () => {
  const values = [3, -1, 4, 1, -5, 9];
  let average = 2;
  values.forEach((value, i) => {
    const decay = warmedEmaDecay(i + 1, 0.999);
    average = decay * average + (1 - decay) * value;
    const all = [2, ...values.slice(0, i + 1)];
    assertClose([average], [all.reduce((sum, each) => sum + each, 0) / all.length], { rtol: 1e-14, atol: 0 });
  });
});

Deno.test("invalid decays and numbers of steps are refused", () => {
  for (const decay of [-0.1, 1.1, NaN]) {
    const message = `Cannot average weights: the decay must be in [0, 1], but is ${decay}`;
    assertThrows(() => warmedEmaDecay(1, decay), RangeError, message);
  }
  for (const steps of [-1, NaN]) {
    const message = `Cannot average weights: the number of steps must be at least 0, but is ${steps}`;
    assertThrows(() => warmedEmaDecay(steps, 0.9), RangeError, message);
  }
});

const network = (seed: number) => {
  const initializer = new Initializer(seed);
  return new Sequential([new Conv2d(2, 3, 3, initializer), new BatchNorm2d(3, initializer)]);
};

/** Computes the new values of variables, by name. */
function becomes(updates: readonly Update[], names: Readonly<Record<string, Variable>>) {
  const values = new Map<Tensor, Tensor>(updates);
  return Object.fromEntries(Object.entries(names).map(([name, each]) => [name, evaluate(values.get(each)!)]));
}

Deno.test("the teacher becomes decay · teacher + (1 − decay) · the student's new parameters", () => {
  const teacher = network(1), student = network(2);
  // All but one of the student's parameters change in the same step.
  const [kept, ...changed] = Object.values(student.parameters);
  const studentUpdates = changed.map((each): Update => [each, add(mul(each, -3), 0.5)]);
  const updates = emaUpdates(teacher.parameters, student.parameters, studentUpdates, variable([], [0.75]));
  const after = becomes(updates, teacher.parameters);
  for (const [name, average] of Object.entries(teacher.parameters)) {
    const current = student.parameters[name]!;
    const next = [...current.initial].map((value) => current === kept ? value : -3 * value + 0.5);
    const want = next.map((value, i) => 0.75 * average.initial[i]! + 0.25 * value);
    assertClose(after[name]!, want, { ...close, what: name });
  }
});

Deno.test("running statistics are not averaged", () => {
  const teacher = network(1), student = network(2);
  const statistics = Object.values(student.buffers).map((each): Update => [each, mul(each, 9)]);
  const updates = emaUpdates(teacher.parameters, student.parameters, statistics, variable([], [0.5]));
  assertEquals(updates.map(([each]) => each), Object.values(teacher.parameters));
  assertEquals(updates.length, Object.keys(stateOf(teacher)).length - 2);
});

Deno.test("a decay of 1 keeps the teacher, a decay of 0 copies the student", () => {
  const teacher = network(1), student = network(2);
  for (const [decay, source] of [[1, teacher], [0, student]] as const) {
    const updates = emaUpdates(teacher.parameters, student.parameters, [], variable([], [decay]));
    for (const [name, values] of Object.entries(becomes(updates, teacher.parameters))) {
      assertClose(values, source.parameters[name]!.initial, close);
    }
  }
});

Deno.test("a teacher's parameter that the student lacks is refused by name", () => {
  const { ["1.bias"]: _, ...fewer } = network(2).parameters;
  assertThrows(
    () => emaUpdates(network(1).parameters, fewer, [], variable([], [0.5])),
    RangeError,
    "Cannot average weights: the student must have all parameters of the teacher, but lacks 1.bias",
  );
});
