/** One run in several processes, which are tasks here: the same batches, costs and weights as in one. */
import type { Device, Tensor } from "../../kernels/mod.ts";
import { TwoStreamSampler } from "../../semisup/mod.ts";
import {
  broadcast,
  type Collective,
  DifferenceError,
  gather,
  readCheckpoint,
  Trainer,
  type TrainerSettings,
  type TrainingData,
  type TrainingOptions,
  type TrainingRecord,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import {
  BatchNorm2d,
  Classifier,
  Conv2d,
  Dropout,
  type ForwardContext,
  GaussianNoise,
  GlobalAvgPool2d,
  type Initializer,
  LeakyReLU,
  Linear,
  MaxPool2d,
  MeanOnlyBatchNorm,
  mixBranches,
  type Module,
  Sequential,
  variablesOf,
  WeightNormConv2d,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { tasks } from "../kernels/tasks.ts";
import { madeUpData } from "./made_up_data.ts";

const options: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 4,
  rotate: 5,
  translate: 1,
  flip: true,
  consistency: 4,
  learningRate: 0.01,
  learningRateRampup: 0,
  consistencyRampup: 0,
  emaDecay: 0.9,
  optimizer: "sgd",
  evaluationEpochs: "2steps",
  checkpointEpochs: 0,
  recordSteps: 2,
};

/** Mixes two branches, of 1×1 convolutions. */
class Mixed implements Module {
  readonly parameters;
  readonly buffers;
  readonly #branches: readonly [Module, Module];

  constructor(channels: number, init: Initializer) {
    const branch = () => new Conv2d(channels, channels, 1, init);
    this.#branches = [branch(), branch()];
    const { parameters, buffers } = variablesOf({ a: this.#branches[0], b: this.#branches[1] });
    this.parameters = parameters;
    this.buffers = buffers;
  }

  forward(x: Tensor, context: ForwardContext): Tensor {
    const [a, b] = this.#branches;
    return mixBranches(a.forward(x, context), b.forward(x, context), context);
  }
}

/** Makes a small network of all layers that look at the batch or draw random numbers. */
function network(init: Initializer): Classifier {
  return new Classifier(
    new Sequential([
      new GaussianNoise(0.1),
      new Conv2d(1, 4, 3, init, { padding: 1, bias: false }),
      new BatchNorm2d(4, init),
      new LeakyReLU(0.1),
      new MaxPool2d({ kernel: 2 }),
      new Dropout(0.2),
      new WeightNormConv2d(4, 4, 3, init, { padding: 1, bias: false }),
      new MeanOnlyBatchNorm(4, init),
      new LeakyReLU(0.1),
      new Mixed(4, init),
      new GlobalAvgPool2d(),
    ]),
    [new Linear(4, 2, init), new Linear(4, 2, init)],
  );
}

interface Run {
  readonly records: TrainingRecord[];
  readonly final: Uint8Array<ArrayBuffer>;
}

interface Case {
  readonly options?: Partial<TrainingOptions>;
  readonly settings?: TrainerSettings;
  readonly data?: TrainingData;
}

/** Data without test images, so that no evaluation is compiled. */
function trainingData(): TrainingData {
  const { test: _, ...data } = madeUpData();
  return data;
}

async function train(device: Device, { options: own, settings, data = trainingData() }: Case): Promise<Run> {
  using trainer = await Trainer.create(device, data, { ...options, ...own }, { network, ...settings });
  const records = await Array.fromAsync(trainer.run());
  return { records, final: writeCheckpoint(await trainer.checkpoint()) };
}

function collectives(count: number): Collective[] {
  return tasks(count).map((sum, rank) => ({ rank, ranks: count, sum }));
}

/** Trains with several processes; their records and weights must be equal. */
async function trainTogether(device: Device, count: number, one: Case): Promise<Run> {
  const runs = await Promise.all(
    collectives(count).map((collective) =>
      train(device, { ...one, settings: { ...one.settings, collective } })
    ),
  );
  const [first] = runs;
  for (const run of runs) {
    assertEquals(run.records.map(withoutState), first!.records.map(withoutState));
    assertEquals(run.final, first!.final);
  }
  return first!;
}

/** Returns a record without the weights of checkpoints. */
function withoutState(record: TrainingRecord) {
  return "checkpoint" in record ? { ...record, checkpoint: null } : record;
}

/** Returns the largest difference between the values of two checkpoints. */
function largestDifference(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [one, other].map((bytes) => readCheckpoint(bytes));
  let largest = 0;
  for (const group of ["student", "teacher", "optimizer"] as const) {
    assertEquals([...a![group].keys()], [...b![group].keys()]);
    for (const [name, { data }] of a![group]) {
      const others = b![group].get(name)!.data;
      data.forEach((value, i) => largest = Math.max(largest, Math.abs(value - others[i]!)));
    }
  }
  return largest;
}

function assertSameRun(together: Run, alone: Run, tolerance = 1e-5): void {
  assertLess(largestDifference(together.final, alone.final), tolerance);
  assertEquals(
    together.records.map(({ kind, step }) => `${kind} ${step}`),
    alone.records.map(({ kind, step }) => `${kind} ${step}`),
  );
  for (const [i, record] of together.records.entries()) {
    const other = alone.records[i]!;
    if (record.kind === "costs" && other.kind === "costs") {
      for (const [name, cost] of Object.entries(record.costs)) {
        assertLess(Math.abs(cost - other.costs[name]!), 1e-5 * Math.max(1, cost));
      }
    }
    if (record.kind === "evaluation" && other.kind === "evaluation") {
      assertEquals(record.teacher.testError, other.teacher.testError);
      assertEquals(record.teacher.examples, 61);
      assertLess(Math.abs(record.student.testCost - other.student.testCost), 1e-4);
    }
    if (record.kind === "diagnostics" && other.kind === "diagnostics") {
      for (
        const name of [
          "consistencyCost",
          "consistencyGradient",
          "classificationGradient",
          "gap",
          "agreement",
          "labeledPerBatch",
          "fewestLabeled",
        ] as const
      ) {
        assertLess(Math.abs(record[name] - other[name]), 1e-4 * Math.max(1, Math.abs(other[name])));
      }
    }
  }
}

gpuTest("three processes train as one, with batch norm over the whole batch", async (device) => {
  // 20 rows for 3 processes: shares of 7, 7 and 6.
  const one = { data: madeUpData() };
  assertSameRun(await trainTogether(device, 3, one), await train(device, one));
});

gpuTest(
  "two processes train as one by every method that they can share, and by all options that look at the batch",
  async (device) => {
    const cases: Partial<TrainingOptions>[] = [
      {
        algorithm: "fixmatch",
        strongAugment: "cutout",
        "fixmatch.threshold": 0.5,
        classWeights: [1, 3],
        clipNorm: 0.5,
      },
      { algorithm: "vat", sampling: "two-stream-all", labelSmoothing: 0.1, balanceClasses: true },
    ];
    for (const own of cases) {
      const one = { options: { ...own, steps: 2, recordSteps: 1 } };
      assertSameRun(
        await trainTogether(device, 2, one),
        await train(device, one),
        own.algorithm === "vat" ? 1e-4 : 1e-5,
      );
    }
  },
);

gpuTest(
  "without synchronisation, running statistics are averaged; the same run again gives the same bits",
  async (device) => {
    const one = { settings: { syncBatchNorm: false }, options: {} };
    const [first, second] = [await trainTogether(device, 2, one), await trainTogether(device, 2, one)];
    assertEquals(first.final, second.final);
    const alone = await train(device, one);
    assertGreater(largestDifference(first.final, alone.final), 1e-5);
  },
);

gpuTest(
  "a process reads its state without the others, as when it must save it after an error",
  async (device) => {
    const [first, second] = await Promise.all(
      collectives(2).map((collective) =>
        Trainer.create(device, trainingData(), options, { network, collective, syncBatchNorm: false })
      ),
    );
    await Promise.all([first!.advance(2), second!.advance(2)]);
    const { step, student } = await first!.checkpoint({ isAlone: true });
    assertEquals(step, 2);
    const [own] = await device.read([first!.algorithm.student.buffers["features.2.running_var"]!]);
    assertEquals(student.get("features.2.running_var")!.data, own);
    for (const trainer of [first!, second!]) trainer[Symbol.dispose]();
  },
);

gpuTest("a run of two processes continues in four", async (device) => {
  const whole = await train(device, { options: {} });
  const half = await trainTogether(device, 2, { options: { maxSteps: 2 } });
  const checkpoint = readCheckpoint(half.final);
  const rest = { settings: { checkpoint }, options: { maxSteps: null } } as const;
  assertLess(largestDifference((await train(device, rest)).final, whole.final), 1e-5);
  assertLess(largestDifference((await trainTogether(device, 4, rest)).final, whole.final), 1e-5);
});

gpuTest("the batches of all processes together are those of one", async (device) => {
  const data = trainingData(), taken: number[][][] = [];
  const { images, imageShape, labels } = data.train;
  const runs = collectives(3).map(async (collective, rank) => {
    const source = {
      open: ({ indicesOf }: { readonly indicesOf: (step: number) => Int32Array | undefined }) => ({
        take(step: number) {
          const indices = indicesOf(step) ?? new Int32Array();
          (taken[step] ??= [])[rank] = [...indices];
          const pixels = Array.from(
            indices,
            (i) => [...(images as Uint8Array).subarray(i * 64, (i + 1) * 64)],
          ).flat();
          return Promise.resolve({ pixels: Uint8Array.from(pixels) });
        },
        close() {},
      }),
    };
    await train(device, {
      data: { ...data, train: { images: source, imageShape, labels } },
      settings: { collective },
      options: {},
    });
  });
  await Promise.all(runs);
  const [unlabeled, labeled] = [[-1, 0], [0, 2]].map(([from = 0, to = 0]) =>
    Int32Array.from(labels.keys()).filter((i) => labels[i]! >= from && labels[i]! < to)
  );
  const sampler = new TwoStreamSampler({
    unlabeled: unlabeled!,
    labeled: labeled!,
    batchSize: 20,
    labeledBatchSize: 10,
    seed: 1,
  });
  for (let step = 0; step < 4; step++) {
    const shares = taken[step]!,
      batch = shares.flatMap((rows, rank) => rows.map((index, i) => [rank + 3 * i, index] as const));
    assertEquals(batch.sort(([a], [b]) => a - b).map(([, index]) => index), [...sampler.batch(step)]);
    for (const rows of shares) {
      const labelled = rows.filter((index) => labels[index]! >= 0).length;
      assert(labelled >= 3 && labelled <= 4, `${labelled} labelled rows`);
    }
  }
});

gpuTest("processes with different weights are named, and one that is stopped stops all", async (device) => {
  const [first, second] = collectives(2).map((collective) =>
    Trainer.create(device, trainingData(), { ...options, steps: 20 }, {
      network,
      collective,
    })
  );
  const [one, other] = [await first!, await second!];
  const controller = new AbortController();
  const work = async (trainer: Trainer, signal?: AbortSignal) => {
    for await (const record of trainer.run(signal ? { signal } : {})) {
      if (record.step === 2) controller.abort();
    }
    return trainer.step;
  };
  const steps = await Promise.all([work(one, controller.signal), work(other)]);
  assertEquals(steps, [steps[0], steps[0]]);
  assertLess(steps[0]!, 20);

  const [weight] = Object.values(other.algorithm.student.parameters);
  const [values] = await device.read([weight!]);
  device.write(weight!, values.map((value) => value + 1e-6));
  const endings = await Promise.allSettled([work(one), work(other)]);
  for (const ending of endings) {
    assert(ending.status === "rejected" && ending.reason instanceof DifferenceError);
    assert(ending.reason.message.includes("those of rank 1 differ from those of rank 0 after step"));
  }
  for (const trainer of [one, other]) trainer[Symbol.dispose]();
});

gpuTest("batches and methods that cannot be shared are refused", async (device) => {
  const [collective] = collectives(2),
    create = (own: Partial<TrainingOptions>, more: TrainerSettings = {}) =>
      Trainer.create(device, trainingData(), { ...options, ...own }, { network, collective, ...more });
  await assertRejects(() => create({ algorithm: "ict" }), RangeError, "method ict mixes examples");
  const many = { rank: 0, ranks: 21, sum: () => Promise.resolve() };
  await assertRejects(() => create({}, { collective: many }), RangeError, "batchSize is 20 for 21 processes");
  await assertRejects(() => create({}, { observe: ["features.0"] }), RangeError, "observed layers");
});

gpuTest("the steady state of a shared run creates no object on the GPU", async (device) => {
  const created: string[] = [], { gpu } = device;
  const names = [
    "createBuffer",
    "createTexture",
    "createBindGroup",
    "createComputePipelineAsync",
    "createShaderModule",
  ] as const;
  const [first, second] = collectives(2).map((collective) =>
    Trainer.create(device, trainingData(), { ...options, steps: 20 }, {
      network,
      collective,
    })
  );
  const trainers = [await first!, await second!];
  const advance = (count: number) => Promise.all(trainers.map((trainer) => trainer.advance(count)));
  await advance(6);
  const originals = names.map((name) => gpu[name]);
  for (const name of names) {
    const original = gpu[name].bind(gpu) as (...args: unknown[]) => unknown;
    Object.assign(gpu, {
      [name]: (...args: unknown[]) => {
        created.push(name);
        return original(...args);
      },
    });
  }
  await advance(4);
  names.forEach((name, i) => Object.assign(gpu, { [name]: originals[i] }));
  assertEquals(created, []);
  for (const trainer of trainers) trainer[Symbol.dispose]();
});

Deno.test("numbers of all processes are gathered, and bytes of the first are copied exactly", async () => {
  const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => i * 7);
  const results = await Promise.all(
    collectives(3).map(async (collective) => ({
      gathered: await gather(collective, [collective.rank, -collective.rank]),
      copied: await broadcast(collective, collective.rank === 0 ? bytes : new Uint8Array()),
    })),
  );
  for (const { gathered, copied } of results) {
    assertEquals(gathered, [[0, 0], [1, -1], [2, -2]]);
    assertEquals(copied, bytes);
  }
});
