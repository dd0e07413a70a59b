/** One step of Mean Teacher, and of its supervised baseline, evaluated on the host in float64. */
import { grad, type Tensor, type Update, variable } from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  Classifier,
  type ClassifierNetwork,
  Dropout,
  Flatten,
  Initializer,
  Linear,
  Sequential,
  Sgd,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import {
  type Algorithm,
  classificationCost,
  consistencyTrust,
  logitDistance,
  MeanTeacher,
  type MeanTeacherOptions,
  softmaxKl,
  softmaxMse,
  type StepInputs,
  Supervised,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertGreater, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";
import { randomTensor } from "../nn/gradients.ts";
import { randomKey } from "../nn/keys.ts";

const n = 6, classes = 3;
/** Constants of a graph are float32. */
const close = { rtol: 1e-6, atol: 1e-8 };

function networkOf(seed: number, headCount: number, dropout = 0): Classifier {
  const initializer = new Initializer(seed);
  const features = new Sequential([
    new BatchNorm2d(2, initializer),
    new Dropout(dropout),
    new Flatten(),
    new Linear(8, 5, initializer),
  ]);
  const head = () => new Linear(5, classes, initializer);
  return new Classifier(features, headCount === 2 ? [head(), head()] : [head()]);
}

const scalar = (value: number) => variable([], [value]);
const views = [randomTensor(1, [n, 2, 2, 2]), randomTensor(2, [n, 2, 2, 2], [-1, 2])] as const;
const labels = variable([n], [2, -1, 0, -1, 1, -1], { dtype: "int32" });
/** A learning rate of 1 without momentum: a parameter moves by its gradient. */
const optimizer = (parameters: Classifier["parameters"]) => new Sgd(parameters, { momentum: 0 });

function inputsOf(
  { consistencyWeight = scalar(8), ...changed }: Partial<StepInputs> & {
    readonly consistencyWeight?: Tensor;
  } = {},
): StepInputs {
  const [learningRate, emaDecay, beta1, beta2] = [scalar(1), scalar(0.75), scalar(0.9), scalar(0.99)];
  return {
    views,
    labels,
    hyperparameters: { learningRate, consistencyWeight, emaDecay, beta1, beta2 },
    context: trainingContext(),
    ...changed,
  };
}

function meanTeacher(headCount: number, options: MeanTeacherOptions = {}, dropout = 0): MeanTeacher {
  const student = networkOf(1, headCount, dropout), teacher = networkOf(2, headCount, dropout);
  return new MeanTeacher({ student, teacher, optimizer }, options);
}

const valueOf = (x: Tensor | undefined) => evaluate(x!)[0]!;
const logitsOf = (network: ClassifierNetwork, view: Tensor) => network.forward(view, trainingContext());
const newValues = (updates: readonly Update[]) => new Map<Tensor, Tensor>(updates);
/** Returns all variables of a run. */
const variablesOf = ({ student, teacher, optimizer }: Algorithm) => [
  ...Object.values(stateOf(student)),
  ...Object.values(stateOf(teacher)),
  ...Object.values(optimizer.state),
];

for (const [type, costOf] of [["mse", softmaxMse], ["kl", softmaxKl]] as const) {
  Deno.test(`one head: the cost is the classification cost plus the weight times the ${type} to the teacher`, () => {
    const method = meanTeacher(1, { consistencyType: type, logitDistanceCost: 3 });
    const { costs } = method.step(inputsOf());
    const [logits] = logitsOf(method.student, views[0]), [target] = logitsOf(method.teacher, views[1]);
    assertClose([valueOf(costs.classification)], [valueOf(classificationCost(logits, labels))], close);
    assertClose([valueOf(costs.consistency)], [8 * valueOf(costOf(logits, target))], close);
    assertGreater(valueOf(costs.consistency), 0.01);
    assertEquals(Object.keys(costs), ["cost", "classification", "consistency"]);
    assertClose(
      [valueOf(costs.cost)],
      [valueOf(costs.classification) + valueOf(costs.consistency)],
      close,
    );
  });
}

Deno.test("two heads: the first classifies, the second is compared with the teacher's first", () => {
  const method = meanTeacher(2, { logitDistanceCost: 0.3 });
  const { costs } = method.step(inputsOf());
  const [first, second] = logitsOf(method.student, views[0]);
  const [teacherFirst, teacherSecond] = logitsOf(method.teacher, views[1]);
  const parts = [costs.classification, costs.consistency, costs.logitDistance].map(valueOf);
  const want = [
    valueOf(classificationCost(first, labels)),
    8 * valueOf(softmaxMse(second!, teacherFirst)),
    0.3 * valueOf(logitDistance(first, second!)),
  ];
  assertClose(parts, want, close);
  assertClose([valueOf(costs.cost)], [parts.reduce((sum, part) => sum + part, 0)], close);
  // Every other pair of heads gives another cost.
  for (
    const [student, teacher] of [[first, teacherFirst], [second!, teacherSecond!], [first, teacherSecond!]]
  ) {
    assertGreater(Math.abs(8 * valueOf(softmaxMse(student!, teacher!)) - want[1]!), 1e-4);
  }
});

for (const [headCount, heads] of [[1, "one head"], [2, "two heads"]] as const) {
  Deno.test(`${heads}: the student follows the negative gradient of the whole cost, with a constant teacher`, () => {
    const method = meanTeacher(headCount, { logitDistanceCost: 0.3 });
    const { costs, updates } = method.step(inputsOf());
    const after = newValues(updates);
    for (const [name, parameter] of Object.entries(method.student.parameters)) {
      const before = evaluate(parameter);
      const gradient = evaluate(after.get(parameter)!).map((value, i) => before[i]! - value);
      for (const i of [0, before.length - 1]) {
        const h = 1e-5;
        const [above, below] = [h, -h].map((step) =>
          evaluate(costs.cost, new Map([[parameter, before.with(i, before[i]! + step)]]))[0]!
        );
        assertClose([gradient[i]!], [(above! - below!) / (2 * h)], { rtol: 1e-5, atol: 1e-7, what: name });
      }
    }
  });

  Deno.test(`${heads}: no gradient reaches the teacher, which averages the student's new weights`, () => {
    const method = meanTeacher(headCount, { logitDistanceCost: 0.3 });
    const { costs, updates } = method.step(inputsOf());
    const teacher = Object.entries(method.teacher.parameters);
    for (const gradient of grad(costs.cost, teacher.map(([, parameter]) => parameter))) {
      assert(evaluate(gradient).every((value) => value === 0));
    }
    const after = newValues(updates);
    for (const [name, average] of teacher) {
      const next = evaluate(after.get(method.student.parameters[name]!)!);
      const want = evaluate(average).map((value, i) => 0.75 * value + 0.25 * next[i]!);
      assertClose(evaluate(after.get(average)!), want, { ...close, what: name });
    }
  });
}

Deno.test("any trust: the cost is the classification cost plus the weight times the trusted divergence", () => {
  for (const trust of [0, 0.4, 1]) {
    const method = meanTeacher(1, { consistencyType: "trust", consistencyTrust: trust });
    const { costs } = method.step(inputsOf());
    const [logits] = logitsOf(method.student, views[0]), [target] = logitsOf(method.teacher, views[1]);
    const want = 8 * valueOf(consistencyTrust(logits, target, trust));
    assertClose([valueOf(costs.consistency)], [want], close);
    assertGreater(want, 1e-4);
  }
});

for (const [type, costOf] of [["mse", softmaxMse], ["kl", softmaxKl]] as const) {
  Deno.test(`unlabelled only: labelled examples have no ${type}, but count in the mean`, () => {
    const method = meanTeacher(1, { consistencyType: type, consistencyToLabeled: false });
    const { costs } = method.step(inputsOf());
    const [logits] = logitsOf(method.student, views[0]), [target] = logitsOf(method.teacher, views[1]);
    // The labels are 2, −1, 0, −1, 1, −1: the odd examples are unlabelled.
    const rows = (x: Tensor) =>
      variable(
        [3, classes],
        [1, 3, 5].flatMap((i) => [...evaluate(x)].slice(i * classes, (i + 1) * classes)),
      );
    const want = 8 * valueOf(costOf(rows(logits), rows(target))) / 2;
    assertClose([valueOf(costs.consistency)], [want], close);
  });
}

Deno.test("the logit distance can be summed over classes", () => {
  const [mean, sum] = (["mean", "sum"] as const).map((logitDistanceReduction) =>
    valueOf(
      meanTeacher(2, { logitDistanceCost: 0.3, logitDistanceReduction }).step(inputsOf()).costs
        .logitDistance,
    )
  );
  assertClose([sum!], [classes * mean!], close);
});

const piModel = (headCount: number, options: MeanTeacherOptions = {}) =>
  meanTeacher(headCount, { ...options, target: "student" });

for (const [headCount, heads] of [[1, "one head"], [2, "two heads"]] as const) {
  Deno.test(`Π model, ${heads}: the student is compared with its own second pass, both getting gradient`, () => {
    const method = piModel(headCount, { logitDistanceCost: 0.3 });
    const { costs, updates } = method.step(inputsOf());
    const first = logitsOf(method.student, views[0]), [second] = logitsOf(method.student, views[1]);
    const want = 8 * valueOf(softmaxMse(first.at(-1)!, second));
    assertClose([valueOf(costs.consistency)], [want], close);
    assertGreater(want, 1e-3);
    const after = newValues(updates);
    for (const [name, parameter] of Object.entries(method.student.parameters)) {
      const before = evaluate(parameter);
      const gradient = evaluate(after.get(parameter)!).map((value, i) => before[i]! - value);
      for (const i of [0, before.length - 1]) {
        const h = 1e-5;
        // Nothing is constant: the finite difference is of the whole cost, through both passes.
        const [above, below] = [h, -h].map((step) =>
          evaluate(costs.cost, new Map([[parameter, before.with(i, before[i]! + step)]]))[0]!
        );
        assertClose([gradient[i]!], [(above! - below!) / (2 * h)], { rtol: 1e-5, atol: 1e-7, what: name });
      }
    }
  });
}

Deno.test("Π model: the averaged teacher is kept as in the supervised baseline, and teaches nothing", () => {
  const method = piModel(1);
  const { costs, updates } = method.step(inputsOf());
  const after = newValues(updates);
  for (const gradient of grad(costs.cost, Object.values(method.teacher.parameters))) {
    assert(evaluate(gradient).every((value) => value === 0));
  }
  for (const [name, average] of Object.entries(method.teacher.parameters)) {
    const next = evaluate(after.get(method.student.parameters[name]!)!);
    const want = evaluate(average).map((value, i) => 0.75 * value + 0.25 * next[i]!);
    assertClose(evaluate(after.get(average)!), want, { ...close, what: name });
  }
  // The student's running statistics follow its first pass, the teacher's its own.
  const baseline = meanTeacher(1), baselineAfter = newValues(baseline.step(inputsOf()).updates);
  assertEquals(after.size, baselineAfter.size);
  for (const who of ["student", "teacher"] as const) {
    for (const [name, buffer] of Object.entries(method[who].buffers)) {
      const want = evaluate(baselineAfter.get(baseline[who].buffers[name]!)!);
      assertClose(evaluate(after.get(buffer)!), want, { ...close, what: `${who} ${name}` });
    }
  }
});

Deno.test("Π model: the two passes have independent dropout", () => {
  const method = new MeanTeacher({
    student: networkOf(1, 1, 0.5),
    teacher: networkOf(1, 1, 0.5),
    optimizer,
  }, { target: "student" });
  const { costs } = method.step(
    inputsOf({ views: [views[0], views[0]], context: trainingContext(randomKey(1, 0)) }),
  );
  assertGreater(valueOf(costs.consistency), 1e-3);
});

Deno.test("running statistics follow from each network's own view", () => {
  const method = meanTeacher(1);
  const after = newValues(method.step(inputsOf()).updates);
  for (const [network, view] of [[method.student, views[0]], [method.teacher, views[1]]] as const) {
    const pixels = evaluate(view);
    // The network begins with batch normalisation, of mean 0 at first.
    const want = [0, 1].map((channel) => {
      const values = pixels.filter((_, i) => Math.floor(i / 4) % 2 === channel);
      return 0.1 * values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    assertClose(evaluate(after.get(network.buffers["features.0.running_mean"]!)!), want, close);
  }
});

Deno.test("without consistency the student learns as the supervised baseline does", () => {
  const method = meanTeacher(1);
  const baseline = new Supervised({ student: networkOf(1, 1), teacher: networkOf(2, 1), optimizer });
  const one = method.step(inputsOf({ consistencyWeight: scalar(0) })), other = baseline.step(inputsOf());
  assertClose([valueOf(one.costs.cost)], [valueOf(other.costs.cost)], close);
  for (const who of ["student", "teacher"] as const) {
    const [after, baselineAfter] = [newValues(one.updates), newValues(other.updates)];
    const state = stateOf(baseline[who]);
    for (const [name, each] of Object.entries(stateOf(method[who]))) {
      const want = evaluate(baselineAfter.get(state[name]!)!);
      assertClose(evaluate(after.get(each)!), want, { ...close, what: `${who} ${name}` });
    }
  }
});

Deno.test("the supervised baseline has a classification cost on its first head alone", () => {
  const baseline = new Supervised({ student: networkOf(1, 2), teacher: networkOf(2, 2), optimizer });
  const { costs, updates } = baseline.step(inputsOf());
  const want = valueOf(classificationCost(logitsOf(baseline.student, views[0])[0], labels));
  assertEquals(Object.keys(costs), ["cost", "classification"]);
  assertClose(Object.values(costs).map(valueOf), [want, want], close);
  const after = newValues(updates);
  for (const [name, parameter] of Object.entries(baseline.student.parameters)) {
    const before = evaluate(parameter), next = evaluate(after.get(parameter)!);
    const moved = Math.max(...next.map((value, i) => Math.abs(value - before[i]!)));
    assertEquals(moved > 0, !name.startsWith("heads.1"), name);
  }
});

Deno.test("a step gives every variable one new value", () => {
  const momentum = (parameters: Classifier["parameters"]) => new Sgd(parameters);
  for (const headCount of [1, 2]) {
    const parts = () => ({
      student: networkOf(1, headCount),
      teacher: networkOf(2, headCount),
      optimizer: momentum,
    });
    for (
      const method of [
        new MeanTeacher(parts()),
        new MeanTeacher(parts(), { target: "student" }),
        new Supervised(parts()),
      ]
    ) {
      const updated = method.step(inputsOf()).updates.map(([each]) => each.id).sort((a, b) => a - b);
      assertEquals(updated, variablesOf(method).map(({ id }) => id).sort((a, b) => a - b));
      assert(Object.keys(method.optimizer.state).length > 0);
    }
  }
});

Deno.test("student and teacher of equal weights differ on one view by their dropout", () => {
  const method = new MeanTeacher({
    student: networkOf(1, 1, 0.5),
    teacher: networkOf(1, 1, 0.5),
    optimizer,
  });
  const { costs } = method.step(
    inputsOf({ views: [views[0], views[0]], context: trainingContext(randomKey(1, 0)) }),
  );
  assertGreater(valueOf(costs.consistency), 1e-3);
});

Deno.test("a logit distance cost that is not finite is refused", () => {
  for (const logitDistanceCost of [NaN, Infinity, -Infinity]) {
    assertThrows(
      () => meanTeacher(2, { logitDistanceCost }),
      RangeError,
      `Cannot train: the logit distance cost must be a finite number, but is ${logitDistanceCost}`,
    );
  }
});
