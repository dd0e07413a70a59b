/** Runs that start from trained weights: what is loaded, frozen and slowed down, and exact resumption. */
import type { Device } from "../../kernels/mod.ts";
import { NO_LABEL } from "../../data/mod.ts";
import {
  Classifier,
  GlobalAvgPool2d,
  type HostTensor,
  type Initializer,
  MeanOnlyBatchNorm,
  type PretrainedWeights,
  Sequential,
  WeightNormConv2d,
  WeightNormLinear,
} from "../../nn/mod.ts";
import {
  type Checkpoint,
  readCheckpoint,
  readInitialWeights,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 4,
  learningRate: 0.05,
  learningRateRampup: 0,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
};

const data = madeUpData();

/** The data with a third class, so that heads are drawn anew. */
const otherData = {
  ...data,
  classes: [...data.classes, "neither"],
  train: { ...data.train, labels: data.train.labels.map((label) => label === NO_LABEL ? label : 2 - label) },
};

/** Trains, and returns the checkpoints at the start and at the end. */
async function run(
  device: Device,
  options: Partial<TrainingOptions>,
  settings: TrainerSettings & { readonly on?: typeof data } = {},
): Promise<{ readonly start: Checkpoint; readonly end: Checkpoint; readonly trainer: Trainer }> {
  const { on = data, ...rest } = settings;
  using trainer = await Trainer.create(device, on, { ...small, ...options }, rest);
  const start = await trainer.checkpoint();
  await Array.fromAsync(trainer.run());
  return { start, end: await trainer.checkpoint(), trainer };
}

/** A short run, once for all tests: its checkpoint as a file. */
let earlier: Promise<Uint8Array> | undefined;
const earlierRun = (device: Device) =>
  earlier ??= run(device, { seed: 7 }).then(({ end }) => writeCheckpoint(end));

async function initOf(device: Device): Promise<PretrainedWeights> {
  return readInitialWeights(await earlierRun(device), { source: "earlier" });
}

const isHead = (name: string) => name.startsWith("heads.");

function dataOf(values: ReadonlyMap<string, HostTensor>, names: (name: string) => boolean = () => true) {
  return [...values].filter(([name]) => names(name)).map(([name, { data }]) => [name, data] as const)
    .sort(([a], [b]) => a < b ? -1 : 1);
}

gpuTest(
  "init: student and teacher start as the teacher of an earlier run, heads included",
  async (device) => {
    const init = await initOf(device), { teacher } = readCheckpoint(await earlierRun(device));
    const { start, trainer } = await run(device, { steps: 1 }, {
      init,
      on: {
        ...data,
        channelStatistics: { mean: [0.9], standardDeviation: [9], source: "another" },
      } as typeof data,
    });
    assertEquals(dataOf(start.student), dataOf(teacher));
    assertEquals(dataOf(start.teacher), dataOf(teacher));
    assertEquals(trainer.initialization?.match.drawnHeads, []);
    assertEquals(start.channelStatistics, init.channelStatistics);
    assertEquals(start.loaded.length, 11);
  },
);

gpuTest("init: heads of other classes are drawn by the seed, equal for both networks", async (device) => {
  const init = await initOf(device), { teacher } = readCheckpoint(await earlierRun(device));
  const { start, trainer } = await run(device, { steps: 1 }, { init, on: otherData });
  assertEquals(dataOf(start.student, (name) => !isHead(name)), dataOf(teacher, (name) => !isHead(name)));
  assertEquals(dataOf(start.student), dataOf(start.teacher));
  assertEquals(trainer.initialization?.match.drawnHeads.map(({ name }) => name), ["heads.0"]);
  const scratch = await run(device, { steps: 1 }, { on: otherData });
  assertEquals(dataOf(start.student, isHead), dataOf(scratch.start.student, isHead));
});

for (
  const [freeze, isFrozen] of [
    ["features", (name: string) => !isHead(name)],
    ["1", (name: string) => /^features\.[12]\./.test(name)],
  ] as const
) {
  gpuTest(
    `init: --freeze ${freeze}: frozen weights and statistics keep every bit, with decay and EMA`,
    async (device) => {
      const init = await initOf(device);
      const { start, end } = await run(
        device,
        { freeze, optimizer: "adamw", weightDecay: 0.1, clipNorm: 1 },
        {
          init,
          on: otherData,
        },
      );
      for (const network of ["student", "teacher"] as const) {
        assertEquals(dataOf(end[network], isFrozen), dataOf(start[network], isFrozen));
        for (const [name, values] of dataOf(end[network], (name) => !isFrozen(name))) {
          assertNotEquals(values, start[network].get(name)?.data, `${network} ${name}`);
        }
      }
      const moments = [...end.optimizer.keys()].filter((name) => name.includes("_moment."));
      assert(moments.length > 0 && moments.every((name) => !isFrozen(name.replace(/^\w+_moment\./, ""))));
    },
  );
}

