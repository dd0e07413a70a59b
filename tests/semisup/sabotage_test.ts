/** The self-check, tested by sabotage: every fault of the method raises its warning and no other. */
import {
  add,
  concat,
  constant,
  type Device,
  full,
  grad,
  mul,
  stopGradient,
  type Tensor,
} from "../../kernels/mod.ts";
import type { ClassifierNetwork } from "../../nn/mod.ts";
import {
  type Algorithm,
  type AlgorithmMaker,
  type AlgorithmParts,
  classificationCost,
  type DiagnosticsRecord,
  emaUpdates,
  MeanTeacher,
  softmaxMse,
  type StepInputs,
  type StepResult,
  Supervised,
  Trainer,
  type TrainingData,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assertEquals, assertGreater, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

/** 18 steps per epoch, self-checks at step 32 and at every evaluation. */
const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 45,
  rotate: 5,
  translate: 1,
  consistency: 4,
  consistencyRampup: "10steps",
  learningRateRampup: "5steps",
  emaDecay: 0.9,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
  recordSteps: 100,
};

/** Trains, and returns the records of the self-check. */
async function diagnosticsOf(
  device: Device,
  options: Partial<TrainingOptions>,
  algorithm?: AlgorithmMaker,
  data: TrainingData = madeUpData(),
): Promise<DiagnosticsRecord[]> {
  const settings = { nameOf: (option: string) => `«${option}»`, ...(algorithm && { algorithm }) };
  const trainer = await Trainer.create(device, data, { ...small, ...options }, settings);
  try {
    const records = await Array.fromAsync(trainer.run());
    return records.filter((record) => record.kind === "diagnostics");
  } finally {
    trainer[Symbol.dispose]();
  }
}

const codesIn = (records: readonly DiagnosticsRecord[]) => [
  ...new Set(records.flatMap(({ warnings }) => warnings.map(({ code }) => code))),
];

/** Returns Mean Teacher with altered inputs or results of its step. */
function altered(
  { inputs: alter = (inputs) => inputs, result = (result) => result }: {
    readonly inputs?: (inputs: StepInputs) => StepInputs;
    readonly result?: (result: StepResult, method: Algorithm) => StepResult;
  },
): AlgorithmMaker {
  return (parts, options) => {
    const method = new MeanTeacher(parts, options);
    const { student, teacher, optimizer } = method;
    return { student, teacher, optimizer, step: (inputs) => result(method.step(alter(inputs)), method) };
  };
}

/** Builds an independent implementation of Mean Teacher with optional faults. */
function faulty(
  { student, teacher, optimizer: make }: AlgorithmParts,
  { consistency = softmaxMse, classification = classificationCost, isAdded = true }: {
    readonly consistency?: (student: Tensor, teacher: Tensor) => Tensor;
    readonly classification?: (logits: Tensor, labels: Tensor) => Tensor;
    readonly isAdded?: boolean;
  } = {},
): Algorithm {
  const optimizer = make(student.parameters);
  return {
    student,
    teacher,
    optimizer,
    step({ views, labels, context, hyperparameters }) {
      const { learningRate, consistencyWeight, emaDecay } = hyperparameters;
      const [logits] = student.forward(views[0], context);
      const [targetLogits] = teacher.forward(views[1], context);
      const labelCost = classification(logits, labels);
      const weighted = mul(consistencyWeight, consistency(logits, targetLogits));
      const cost = isAdded ? add(labelCost, weighted) : labelCost;
      const updates = optimizer.update(grad(cost, Object.values(student.parameters)), learningRate);
      return {
        costs: { cost, classification: labelCost, consistency: weighted },
        compared: { views, labels, logits, consistencyLogits: logits, targetLogits },
        updates: [
          ...context.updates,
          ...updates,
          ...emaUpdates(teacher.parameters, student.parameters, updates, emaDecay),
        ],
      };
    },
  };
}

/** Returns a network with changed logits. */
function withLogits(
  network: ClassifierNetwork,
  change: (logits: Tensor) => readonly [Tensor, Tensor?],
): ClassifierNetwork {
  return Object.assign(Object.create(network), {
    forward: (...args: Parameters<ClassifierNetwork["forward"]>) => change(network.forward(...args)[0]),
  });
}

