/** Data-dependent initialisation: after it, the first batch leaves every layer with mean 0 and variance 1. */
import {
  batchMean,
  batchVariance,
  compile,
  type Device,
  type RandomKey,
  type Tensor,
  type Variable,
} from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  convNet13,
  initializationContext,
  initializeFromData,
  Initializer,
  LeakyReLU,
  type Module,
  readState,
  Sequential,
  stateOf,
  trainingContext,
  WeightNormConv2d,
  WeightNormLinear,
} from "../../nn/mod.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate } from "../kernels/reference.ts";
import { randomTensor } from "./gradients.ts";
import { randomKey } from "./keys.ts";

/** Computes mean and variance of each channel in float64. */
function momentsOf(
  y: Tensor,
  at: ReadonlyMap<Tensor, Float64Array>,
): { means: number[]; variances: number[] } {
  return { means: [...evaluate(batchMean(y), at)], variances: [...evaluate(batchVariance(y), at)] };
}

function assertStandardised(
  means: ArrayLike<number>,
  variances: ArrayLike<number>,
  atol: number,
  what: string,
) {
  assertClose(means, new Float64Array(means.length), { rtol: 0, atol, what: `means of ${what}` });
  assertClose(variances, new Float64Array(means.length).fill(1), {
    rtol: 0,
    atol,
    what: `variances of ${what}`,
  });
}

const initializer = new Initializer(1);
const layers: readonly (readonly [string, Module, readonly number[]])[] = [
  ["WeightNormConv2d", new WeightNormConv2d(2, 5, 3, initializer, { stride: 2, padding: 1 }), [4, 2, 7, 6]],
  ["WeightNormLinear", new WeightNormLinear(4, 3, initializer), [9, 4]],
];
for (const [name, layer, shape] of layers) {
  Deno.test(`${name} initialises g and bias so that its first batch has mean 0 and variance 1`, () => {
    const x = randomTensor(1, shape, [2, 7]);
    const context = initializationContext();
    const y = layer.forward(x, context);
    const { weight_g, bias } = layer.parameters;
    assertEquals(context.initialValues.map(([variable]) => variable), [weight_g, bias]);
    const at = new Map(
      context.initialValues.map(([variable, value]) => [variable as Tensor, evaluate(value)]),
    );
    for (const output of [y, layer.forward(x, trainingContext())]) {
      const { means, variances } = momentsOf(output, at);
      assertStandardised(means, variances, 1e-10, name);
    }
  });
}

Deno.test("an output that is constant over the batch gets length 1, and a bias that makes it 0", () => {
  const layer = new WeightNormLinear(3, 2, new Initializer(1));
  const context = initializationContext();
  const x = randomTensor(1, [4, 3], [2, 2]);
  const y = layer.forward(x, context);
  assertEquals([...evaluate(context.initialValues[0]![1])], [1, 1]);
  assertClose(evaluate(y), new Float64Array(8), { rtol: 0, atol: 1e-12 });
});

/**
 * Computes mean and variance of each channel after every normalisation, in training mode, by layer position.
 */
async function momentsOnDevice(
  device: Device,
  { features, heads }: ReturnType<typeof convNet13>,
  images: Variable,
  key: RandomKey,
) {
  const context = trainingContext(key);
  const outputs: Record<string, Tensor> = {};
  const watch = (name: string, y: Tensor) => {
    outputs[`${name} mean`] = batchMean(y);
    outputs[`${name} variance`] = batchVariance(y);
  };
  let y: Tensor = images;
  (features as Sequential).layers.forEach((layer, i) => {
    if (layer instanceof LeakyReLU) watch(`features.${i - 1}`, y);
    y = layer.forward(y, context);
  });
  heads.forEach((head, i) => watch(`heads.${i}`, head!.forward(y, context)));
  const program = await compile(device, {}, () => ({ outputs }));
  const values = await program.runAndRead({});
  program[Symbol.dispose]();
  return values;
}

gpuTest("initializeFromData standardises every layer of convnet13 on its first batch", async (device) => {
  const options = { imageShape: [3, 12, 12], classCount: 4, headCount: 2, seed: 1 } as const;
  const networks = [1, 2].map(() => convNet13({ ...options, dropout: 0.5, inputNoise: 0.15 }));
  const [student, teacher] = networks as [ReturnType<typeof convNet13>, ReturnType<typeof convNet13>];
  const images = randomTensor(1, [8, 3, 12, 12], [-3, 1]);
  const key = randomKey(1, 0);
  const before = await readState(device, student.parameters);
  // g and running mean of 9 convolutions and of 2 heads.
  assertEquals(await initializeFromData(device, student, images, { key }), 22);
  await initializeFromData(device, teacher, images, { key });
  const after = await readState(device, stateOf(student));
  assertEquals(after, await readState(device, stateOf(teacher)));
  for (const [name, { data }] of before) {
    assertEquals(data.join() === after.get(name)!.data.join(), !name.endsWith("weight_g"), name);
  }
  const values = Object.entries(await momentsOnDevice(device, student, images, key));
  assertEquals(values.length, 2 * 11);
  for (const [name, got] of values) {
    const want = new Float64Array(got.length).fill(name.endsWith("variance") ? 1 : 0);
    assertClose(got, want, { rtol: 0, atol: 1e-4, what: name });
  }
  // A second call with the same batch gives the same values.
  await initializeFromData(device, student, images, { key });
  for (const [name, { data }] of await readState(device, stateOf(student))) {
    assertClose(data, after.get(name)!.data, { rtol: 1e-4, atol: 1e-5, what: name });
  }
  for (const variable of [images, ...networks.flatMap((network) => Object.values(stateOf(network)))]) {
    device.release(variable);
  }
});

gpuTest("initializeFromData does not change networks without weight normalisation", async (device) => {
  const network = new Sequential([new BatchNorm2d(3, new Initializer(1))]);
  const before = await readState(device, stateOf(network));
  assertEquals(await initializeFromData(device, network, randomTensor(1, [4, 3, 2, 2])), 0);
  assertEquals(await readState(device, stateOf(network)), before);
});

gpuTest("initializeFromData refuses a random network without a key", async (device) => {
  const network = convNet13({
    imageShape: [3, 12, 12],
    classCount: 2,
    headCount: 1,
    dropout: 0.5,
    inputNoise: 0,
    seed: null,
  });
  await assertRejects(
    () => initializeFromData(device, network, randomTensor(1, [2, 3, 12, 12])),
    TypeError,
    "needs a random key",
  );
});
