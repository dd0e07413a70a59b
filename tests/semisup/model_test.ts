/** Models predict what evaluation computes, for every kind of preprocessing and input. */
import { computeChannelStatistics, type Dataset, type ImageSet } from "../../data/mod.ts";
import { preprocess, type Preprocessing } from "../../data/files/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import {
  type ClassifierNetwork,
  findArchitecture,
  loadModel,
  Model,
  readState,
  stateOf,
  writeModel,
} from "../../nn/mod.ts";
import { type Checkpoint, defaultOptions, Evaluator, modelOf } from "../../semisup/mod.ts";
import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { randomValues, randomWords } from "../kernels/reference.ts";

const classes = ["a", "b", "c"];

/** Draws blotches of varying brightness and position; some images are of one colour. */
function imagesOf(channels: number, count: number, seed: number, hasAspects: boolean): ImageSet {
  const next = randomWords(seed);
  const size = channels * 100;
  const images = new Uint8Array(count * size);
  for (let n = 0; n < count; n++) {
    const ground = next() % 200;
    for (let i = 0; i < size; i++) images[n * size + i] = n % 10 === 7 ? ground : ground + next() % 56;
  }
  return {
    images,
    labels: Int32Array.from({ length: count }, () => next() % 3),
    imageShape: [channels, 10, 10],
    ...(hasAspects && { aspects: Float32Array.from({ length: count }, () => 0.5 + (next() % 100) / 66) }),
  };
}

interface Case {
  readonly channels: 1 | 3;
  readonly heads: 1 | 2;
  readonly normalize: "channel" | Preprocessing;
  readonly randomResizedCrop: number | null;
}

/** Returns a checkpoint of a network with random weights, and the evaluation's logits of the test images. */
async function evaluated(device: Device, { channels, heads, normalize, randomResizedCrop }: Case) {
  const hasAspects = randomResizedCrop !== null;
  const [train, test] = [imagesOf(channels, 150, 1, false), imagesOf(channels, 37, 2, hasAspects)];
  const channelStatistics = { ...computeChannelStatistics(train), source: "these" };
  const raw: Dataset<Uint8Array> = { name: "made up", classes, channelStatistics, train, test };
  const dataset = normalize === "channel"
    ? raw
    : await preprocess(raw, normalize, { device, cacheDirectory: null });
  const side = randomResizedCrop ?? 10;
  const imageShape = [channels, side, side] as const;
  const network = findArchitecture("convnet_small").build({
    imageShape,
    classCount: 3,
    headCount: heads,
    dropout: 0.5,
    inputNoise: 0.5,
    seed: 3,
  });
  for (const [name, { initial }] of Object.entries(network.buffers)) {
    initial.set(randomValues(name.length, initial.length, [0.5, 2], "float32"));
  }
  const view = { ...dataset.channelStatistics, randomResizedCrop };
  const evaluator = await Evaluator.create(device, { teacher: network }, dataset.test, view);
  const { logits, labels } = await evaluator.logits();
  assertEquals(labels, test.labels);
  evaluator[Symbol.dispose]();
  const { mean, standardDeviation } = dataset.channelStatistics;
  const checkpoint: Checkpoint = {
    step: 12,
    options: {
      ...defaultOptions,
      normalize,
      randomResizedCrop,
      logitDistanceCost: heads === 2 ? 0.01 : -1,
    },
    classes,
    imageShape,
    canvas: [10, 10],
    channelStatistics: { mean, standardDeviation },
    labels: new Int32Array(150),
    about: { dataset: "made up" },
    custom: [],
    loaded: [],
    kernels: {},
    student: new Map(),
    teacher: await readState(device, stateOf(network)),
    optimizer: new Map(),
  };
  releaseAll(device, network);
  const whitening = "whitening" in dataset ? dataset.whitening : undefined;
  return { test, checkpoint, whitening, logits: logits.teacher };
}

function releaseAll(device: Device, network: ClassifierNetwork): void {
  for (const each of Object.values(stateOf(network))) device.release(each);
}

const cases: Readonly<Record<string, Case>> = {
  "grey, one head": { channels: 1, heads: 1, normalize: "channel", randomResizedCrop: null },
  "colours, two heads": { channels: 3, heads: 2, normalize: "channel", randomResizedCrop: null },
  "each image normalised": { channels: 3, heads: 1, normalize: "per-image", randomResizedCrop: null },
  "whitened": { channels: 1, heads: 2, normalize: "gcn-zca", randomResizedCrop: null },
  "the centre of images of any shape": {
    channels: 3,
    heads: 1,
    normalize: "channel",
    randomResizedCrop: 8,
  },
};
for (const [what, each] of Object.entries(cases)) {
  gpuTest(`a model's probabilities are those of evaluation's logits: ${what}`, async (device) => {
    const { test, checkpoint, whitening, logits } = await evaluated(device, each);
    const bytes = writeModel(modelOf(checkpoint, { temperature: 1.7, ...(whitening && { whitening }) }));
    const before = device.variableBytes;
    // Two whole batches and one of 5, which takes a smaller Program.
    const model = await loadModel(bytes, { device, batchSize: 16 });
    const predictions = await model.predictPlanes(test.images, test.aspects);
    assertEquals(predictions.length, 37);
    const size = Math.max(...logits.map(Math.abs));
    predictions.forEach((prediction, n) => {
      const row = logits.slice(3 * n, 3 * n + 3);
      assertClose(prediction.logits, row, { rtol: 1e-4, atol: 1e-4 * size, what: `logits of ${n}` });
      const weights = [...row].map((logit) => Math.exp(logit / 1.7));
      const sum = weights.reduce((a, b) => a + b);
      assertClose(prediction.probabilities, weights.map((weight) => weight / sum), {
        rtol: 2e-3,
        atol: 1e-6,
      });
      assertEquals(prediction.probability, Math.max(...prediction.probabilities));
      assertEquals(prediction.probabilities[prediction.classIndex], prediction.probability);
      assertEquals(prediction.className, classes[prediction.classIndex]);
      assert(!("features" in prediction));
    });
    // The logits are not all the same.
    assertGreater(new Set(predictions.map(({ logits }) => logits[0])).size, 20);
    model[Symbol.dispose]();
    assertEquals(device.variableBytes, before);
  });
}

