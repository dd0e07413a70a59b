/** If a trainer cannot be created, nothing of it stays on the device, at whichever stage it failed. */
import { findDataset } from "../../data/files/mod.ts";
import { Device, GpuError } from "../../kernels/mod.ts";
import {
  type AlgorithmMaker,
  Evaluator,
  MeanTeacher,
  Trainer,
  type TrainerSettings,
  type TrainingData,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { countMemory } from "../kernels/count_memory.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

const small: Partial<TrainingOptions> = { batchSize: 20, labeledBatchSize: 10, maxSteps: 2 };

/** Asserts that creating something fails, and leaves the device's memory as it was. */
async function assertNothingStays(
  device: Device,
  alive: () => number,
  make: () => Promise<unknown>,
  message: string,
): Promise<void> {
  const before = [alive(), device.variableBytes];
  await assertRejects(make, Error, message);
  assertEquals([alive(), device.variableBytes], before, message);
}

/** Mean Teacher whose step cannot be compiled. */
const faulty: AlgorithmMaker = (parts, options) => {
  const method = new MeanTeacher(parts, { ...options, target: "teacher" });
  return Object.assign(Object.create(method), {
    step() {
      throw new TypeError("made to fail");
    },
  });
};

gpuTest("a trainer whose creation fails at any stage leaves nothing on the device", async () => {
  using device = await Device.request();
  const alive = countMemory(device.gpu);
  const data = madeUpData();
  const checkpoint = await (async () => {
    using trainer = await Trainer.create(device, data, small);
    return await trainer.checkpoint();
  })();
  assertEquals([alive(), device.variableBytes], [0, 0]);
  const stages: [Partial<TrainingOptions>, TrainerSettings, Partial<TrainingData>, string][] = [
    [{ dropout: 2 }, {}, {}, "dropout must be a number from 0 to below 1"],
    [{ batchSize: 500 }, {}, {}, "of the unlabelled examples, but there are only"],
    [{ architecture: "convnet13" }, {}, {}, "Cannot"],
    [{}, { algorithm: faulty }, {}, "made to fail"],
    [
      {},
      {},
      { test: { ...data.test, labels: data.test.labels.map(() => -1) } as Required<TrainingData>["test"] },
      "label",
    ],
    [{}, {}, { test: threeChannels(data) }, "Cannot"],
    [{ logitDistanceCost: 1 }, { checkpoint }, {}, "heads.1"],
  ];
  for (const [options, settings, different, message] of stages) {
    const make = () => Trainer.create(device, { ...data, ...different }, { ...small, ...options }, settings);
    await assertNothingStays(device, alive, make, message);
  }
  using trainer = await Trainer.create(device, data, small, { checkpoint });
  assert(alive() > 0 && trainer.totalSteps === 2);
});

/** Returns a test set of colour images, which do not fit a network for grey images. */
function threeChannels({ test }: Required<TrainingData>): Required<TrainingData>["test"] {
  const count = test.labels.length;
  return { images: new Uint8Array(count * 192), labels: new Int32Array(count), imageShape: [3, 8, 8] };
}

gpuTest("a trainer whose first batch cannot be read leaves nothing on the device", async () => {
  using device = await Device.request();
  const alive = countMemory(device.gpu);
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 24; i++) {
    const image = png(8, 8, (x, y) => (i * 31 + x * y) % 240);
    const name = `${i % 2 ? "a" : "b"}/${i}.png`;
    files[i < 12 ? `train/${name}` : i < 16 ? `val/${name}` : `unlabeled/${i}.png`] = image;
  }
  const { Worker: Original } = globalThis;
  await withFiles(files, async (dataDirectory) => {
    const data = await findDataset("folder").load({ dataDirectory, memoryLimit: 1 });
    try {
      globalThis.Worker = class {
        constructor() {
          throw new TypeError("made to fail");
        }
      } as unknown as typeof Worker;
      const options = { ...small, batchSize: 8, labeledBatchSize: 4 };
      await assertNothingStays(
        device,
        alive,
        () => Trainer.create(device, data, options),
        "made to fail",
      );
    } finally {
      globalThis.Worker = Original;
    }
  });
});

gpuTest("a trainer that runs out of GPU memory or bindings leaves nothing on the device", async () => {
  using device = await Device.request();
  const alive = countMemory(device.gpu);
  const create = () => Trainer.create(device, madeUpData(), small);
  for (const maker of ["createBindGroup", "createBuffer"] as const) {
    const own = device.gpu[maker].bind(device.gpu) as (descriptor: unknown) => unknown;
    let calls = 0, failing = Infinity;
    const patched = (descriptor: object) => {
      if (++calls !== failing) return own(descriptor);
      if (maker === "createBindGroup") throw new GpuError("made to fail");
      return own({ ...descriptor, size: 4 * Math.ceil(device.gpu.limits.maxBufferSize / 4) + 4 });
    };
    Object.assign(device.gpu, { [maker]: patched });
    (await create())[Symbol.dispose]();
    const total = calls;
    for (const share of [0, 0.3, 0.6, 0.9, 1]) {
      calls = 0;
      failing = Math.max(1, Math.round(share * total));
      await assertNothingStays(device, alive, create, "");
    }
    Object.assign(device.gpu, { [maker]: own });
  }
  (await create())[Symbol.dispose]();
  assertEquals([alive(), device.variableBytes], [0, 0]);
});

gpuTest("an evaluator that fails leaves only the networks' variables, which it does not own", async () => {
  using device = await Device.request();
  const alive = countMemory(device.gpu);
  const data = madeUpData();
  using trainer = await Trainer.create(device, data, small);
  const { student } = trainer.algorithm;
  const { mean, standardDeviation } = data.channelStatistics;
  const view = { mean, standardDeviation, randomResizedCrop: null };
  const make = () => Evaluator.create(device, { student }, threeChannels(data), view);
  await assertNothingStays(device, alive, make, "Cannot");
  const before = alive();
  {
    using evaluator = await Evaluator.create(device, { student }, data.test, view);
    await evaluator.evaluate();
    assert(alive() > before);
  }
  assertEquals(alive(), before);
});
