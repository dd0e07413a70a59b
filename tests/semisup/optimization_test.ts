/** Optimisers and learning-rate schedules of a run: by option and by function. */
import type { Device } from "../../kernels/mod.ts";
import { AdamW, ClippingOptimizer, readSafetensors, Sgd } from "../../nn/mod.ts";
import {
  checkSchedule,
  type CostRecord,
  resolveOptions,
  type Schedule,
  scheduleOf,
  stepSchedule,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const file = new URL("../vectors/optimizers.safetensors", import.meta.url);
const { metadata } = readSafetensors(Deno.readFileSync(file), { source: "optimizers.safetensors" });
const { rate, steps, rates } = JSON.parse(metadata["schedules"] ?? "") as {
  readonly rate: number;
  readonly steps: number;
  readonly rates: Readonly<Record<string, readonly number[]>>;
};

/** Options that make each of PyTorch's schedules. */
const schedules: Readonly<Record<string, Partial<TrainingOptions>>> = {
  constant: { learningRateRampdown: 0 },
  cosine: {},
  cosine_7_16: { learningRateRampdownShape: "cosine-arc" },
  "step_every_10_by_0.1": { learningRateRampdownShape: "step", learningRateRampdown: "10steps" },
};

for (const [name, options] of Object.entries(schedules)) {
  Deno.test(`options give PyTorch's schedule ${name}, in steps and in epochs`, () => {
    const want = rates[name] ?? [];
    const ratesOf = (options: Partial<TrainingOptions>, stepsPerEpoch: number) => {
      const resolved = resolveOptions({ learningRate: rate, learningRateRampup: 0, steps, ...options });
      checkSchedule(resolved, stepsPerEpoch);
      return want.map((_, step) => scheduleOf(resolved, step, stepsPerEpoch).learningRate);
    };
    assertClose(ratesOf(options, 10), want, { rtol: 1e-12, atol: 1e-17, what: name });
    const { learningRateRampdown } = options;
    const inEpochs = { ...options, ...(learningRateRampdown === "10steps" && { learningRateRampdown: 2.5 }) };
    assertClose(ratesOf({ ...inEpochs, steps: null, epochs: 6 }, 4), want, {
      rtol: 1e-12,
      atol: 1e-17,
      what: name,
    });
  });
}

Deno.test("drops have a factor of their own, and need a length between them", () => {
  const options = { learningRate: 1, learningRateRampup: 0, learningRateRampdownShape: "step" } as const;
  const resolved = resolveOptions({ ...options, learningRateRampdown: 1, learningRateDropFactor: 0.5 });
  assertEquals([0, 9, 10, 39].map((step) => scheduleOf(resolved, step, 10).learningRate), [1, 1, 0.5, 0.125]);
  assertThrows(
    () => resolveOptions(options),
    RangeError,
    "learningRateRampdown must be the length between two drops, but is not set",
  );
});

const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 8,
  recordSteps: 1,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
};

/** Trains to the end, and returns the records and the final checkpoint. */
async function train(device: Device, options: Partial<TrainingOptions>, settings: TrainerSettings = {}) {
  const data = { ...madeUpData(), test: { ...madeUpData().train, labels: new Int32Array(0) } };
  using trainer = await Trainer.create(device, data, { ...small, ...options }, settings);
  const records = await Array.fromAsync(trainer.run());
  const costs = records.filter((record): record is CostRecord => record.kind === "costs");
  for (const record of records) {
    if (record.kind === "checkpoint") return { costs, checkpoint: record.checkpoint };
  }
  throw new TypeError("The run had no checkpoint");
}

/** Bytes of a checkpoint, without the options and functions of its run. */
function bytesOf(checkpoint: Awaited<ReturnType<typeof train>>["checkpoint"]): Uint8Array {
  return writeCheckpoint({ ...checkpoint, custom: [], options: resolveOptions({}) });
}

gpuTest("options and functions choose the same optimisers", async (device) => {
  const betas = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
  const cases: readonly (readonly [Partial<TrainingOptions>, TrainerSettings["optimizer"] & object])[] = [
    [{ optimizer: "adamw" }, (parameters) => new AdamW(parameters, { ...betas, weightDecay: 0.01 })],
    [
      { optimizer: "adamw", weightDecay: 0.2, clipNorm: 0.1 },
      (parameters) => new ClippingOptimizer(new AdamW(parameters, { ...betas, weightDecay: 0.2 }), 0.1),
    ],
    [
      { optimizer: "sgd", clipNorm: 0.1, learningRate: 0.1 },
      (parameters) => new ClippingOptimizer(new Sgd(parameters), 0.1),
    ],
  ];
  const seen = new Set<string>();
  for (const [options, optimizer] of cases) {
    const byOption = bytesOf((await train(device, { steps: 4, ...options })).checkpoint);
    const { learningRate = 0.003 } = options;
    const byFunction = bytesOf((await train(device, { steps: 4, learningRate }, { optimizer })).checkpoint);
    assertEquals(byFunction, byOption);
    seen.add(byOption.join());
  }
  const adam = bytesOf((await train(device, { steps: 4 })).checkpoint);
  const adamw = bytesOf((await train(device, { steps: 4, optimizer: "adamw", weightDecay: 0 })).checkpoint);
  assertEquals(adamw, adam);
  assertEquals(seen.add(adam.join()).size, 4);
});

gpuTest(
  "a schedule is a function of the step and the run's length, in records and after resuming",
  async (device) => {
    const runs = new Set<string>();
    const schedule: Schedule = (step, run) => {
      runs.add(JSON.stringify(run));
      return 1 / (1 + step);
    };
    const whole = await train(device, { learningRate: 0.01 }, { schedule });
    const rates = whole.costs.map(({ hyperparameters: { learningRate } }) => learningRate);
    assertClose(rates, [1, 2, 3, 4, 5, 6, 7, 8].map((n) => 0.01 / n), { rtol: 1e-12, atol: 0 });
    const half = await train(device, { learningRate: 0.01, maxSteps: 3 }, { schedule });
    const resumed = await train(device, { learningRate: 0.01 }, { schedule, checkpoint: half.checkpoint });
    assertEquals(writeCheckpoint(resumed.checkpoint), writeCheckpoint(whole.checkpoint));
    await assertRejects(
      () => train(device, { learningRate: 0.01 }, { checkpoint: half.checkpoint }),
      RangeError,
      "Cannot resume: the run had a custom schedule, which a checkpoint does not contain",
    );
    assertEquals([...runs], ['{"totalSteps":8,"stepsPerEpoch":18}']);
  },
);

gpuTest("a schedule of the library gives the same bits as the options", async (device) => {
  const constant = { learningRateRampup: 0, learningRateRampdown: 0 };
  const drops = {
    learningRateRampup: 0,
    learningRateRampdown: "3steps",
    learningRateRampdownShape: "step",
  } as const;
  const byOption = await train(device, drops);
  const byFunction = await train(device, constant, { schedule: stepSchedule({ every: 3 }) });
  assertEquals(bytesOf(byFunction.checkpoint), bytesOf(byOption.checkpoint));
  assertNotEquals(bytesOf((await train(device, constant)).checkpoint), bytesOf(byOption.checkpoint));
});

gpuTest("a schedule that returns no number is refused", async (device) => {
  const schedule: Schedule = (step) => step < 2 ? 1 : NaN;
  await assertRejects(
    () => train(device, {}, { schedule }),
    RangeError,
    "the schedule must return a number ≥ 0, but it is NaN at step 2",
  );
});
