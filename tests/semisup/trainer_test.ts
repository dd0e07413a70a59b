/** Guarantees of the training loop: learning, records, steady state, reproducible bits, resumption. */
import { type Device, Tuning } from "../../kernels/mod.ts";
import type { ImageSet } from "../../data/mod.ts";
import { readState, stateOf } from "../../nn/mod.ts";
import {
  cosineSchedule,
  type CostRecord,
  DivergenceError,
  readCheckpoint,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  type TrainingRecord,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertMatch, assertNotEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

/** A run of some seconds: 18 steps per epoch. */
const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  epochs: 2,
  rotate: 5,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
  recordSteps: 10,
};

interface Run {
  readonly records: TrainingRecord[];
  readonly final: Uint8Array;
}

gpuTest("training without test images has no evaluations, and is otherwise unchanged", async (device) => {
  const data = madeUpData();
  const none: ImageSet = {
    images: new Uint8Array(),
    labels: new Int32Array(),
    imageShape: data.test.imageShape as [1, 8, 8],
  };
  const options = { ...small, epochs: 1, evaluationEpochs: 0.5 };
  const kinds = async (test: ImageSet) => {
    const trainer = await Trainer.create(device, { ...data, test }, options);
    const records = await Array.fromAsync(trainer.run());
    if (!trainer.canEvaluate) {
      await assertRejects(() => trainer.evaluate(), RangeError, "there are no test images");
    }
    trainer[Symbol.dispose]();
    return records;
  };
  const [without, usual] = [await kinds(none), await kinds(data.test as ImageSet)];
  assertEquals(without.map(({ kind }) => kind), ["diagnostics", "costs", "diagnostics", "checkpoint"]);
  assertEquals(usual.filter(({ kind }) => kind === "evaluation").length, 2);
  assertEquals(without.at(-1), usual.at(-1));
});

/** Runs to the end, or up to a step. */
async function run(
  device: Device,
  options: Partial<TrainingOptions>,
  settings: TrainerSettings & { readonly stopAt?: number } = {},
): Promise<Run> {
  const trainer = await Trainer.create(device, madeUpData(), { ...small, ...options }, settings);
  const controller = new AbortController();
  const records: TrainingRecord[] = [];
  try {
    for await (const record of trainer.run({ signal: controller.signal })) {
      records.push(record);
      if (record.step === settings.stopAt) controller.abort();
    }
    return { records, final: writeCheckpoint(await trainer.checkpoint()) };
  } finally {
    trainer[Symbol.dispose]();
  }
}

/** Returns the state of networks and optimiser in a checkpoint. */
function stateIn(bytes: Uint8Array) {
  const { student, teacher, optimizer, step } = readCheckpoint(bytes);
  return { student, teacher, optimizer, step };
}

gpuTest("Mean Teacher learns to distinguish bars from 20 labels", async (device) => {
  const { records } = await run(device, { epochs: 6, consistency: 4, dropout: 0.1, translate: 1 });
  const evaluations = records.filter((record) => record.kind === "evaluation");
  assertEquals(evaluations.length, 1);
  assertLess(evaluations[0]!.teacher.testError, 0.1);
  assertLess(evaluations[0]!.student.testError, 0.1);
});

gpuTest("records come in order, at the requested steps, with costs that add up", async (device) => {
  const { records } = await run(device, {
    epochs: 1.5,
    evaluationEpochs: 0.5,
    checkpointEpochs: 1,
    recordSteps: 5,
    logitDistanceCost: 0.01,
  });
  assertEquals(records.map(({ kind, step }) => `${kind} ${step}`), [
    "costs 5",
    "diagnostics 9",
    "evaluation 9",
    "costs 10",
    "costs 15",
    "diagnostics 18",
    "evaluation 18",
    "checkpoint 18",
    "costs 20",
    "costs 25",
    "diagnostics 27",
    "evaluation 27",
    "checkpoint 27",
  ]);
  for (const record of records) {
    if (record.kind !== "costs") continue;
    const { cost, classification, consistency, logitDistance } = record.costs;
    assertClose([cost], [classification! + consistency! + logitDistance!], {
      rtol: 1e-5,
      atol: 1e-7,
    });
    assert(classification! > 0 && consistency! > 0 && logitDistance! > 0);
  }
});

