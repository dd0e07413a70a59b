/** Costs against their formulas in float64, their gradients, and extreme logits. */
import { compile, grad, mul, type Tensor, variable } from "../../kernels/mod.ts";
import {
  classificationCost,
  consistencyTrust,
  logitDistance,
  softmaxKl,
  softmaxMse,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor } from "../nn/gradients.ts";

const n = 6, classes = 4;
/** Constants of a graph are float32. */
const close = { rtol: 1e-6, atol: 1e-9 };
const logits = (seed: number) => randomTensor(seed, [n, classes], [-3, 3]);
const labelsOf = (labels: number[]) => variable([labels.length], labels, { dtype: "int32" });

/** `[N][C]` probabilities. */
function probabilitiesOf(x: Tensor): number[][] {
  const values = [...evaluate(x)], [count = 0, width = 0] = x.shape;
  return Array.from({ length: count }, (_, row) => {
    const exponentials = values.slice(row * width, (row + 1) * width).map(Math.exp);
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map((value) => value / sum);
  });
}

/** Sums a term of both probabilities over examples and classes. */
function total(p: number[][], q: number[][], term: (p: number, q: number) => number): number {
  return p.flatMap((row, i) => row.map((value, c) => term(value, q[i]![c]!))).reduce((a, b) => a + b, 0);
}

const divergence = (p: number, q: number) => q * (Math.log(q) - Math.log(p));

for (const labels of [[0, -1, 3, 2, -1, 1], [-1, -1, -1, -1, -1, 2], [3, 3, 0, 1, 2, 2]]) {
  Deno.test(`classification cost of labels ${labels} is Σ −log p[label] / N over the labelled examples`, () => {
    const x = logits(1), p = probabilitiesOf(x);
    const cost = classificationCost(x, labelsOf(labels));
    const sum = labels.reduce((sum, label, i) => label < 0 ? sum : sum - Math.log(p[i]![label]!), 0);
    assertEquals(cost.shape, []);
    assertClose(evaluate(cost), [sum / n], close);
    assertGradients(cost, { x });
    const gradient = evaluate(grad(cost, [x])[0]!);
    labels.forEach((label, i) => {
      const row = gradient.slice(i * classes, (i + 1) * classes);
      assertEquals(row.every((value) => value === 0), label < 0);
    });
  });
}

Deno.test("classification cost without labelled examples is 0, with zero gradient", () => {
  const x = logits(1);
  const cost = classificationCost(x, labelsOf(new Array(n).fill(-1)));
  assertEquals([...evaluate(cost)].map(Math.abs), [0]);
  assert(evaluate(grad(cost, [x])[0]!).every((value) => value === 0));
});

const divergenceScale = 2 * (1 - 1 / classes) / classes ** 2;
const scaleOf = (trust: number) => 2 * (1 - 1 / classes) / classes ** 2 / trust ** 2;
const mix = (p: number[][], trust: number) =>
  p.map((row) => row.map((value) => trust * value + (1 - trust) / classes));

type Pair = (a: Tensor, b: Tensor) => Tensor;
/** Costs of student and teacher, and their formulas in terms of probabilities. */
const consistencies: Readonly<Record<string, readonly [Pair, (p: number[][], q: number[][]) => number]>> = {
  "softmax MSE": [softmaxMse, (p, q) => total(p, q, (p, q) => (p - q) ** 2) / classes / n],
  "softmax KL": [softmaxKl, (p, q) => total(p, q, divergence) / n],
  ...Object.fromEntries([0.1, 0.5, 0.9].map((trust) => [`consistency of trust ${trust}`, [
    (student: Tensor, teacher: Tensor) => consistencyTrust(student, teacher, trust),
    (p: number[][], q: number[][]) => total(mix(p, trust), mix(q, trust), divergence) / n * scaleOf(trust),
  ]])),
};

for (const [name, [costOf, formula]] of Object.entries(consistencies)) {
  Deno.test(`${name} equals its formula, with gradient to the student alone`, () => {
    const student = logits(1), teacher = logits(2);
    const cost = costOf(student, teacher);
    assertEquals(cost.shape, []);
    assertClose(evaluate(cost), [formula(probabilitiesOf(student), probabilitiesOf(teacher))], close);
    assertGradients(cost, { student });
    assert(evaluate(grad(cost, [teacher])[0]!).every((value) => value === 0));
    // No gradient passes through the teacher to a common ancestor either.
    const fixed = variable(student.shape, student.initial.map((value) => value / 2));
    const [through] = grad(costOf(student, mul(student, 0.5)), [student]);
    assertClose(evaluate(through!), evaluate(grad(costOf(student, fixed), [student])[0]!), close);
  });

  Deno.test(`${name} is 0 if student and teacher agree, above 0 otherwise`, () => {
    const student = logits(1);
    assertClose(evaluate(costOf(student, student)), [0], { rtol: 0, atol: 1e-15 });
    for (const seed of [2, 3, 4]) assert(evaluate(costOf(student, logits(seed)))[0]! > 0);
  });
}

