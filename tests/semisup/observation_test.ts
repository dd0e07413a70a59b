/** Observation of a step, against plain loops in float64, and distances of weights, computed by hand. */
import { add, less, mul, sub, type Tensor, type Variable, variable, where } from "../../kernels/mod.ts";
import { trainingContext } from "../../nn/mod.ts";
import { type Algorithm, classificationCost, softmaxMse, type StepResult } from "../../semisup/mod.ts";
import { observe } from "../../semisup/self_check/observation.ts";
import { WeightWatch } from "../../semisup/self_check/weight_watch.ts";
import { assertEquals } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";
import { randomKey } from "../nn/keys.ts";
import { randomTensor } from "../nn/gradients.ts";

const n = 5, classes = 3, weight = 8;
const close = { rtol: 1e-5, atol: 1e-7 };
const labelValues = [-1, 2, 0, -1, 2];
const parameter = (value: number) => variable([2], [value, value]);

/** Builds a step of which only the first of two parameters depends on the target. */
function stepOf(views: readonly [Tensor, Tensor], key = randomKey(1, 1), isSkipped = false) {
  const reached = parameter(1), other = parameter(2);
  const algorithm = { student: { parameters: { reached, other } } } as unknown as Algorithm;
  const logits = randomTensor(3, [n, classes]), second = randomTensor(4, [n, classes]);
  const targetLogits = randomTensor(5, [n, classes]);
  const labels = variable([n], labelValues, { dtype: "int32" });
  const classification = classificationCost(logits, labels);
  const consistency = mul(softmaxMse(second, targetLogits), weight);
  const cost = add(classification, consistency);
  const result: StepResult = {
    costs: { cost, classification, consistency },
    compared: { views, labels, logits, consistencyLogits: second, targetLogits },
    updates: ([[reached, sub(reached, cost)], [other, sub(other, classification)]] as const).map(
      ([each, value]) => [each, isSkipped ? where(less(cost, 1), value, each) : value],
    ),
  };
  return { result, observation: observe(algorithm, result, trainingContext(key)) };
}

const rowsOf = (x: Tensor) => {
  const values = [...evaluate(x)];
  return Array.from({ length: n }, (_, i) => values.slice(i * classes, (i + 1) * classes));
};
const softmaxOf = (row: readonly number[]) => {
  const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return row.map((logit) => Math.exp(logit) / total);
};
const largestOf = (row: readonly number[]) => row.indexOf(Math.max(...row));

Deno.test("observation: sums by class, costs, views and labels match plain loops", () => {
  const views = [randomTensor(1, [n, 2, 3, 3]), randomTensor(2, [n, 2, 3, 3])] as const;
  const { result: { compared, costs }, observation } = stepOf(views);
  const [table, scalars, fewest] = observation.updates.map(([, value]) => [...evaluate(value)]);
  const [logits, second, target] = [compared.logits, compared.consistencyLogits, compared.targetLogits].map(
    rowsOf,
  ) as [number[][], number[][], number[][]];
  const want = Array.from({ length: 7 }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < n; i++) {
    const [p, q, own] = [second[i]!, target[i]!, logits[i]!].map(softmaxOf) as [number[], number[], number[]];
    const dot = p.reduce((sum, each, c) => sum + each * (each - q[c]!), 0);
    const predicted = largestOf(target[i]!), label = labelValues[i]!;
    for (let c = 0; c < classes; c++) {
      want[0]![c]! += Math.abs(weight * 2 * p[c]! * (p[c]! - q[c]! - dot) / classes / n);
      if (label >= 0) want[1]![c]! += Math.abs(own[c]! - Number(c === label)) / n;
      want[2]![c]! += Math.abs(p[c]! - q[c]!);
    }
    want[3]![predicted]!++;
    if (label >= 0) want[4]![predicted]!++;
    if (label >= 0) want[5]![label]!++;
    if (largestOf(logits[i]!) === predicted) want[6]![predicted]!++;
  }
  assertClose(table!, want.flat(), close);
  const [one, other] = views.map((view) => [...evaluate(view)]);
  const difference = one!.reduce((sum, pixel, i) => sum + Math.abs(pixel - other![i]!), 0) / one!.length;
  assertClose(scalars!, [difference, evaluate(costs["consistency"]!)[0]!], close);
  assertEquals(fewest, [3]);
});

Deno.test("observation: views are compared on 16 384 pixels, or on one image if it is larger", () => {
  for (const [side, looked] of [[64, 4], [200, 1]] as const) {
    const pixels = new Float32Array(n * side * side);
    for (let i = 0; i < n; i++) pixels.fill(i + 1, i * side * side, (i + 1) * side * side);
    const shape = [n, 1, side, side];
    const views = [variable(shape, pixels), variable(shape, new Float32Array(pixels.length))] as const;
    const scalars = stepOf(views).observation.updates[1]![1];
    // Image i differs by i + 1 everywhere.
    assertClose([evaluate(scalars)[0]!], [(looked + 1) / 2], close);
  }
});

Deno.test("observation: the consistency cost's reach and the noise are found in the graph", () => {
  const view = variable([n, 1, 1, 1], new Float32Array(n));
  const key = randomKey(1, 1);
  const plain = stepOf([view, view], key).observation;
  assertEquals([plain.consistencyReach, plain.isNoisy, plain.batchSize], [0.5, false, n]);
  // Loss scaling skips updates under a condition that depends on all gradients.
  assertEquals(stepOf([view, view], key, true).observation.consistencyReach, 0.5);
});

const networksOf = (student: readonly Variable[], teacher: readonly Variable[]) => {
  const named = (variables: readonly Variable[]) => ({
    parameters: Object.fromEntries(variables.map((variable, i) => [`${i}`, variable])),
  });
  return { student: named(student), teacher: named(teacher) } as unknown as Algorithm;
};

Deno.test("weights: distance and movements are relative to the student's norm", () => {
  const watch = new WeightWatch(networksOf([parameter(0), parameter(0)], [parameter(0), parameter(0)]));
  assertEquals(watch.variables.length, 4);
  const measure = (...values: number[][]) => watch.measure(values.map((each) => Float32Array.from(each)));
  assertEquals(measure([3, 0], [0, 4], [3, 0], [0, 4]), {
    teacherDistance: 0,
    teacherMovement: 0,
    studentMovement: 0,
  });
  // The student goes from (3, 0, 0, 4) to (6, 0, 0, 8), of norm 10; the teacher to (3, 0, 3, 4).
  const { teacherDistance, teacherMovement, studentMovement } = measure([6, 0], [0, 8], [3, 0], [3, 4]);
  assertClose([teacherDistance, teacherMovement, studentMovement], [Math.sqrt(9 + 9 + 16) / 10, 0.3, 0.5], {
    rtol: 1e-12,
    atol: 0,
  });
});

Deno.test("weights: of a large network the smallest parameters are watched, as many as fit", () => {
  const sizes = [2 ** 21, 10, 2 ** 22, 2 ** 21 - 10];
  const made = () => sizes.map((size) => variable([size], new Float32Array(size)));
  const watch = new WeightWatch(networksOf(made(), made()));
  assertEquals(watch.variables.map(({ initial }) => initial.length), [
    ...[10, 2 ** 21 - 10, 2 ** 21],
    ...[10, 2 ** 21 - 10, 2 ** 21],
  ]);
});