gpuTest("a record's costs are the means of all steps since the last", async (device) => {
  const each = await run(device, { epochs: 1, recordSteps: 1 });
  const grouped = await run(device, { epochs: 1, recordSteps: 9 });
  const costs = ({ records }: Run) =>
    records.flatMap((record) => record.kind === "costs" ? [record.costs.cost] : []);
  const single = costs(each);
  assertEquals(single.length, 18);
  const means = [0, 9].map((start) =>
    single.slice(start, start + 9).reduce((sum, cost) => sum + cost, 0) / 9
  );
  assertClose(costs(grouped), means, { rtol: 1e-5, atol: 0 });
});

const steady = "200 steady steps are 200 submits, and allocate nothing on the device";
gpuTest(steady, (device) => assertSteady(device));
gpuTest(
  `${steady}, with RandAugment, AdamW, clipping and a custom schedule`,
  (device) =>
    assertSteady(device, { strongAugment: "randaugment", cutout: 3, optimizer: "adamw", clipNorm: 0.5 }, {
      schedule: cosineSchedule(),
    }),
);

gpuTest(`${steady}, in float16 with its loss scale`, async (device) => {
  const isPossible = device.hasFloat16, steady = () => assertSteady(device, { precision: "float16" });
  if (isPossible) await steady();
  else await assertRejects(steady, Error, "lacks the feature shader-f16");
});

/** Asserts that steps of a run create nothing on the device. */
async function assertSteady(
  device: Device,
  options: Partial<TrainingOptions> = {},
  settings: TrainerSettings = {},
): Promise<void> {
  const created: string[] = [];
  let submits = 0;
  const gpu = device.gpu as unknown as Record<string, (...args: unknown[]) => unknown>;
  const makers = [
    "createBuffer",
    "createTexture",
    "createBindGroup",
    "createBindGroupLayout",
    "createPipelineLayout",
    "createShaderModule",
    "createComputePipeline",
    "createComputePipelineAsync",
    "createQuerySet",
  ];
  const queue = device.gpu.queue as unknown as Record<string, (...args: unknown[]) => unknown>;
  // Everything that can change from step to step does.
  const ramped = { beta1AfterRampdown: 0.5, beta2DuringRampup: 0.9, emaDecayDuringRampup: 0.9 };
  const trainer = await Trainer.create(
    device,
    madeUpData(),
    { ...small, ...ramped, ...options, epochs: 20 },
    settings,
  );
  const steps = trainer.run();
  const reach = async (step: number) => {
    for (;;) {
      const { value } = await steps.next();
      if (value?.step === step) return;
    }
  };
  try {
    await reach(50);
    for (const maker of makers) {
      gpu[maker] = (...args) => {
        created.push(maker);
        return Object.getPrototypeOf(gpu)[maker].apply(gpu, args);
      };
    }
    queue["submit"] = (...args) => {
      submits++;
      return Object.getPrototypeOf(queue).submit.apply(queue, args);
    };
    const before = device.variableBytes;
    await reach(250);
    assertEquals(submits, 200);
    assertEquals(created, []);
    assertEquals(device.variableBytes, before);
    // The counters themselves count: an evaluation reads back through a buffer of its own.
    await trainer.evaluate();
    assertNotEquals(created, []);
  } finally {
    for (const maker of makers) delete gpu[maker];
    delete queue["submit"];
    await steps.return(undefined);
    trainer[Symbol.dispose]();
  }
}

gpuTest("equal seeds give identical bits, different seeds do not", async (device) => {
  const [first, second] = [await run(device, {}), await run(device, {})];
  assertEquals(first.final, second.final);
  const other = await run(device, { seed: 2 });
  assertNotEquals(stateIn(other.final).student, stateIn(first.final).student);
});

