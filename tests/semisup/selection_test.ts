/** The best weights of a run, its end when evaluations stop improving, and both after a resumption. */
import type { Device } from "../../kernels/mod.ts";
import {
  type Checkpoint,
  keptWeights,
  readCheckpoint,
  resolveOptions,
  Trainer,
  type TrainingData,
  type TrainingOptions,
  type TrainingRecord,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpData } from "./made_up_data.ts";

/** Data of which a third of the labels are wrong: a network that memorises them gets worse on the test images. */
function overfitted(): TrainingData {
  const data = madeUpData(60);
  const labels = data.train.labels.map((label, i) => label >= 0 && i % 3 === 0 ? 1 - label : label);
  return { ...data, train: { ...data.train, labels } };
}

const options: Partial<TrainingOptions> = {
  algorithm: "supervised",
  batchSize: 30,
  steps: 40,
  learningRate: 0.008,
  learningRateRampup: "24steps",
  learningRateRampdown: 0,
  emaDecay: 0.5,
  inputNoise: 0,
  emaWarmup: false,
  translate: 0,
  rotate: 0,
  evaluationEpochs: "4steps",
  checkpointEpochs: 0,
  recordSteps: 100,
};

interface Run {
  readonly records: readonly TrainingRecord[];
  readonly last: Checkpoint;
}

/** Runs to the end, or until the evaluation of a step. */
async function run(
  device: Device,
  more: Partial<TrainingOptions> = {},
  { checkpoint, stopAt }: { readonly checkpoint?: Checkpoint; readonly stopAt?: number } = {},
): Promise<Run> {
  const settings = checkpoint ? { checkpoint } : {};
  using trainer = await Trainer.create(device, overfitted(), { ...options, ...more }, settings);
  const controller = new AbortController(), records: TrainingRecord[] = [];
  for await (const record of trainer.run({ signal: controller.signal })) {
    records.push(record);
    if (record.step === stopAt && record.kind === "evaluation") controller.abort();
  }
  return { records, last: await trainer.checkpoint() };
}

const evaluationsOf = ({ records }: Run) => records.filter((record) => record.kind === "evaluation");
const lastBestOf = ({ records }: Run) => records.findLast((record) => record.kind === "best")!.checkpoint;
const weightsOf = ({ student, teacher, optimizer }: Checkpoint) => ({ student, teacher, optimizer });

gpuTest(
  "best weights of an overfitting run are those of the evaluation with the fewest errors",
  async (device) => {
    const whole = await run(device, { keep: "best" });
    const evaluations = evaluationsOf(whole), errors = evaluations.map(({ teacher }) => teacher.testError);
    const least = Math.min(...errors), { step } = evaluations[errors.indexOf(least)]!;
    assert(step > 4 && step < 40, `the best step is ${step}`);
    assertLess(least, 0.7 * errors.at(-1)!);
    assertEquals(
      whole.last.best!.evaluation,
      (({ kind: _, ...rest }) => rest)(evaluations[errors.indexOf(least)]!),
    );

    // A run that ends there has the same weights; keeping the best changes no bit of the last ones.
    const short = await run(device, { maxSteps: step });
    assertEquals(weightsOf(lastBestOf(whole)), weightsOf(short.last));
    assertEquals(whole.last.best!.state, weightsOf(short.last));
    assertEquals(short.last.best, undefined);

    const settings = { checkpoint: readCheckpoint(writeCheckpoint(whole.last)) };
    using trainer = await Trainer.create(device, overfitted(), settings.checkpoint.options, settings);
    trainer.loadBest();
    assertEquals(trainer.step, step);
    assertEquals((await trainer.evaluate()).teacher.testError, least);
  },
);

gpuTest(
  "a resumed run has the same best weights and the same end, wherever it was interrupted",
  async (device) => {
    const more = { keep: "best", patience: 4 } as const;
    const whole = await run(device, more), best = whole.last.best!;
    assertEquals([best.waited, whole.last.step], [4, best.evaluation.step + 16]);
    assertEquals(whole.records.filter(({ step }) => step === whole.last.step).map(({ kind }) => kind), [
      "diagnostics",
      "evaluation",
      "checkpoint",
    ]);
    const stops = [best.evaluation.step - 4, best.evaluation.step, best.evaluation.step + 8, whole.last.step];
    for (const stopAt of stops) {
      const half = await run(device, more, { stopAt });
      const checkpoint = readCheckpoint(writeCheckpoint(half.last));
      assertEquals(checkpoint.step, stopAt);
      const rest = await run(device, checkpoint.options, { checkpoint });
      assertEquals(writeCheckpoint(rest.last), writeCheckpoint(whole.last));
      const later = rest.records.filter(({ kind }) => kind === "best");
      assertEquals(later.length > 0, stopAt < best.evaluation.step);
      for (const record of later) {
        assertEquals(
          record,
          whole.records.find((each) => each.kind === "best" && each.step === record.step),
        );
      }
    }
  },
);

gpuTest(
  "a run with patience ends early without keeping the best, and resumes with more of it",
  async (device) => {
    const whole = await run(device), short = await run(device, { keep: "last", patience: 2 });
    assertEquals([short.last.best!.waited, whole.last.step], [2, 40]);
    assertEquals(keptWeights(short.last.options), "last");
    const longer = { ...short.last.options, patience: 100 };
    const rest = await run(device, longer, { checkpoint: readCheckpoint(writeCheckpoint(short.last)) });
    assertEquals(weightsOf(rest.last), weightsOf(whole.last));
  },
);

gpuTest("a run that must end does so with an evaluation and its state at that step", async (device) => {
  using trainer = await Trainer.create(device, overfitted(), options);
  const records = await Array.fromAsync(trainer.run({ mustEnd: () => trainer.step === 8 }));
  assertEquals(records.slice(-3).map(({ kind, step }) => `${kind} ${step}`), [
    "diagnostics 8",
    "evaluation 8",
    "checkpoint 8",
  ]);
  const { last } = await run(device, { maxSteps: 8 });
  assertEquals(weightsOf(await trainer.checkpoint()), weightsOf(last));
});

gpuTest("steps taken without records leave the same weights, and end with the run", async (device) => {
  using trainer = await Trainer.create(device, overfitted(), { ...options, maxSteps: 8 });
  await trainer.advance(3);
  assertEquals(trainer.step, 3);
  await trainer.advance(100);
  const { last } = await run(device, { maxSteps: 8 });
  assertEquals(writeCheckpoint(await trainer.checkpoint()), writeCheckpoint(last));
  assertThrows(() => trainer.loadBest(), RangeError, "the run compared no evaluations");
});

gpuTest("comparing evaluations needs test images", async (device) => {
  const { test: _, ...untested } = overfitted();
  for (const more of [{ keep: "best" }, { patience: 1 }] as const) {
    await assertRejects(
      () => Trainer.create(device, untested, { ...options, ...more }),
      RangeError,
      `Cannot use ${
        "keep" in more ? "keep best" : "patience"
      }: evaluations are compared on labelled images that training does not use, but there are none`,
    );
  }
});

Deno.test("comparing evaluations needs evaluations during the run", () => {
  for (const evaluationEpochs of [0, "0steps"] as const) {
    for (const more of [{ keep: "best" }, { patience: 3 }] as const) {
      assertThrows(
        () => resolveOptions({ evaluationEpochs, ...more }),
        RangeError,
        `evaluations during the run must be compared, but evaluationEpochs is ${evaluationEpochs}`,
      );
    }
  }
  assertEquals(keptWeights(resolveOptions({})), "last");
  assertEquals(keptWeights(resolveOptions({ patience: 3 })), "best");
});