const isOf = (variables: Readonly<Record<string, Tensor>>) => {
  const set = new Set(Object.values(variables));
  return (tensor: Tensor) => set.has(tensor);
};

interface Sabotage {
  readonly what: string;
  readonly code: string;
  /** Part of the message. */
  readonly messagePart: string;
  readonly options?: Partial<TrainingOptions>;
  readonly algorithm?: AlgorithmMaker;
  readonly data?: TrainingData;
}

const sabotages: readonly Sabotage[] = [
  {
    what: "the consistency weight is set to 0",
    code: "consistency-zero",
    messagePart: "Set «consistency» above 0, or set «excludeUnlabeled»",
    options: { consistency: 0 },
  },
  {
    what: "the consistency cost is zeroed inside the step",
    code: "consistency-zero",
    messagePart: "exactly 0 for 32 steps although its weight is above 0",
    algorithm: altered({
      inputs: (inputs) => ({
        ...inputs,
        hyperparameters: { ...inputs.hyperparameters, consistencyWeight: constant(0) },
      }),
    }),
  },
  {
    what: "there is no consistency cost at all",
    code: "consistency-zero",
    messagePart: "so unlabelled images teach the student nothing",
    algorithm: (parts) => new Supervised(parts),
  },
  {
    what: "the cost stops gradients at the student's logits",
    code: "student-detached",
    messagePart: "reaches 0 % of the student's parameters",
    algorithm: (parts) =>
      faulty(parts, { consistency: (student, teacher) => softmaxMse(stopGradient(student), teacher) }),
  },
  {
    what: "the network stops gradients at the student's logits",
    code: "student-detached",
    messagePart: "reaches 0 % of the student's parameters",
    options: { logitDistanceCost: 0 },
    algorithm: (parts, options) => {
      const student = withLogits(parts.student, (logits) => [logits, stopGradient(logits)]);
      return new MeanTeacher({ ...parts, student }, options);
    },
  },
  {
    what: "the consistency cost is missing in the minimised cost",
    code: "student-detached",
    messagePart: "reaches 0 % of the student's parameters",
    algorithm: (parts) => faulty(parts, { isAdded: false }),
  },
  {
    what: "the gradient is multiplied by 0",
    code: "student-detached",
    messagePart: "has been exactly 0 for 32 steps",
    algorithm: (parts) =>
      faulty(parts, {
        consistency: (student, teacher) =>
          add(mul(softmaxMse(student, teacher), 0), softmaxMse(stopGradient(student), teacher)),
      }),
  },
  {
    what: "the EMA decay is set to 1",
    code: "teacher-frozen",
    messagePart: "Set «emaDecay» below 1",
    options: { emaDecay: 1, emaWarmup: false },
  },
  {
    what: "the teacher is not averaged",
    code: "teacher-frozen",
    messagePart: "do not change while the student's do",
    algorithm: altered({
      result: (result, { teacher }) => {
        const isAveraged = isOf(teacher.parameters);
        return { ...result, updates: result.updates.filter(([variable]) => !isAveraged(variable)) };
      },
    }),
  },
  {
    what: "the EMA decay is set to 0",
    code: "teacher-is-student",
    messagePart: "Set «emaDecay» and «emaDecayDuringRampup» above 0",
    options: { emaDecay: 0, emaDecayDuringRampup: 0 },
  },
  {
    what: "the same view is fed twice",
    code: "same-view",
    messagePart: "although augmentation is on",
    algorithm: altered({ inputs: (inputs) => ({ ...inputs, views: [inputs.views[0], inputs.views[0]] }) }),
  },
  {
    what: "there is neither augmentation nor noise",
    code: "same-view",
    messagePart: "Turn on random changes that leave the class unchanged: «translate», «rotate»",
    options: { rotate: 0, translate: 0, inputNoise: 0, dropout: 0 },
  },
  {
    what: "the teacher predicts one class for everything",
    code: "teacher-collapsed",
    messagePart: 'it predicts "lying" for 100.0 % of labelled images, but 50.0 % of the labels are "lying"',
    options: { steps: 240 },
    algorithm: (parts, options) => {
      const teacher = withLogits(parts.teacher, (logits) => {
        const push = concat([full([logits.shape[0]!, 1], 0), full([logits.shape[0]!, 1], 100)], 1);
        return [add(logits, push)];
      });
      return new MeanTeacher({ ...parts, teacher }, options);
    },
  },
  {
    what: "no example has a label",
    code: "no-labels",
    messagePart:
      "Add labels, or reserve part of every batch for labelled images: set «labeledBatchSize», with «sampling» two-stream",
    options: { sampling: "vary" },
    data: madeUpData(0),
  },
  {
    what: "labels are hidden from the step",
    code: "no-labels",
    messagePart: "No image of the last 32 steps had a label",
    algorithm: altered({ inputs: (inputs) => ({ ...inputs, labels: full([20], -1, "int32") }) }),
  },
  {
    what: "gradients stop before the classification cost",
    code: "labels-detached",
    messagePart: "The gradient of the classification cost at the student's logits has been exactly 0",
    algorithm: (parts) =>
      faulty(parts, { classification: (logits, labels) => classificationCost(stopGradient(logits), labels) }),
  },
];