/** Options that keep other state, or draw other batches. */
const modes: Readonly<Record<string, Partial<TrainingOptions>>> = {
  adam: { optimizer: "adam", logitDistanceCost: 0.1 },
  sgd: { optimizer: "sgd", logitDistanceCost: 0.1 },
  "Π model": { algorithm: "pi" },
  supervised: { excludeUnlabeled: true },
  "all examples in one stream": { sampling: "vary", consistencyToLabeled: false },
  "all examples and labelled ones": {
    sampling: "two-stream-all",
    consistencyType: "trust",
    consistencyTrust: 0.5,
  },
  "Adam with ramped betas": {
    steps: 30,
    learningRateRampdownShape: "sigmoid",
    learningRateRampdown: "20steps",
    beta1AfterRampdown: 0.5,
    beta2DuringRampup: 0.9,
    emaDecayDuringRampup: 0.5,
    consistencyRampup: "15steps",
  },
};
for (const [mode, chosen] of Object.entries(modes)) {
  gpuTest(`a resumed run is bit-identical to an uninterrupted one (${mode})`, async (device) => {
    const options = { ...chosen, recordSteps: 13 };
    const whole = await run(device, options);
    const half = await run(device, options, { stopAt: 13 });
    const checkpoint = readCheckpoint(half.final);
    assertEquals(checkpoint.step, 13);
    const rest = await run(device, checkpoint.options, { checkpoint });
    assertEquals(rest.final, whole.final);
  });
}

gpuTest(
  "student and teacher start with equal weights drawn by the seed; a resumed run draws none",
  async (device) => {
    const weightsOf = async (seed: number, settings: TrainerSettings = {}) => {
      const trainer = await Trainer.create(device, madeUpData(), { ...small, seed }, settings);
      const drawn = stateOf(trainer.algorithm.student)["heads.0.weight"]!.initial;
      const checkpoint = await trainer.checkpoint();
      trainer[Symbol.dispose]();
      return { drawn: [...drawn], checkpoint };
    };
    const { drawn, checkpoint } = await weightsOf(1);
    assertEquals(checkpoint.teacher, checkpoint.student);
    assertEquals([...checkpoint.student.get("heads.0.weight")!.data], drawn);
    assert(drawn.every((value) => value !== 0));
    assertNotEquals((await weightsOf(2)).drawn, drawn);
    const final = writeCheckpoint(checkpoint);
    const resumed = await weightsOf(1, { checkpoint: readCheckpoint(final) });
    assert(resumed.drawn.every((value) => value === 0));
    assertEquals(stateIn(writeCheckpoint(resumed.checkpoint)), stateIn(final));
  },
);

gpuTest("labels hidden from the first stream are not learnt from", async (device) => {
  // All examples have labels; the labels of the first 19 of each batch of 20 are hidden.
  const costs = async (sampling: "two-stream-all" | "vary") => {
    const options = { ...small, sampling, labeledBatchSize: 1, consistency: 0, steps: 5, recordSteps: 5 };
    const trainer = await Trainer.create(device, madeUpData(200), options);
    const [record] = await Array.fromAsync(trainer.run());
    trainer[Symbol.dispose]();
    return (record as CostRecord).costs["classification"]!;
  };
  // Costs are divided by the whole batch: one labelled example of twenty against twenty of twenty.
  const [hidden, shown] = [await costs("two-stream-all"), await costs("vary")];
  assertLess(hidden, 0.15 * shown);
  assert(hidden > 0);
});

gpuTest("the length of a run and its ramps can be set in steps", async (device) => {
  const { records } = await run(device, {
    steps: 12,
    recordSteps: 4,
    learningRate: 0.004,
    learningRateRampup: "8steps",
    learningRateRampdown: 0,
    consistencyRampup: "8steps",
    emaWarmup: false,
    emaDecay: 0.9,
    emaDecayDuringRampup: 0.5,
    beta2: 0.99,
    beta2DuringRampup: 0.9,
  });
  const costs = records.flatMap((record) => record.kind === "costs" ? [record] : []);
  const hyperparameters = costs.map((record) => record.hyperparameters);
  // The scalars of steps 3, 7 and 11, counted from 0.
  assertEquals(costs.map(({ step }) => step), [4, 8, 12]);
  assertClose(hyperparameters.map(({ learningRate }) => learningRate), [0.0015, 0.0035, 0.004], {
    rtol: 1e-12,
    atol: 0,
  });
  assertEquals(hyperparameters.map(({ emaDecay }) => emaDecay), [0.5, 0.5, 0.9]);
  assertEquals(hyperparameters.map(({ beta2 }) => beta2), [0.9, 0.9, 0.99]);
  assertEquals(records.at(-1)!.step, 12);
});

