/** Training with images and operands of products in float16, and loss scaling. */
import { add, compile, conv2d, type Device, grad, mul, relu, sum, variable, vjp } from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  Classifier,
  type ClassifierNetwork,
  Conv2d,
  findArchitecture,
  GlobalAvgPool2d,
  type Initializer,
  Linear,
  LossScalingOptimizer,
  MaxPool2d,
  ReLU,
  Sequential,
  Sgd,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import {
  type CostRecord,
  DivergenceError,
  MeanTeacher,
  readCheckpoint,
  resolveOptions,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  type TrainingRecord,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { CostMeter } from "../../semisup/training/cost_meter.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { deviceWith, gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const { train, classes } = madeUpData();
const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 12,
  rotate: 0,
  recordSteps: 4,
  optimizer: "sgd",
  learningRate: 0.05,
  learningRateRampup: 0,
};

/** Makes a small network whose images are large enough for float16. */
const network = (init: Initializer): ClassifierNetwork =>
  new Classifier(
    new Sequential([
      new Conv2d(1, 8, 3, init, { padding: 1 }),
      new BatchNorm2d(8, init),
      new ReLU(),
      new MaxPool2d({ kernel: 2 }),
      new GlobalAvgPool2d(),
    ]),
    [new Linear(8, 2, init)],
  );

/** Trains to the end or up to a step; returns records and the checkpoint. */
async function run(
  device: Device,
  options: Partial<TrainingOptions>,
  settings: TrainerSettings & { readonly stopAt?: number } = {},
) {
  using trainer = await Trainer.create(
    device,
    { train, classes },
    { ...small, ...options },
    { network, ...settings },
  );
  const controller = new AbortController(), records: TrainingRecord[] = [];
  for await (const record of trainer.run({ signal: controller.signal })) {
    records.push(record);
    if (record.step === settings.stopAt) controller.abort();
  }
  return {
    costs: records.filter((record): record is CostRecord => record.kind === "costs"),
    checkpoint: await trainer.checkpoint(),
  };
}

gpuTest(
  "training in float16 follows training in float32 within 1 %, and says its loss scale",
  async (device) => {
    const exact = await run(device, {}), half = await run(device, { precision: "float16" });
    for (const [i, { costs, hyperparameters }] of half.costs.entries()) {
      const want = exact.costs[i]!.costs.cost;
      assert(Math.abs(costs.cost - want) < 0.01 * want, `cost ${costs.cost} instead of ${want}`);
      assert(costs.cost !== want, "the cost is that of float32");
      assertEquals([hyperparameters.lossScale, hyperparameters.skippedSteps], [2 ** 16, 0]);
    }
    for (const group of ["student", "teacher"] as const) {
      for (const [name, { data }] of half.checkpoint[group]) {
        const want = exact.checkpoint[group].get(name)!.data;
        const largest = Math.max(0.01, ...[...want].map(Math.abs));
        data.forEach((value, i) => assert(Math.abs(value - want[i]!) < 0.02 * largest, `${name}: ${value}`));
      }
    }
    assertEquals(exact.costs[0]!.hyperparameters.lossScale, undefined);
  },
);

gpuTest("a resumed run in float16 is bit-identical to an uninterrupted one", async (device) => {
  const whole = await run(device, { precision: "float16" });
  const part = await run(device, { precision: "float16" }, { stopAt: 4 });
  const checkpoint = readCheckpoint(writeCheckpoint(part.checkpoint));
  assertEquals([checkpoint.step, checkpoint.optimizer.get("loss_scale")?.data[0]], [4, 2 ** 16]);
  assertEquals(checkpoint.optimizer.get("good_steps")?.data[0], 4);
  const rest = await run(device, checkpoint.options, { checkpoint });
  assertEquals(writeCheckpoint(rest.checkpoint), writeCheckpoint(whole.checkpoint));
});

gpuTest("an overflow skips the step and halves the scale, which grows again later", async (device) => {
  const pixels = Float32Array.from({ length: 4096 }, (_, i) => i * 7919 % 2003 / 1001 - 1);
  const image = variable([1, 1, 64, 64], pixels), first = variable([4, 1, 3, 3], pixels.subarray(0, 36));
  const second = variable([1, 4, 3, 3], pixels.subarray(40, 76));
  const parameters = { first, second };
  const optimizer = new LossScalingOptimizer(new Sgd(parameters), { initialScale: 2 ** 20, growthSteps: 3 });
  const build = () => {
    const y = conv2d(relu(conv2d(image, first)), second);
    const gradients = vjp(sum(mul(y, y)), optimizer.lossScale, [first, second]);
    const updates = optimizer.update(gradients, variable([], [1e-9]));
    return { updates, extras: gradients };
  };
  using program = await compile(device, {}, build, { precision: "float16", variant: "direct" });
  let [weights, scale, skipped] = [first.initial, 2 ** 20, 0], changes = 0, growths = 0;
  for (let step = 0; step < 40; step++) {
    program.run({});
    const [newWeights, newSecond, [newScale = NaN], [newSkipped = NaN]] = await device.read([
      first,
      second,
      optimizer.lossScale,
      optimizer.skippedSteps,
    ]);
    assert([...newWeights, ...newSecond].every(Number.isFinite), `weights after step ${step}`);
    const isSkipped = newSkipped > skipped;
    assertEquals(newWeights.every((value, i) => value === weights[i]), isSkipped, `step ${step}`);
    if (isSkipped) assertEquals([newScale, newSkipped], [scale / 2, skipped + 1]);
    else assert(newScale === scale || newScale === 2 * scale);
    changes += Number(!isSkipped);
    growths += Number(newScale > scale);
    [weights, scale, skipped] = [newWeights, newScale, newSkipped];
  }
  assert(
    skipped >= 3 && changes >= 10 && growths >= 3,
    `${skipped} skipped, ${changes} not, ${growths} growths`,
  );
  [image, first, second, ...Object.values(optimizer.state)].forEach((each) => device.release(each));
});

