import { add, constant, mul } from "../../kernels/mod.ts";
import {
  Classifier,
  Conv2d,
  GlobalAvgPool2d,
  type Initializer,
  Linear,
  ReLU,
  Sequential,
} from "../../nn/mod.ts";
import {
  defineMethod,
  type Evaluation,
  findMethod,
  knownMethods,
  MeanTeacher,
  numberRow,
  registerMethod,
  resolveOptions,
  scheduleOf,
  softmaxMse,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { type Checkpoint, readCheckpoint } from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import type { Device } from "../../kernels/mod.ts";
import { madeUpData } from "./made_up_data.ts";

const small = {
  batchSize: 12,
  labeledBatchSize: 4,
  steps: 6,
  recordSteps: 3,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
} satisfies Partial<TrainingOptions>;

/** A network whose shaders compile fast. */
const network = (init: Initializer) =>
  new Classifier(
    new Sequential([new Conv2d(1, 4, 3, init, { padding: 1 }), new ReLU(), new GlobalAvgPool2d()]),
    [new Linear(4, 2, init)],
  );

/** Trains, and returns the names of costs and hyperparameters, the last evaluation and the last checkpoint. */
async function train(device: Device, options: Partial<TrainingOptions>, settings: TrainerSettings = {}) {
  const trainer = await Trainer.create(device, madeUpData(), { ...small, ...options }, {
    network,
    ...settings,
  });
  let costs: string[] = [], hyperparameters: string[] = [];
  let teacher: Evaluation | undefined, checkpoint: Checkpoint | undefined;
  for await (const record of trainer.run()) {
    if (record.kind === "costs") {
      costs = Object.keys(record.costs);
      hyperparameters = Object.keys(record.hyperparameters);
      assert(Object.values(record.costs).every(Number.isFinite));
    }
    if (record.kind === "evaluation") teacher = record.teacher;
    if (record.kind === "checkpoint") checkpoint = record.checkpoint;
  }
  trainer[Symbol.dispose]();
  assert(checkpoint && teacher);
  return { costs, hyperparameters, teacher, bytes: writeCheckpoint(checkpoint) };
}

for (const { name, title, target } of knownMethods()) {
  gpuTest(`${title} trains, and a resumed run has the same bits`, async (device) => {
    const whole = await train(device, { algorithm: name });
    const parts = target === null ? [] : ["consistency"];
    assertEquals(whole.costs.slice(0, 2 + parts.length), ["cost", "classification", ...parts]);
    const half = readCheckpoint((await train(device, { algorithm: name, maxSteps: 3 })).bytes);
    assertEquals(half.options.algorithm, name);
    const resumed = await train(device, { ...half.options, maxSteps: null }, { checkpoint: half });
    assertEquals(resumed.bytes, whole.bytes);
  });
}

gpuTest("supervised training by name and by excluding unlabelled examples are one", async (device) => {
  const [named, excluded] = [
    await train(device, { algorithm: "supervised" }),
    await train(device, { excludeUnlabeled: true }),
  ].map(({ bytes }) => readCheckpoint(bytes));
  assertEquals(named?.student, excluded?.student);
  assertEquals(named?.teacher, excluded?.teacher);
});

gpuTest("a consistency cost may be the caller's own", async (device) => {
  const weights = ({ bytes }: Awaited<ReturnType<typeof train>>) => readCheckpoint(bytes).student;
  const usual = weights(await train(device, {}));
  const same = weights(await train(device, {}, { consistencyCost: softmaxMse }));
  assertEquals(same, usual);
  const double = {
    consistencyCost: (...logits: Parameters<typeof softmaxMse>) => mul(softmaxMse(...logits), 2),
  };
  const weighted = weights(await train(device, { consistency: 200 }));
  assertEquals(weights(await train(device, {}, double)), weighted);
});

gpuTest("a registered method has options, costs and hyperparameters of its own", async (device) => {
  const method = defineMethod({
    name: "with-penalty",
    title: "With a penalty",
    color: "red",
    source: "made up",
    options: { penaltyWeight: numberRow(0.5, "weight of the penalty", { maximum: 1 }) },
    defaults: { consistency: 7 },
    target: "teacher",
    schedule: (_options, { penaltyWeight }, { step }) => ({ penaltyWeight: penaltyWeight * step }),
    create(parts, options) {
      const inner = new MeanTeacher(parts, options);
      return Object.assign(inner, {
        step(inputs: Parameters<MeanTeacher["step"]>[0]) {
          const result = MeanTeacher.prototype.step.call(inner, inputs);
          const penalty = inputs.hyperparameters["penaltyWeight"] ?? constant(0);
          return { ...result, costs: { ...result.costs, cost: add(result.costs.cost, penalty), penalty } };
        },
      });
    },
  });
  registerMethod(method);
  assertThrows(() => registerMethod(method), RangeError, "there is one of this name");
  assertEquals(findMethod("with-penalty"), method);
  const options = resolveOptions({ algorithm: "with-penalty" });
  assertEquals([options["with-penalty.penaltyWeight"], options.consistency], [0.5, 7]);
  assertEquals(scheduleOf(options, 4, 10)["penaltyWeight"], 2);
  const { costs, hyperparameters, bytes } = await train(device, {
    algorithm: "with-penalty",
    "with-penalty.penaltyWeight": 0.25,
  });
  assertEquals(costs, ["cost", "classification", "consistency", "penalty"]);
  assert(hyperparameters.includes("penaltyWeight"));
  assertEquals(readCheckpoint(bytes).options["with-penalty.penaltyWeight"], 0.25);
});

Deno.test("options of methods have ranges, and belong to their method", () => {
  const refusals: readonly (readonly [Partial<TrainingOptions>, string])[] = [
    [{ algorithm: "none" }, "algorithm must be one of mean-teacher, pi, supervised, fixmatch, vat, ict"],
    [
      { algorithm: "fixmatch", "fixmatch.threshold": 2 },
      "fixmatch.threshold must be a number from 0 to 1, but is 2",
    ],
    [
      { "fixmatch.threshold": 0.5 },
      "fixmatch.threshold is an option of method fixmatch, but algorithm is mean-teacher",
    ],
    [{ algorithm: "fixmatch", "fixmatch.other": 1 }, "Unknown training option fixmatch.other"],
  ];
  for (const [options, message] of refusals) assertThrows(() => resolveOptions(options), RangeError, message);
  assertEquals(resolveOptions({ algorithm: "fixmatch" }).consistency, 1);
  assertEquals(resolveOptions({ algorithm: "fixmatch", consistency: 3 }).consistency, 3);
  assertEquals(resolveOptions({ algorithm: "supervised" }).excludeUnlabeled, true);
});
