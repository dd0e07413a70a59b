/** Evaluation of networks on a test set, against errors and costs computed on the host in float64. */
import type { ImageSet } from "../../data/mod.ts";
import { type Device, variable } from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  Classifier,
  type ClassifierNetwork,
  Conv2d,
  Dropout,
  evaluationContext,
  Flatten,
  Initializer,
  LeakyReLU,
  Linear,
  Sequential,
  stateOf,
} from "../../nn/mod.ts";
import { Evaluator } from "../../semisup/mod.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
} from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate, randomValues, randomWords } from "../kernels/reference.ts";

const statistics = { mean: [0.4, 0.6], standardDeviation: [0.3, 0.2] };
const classes = 3;

/** Draws images of two channels, 4×4, and their classes. */
function imagesOf(count: number, seed: number): ImageSet {
  const next = randomWords(seed);
  return {
    images: Uint8Array.from({ length: count * 32 }, () => next() >>> 24),
    labels: Int32Array.from({ length: count }, () => next() % classes),
    imageShape: [2, 4, 4],
  };
}

/** Builds a network with everything special in evaluation: running statistics, dropout, a second head. */
function networkOf(seed: number): Classifier {
  const initializer = new Initializer(seed);
  const features = new Sequential([
    new Conv2d(2, 4, 3, initializer, { padding: 1 }),
    new BatchNorm2d(4, initializer),
    new LeakyReLU(0.1),
    new Dropout(0.5),
    new Flatten(),
  ]);
  const network = new Classifier(features, [
    new Linear(64, classes, initializer),
    new Linear(64, classes, initializer),
  ]);
  network.buffers["features.1.running_mean"]!.initial.set(randomValues(seed, 4, [-1, 1], "float32"));
  network.buffers["features.1.running_var"]!.initial.set(randomValues(seed, 4, [0.5, 2], "float32"));
  return network;
}

/** Computes logits `[N, C]` of the first head on the host. */
function logitsOf(network: ClassifierNetwork, { images, labels }: ImageSet): number[] {
  const pixels = Float64Array.from(images, (byte, i) => {
    const channel = Math.floor(i / 16) % 2;
    return (byte / 255 - statistics.mean[channel]!) / statistics.standardDeviation[channel]!;
  });
  const x = variable([labels.length, 2, 4, 4], pixels);
  return [...evaluate(network.forward(x, evaluationContext())[0], new Map([[x, pixels]]))];
}

/** Computes the share of wrong classes and the mean of −log p[label], by the first head. */
function expectedOf(network: ClassifierNetwork, set: ImageSet) {
  const { labels } = set, logits = logitsOf(network, set);
  let wrong = 0, cost = 0;
  labels.forEach((label, n) => {
    const row = logits.slice(n * classes, (n + 1) * classes);
    if (row.indexOf(Math.max(...row)) !== label) wrong++;
    cost += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]!;
  });
  return {
    examples: labels.length,
    testError: wrong / labels.length,
    top5Error: null,
    testCost: cost / labels.length,
  };
}

function releaseAll(device: Device, networks: readonly ClassifierNetwork[]): void {
  for (const network of networks) Object.values(stateOf(network)).forEach((each) => device.release(each));
}

/** 1203 = two whole batches and one of 203; 61 and 500 are one batch; 1 is the minimum. */
for (const count of [1203, 500, 61, 1]) {
  gpuTest(`errors and costs of two networks on ${count} images match the host`, async (device) => {
    const set = imagesOf(count, 11);
    const networks = { student: networkOf(1), teacher: networkOf(2) };
    const evaluator = await Evaluator.create(device, networks, set, statistics);
    const got = await evaluator.evaluate();
    assertEquals(Object.keys(got), ["student", "teacher"]);
    for (const name of ["student", "teacher"] as const) {
      const want = expectedOf(networks[name], set);
      assertEquals([got[name].examples, got[name].testError], [count, want.testError]);
      assertEquals(got[name].top5Error, want.top5Error);
      assertClose([got[name].testCost], [want.testCost], { rtol: 1e-4, atol: 0, what: name });
    }
    // Guessing would be wrong in two of three cases.
    if (count === 1203) {
      assertGreater(got.student.testError, 0.5);
      assertLess(got.student.testError, 0.8);
      assertNotEquals(got.student, got.teacher);
    }
    assertEquals(await evaluator.evaluate(), got);
    // The report, computed on the host from the logits, has the same figures.
    const reports = await evaluator.report();
    for (const name of ["student", "teacher"] as const) {
      const { examples, testError, testCost, confusion, classes: perClass, top5Error } = reports[name];
      assertEquals([examples, testError, top5Error], [count, got[name].testError, null]);
      assertClose([testCost], [got[name].testCost], { rtol: 1e-4, atol: 0, what: name });
      const counts = [0, 1, 2].map((label) => set.labels.filter((each) => each === label).length);
      assertEquals(perClass.map(({ examples }) => examples), counts);
      assertEquals(confusion.map((row) => row.reduce((sum, each) => sum + each, 0)), counts);
    }
    assertEquals(await evaluator.evaluate(), got);
    evaluator[Symbol.dispose]();
    releaseAll(device, Object.values(networks));
  });
}

