/** Training on a folder of images: files and memory give bit-identical results, in the same steady state. */
import { DecodePool, findDataset } from "../../data/files/mod.ts";
import { type Dataset, isResident } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import {
  Evaluator,
  readCheckpoint,
  Trainer,
  type TrainerSettings,
  type TrainingData,
  type TrainingOptions,
  type TrainingRecord,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertNotEquals } from "../assert.ts";
import { damagedPng, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";

/** Draws reddish and bluish images of several sizes: 24 with a class, 16 without, and 11 to test. */
function pictures(): Record<string, Uint8Array> {
  const image = (i: number, isRed: boolean) =>
    png(
      8 + i % 5,
      8 + i % 3,
      (x, y, c) => (c === 0) === isRed ? 150 + (i * 31 + x * y) % 90 : (i * 7 + x * 5) % 80,
    );
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 24; i++) files[`train/${i % 2 ? "blue" : "red"}/${i}.png`] = image(i, i % 2 === 0);
  for (let i = 0; i < 16; i++) files[`unlabeled/${i}.png`] = image(50 + i, i % 2 === 0);
  for (let i = 0; i < 11; i++) files[`val/${i % 2 ? "blue" : "red"}/${i}.png`] = image(100 + i, i % 2 === 0);
  return files;
}

const options: Partial<TrainingOptions> = {
  batchSize: 8,
  labeledBatchSize: 4,
  epochs: 4,
  translate: 1,
  rotate: 10,
  flip: true,
  randomResizedCrop: 8,
  colorJitter: [0.2, 0.2, 0.2, 0.05],
  dropout: 0,
  consistency: 4,
  evaluationEpochs: 2,
  checkpointEpochs: 0,
  recordSteps: 5,
};

const openFolder = async (dataDirectory: string, memoryLimit: number) =>
  await findDataset("folder").load({ dataDirectory, memoryLimit });

/** Runs to the end, or up to a step, with a part of the files in memory. */
async function run(
  device: Device,
  data: Required<TrainingData>,
  settings: TrainerSettings & { readonly stopAt?: number } = {},
  chosen = options,
) {
  const trainer = await Trainer.create(device, data, chosen, settings);
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

const errorsIn = (records: readonly TrainingRecord[]) =>
  records.flatMap((record) => record.kind === "evaluation" ? [record.student, record.teacher] : []);

gpuTest(
  "training from files is bit-identical to training from memory, also after an interruption",
  async (device) => {
    await withFiles(pictures(), async (directory) => {
      const [memory, files, half] = [
        await openFolder(directory, 2 ** 20),
        await openFolder(directory, 1),
        await openFolder(directory, 11 * 3 * 12 * 10),
      ];
      assertEquals([memory, files, half].map(({ train, test }) => [train, test].map(isResident)), [
        [true, true],
        [false, false],
        [false, true],
      ]);
      for (const chosen of [options, { ...options, randomResizedCrop: null, colorJitter: null }]) {
        const whole = await run(device, memory, {}, chosen);
        for (const data of [files, half]) {
          const streamed = await run(device, data, {}, chosen);
          assertEquals(streamed.final, whole.final);
          assertEquals(errorsIn(streamed.records), errorsIn(whole.records));
        }
      }
      const whole = await run(device, memory);
      const part = await run(device, files, { stopAt: 5 });
      const checkpoint = readCheckpoint(part.final);
      assertEquals([checkpoint.step, checkpoint.imageShape.join()], [5, "3,8,8"]);
      assertEquals((await run(device, files, { checkpoint })).final, whole.final);
      assertEquals(errorsIn(whole.records).length, 4);
      assertLess(errorsIn(whole.records)[3]!.testError, 0.5);
      assertEquals(files.damaged, []);
    });
  },
);

gpuTest("a step from files is one submit as well, and allocates nothing on the device", async (device) => {
  await withFiles(pictures(), async (directory) => {
    const trainer = await Trainer.create(device, await openFolder(directory, 1), { ...options, epochs: 20 });
    const created: string[] = [];
    let submits = 0;
    const gpu = device.gpu as unknown as Record<string, (...args: unknown[]) => unknown>;
    const makers = ["createBuffer", "createTexture", "createBindGroup", "createComputePipelineAsync"];
    const queue = device.gpu.queue as unknown as Record<string, (...args: unknown[]) => unknown>;
    const steps = trainer.run();
    const reach = async (step: number) => {
      for (;;) {
        const { value } = await steps.next();
        if (value?.step === step && value.kind === "costs") return;
      }
    };
    try {
      await reach(25);
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
      await reach(30);
      assertEquals([submits, created], [5, []]);
      assertEquals(device.variableBytes, before);
    } finally {
      for (const maker of makers) delete gpu[maker];
      delete queue["submit"];
      await steps.return(undefined);
      trainer[Symbol.dispose]();
    }
  });
});

gpuTest("damaged files are left out of training and testing, and reported by name", async (device) => {
  // Their ends are intact, so that the damage is found only by decoding.
  const whole = pictures();
  const broken = Object.fromEntries(
    ["train/red/0.png", "val/red/2.png"].map((name) => [name, damagedPng(whole[name]!)]),
  );
  const networks = async (data: Dataset) => {
    const trainer = await Trainer.create(device, data, { ...options, maxSteps: 3 });
    const { student } = trainer.algorithm;
    const evaluator = await Evaluator.create(device, { student }, data.test, {
      ...data.channelStatistics,
      randomResizedCrop: 8,
    });
    for await (const _ of trainer.run());
    const evaluation = await evaluator.evaluate(), report = await evaluator.report();
    evaluator[Symbol.dispose]();
    trainer[Symbol.dispose]();
    return { evaluation: evaluation.student, report: report.student };
  };
  await withFiles({ ...pictures(), ...broken }, async (directory) => {
    const files = await openFolder(directory, 1), memory = await openFolder(directory, 2 ** 20);
    for (const data of [files, memory]) {
      const { evaluation, report } = await networks(data);
      assertEquals(report.examples, 10);
      assertEquals(report.classes.map(({ examples }) => examples), [5, 5]);
      assertEquals(evaluation.testError, report.testError);
      assert(Math.abs(evaluation.testCost - report.testCost) < 1e-4);
      assertEquals(data.damaged!.map(({ name }) => name).sort(), Object.keys(broken));
    }
    assertEquals(files.train.labels.length, memory.train.labels.length + 1);
  });
});

gpuTest("workers stop when a run ends, and start again when it resumes", async (device) => {
  const { Worker: Original } = globalThis;
  let running = 0, started = 0;
  class Counted extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      running++;
      started++;
    }
    override terminate() {
      super.terminate();
      running--;
    }
  }
  globalThis.Worker = Counted;
  try {
    await withFiles(pictures(), async (directory) => {
      const trainer = await Trainer.create(device, await openFolder(directory, 1), {
        ...options,
        evaluationEpochs: 0,
      });
      assertEquals(running, 0);
      const before = started;
      for await (const record of trainer.run()) if (record.kind === "costs") break;
      assertEquals(running, 0);
      for await (const record of trainer.run()) if (record.kind === "evaluation") break;
      assertEquals(running, 0);
      assertNotEquals(started, before);
      trainer[Symbol.dispose]();
      new DecodePool(1).close();
      assertEquals(running, 0);
    });
  } finally {
    globalThis.Worker = Original;
  }
});