gpuTest("init: --init-lr-factor scales the first step of loaded weights, not of others", async (device) => {
  const init = await initOf(device);
  const options = { steps: 1, optimizer: "sgd", momentum: 0, nesterov: false } as const;
  const whole = await run(device, options, { init, on: otherData });
  const tenth = await run(device, { ...options, initLrFactor: 0.1 }, { init, on: otherData });
  for (const [name, after] of dataOf(whole.end.student, (name) => /(weight|bias)$/.test(name))) {
    const before = whole.start.student.get(name)?.data ?? [];
    const change = Array.from(after, (value, i) => (value - (before[i] ?? 0)) * (isHead(name) ? 1 : 0.1));
    const want = change.map((value, i) => value + (before[i] ?? 0));
    assertClose(tenth.end.student.get(name)?.data ?? [], want, { rtol: 1e-5, atol: 2e-7, what: name });
  }
  assertEquals(whole.start.loaded, tenth.start.loaded);
  assert(tenth.start.loaded.every((name) => !isHead(name)));
});

const resumable: readonly Partial<TrainingOptions>[] = [
  { initLrFactor: 0.1 },
  { freeze: "features", weightDecay: 0.01 },
  { freeze: "2", initLrFactor: 0.5, optimizer: "sgd", clipNorm: 1, algorithm: "fixmatch" },
];
for (const options of resumable) {
  gpuTest(`init: a resumed run has the same bits: ${JSON.stringify(options)}`, async (device) => {
    const init = await initOf(device);
    const on = {
      ...otherData,
      channelStatistics: { mean: [0.9], standardDeviation: [9], source: "another" },
    } as typeof data;
    const whole = await run(device, options, { init, on });
    const half = await run(device, { ...options, maxSteps: 2 }, { init, on });
    const checkpoint = readCheckpoint(writeCheckpoint(half.end));
    const resumed = await run(device, { ...options, maxSteps: null }, { checkpoint, on });
    const bytes = ({ end }: typeof whole) => writeCheckpoint({ ...end, options: whole.end.options });
    assertEquals(bytes(resumed), bytes(whole));
  });
}

gpuTest("init: options and settings that do not fit are refused", async (device) => {
  const init = await initOf(device), checkpoint = readCheckpoint(await earlierRun(device));
  const refuse = (options: Partial<TrainingOptions>, settings: TrainerSettings, message: string) =>
    assertRejects(
      () => Trainer.create(device, data, { ...small, ...options }, settings),
      RangeError,
      message,
    );
  await refuse({ freeze: "features" }, {}, "freeze: it is about loaded weights, but init is not set");
  await refuse({ initLrFactor: 0.5 }, {}, "initLrFactor: it is about loaded weights, but init is not set");
  await refuse({ freeze: "4" }, { init }, "must be from 1 to 3, all stages of the network");
  await refuse({ freeze: "head" }, { init }, "freeze must be features or a number of stages from 1");
  await refuse({ initLrFactor: 0 }, { init }, "initLrFactor must be a number above 0 to 1");
  await refuse(
    { architecture: "convnet_medium" },
    { init },
    "its network is convnet_small, but architecture is",
  );
  await refuse(
    { normalize: "per-image" },
    { init },
    "its normalisation is channel, but normalize is per-image",
  );
  await refuse({}, { init, checkpoint }, "Cannot resume with init");
  const bad = { ...init, weights: new Map([...init.weights].slice(1)) };
  await refuse({}, { init: bad }, "the file lacks");
});

/** A network whose layers derive initial values from a batch. */
const network = (classCount: number) => (initializer: Initializer) =>
  new Classifier(
    new Sequential([
      new WeightNormConv2d(1, 4, 3, initializer),
      new MeanOnlyBatchNorm(4, initializer),
      new GlobalAvgPool2d(),
    ]),
    [
      new Sequential([
        new WeightNormLinear(4, classCount, initializer),
        new MeanOnlyBatchNorm(classCount, initializer),
      ]),
    ],
  );

gpuTest("init: with weight normalisation, only new heads derive values from a batch", async (device) => {
  const { end } = await run(device, { steps: 1 }, { network: network(2) });
  const init = readInitialWeights(writeCheckpoint(end));
  const { start } = await run(device, { steps: 1 }, { init, on: otherData, network: network(3) });
  assertEquals(dataOf(start.student, (name) => !isHead(name)), dataOf(end.teacher, (name) => !isHead(name)));
  assertEquals(dataOf(start.student), dataOf(start.teacher));
  const scratch = await run(device, { steps: 1 }, { on: otherData, network: network(3) });
  // Other features give other gains.
  const gains = ({ student }: Checkpoint) => student.get("heads.0.0.weight_g");
  assertNotEquals(gains(start), gains(scratch.start));
  const again = await run(device, { steps: 1 }, { init, network: network(2) });
  assertEquals(dataOf(again.start.student), dataOf(end.teacher));
});
