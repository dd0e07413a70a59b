/** Runs with a custom network: training, checkpoints, models, and errors that say what is missing. */
import { computeChannelStatistics, type ImageSet } from "../../data/mod.ts";
import { type Device, variable } from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  Classifier,
  type ClassifierNetwork,
  Conv2d,
  GlobalAvgPool2d,
  Initializer,
  Linear,
  loadModel,
  MaxPool2d,
  type NetworkMaker,
  readModel,
  registerArchitecture,
  ReLU,
  Sequential,
  stateOf,
  writeModel,
} from "../../nn/mod.ts";
import {
  type Checkpoint,
  modelOf,
  readCheckpoint,
  Trainer,
  type TrainerSettings,
  type TrainingData,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const { train, test, classes } = madeUpData();
const data: TrainingData = { train, test, classes };
const options: Partial<TrainingOptions> = { batchSize: 20, labeledBatchSize: 10, steps: 4 };

/** Makes a small network with running statistics. */
const networkOf = (channels: number, classCount = 2) => (init: Initializer): ClassifierNetwork =>
  new Classifier(
    new Sequential([
      new Conv2d(1, channels, 3, init, { padding: 1 }),
      new BatchNorm2d(channels, init),
      new ReLU(),
      new MaxPool2d({ kernel: 2 }),
      new GlobalAvgPool2d(),
    ]),
    [new Linear(channels, classCount, init)],
  );
const network = networkOf(4);

/** Trains to a step. */
async function trainTo(
  device: Device,
  maxSteps: number,
  settings: TrainerSettings,
  more: Partial<TrainingOptions> = {},
): Promise<Checkpoint> {
  using trainer = await Trainer.create(device, data, { ...options, ...more, maxSteps }, settings);
  for await (const _ of trainer.run());
  return readCheckpoint(writeCheckpoint(await trainer.checkpoint()));
}

gpuTest(
  "a run with a custom network says so in its files, and goes on with the same bits",
  async (device) => {
    const whole = await trainTo(device, 4, { network });
    assertEquals(whole.options.architecture, null);
    const checkpoint = await trainTo(device, 2, { network });
    const resumed = await trainTo(device, 4, { network, checkpoint });
    for (const group of ["student", "teacher", "optimizer"] as const) {
      assertEquals(resumed[group], whole[group]);
    }
    const more = checkpoint.options;
    await assertRejects(
      () => Trainer.create(device, data, more, { checkpoint }),
      RangeError,
      "Cannot create the network: it is custom and has no name. Pass its maker as { network }.",
    );
    await assertRejects(
      () => Trainer.create(device, data, more, { checkpoint, network: networkOf(5) }),
      RangeError,
      "Cannot load the checkpoint's student: features.0.weight must have the network's shape [5, 1, 3, 3], but it is [4, 1, 3, 3]",
    );
  },
);

gpuTest(
  "the model of a custom network predicts as the run does, with the same maker only",
  async (device) => {
    using trainer = await Trainer.create(device, data, options, { network });
    for await (const _ of trainer.run());
    const file = writeModel(modelOf(await trainer.checkpoint()));
    const { architecture, headCount } = readModel(file);
    assertEquals([architecture, headCount], [null, null]);
    using model = await loadModel(file, { device, network });
    const predictions = await model.predictPlanes(test.images as Uint8Array);
    const wrong = predictions.filter(({ classIndex }, i) => classIndex !== test.labels[i]).length;
    const { teacher } = await trainer.evaluate();
    assertEquals(wrong, Math.round(teacher.testError * test.labels.length));
    await assertRejects(
      () => loadModel(file, { device }),
      RangeError,
      "Cannot load the model: its network is custom and has no name. Pass its maker as { network }.",
    );
    await assertRejects(
      () => loadModel(file, { device, network: networkOf(5) }),
      RangeError,
      "Cannot load the model: features.0.weight must have",
    );
  },
);

gpuTest("a registered network is named in files, which are read where it is registered", async (device) => {
  const build = ({ classCount }: { readonly classCount: number }, init: Initializer) =>
    networkOf(3, classCount)(init);
  registerArchitecture({
    name: "own_small",
    summary: "made up",
    build: ({ classCount, seed }) => build({ classCount }, new Initializer(seed)),
  });
  const checkpoint = await trainTo(device, 1, {}, { architecture: "own_small" });
  assertEquals(checkpoint.options.architecture, "own_small");
  const file = writeModel(modelOf(checkpoint));
  using model = await loadModel(file, { device });
  assertEquals(model.description.architecture, "own_small");
  assertThrows(
    () => registerArchitecture({ name: "resnet18", summary: "", build: () => network(new Initializer(1)) }),
    RangeError,
    'Cannot register architecture "resnet18": the name is taken',
  );
  // A program that has not registered the name can read the file; the error says what to do.
  const renamed = writeModel({ ...modelOf(checkpoint), architecture: "unknown" });
  await assertRejects(
    () => loadModel(renamed, { device }),
    RangeError,
    'Unknown architecture "unknown"; known architectures: convnet_small,',
  );
  using loaded = await loadModel(renamed, { device, network: networkOf(3) });
  assertEquals(loaded.description.architecture, "unknown");
});

gpuTest("student and teacher start alike whatever the maker draws, and however", async (device) => {
  let draws = 0;
  const random: NetworkMaker = (init) => {
    const { features, heads } = network(init) as Classifier;
    // Drawn by the host when the network is made, and anew at each look.
    const made = variable([2, 4], Array.from({ length: 8 }, () => ++draws), { name: "weight" });
    const looked = variable([2], () => [++draws, ++draws], { name: "bias" });
    const head = Object.assign(Object.create(heads[0]), { parameters: { weight: made, bias: looked } });
    return new Classifier(features, [head]);
  };
  using trainer = await Trainer.create(device, data, options, { network: random });
  const { student, teacher } = await trainer.checkpoint();
  assertEquals(student, teacher);
  assert(draws > 16);
});

gpuTest("a maker that cannot give student and teacher is refused, naming the variable", async (device) => {
  const create = (network: NetworkMaker, more: Partial<TrainingOptions> = {}) => () =>
    Trainer.create(device, data, { ...options, ...more }, { network });
  const shared = network(new Initializer(1));
  const bytes = device.variableBytes;
  await assertRejects(create(() => shared), RangeError, "student and teacher share features.0.weight");
  let channels = 3;
  await assertRejects(
    create((init) => networkOf(channels++)(init)),
    RangeError,
    "features.0.weight is float32 [3, 1, 3, 3] in the first network and float32 [4, 1, 3, 3] in the second",
  );
  await assertRejects(
    create(networkOf(4, 3)),
    RangeError,
    "the network must give logits [N, 2] for 2 classes, but gives [N, 3]",
  );
  await assertRejects(
    create(network, { architecture: "convnet_small" }),
    RangeError,
    "architecture is convnet_small, but a network is passed too. Leave one of them out.",
  );
  assertEquals(device.variableBytes, bytes);
  assert(Object.keys(stateOf(shared)).length > 0);
});

gpuTest("without test set and statistics a run evaluates nothing, and computes its own", async (device) => {
  const own = { train, classes };
  using trainer = await Trainer.create(device, own, { ...options, maxSteps: 1 }, { network });
  const kinds = [];
  for await (const { kind } of trainer.run()) kinds.push(kind);
  assertEquals(kinds.filter((kind) => kind === "evaluation"), []);
  const checkpoint = await trainer.checkpoint();
  const { mean, standardDeviation } = computeChannelStatistics(train as ImageSet);
  assertEquals(checkpoint.channelStatistics, { mean, standardDeviation });
  // A run that is resumed keeps its statistics.
  const other = { mean: [0.5], standardDeviation: [0.25] };
  const settings = { network, checkpoint: { ...checkpoint, channelStatistics: other } };
  using resumed = await Trainer.create(device, own, checkpoint.options, settings);
  assertEquals((await resumed.checkpoint()).channelStatistics, other);
});