gpuTest("logits come in the order of the set, regardless of batches", async (device) => {
  // A whole batch and one of three.
  const set = imagesOf(503, 11);
  const networks = { student: networkOf(1), teacher: networkOf(2) };
  const evaluator = await Evaluator.create(device, networks, set, statistics);
  const indices: number[] = [], labels: number[] = [];
  const got = { student: [] as number[], teacher: [] as number[] };
  await evaluator.forEachExample((index, label, logits) => {
    indices.push(index);
    labels.push(label);
    for (const name of ["student", "teacher"] as const) got[name].push(...logits[name]);
  });
  assertEquals([indices, labels], [[...set.labels.keys()], [...set.labels]]);
  for (const name of ["student", "teacher"] as const) {
    assertClose(got[name], logitsOf(networks[name], set), { rtol: 1e-4, atol: 1e-5, what: name });
  }
  evaluator[Symbol.dispose]();
  releaseAll(device, Object.values(networks));
});

gpuTest("networks are evaluated as they are now, and a perfect one has no error", async (device) => {
  const set = imagesOf(700, 11);
  const network = networkOf(1);
  const evaluator = await Evaluator.create(device, { network }, set, statistics);
  const before = await evaluator.evaluate();
  // A head of bias alone names one class for all images.
  device.write(network.parameters["heads.0.weight"]!, new Float32Array(classes * 64));
  device.write(network.parameters["heads.0.bias"]!, [0, 30, 0]);
  const { network: after } = await evaluator.evaluate();
  assertNotEquals(after, before.network);
  const share = set.labels.filter((label) => label === 1).length / 700;
  assertClose([after.testError], [1 - share], { rtol: 1e-12, atol: 0 });
  assertClose([after.testCost], [30 * (1 - share)], { rtol: 1e-5, atol: 0 });
  const alike = { ...set, labels: set.labels.map(() => 1) };
  const perfect = await Evaluator.create(device, { network }, alike, statistics);
  assertEquals((await perfect.evaluate()).network.testError, 0);
  assert((await perfect.evaluate()).network.testCost < 1e-6);
  evaluator[Symbol.dispose]();
  perfect[Symbol.dispose]();
  releaseAll(device, [network]);
});

gpuTest(
  "top-5 errors match a sort on the host: ties go to the first class, and NaN is never correct",
  async (device) => {
    const classCount = 7, count = 611;
    const next = randomWords(5);
    const { images, imageShape } = imagesOf(count, 11);
    const labels = Int32Array.from({ length: count }, () => next() % classCount);
    const head = new Linear(32, classCount, new Initializer(3));
    const network = new Classifier(new Flatten(), [head]);
    const evaluator = await Evaluator.create(device, { network }, { images, imageShape, labels }, statistics);
    const rankOf = (row: readonly number[], label: number) =>
      row.map((logit, c) => ({ logit, c })).sort((a, b) => b.logit - a.logit || a.c - b.c)
        .findIndex(({ c }) => c === label);
    const shareBeyond = (rowOf: (n: number) => readonly number[]) =>
      labels.filter((label, n) => rankOf(rowOf(n), label) >= 5).length / count;

    const pixels = Float64Array.from(images, (byte, i) => {
      const channel = Math.floor(i / 16) % 2;
      return (byte / 255 - statistics.mean[channel]!) / statistics.standardDeviation[channel]!;
    });
    const x = variable([count, 32], pixels);
    const logits = [...evaluate(head.forward(x), new Map([[x, pixels]]))];
    const want = shareBeyond((n) => logits.slice(n * classCount, (n + 1) * classCount));
    assert(want > 0.2 && want < 0.4, `guessing would be wrong in two of seven cases, not ${want}`);
    const got = (await evaluator.evaluate()).network;
    assertEquals(got.top5Error, want);
    assertEquals((await evaluator.report()).network.top5Error, want);

    const withBias = async (bias: readonly number[]) => {
      device.write(network.parameters["heads.0.weight"]!, new Float32Array(32 * classCount));
      device.write(network.parameters["heads.0.bias"]!, bias);
      return (await evaluator.evaluate()).network.top5Error;
    };
    for (const bias of [[0, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2, 3, 2, 2], [-800, 800, 0, -800, 1, 2, 3]]) {
      assertEquals(await withBias(bias), shareBeyond(() => bias), `bias ${bias}`);
    }
    assertEquals(await withBias(new Array(classCount).fill(NaN)), 1);
    evaluator[Symbol.dispose]();
    releaseAll(device, [network]);
  },
);

gpuTest("an evaluator changes no network, and frees its memory", async (device) => {
  const network = networkOf(1);
  const variables = Object.values(stateOf(network));
  const before = await device.read(variables);
  const bytes = device.variableBytes;
  const evaluator = await Evaluator.create(device, { network }, imagesOf(61, 11), statistics);
  await evaluator.evaluate();
  assertGreater(device.variableBytes, bytes);
  evaluator[Symbol.dispose]();
  assertEquals(device.variableBytes, bytes);
  assertEquals(await device.read(variables), before);
  releaseAll(device, [network]);
});

gpuTest("sets with unlabelled examples, and empty sets, are refused", async (device) => {
  const set = imagesOf(20, 11);
  const create = (labels: Int32Array, images = set.images) =>
    Evaluator.create(device, { network: networkOf(1) }, { ...set, images, labels }, statistics);
  await assertRejects(
    () => create(set.labels.with(13, -1)),
    RangeError,
    "Cannot evaluate: every example must have a label, but some have none",
  );
  await assertRejects(
    () => create(new Int32Array(), new Uint8Array()),
    RangeError,
    "Cannot evaluate: there are no examples",
  );
});