gpuTest("RGBA pictures are predicted like their planes, in any number", async (device) => {
  const { test, checkpoint } = await evaluated(device, cases["colours, two heads"]!);
  const model = await Model.create(modelOf(checkpoint), { device, batchSize: 4 });
  const want = await model.predictPlanes(test.images.subarray(0, 1800));
  const pictures = want.map((_, n) => {
    const data = new Uint8ClampedArray(400).fill(255);
    for (let i = 0; i < 300; i++) data[4 * (i % 100) + Math.floor(i / 100)] = test.images[300 * n + i]!;
    return { data, width: 10, height: 10 };
  });
  assertEquals(await model.predict(pictures), want);
  assertEquals(await model.predict([]), []);
  const planes = test.images.slice(0, 300);
  const [first] = await model.predict([{ planes, width: 10, height: 10 }], { features: true });
  assertClose(first!.probabilities, want[0]!.probabilities, { rtol: 1e-4, atol: 1e-6 });
  // The head of the features is the logits.
  const { data: weight } = checkpoint.teacher.get("heads.0.weight")!;
  const { data: bias } = checkpoint.teacher.get("heads.0.bias")!;
  const features = first!.features!;
  const logits = classes.map((_, c) =>
    features.reduce((sum, feature, d) => sum + feature * weight[c * features.length + d]!, bias[c]!)
  );
  assertClose(first!.logits, logits, { rtol: 1e-4, atol: 1e-4 });
  await assertRejects(
    () => model.predictPlanes(new Uint8Array(299)),
    RangeError,
    "planes must hold whole images of 3×10×10",
  );
  await assertRejects(() => model.predictPlanes(new Uint8Array(300), [1, 2]), RangeError, "2 aspects");
  model[Symbol.dispose]();
});

gpuTest("a model whose weights do not fit its network is refused", async (device) => {
  const { checkpoint } = await evaluated(device, cases["grey, one head"]!);
  const contents = modelOf(checkpoint);
  const bytes = writeModel({ ...contents, headCount: 2 });
  await assertRejects(() => loadModel(bytes, { device }), RangeError, "of the network: heads.1.weight");
  await assertRejects(() => loadModel(bytes, { device, batchSize: 0 }), RangeError, "batchSize must be");
});

const bare: Checkpoint = {
  step: 12,
  options: { ...defaultOptions, randomResizedCrop: 8 },
  classes,
  imageShape: [3, 8, 8],
  canvas: [20, 24],
  channelStatistics: { mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
  labels: new Int32Array(),
  about: { dataset: "folder" },
  custom: [],
  loaded: [],
  kernels: {},
  student: new Map([["s", { shape: [], dtype: "float32", data: Float32Array.of(1) }]]),
  teacher: new Map([["t", { shape: [], dtype: "float32", data: Float32Array.of(2) }]]),
  optimizer: new Map(),
};

Deno.test("a checkpoint's model is its teacher by default, and records network and step", () => {
  const { weights, about, temperature, headCount } = modelOf(bare);
  assertEquals([[...weights.keys()], temperature, headCount], [["t"], 1, 1]);
  assertEquals(about, { network: "teacher", step: "12" });
  const student = modelOf(bare, { network: "student", about: { heldOut: "10" } });
  assertEquals([...student.weights.keys()], ["s"]);
  assertEquals([student.about["network"], student.about["heldOut"]], ["student", "10"]);
});

Deno.test("a checkpoint's model has images of the canvas, not of the crop that the network sees", () => {
  assertEquals(modelOf(bare).imageShape, [3, 20, 24]);
});

Deno.test("a model of whitened images needs the whitening, and other models must not have one", () => {
  const whitening = { mean: new Float32Array(192), matrix: new Float32Array(192 * 192) };
  const options = { ...defaultOptions, normalize: "gcn-zca" as const };
  const whitened = { ...bare, canvas: [8, 8] as const, options };
  assertEquals(modelOf(whitened, { whitening }).whitening, whitening);
  assertThrows(
    () => modelOf(whitened, { source: "a.safetensors" }),
    RangeError,
    "Cannot make a model of a.safetensors: its images were whitened",
  );
  assertThrows(
    () => modelOf(bare, { whitening }),
    RangeError,
    "its normalisation is channel, but a whitening was passed",
  );
});