Deno.test("consistency of trust 0 is the softmax MSE, of trust 1 the scaled softmax KL", () => {
  const student = logits(1), teacher = logits(2);
  const [none, full] = [0, 1].map((trust) => consistencyTrust(student, teacher, trust));
  assertEquals(evaluate(none!), evaluate(softmaxMse(student, teacher)));
  assertClose(evaluate(full!), evaluate(softmaxKl(student, teacher)).map((kl) => kl * scaleOf(1)), close);
  for (const cost of [none!, full!]) {
    assertGradients(cost, { student });
    assert(evaluate(grad(cost, [teacher])[0]!).every((value) => value === 0));
  }
});

Deno.test("consistency of little trust is close to 1 − 1/C of the softmax MSE, of almost full trust to the KL", () => {
  const student = logits(1), teacher = logits(2);
  const at = (trust: number) => evaluate(consistencyTrust(student, teacher, trust))[0]!;
  assertClose([at(1e-3) / at(0)], [1 - 1 / classes], { rtol: 1e-2, atol: 0 });
  assertClose([at(1 - 1e-6)], [at(1)], { rtol: 1e-4, atol: 0 });
});

/** Computes a cost of little trust in float64, by the logarithm's series and without cancellation. */
function trustBySeries(p: number[][], q: number[][], trust: number): number {
  return total(p, q, (p, q) => {
    const mixed = trust * p + (1 - trust) / classes, u = trust * (q - p) / mixed;
    return (q - p) ** 2 / mixed * (1 / 2 - u / 6 + u ** 2 / 12 - u ** 3 / 20);
  }) / n * divergenceScale;
}

gpuTest("cost and gradient keep float32 precision at the smallest trust", async (device) => {
  const student = logits(1), teacher = logits(2);
  for (const trust of [1e-6, 1e-4, 1e-3]) {
    const cost = consistencyTrust(student, teacher, trust);
    const program = await compile(device, {}, () => ({
      outputs: { cost, gradient: grad(cost, [student])[0]! },
    }));
    const got = await program.runAndRead({});
    program[Symbol.dispose]();
    const want = trustBySeries(probabilitiesOf(student), probabilitiesOf(teacher), trust);
    assertClose(got.cost, [want], { rtol: 2e-6, atol: 0, what: `trust ${trust}` });
    // To first order it is (1 − 1/C) of the squared difference.
    const limit = evaluate(grad(mul(softmaxMse(student, teacher), 1 - 1 / classes), [student])[0]!);
    assertClose(got.gradient, limit, { rtol: 0, atol: 1e-5 + trust, what: `gradient of trust ${trust}` });
  }
});

Deno.test("consistency of selected examples is divided by the number of all examples", () => {
  const student = logits(1), teacher = logits(2);
  const counted = [1, 0, 0, 1, 1, 0];
  const examples = variable([n], counted);
  const rowsOf = (rows: number[][]) => rows.filter((_, i) => counted[i] === 1);
  for (const [name, [, formula]] of Object.entries(consistencies)) {
    const trust = Number(/trust (.+)/.exec(name)?.[1]);
    const cost = name === "softmax MSE"
      ? softmaxMse(student, teacher, { examples })
      : name === "softmax KL"
      ? softmaxKl(student, teacher, { examples })
      : consistencyTrust(student, teacher, trust, { examples });
    const want = formula(rowsOf(probabilitiesOf(student)), rowsOf(probabilitiesOf(teacher)));
    assertClose(evaluate(cost), [want], { ...close, what: name });
    assertGradients(cost, { student });
    const gradient = evaluate(grad(cost, [student])[0]!);
    counted.forEach((count, i) => {
      const row = gradient.slice(i * classes, (i + 1) * classes);
      assertEquals(row.every((value) => value === 0), count === 0, `${name}, example ${i}`);
    });
  }
  const full = consistencyTrust(student, teacher, 1, { examples });
  assertClose(
    evaluate(full),
    evaluate(mul(softmaxKl(student, teacher, { examples }), divergenceScale)),
    close,
  );
});