Deno.test("loss scaling refuses gradients of a cost that is not scaled, and scales that round", () => {
  const weight = variable([2], [1, 2]);
  const optimizer = new LossScalingOptimizer(new Sgd({ weight }));
  const [gradient] = grad(sum(mul(weight, weight)), [weight]);
  assertThrows(
    () => optimizer.update([gradient], add(weight, 1)),
    RangeError,
    "gradients must be those of the cost times the optimiser's lossScale",
  );
  for (const initialScale of [0.5, 3, 2 ** 25, NaN]) {
    assertThrows(
      () => new LossScalingOptimizer(new Sgd({ weight }), { initialScale }),
      RangeError,
      "power of two",
    );
  }
  assertThrows(
    () => new LossScalingOptimizer(new Sgd({ weight }), { growthSteps: 0 }),
    RangeError,
    "whole number",
  );
});

Deno.test("training ends if all steps between two readings are skipped at a scale of 1", async () => {
  const readings = async (...states: readonly (readonly [scale: number, skipped: number])[]) => {
    const meter = new CostMeter(["cost"]);
    for (const [i, state] of states.entries()) {
      meter.skip();
      await meter.read(
        2 * i + 2,
        Promise.resolve({ sums: Float32Array.of(1, ...state), largest: Float32Array.of(1) }),
      );
    }
    await meter.settle();
    return meter.lossScaling;
  };
  assertEquals(await readings([4, 4], [2, 6], [1, 7]), { lossScale: 1, skippedSteps: 7 });
  assertEquals(await readings([8, 0], [2, 2]), { lossScale: 2, skippedSteps: 2 });
  await assertRejects(() => readings([1, 4], [1, 6]), DivergenceError, "2 steps up to step 4 were skipped");
});

Deno.test("VAT, whose views differ by less than float16 resolves, is refused", () => {
  assertThrows(
    () => resolveOptions({ algorithm: "vat", precision: "float16" }),
    RangeError,
    "vat computes small",
  );
});

gpuTest("training in float16 is refused on a device without the feature", async (device) => {
  const without = deviceWith(device, { hasFloat16: false });
  await assertRejects(() => run(without, { precision: "float16" }), Error, "lacks the feature shader-f16");
});

/** Returns the bytes of a step of ConvNet-13 on a GPU, without compiling its shaders. */
async function stepBytes(device: Device, precision: "float32" | "float16"): Promise<number> {
  const pipelines = {
    get: () => Promise.resolve({}),
    layout: (kinds: Parameters<Device["pipelines"]["layout"]>[0]) => device.pipelines.layout(kinds),
  } as unknown as Device["pipelines"];
  const gpu = deviceWith(device, { pipelines, isCpu: false, prefersTexels: false, hasSubgroups: false });
  const [imageShape, batch] = [[3, 32, 32] as const, 100];
  const settings = {
    imageShape,
    classCount: 10,
    headCount: 1,
    dropout: 0.5,
    inputNoise: 0.15,
    seed: 1,
  } as const;
  const build = () => findArchitecture("convnet13_bn").build(settings);
  const method = new MeanTeacher({
    student: build(),
    teacher: build(),
    optimizer: (parameters) =>
      precision === "float16" ? new LossScalingOptimizer(new Sgd(parameters)) : new Sgd(parameters),
  });
  const scalars = { learningRate: {}, consistencyWeight: {}, emaDecay: {}, beta1: {}, beta2: {} };
  const inputs = { seed: { dtype: "uint32" }, step: { dtype: "uint32" }, ...scalars } as const;
  const views = { view: { shape: [batch, ...imageShape] }, other: { shape: [batch, ...imageShape] } };
  const labels = { shape: [batch], dtype: "int32" } as const;
  using program = await compile(gpu, { ...inputs, ...views, labels }, (values) => {
    const { seed, step, view, other, labels, ...hyperparameters } = values;
    const context = trainingContext({ seed, step });
    const { costs, updates } = method.step({ views: [view, other], labels, context, hyperparameters });
    return { outputs: { cost: costs.cost }, updates };
  }, { precision });
  for (const each of [method.student, method.teacher].flatMap((part) => Object.values(stateOf(part)))) {
    device.release(each);
  }
  Object.values(method.optimizer.state).forEach((each) => device.release(each));
  return program.bytes;
}

gpuTest("a step of ConvNet-13 takes at most 60 % of the memory in float16", async (device) => {
  const share = await stepBytes(device, "float16") / await stepBytes(device, "float32");
  assert(share <= 0.6 && share > 0.4, `${share}`);
});