gpuTest("scheduled betas of a constant value match constant betas", async (device) => {
  const scheduled = { beta1AfterRampdown: 0.9, beta2DuringRampup: 0.99, steps: 3 };
  const [steady, ramped] = [await run(device, { steps: 3 }), await run(device, scheduled)];
  const [one, other] = [steady, ramped].map(({ final }) => readCheckpoint(final).student);
  for (const [name, { data }] of one!) {
    assertClose(other!.get(name)!.data, data, { rtol: 1e-3, atol: 1e-4, what: name });
  }
});

gpuTest("two classes are enough, and so is one", async (device) => {
  const data = madeUpData();
  const one = (labels: Int32Array) => labels.map((label) => Math.min(label, 0));
  const single = {
    ...data,
    classes: ["bar"],
    train: { ...data.train, labels: one(data.train.labels) },
    test: { ...data.test, labels: one(data.test.labels) },
  };
  for (const each of [data, single]) {
    const trainer = await Trainer.create(device, each, { ...small, steps: 2 });
    const records = await Array.fromAsync(trainer.run());
    trainer[Symbol.dispose]();
    const evaluation = records.find((record) => record.kind === "evaluation");
    assert(Number.isFinite(evaluation!.teacher.testCost));
  }
});

gpuTest("a run whose signal is aborted before the start takes no step", async (device) => {
  const trainer = await Trainer.create(device, madeUpData(), small);
  for await (const record of trainer.run({ signal: AbortSignal.abort() })) throw new Error(record.kind);
  assertEquals(trainer.step, 0);
  trainer[Symbol.dispose]();
});

gpuTest("the supervised baseline takes as many steps, and needs no unlabelled examples", async (device) => {
  const baseline = await Trainer.create(device, madeUpData(), { ...small, excludeUnlabeled: true });
  assertEquals(baseline.totalSteps, 36);
  baseline[Symbol.dispose]();
  const labelled = await Trainer.create(device, madeUpData(200), { ...small, excludeUnlabeled: true });
  assertEquals(labelled.totalSteps, 20);
  labelled[Symbol.dispose]();
});

gpuTest("a diverging run stops with an error that says what to try", async (device) => {
  await assertRejects(
    () => run(device, { optimizer: "sgd", learningRate: 1e6, consistency: 1e9 }),
    DivergenceError,
    "Try a lower learning rate",
  );
});

gpuTest(
  "a run that diverges in its last steps stops with an error, whatever was recorded before",
  async (device) => {
    /** Trains with a learning rate that explodes some steps before the end. */
    const diverge = async (
      steps: number,
      explosions: number,
      factor: number,
      options: Partial<TrainingOptions> = {},
      mustEnd = () => false,
    ) => {
      const schedule = (step: number, { totalSteps }: { readonly totalSteps: number }) =>
        step >= totalSteps - explosions ? factor : 0;
      const kinds: string[] = [];
      using trainer = await Trainer.create(
        device,
        madeUpData(),
        { ...small, optimizer: "sgd", steps, evaluationEpochs: 0, ...options },
        { schedule },
      );
      const error = await assertRejects(async () => {
        for await (const { kind } of trainer.run({ mustEnd })) kinds.push(kind);
      }, DivergenceError);
      return { kinds, message: error.message };
    };
    // Those of step 10 are recorded, and are the last that are small.
    const unread = await diverge(11, 2, 1e30);
    assertMatch(
      unread.message,
      /^Cannot continue training: the cost must stay below 100000, but is \S+ by step 11\./,
    );
    assertEquals(unread.kinds, ["costs"]);
    const last = await diverge(11, 1, 1e300);
    assertMatch(
      last.message,
      /all values must be finite numbers, but some of student\.\S+ are not by step 11\./,
    );
    assertEquals(last.kinds, ["costs"]);
    const large = await diverge(11, 1, 1e37);
    assertMatch(large.message, /(test costs must be finite|values must be finite)/);
    assert(!large.kinds.includes("checkpoint") && !large.kinds.includes("evaluation"), `${large.kinds}`);
    // Neither a checkpoint before the end nor one at an early end has such values.
    const { kinds } = await diverge(20, 14, 1e300, { checkpointEpochs: "6steps", recordSteps: 100 });
    assertEquals(kinds, ["checkpoint"]);
    let calls = 0;
    const early = await diverge(20, 16, 1e300, { checkpointEpochs: 0 }, () => ++calls === 5);
    assertMatch(early.message, /by step 5\./);
  },
);