for (const { what, code, messagePart, options = {}, algorithm, data } of sabotages) {
  gpuTest(`sabotage: ${what}: ${code}, and nothing else, to the end`, async (device) => {
    const records = await diagnosticsOf(device, options, algorithm, data);
    assertEquals(codesIn(records), [code]);
    assertEquals(records.at(-1)!.warnings.map((warning) => warning.code), [code]);
    const { message } = records.find(({ warnings }) => warnings.length > 0)!.warnings[0]!;
    assertStringIncludes(message, messagePart);
  });
}

/** Healthy runs that resemble a fault. */
const healthy: Readonly<Record<string, Partial<TrainingOptions>>> = {
  "Mean Teacher": {},
  "Mean Teacher of two heads, by divergence": {
    logitDistanceCost: 0.1,
    consistencyType: "kl",
    consistency: 1,
  },
  "a step ramp-up that has not happened yet": {
    consistencyRampup: "100steps",
    consistencyRampupShape: "step",
  },
  "two phases of averaging without warm-up": {
    emaWarmup: false,
    emaDecayDuringRampup: 0.99,
    emaDecay: 0.999,
    consistencyRampup: "30steps",
  },
  "the same view with noise in the networks": { rotate: 0, translate: 0 },
  "all examples in one stream, unlabelled ones compared": { sampling: "vary", consistencyToLabeled: false },
  "one hidden stream and one labelled example": { sampling: "two-stream-all", labeledBatchSize: 1 },
  "the Π model": { algorithm: "pi" },
  "the Π model without an average": { algorithm: "pi", emaDecay: 0 },
  "the supervised baseline, all else as in a sabotage": {
    excludeUnlabeled: true,
    consistency: 0,
    emaDecay: 0,
    rotate: 0,
    translate: 0,
    inputNoise: 0,
    dropout: 0,
  },
  "a learning rate that has decayed to 0": { steps: 400, evaluationEpochs: 10 },
};

for (const [what, options] of Object.entries(healthy)) {
  gpuTest(`health: ${what}: no warning`, async (device) => {
    const records = await diagnosticsOf(device, options);
    assertGreater(records.length, 1);
    assertEquals(records.flatMap(({ warnings }) => warnings), []);
  });
}

gpuTest("the independent implementation without faults raises no warning", async (device) => {
  assertEquals(codesIn(await diagnosticsOf(device, {}, (parts) => faulty(parts))), []);
});

gpuTest(
  "self-checks come after 32 steps, with evaluations and at the end, with or without test images",
  async (device) => {
    const stepsOf = async (options: Partial<TrainingOptions>, data = madeUpData()) =>
      (await diagnosticsOf(device, { recordSteps: 7, ...options }, undefined, data)).map((
        { step, steps },
      ) => [
        step,
        steps,
      ]);
    const data = madeUpData();
    const untested = {
      ...data,
      test: { ...data.test, images: new Uint8Array(0), labels: new Int32Array(0) },
    };
    // 18 steps per epoch; means cover at least 20 steps, if there were as many.
    const expected = [[9, 9], [18, 18], [27, 27], [32, 23], [36, 27], [45, 27]];
    assertEquals(await stepsOf({ evaluationEpochs: 0.5 }), expected);
    assertEquals(await stepsOf({ evaluationEpochs: 0.5 }, untested), expected);
    assertEquals(await stepsOf({ steps: 10 }), [[10, 10]]);
  },
);