Deno.test("both sides get gradient with gradientToTeacher, except at a trust above 0", () => {
  const student = logits(1), teacher = logits(2), both = { gradientToTeacher: true };
  const costs = [
    softmaxMse(student, teacher, both),
    softmaxKl(student, teacher, both),
    consistencyTrust(student, teacher, 0, both),
  ];
  for (const cost of costs) assertGradients(cost, { student, teacher });
  assertEquals(evaluate(costs[0]!), evaluate(softmaxMse(student, teacher)));
  // The cost is symmetric: the second side's gradient is the first's with sides swapped.
  const [toStudent, toTeacher] = grad(softmaxMse(student, teacher, both), [student, teacher]).map((x) =>
    evaluate(x)
  );
  const [swapped] = grad(softmaxMse(teacher, student), [teacher]).map((x) => evaluate(x));
  assertClose(toTeacher!, swapped!, close);
  assert(toStudent!.some((value, i) => Math.abs(value - toTeacher![i]!) > 1e-6));
  for (const trust of [0.5, 1]) {
    const cost = consistencyTrust(student, teacher, trust, both);
    assertGradients(cost, { student });
    assert(evaluate(grad(cost, [teacher])[0]!).every((value) => value === 0));
  }
});

Deno.test("logit distance summed over classes is C times the mean", () => {
  const first = logits(1), second = logits(2);
  const summed = logitDistance(first, second, "sum");
  const [a, b] = [evaluate(first), evaluate(second)];
  assertClose(evaluate(summed), [a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / n], close);
  assertGradients(summed, { first, second });
});

Deno.test("logit distance is the mean squared difference, with gradient to both heads", () => {
  const first = logits(1), second = logits(2);
  const [a, b] = [evaluate(first), evaluate(second)];
  const cost = logitDistance(first, second);
  assertEquals(cost.shape, []);
  assertClose(
    evaluate(cost),
    [a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / classes / n],
    close,
  );
  assertGradients(cost, { first, second });
});

gpuTest("costs and gradients of logits of ±80 are finite and correct on the device", async (device) => {
  const extremes = [80, -80, 0, 79];
  const student = variable([n, classes], Array.from({ length: n * classes }, (_, i) => extremes[i % 4]!));
  const teacher = variable(
    [n, classes],
    Array.from({ length: n * classes }, (_, i) => extremes[(i + Math.floor(i / 4)) % 4]!),
  );
  const costs: Readonly<Record<string, Tensor>> = {
    classification: classificationCost(student, labelsOf([1, 1, -1, 0, 2, 3])),
    mse: softmaxMse(student, teacher),
    kl: softmaxKl(student, teacher),
    half: consistencyTrust(student, teacher, 0.5),
    full: consistencyTrust(student, teacher, 1),
    distance: logitDistance(student, teacher),
  };
  const outputs: Record<string, Tensor> = { ...costs };
  for (const [name, cost] of Object.entries(costs)) {
    outputs[`gradient of ${name}`] = grad(cost, [student])[0]!;
  }
  const program = await compile(device, {}, () => ({ outputs }));
  const values = await program.runAndRead({});
  program[Symbol.dispose]();
  for (const [name, value] of Object.entries(values)) {
    assert(value.every(Number.isFinite), `${name} is ${value}`);
    assertClose(value, evaluate(outputs[name]!), { rtol: 1e-4, atol: 1e-6, what: name });
  }
});

Deno.test("logits of different shapes are refused, and the error names cost and shapes", () => {
  const pairs: readonly (readonly [string, Pair])[] = [
    ["softmax MSE", softmaxMse],
    ["softmax KL", softmaxKl],
    ["softmax MSE", (a, b) => consistencyTrust(a, b, 0)],
    ["consistency", (a, b) => consistencyTrust(a, b, 0.5)],
    ["consistency", (a, b) => consistencyTrust(a, b, 1)],
    ["logit distance", logitDistance],
  ];
  for (const [name, costOf] of pairs) {
    for (const [a, b] of [[[3, 4], [3, 5]], [[3, 4], [4]], [[4], [4]], [[2, 3, 4], [2, 3, 4]]] as const) {
      assertThrows(
        () => costOf(randomTensor(1, a), randomTensor(2, b)),
        RangeError,
        `Cannot compute ${name}: both logits must be [N, C], but shapes are [${a.join(", ")}] and [${
          b.join(", ")
        }]`,
      );
    }
  }
});

Deno.test("invalid trust, type of labels and number of labels are refused", () => {
  for (const trust of [-0.1, 1.1, NaN]) {
    const message = `Cannot compute consistency: trust must be in [0, 1], but is ${trust}`;
    assertThrows(() => consistencyTrust(logits(1), logits(2), trust), RangeError, message);
  }
  assertThrows(() => classificationCost(logits(1), variable([n], new Float32Array(n))), TypeError, "int32");
  assertThrows(() => classificationCost(logits(1), labelsOf([0, 1])), RangeError, "every row");
});