gpuTest("data and options that do not fit are refused before any step", async (device) => {
  const create = (labeledCount: number, options: Partial<TrainingOptions>) =>
    Trainer.create(device, madeUpData(labeledCount), { ...small, ...options });
  await assertRejects(() => create(5, {}), RangeError, "labelled");
  await assertRejects(() => create(195, {}), RangeError, "unlabelled");
  await assertRejects(() => create(20, { labeledBatchSize: 20 }), RangeError, "labeledBatchSize");
  await assertRejects(
    () => create(20, { sampling: "vary", batchSize: 201 }),
    RangeError,
    "each takes 201 of the training examples, but there are only 200",
  );
  await assertRejects(
    () => create(20, { steps: 40, learningRateRampdown: 2 }),
    RangeError,
    "ramp-down must be at least as long as the run",
  );
  const { final } = await run(device, { maxSteps: 1 });
  const checkpoint = readCheckpoint(final);
  await assertRejects(
    () => Trainer.create(device, madeUpData(), { ...small, logitDistanceCost: 1 }, { checkpoint }),
    RangeError,
    "heads.1",
  );
});

gpuTest("a disposed trainer frees its memory", async (device) => {
  const before = device.variableBytes;
  await run(device, { maxSteps: 1 });
  assertEquals(device.variableBytes, before);
});

gpuTest("a resumed run keeps the kernels that it began with, measured or not", async (device) => {
  const signature = 'conv_2d {"stride":1,"padding":1,"groups":1} [20, 1, 8, 8] [16, 1, 3, 3]';
  const { final } = await run(device, {}, {
    tuning: new Tuning("off", { [signature]: "direct" }),
    stopAt: 10,
  });
  const { kernels } = readCheckpoint(final);
  assertEquals(kernels, { [signature]: "direct" });
  const tuning = new Tuning("full");
  const resumed = await run(device, {}, { checkpoint: readCheckpoint(final), tuning, stopAt: 20 });
  assertEquals(readCheckpoint(resumed.final).kernels, kernels);
  assertEquals([tuning.choices.size, tuning.milliseconds], [0, 0]);
});

gpuTest(
  "data-dependent initial values come from the first batch, equal for student and teacher",
  async (device) => {
    const { train, classes, channelStatistics } = madeUpData();
    const { images } = train as ImageSet;
    // Nine images are joined into one, as the network needs larger images.
    const set = {
      images: images.slice(0, 20 * 576),
      labels: Int32Array.from({ length: 20 }, (_, i) => i < 10 ? i % 2 : -1),
      imageShape: [1, 24, 24] as const,
    };
    const data = { classes, channelStatistics, train: set, test: { ...set, labels: new Int32Array(20) } };
    const options = { ...small, batchSize: 8, labeledBatchSize: 4, architecture: "convnet13" };
    const trainer = await Trainer.create(device, data, options);
    try {
      const [student, teacher] = await Promise.all(
        [trainer.algorithm.student, trainer.algorithm.teacher].map(({ parameters }) =>
          readState(device, parameters)
        ),
      );
      const gains = [...student!].filter(([name]) => name.endsWith("weight_g"));
      assert(gains.length > 0);
      for (const [name, { data: values }] of student!) {
        assertEquals([...teacher!.get(name)!.data], [...values], name);
      }
      // Before initialisation from a batch, g is the norm of v; after it, g differs.
      for (const [name, { data: values }] of gains) {
        const v = student!.get(name.replace("weight_g", "weight_v"))!;
        const size = v.data.length / values.length;
        const norm = Math.hypot(...v.data.subarray(0, size));
        assert(Math.abs(values[0]! / norm - 1) > 1e-3, `${name} is the norm of its weight`);
      }
    } finally {
      trainer[Symbol.dispose]();
    }
  },
);
