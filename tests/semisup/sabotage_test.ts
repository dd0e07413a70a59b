/** The self-check, proved by sabotage: what keeps the method from working raises its warning, and nothing else does. */
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

/** 18 steps an epoch, a look at step 32 and at every evaluation. */
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

/** Trains, and gives what the self-check says. */
async function looksAt(
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

const codesIn = (looks: readonly DiagnosticsRecord[]) => [
  ...new Set(looks.flatMap(({ warnings }) => warnings.map(({ code }) => code))),
];

/** A method of which one thing is otherwise: what its step is told, or what comes of it. */
function altered(
  { told = (inputs) => inputs, result = (result) => result }: {
    readonly told?: (inputs: StepInputs) => StepInputs;
    readonly result?: (result: StepResult, method: Algorithm) => StepResult;
  },
): AlgorithmMaker {
  return (parts, options) => {
    const method = new MeanTeacher(parts, options);
    const { student, teacher, optimizer } = method;
    return { student, teacher, optimizer, step: (inputs) => result(method.step(told(inputs)), method) };
  };
}

/** Mean Teacher written anew, with faults to choose. */
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
    step({ views, labels, context, learningRate, consistencyWeight, emaDecay }) {
      const [logits] = student.forward(views[0], context);
      const [targetLogits] = teacher.forward(views[1], context);
      const labelCost = classification(logits, labels);
      const consistencyCost = mul(consistencyWeight, consistency(logits, targetLogits));
      const cost = isAdded ? add(labelCost, consistencyCost) : labelCost;
      const updates = optimizer.update(grad(cost, Object.values(student.parameters)), learningRate);
      return {
        costs: { cost, classificationCost: labelCost, consistencyCost, logitDistanceCost: constant(0) },
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

/** A network whose logits are changed. */
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
  readonly says: string;
  readonly options?: Partial<TrainingOptions>;
  readonly algorithm?: AlgorithmMaker;
  readonly data?: TrainingData;
}

const sabotages: readonly Sabotage[] = [
  {
    what: "the consistency weight is chosen to be 0",
    code: "consistency-zero",
    says: "Set «consistency» above 0, or set «excludeUnlabeled»",
    options: { consistency: 0 },
  },
  {
    what: "the consistency cost is zeroed on its way",
    code: "consistency-zero",
    says: "exactly 0 for 32 steps although its weight is above 0",
    algorithm: altered({ told: (inputs) => ({ ...inputs, consistencyWeight: constant(0) }) }),
  },
  {
    what: "there is no consistency cost at all",
    code: "consistency-zero",
    says: "so unlabelled images teach the student nothing",
    algorithm: (parts) => new Supervised(parts),
  },
  {
    what: "gradients stop at the student's logits, within the cost",
    code: "student-detached",
    says: "reaches 0 % of the student's parameters",
    algorithm: (parts) =>
      faulty(parts, { consistency: (student, teacher) => softmaxMse(stopGradient(student), teacher) }),
  },
  {
    what: "gradients stop at the student's logits, within the network",
    code: "student-detached",
    says: "reaches 0 % of the student's parameters",
    options: { logitDistanceCost: 0 },
    algorithm: (parts, options) => {
      const student = withLogits(parts.student, (logits) => [logits, stopGradient(logits)]);
      return new MeanTeacher({ ...parts, student }, options);
    },
  },
  {
    what: "the consistency cost is not added to what is minimised",
    code: "student-detached",
    says: "reaches 0 % of the student's parameters",
    algorithm: (parts) => faulty(parts, { isAdded: false }),
  },
  {
    what: "the gradient is zeroed but its way is there",
    code: "student-detached",
    says: "has been exactly 0 for 32 steps",
    algorithm: (parts) =>
      faulty(parts, {
        consistency: (student, teacher) =>
          add(mul(softmaxMse(student, teacher), 0), softmaxMse(stopGradient(student), teacher)),
      }),
  },
  {
    what: "the average's decay is chosen to be 1",
    code: "teacher-frozen",
    says: "Set «emaDecay» below 1",
    options: { emaDecay: 1, emaWarmup: false },
  },
  {
    what: "the teacher is not averaged at all",
    code: "teacher-frozen",
    says: "do not change while the student's do",
    algorithm: altered({
      result: (result, { teacher }) => {
        const isAveraged = isOf(teacher.parameters);
        return { ...result, updates: result.updates.filter(([variable]) => !isAveraged(variable)) };
      },
    }),
  },
  {
    what: "the average's decay is chosen to be 0",
    code: "teacher-is-student",
    says: "Set «emaDecay» and «emaDecayDuringRampup» above 0",
    options: { emaDecay: 0, emaDecayDuringRampup: 0 },
  },
  {
    what: "the same view is fed twice",
    code: "same-view",
    says: "although augmentation is on",
    algorithm: altered({ told: (inputs) => ({ ...inputs, views: [inputs.views[0], inputs.views[0]] }) }),
  },
  {
    what: "nothing makes the views differ, and there is no noise",
    code: "same-view",
    says: "Turn on random changes that leave the class unchanged: «translate», «rotate»",
    options: { rotate: 0, translate: 0, inputNoise: 0, dropout: 0 },
  },
  {
    what: "the teacher takes all for one class",
    code: "teacher-collapsed",
    says: 'it takes 100.0 % of labelled images for "lying", of which 50.0 % of the labels are',
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
    says:
      "Add labels, or reserve part of every batch for labelled images: set «labeledBatchSize», with «sampling» two-stream",
    options: { sampling: "vary" },
    data: madeUpData(0),
  },
  {
    what: "labels are hidden from the step",
    code: "no-labels",
    says: "No image of the last 32 steps had a label",
    algorithm: altered({ told: (inputs) => ({ ...inputs, labels: full([20], -1, "int32") }) }),
  },
  {
    what: "gradients stop before the classification cost",
    code: "labels-detached",
    says: "The gradient of the classification cost at the student's logits has been exactly 0",
    algorithm: (parts) =>
      faulty(parts, { classification: (logits, labels) => classificationCost(stopGradient(logits), labels) }),
  },
];

for (const { what, code, says, options = {}, algorithm, data } of sabotages) {
  gpuTest(`sabotage: ${what}: ${code}, and nothing else, to the end`, async (device) => {
    const looks = await looksAt(device, options, algorithm, data);
    assertEquals(codesIn(looks), [code]);
    assertEquals(looks.at(-1)!.warnings.map((warning) => warning.code), [code]);
    const { message } = looks.find(({ warnings }) => warnings.length > 0)!.warnings[0]!;
    assertStringIncludes(message, says);
  });
}

/** Runs that do what they should, beside what the fault in question looks like. */
const healthy: Readonly<Record<string, Partial<TrainingOptions>>> = {
  "Mean Teacher": {},
  "Mean Teacher of two heads, by divergence": {
    logitDistanceCost: 0.1,
    consistencyType: "kl",
    consistency: 1,
  },
  "a ramp-up by a step that has not come": { consistencyRampup: "100steps", consistencyRampupShape: "step" },
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
  "a learning rate that has come down to nothing": { steps: 400, evaluationEpochs: 10 },
};

for (const [what, options] of Object.entries(healthy)) {
  gpuTest(`health: ${what}: no warning`, async (device) => {
    const looks = await looksAt(device, options);
    assertGreater(looks.length, 1);
    assertEquals(looks.flatMap(({ warnings }) => warnings), []);
  });
}

gpuTest("the faulty method is none where no fault is chosen", async (device) => {
  assertEquals(codesIn(await looksAt(device, {}, (parts) => faulty(parts))), []);
});

gpuTest(
  "looks come after 32 steps, with evaluations and at the end, without test images too",
  async (device) => {
    const stepsOf = async (options: Partial<TrainingOptions>, data = madeUpData()) =>
      (await looksAt(device, { recordSteps: 7, ...options }, undefined, data)).map(({ step, steps }) => [
        step,
        steps,
      ]);
    const data = madeUpData();
    const untested = {
      ...data,
      test: { ...data.test, images: new Uint8Array(0), labels: new Int32Array(0) },
    };
    // 18 steps an epoch; means are of 20 steps at least, where there were so many.
    const expected = [[9, 9], [18, 18], [27, 27], [32, 23], [36, 27], [45, 27]];
    assertEquals(await stepsOf({ evaluationEpochs: 0.5 }), expected);
    assertEquals(await stepsOf({ evaluationEpochs: 0.5 }, untested), expected);
    assertEquals(await stepsOf({ steps: 10 }), [[10, 10]]);
  },
);
