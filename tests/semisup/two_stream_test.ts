/** Samplers: the examples of each batch. */
import {
  EndlessSampler,
  resolveOptions,
  type Sampler,
  ShuffledSampler,
  type TrainingOptions,
  TwoStreamSampler,
} from "../../semisup/mod.ts";
import { planBatches } from "../../semisup/setup.ts";
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "../assert.ts";
import { madeUpData } from "./made_up_data.ts";

/** 23 unlabelled examples, 5 in a batch, and 7 labelled ones, from index 100 on, 3 in a batch. */
const unlabeled = Int32Array.from({ length: 23 }, (_, i) => 2 * i + 1);
const labeled = Int32Array.from({ length: 7 }, (_, i) => 100 + i);
const chunk = 5, labeledChunk = 3, stepsPerEpoch = 4;

const samplerOf = (seed: number) =>
  new TwoStreamSampler({ unlabeled, labeled, batchSize: 8, labeledBatchSize: labeledChunk, seed });
const plainOf = (seed: number) => new ShuffledSampler({ indices: unlabeled, batchSize: chunk, seed });
const batches = (sampler: Sampler, count: number) =>
  Array.from({ length: count }, (_, step) => [...sampler.batch(step)]);
/** Returns the parts of an epoch's batches that come from the primary set. */
const epochOf = (sampler: Sampler, epoch: number) =>
  Array.from({ length: stepsPerEpoch }, (_, i) => [
    ...sampler.batch(epoch * stepsPerEpoch + i).subarray(0, chunk),
  ]).flat();
const ascending = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b);

Deno.test("a batch is unlabelled examples, then labelled ones", () => {
  const sampler = samplerOf(1);
  assertEquals(sampler.stepsPerEpoch, stepsPerEpoch);
  for (const batch of batches(sampler, 30)) {
    assertEquals(batch.length, 8);
    assert(batch.slice(0, chunk).every((index) => unlabeled.includes(index)));
    assert(batch.slice(chunk).every((index) => labeled.includes(index)));
  }
  assert(sampler.batch(0) instanceof Int32Array);
});

for (const [name, create] of Object.entries({ TwoStreamSampler: samplerOf, ShuffledSampler: plainOf })) {
  Deno.test(`${name}: an epoch has no example twice, leaves out the incomplete batch, and is shuffled anew`, () => {
    const sampler = create(1);
    assertEquals(sampler.stepsPerEpoch, stepsPerEpoch);
    const left = new Set<number>();
    for (let epoch = 0; epoch < 40; epoch++) {
      const examples = epochOf(sampler, epoch);
      assertEquals(examples.length, 20);
      assertEquals(new Set(examples).size, 20);
      assert(examples.every((index) => unlabeled.includes(index)));
      assertNotEquals(examples, epochOf(sampler, epoch + 1));
      unlabeled.filter((index) => !examples.includes(index)).forEach((index) => left.add(index));
    }
    // Each epoch leaves out other examples.
    assertEquals(ascending(left), [...unlabeled]);
  });

  Deno.test(`${name}: batches depend on seed and step alone, in any order of requests`, () => {
    const inOrder = batches(create(1), 60);
    const sampler = create(1);
    for (const step of [59, 0, 31, 30, 7, 59, 8, 1, 45, 0, 3, 58]) {
      assertEquals([...sampler.batch(step)], inOrder[step]!);
    }
    assertEquals([...create(1).batch(1_000_003)], [...create(1).batch(1_000_003)]);
    const other = batches(create(2), 60);
    inOrder.forEach((batch, step) => assertNotEquals(other[step], batch));
  });

  Deno.test(`${name}: changing a batch changes no other batch`, () => {
    const sampler = create(1);
    const before = [...sampler.batch(2)];
    sampler.batch(2).fill(-9);
    assertEquals([...sampler.batch(2)], before);
    assertEquals(batches(sampler, 20).flat().includes(-9), false);
  });
}

Deno.test("an epoch is a permutation if batches divide it evenly", () => {
  const sampler = new TwoStreamSampler({
    unlabeled: unlabeled.subarray(0, 20),
    labeled,
    batchSize: 8,
    labeledBatchSize: labeledChunk,
    seed: 1,
  });
  for (let epoch = 0; epoch < 10; epoch++) {
    assertEquals(ascending(epochOf(sampler, epoch)), [...unlabeled.subarray(0, 20)]);
  }
});

Deno.test("labelled examples come equally often: all of them before any is repeated", () => {
  const sampler = samplerOf(1);
  // 49 batches of 3 are 21 passes over 7, which do not begin with batches or epochs.
  const stream = batches(sampler, 49).flatMap((batch) => batch.slice(chunk));
  const passes = Array.from({ length: 21 }, (_, pass) => stream.slice(pass * 7, (pass + 1) * 7));
  for (const pass of passes) assertEquals(ascending(pass), [...labeled]);
  assert(new Set(passes.map(String)).size > 15);
});

Deno.test("a labelled set that fills its part of the batch is in every batch", () => {
  const few = labeled.subarray(0, 3);
  const sampler = new TwoStreamSampler({
    unlabeled,
    labeled: few,
    batchSize: 8,
    labeledBatchSize: 3,
    seed: 1,
  });
  for (const batch of batches(sampler, 20)) assertEquals(ascending(batch.slice(chunk)), [...few]);
});

Deno.test("every order of a pass is about as frequent as any other (seed 1)", () => {
  const three = new ShuffledSampler({ indices: Int32Array.of(0, 1, 2), batchSize: 3, seed: 1 });
  const counts = new Map<string, number>();
  for (const batch of batches(three, 6000)) counts.set(batch.join(), (counts.get(batch.join()) ?? 0) + 1);
  assertEquals(counts.size, 6);
  // Within 5 standard deviations of 1000.
  for (const count of counts.values()) assertLess(Math.abs(count - 1000), 5 * Math.sqrt(6000 * 5 / 36));
});

Deno.test("the memory of a sampler does not grow with its epochs", async () => {
  const program = `
    import { TwoStreamSampler } from ${JSON.stringify(new URL("../../semisup/mod.ts", import.meta.url))};
    const unlabeled = Int32Array.from({ length: 20_000 }, (_, i) => i), labeled = unlabeled.subarray(0, 3000);
    const sampler = new TwoStreamSampler({ unlabeled, labeled, batchSize: 20_000, labeledBatchSize: 2000, seed: 1 });
    const measure = async (first, last) => {
      for (let step = first; step < last; step++) sampler.batch(step);
      // What is free is swept beside the program.
      for (let i = 0; i < 5; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return Deno.memoryUsage().external;
    };
    const before = await measure(0, 10);
    console.log(await measure(10, 110) - before);`;
  const args = ["eval", "--quiet", "--v8-flags=--expose-gc", program];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = new TextDecoder().decode(stdout).trim();
  assert(text !== "", new TextDecoder().decode(stderr));
  assertLess(Number(text), 1e6);
});

Deno.test("the two streams are shuffled independently, even if equally long", () => {
  const size = 40;
  const indices = Int32Array.from({ length: size }, (_, i) => i);
  const sampler = new TwoStreamSampler({
    unlabeled: indices,
    labeled: indices,
    batchSize: 2 * size,
    labeledBatchSize: size,
    seed: 1,
  });
  const batch = sampler.batch(0);
  const alike = indices.filter((i) => batch[i] === batch[size + i]).length;
  assertLess(alike, 10);
});

Deno.test("a set that is too small for a batch is refused by name", () => {
  const create = (options: { batchSize: number; labeledBatchSize: number }) =>
    new TwoStreamSampler({ unlabeled, labeled, seed: 1, ...options });
  assertThrows(
    () => create({ batchSize: 12, labeledBatchSize: 8 }),
    RangeError,
    "Cannot sample batches: each takes 8 of the labelled examples, but there are only 7",
  );
  assertThrows(
    () => create({ batchSize: 27, labeledBatchSize: 3 }),
    RangeError,
    "Cannot sample batches: each takes 24 of the unlabelled examples, but there are only 23",
  );
  assertEquals(create({ batchSize: 26, labeledBatchSize: 3 }).stepsPerEpoch, 1);
  assertThrows(
    () => new ShuffledSampler({ indices: labeled, batchSize: 8, seed: 1 }),
    RangeError,
    "each takes 8 of the labelled examples, but there are only 7",
  );
});

Deno.test("zero, negative and fractional numbers of examples in a batch are refused", () => {
  for (
    const [batchSize, labeledBatchSize, what, chunk] of [
      [8, 0, "labelled", 0],
      [7, 7, "unlabelled", 0],
      [3, 5, "unlabelled", -2],
      [8, 2.5, "labelled", 2.5],
      [NaN, 3, "unlabelled", NaN],
    ] as const
  ) {
    const create = () => new TwoStreamSampler({ unlabeled, labeled, batchSize, labeledBatchSize, seed: 1 });
    assertThrows(create, RangeError, ` ${what} examples`);
    assertThrows(create, RangeError, ` ${chunk}`);
  }
});

/** Ten labelled examples: seven of class 0, two of class 1, one of class 3; class 2 has none. */
const rare = { indices: Int32Array.of(3, 4, 5, 6, 7, 8, 9, 20, 21, 30), classes: new Int32Array(40) };
rare.classes.set([1, 1], 20);
rare.classes[30] = 3;

Deno.test("balanced: every round of labelled examples has one of each class, and examples of a class come equally often", () => {
  const sampler = new TwoStreamSampler({
    unlabeled,
    labeled: rare.indices,
    batchSize: 9,
    labeledBatchSize: 4,
    seed: 1,
    balanced: rare.classes,
  });
  const drawn = batches(sampler, 63).flatMap((batch) => batch.slice(5));
  for (let round = 0; round < 84; round++) {
    const classes = drawn.slice(3 * round, 3 * round + 3).map((index) => rare.classes[index]!);
    assertEquals(ascending(classes), [0, 1, 3]);
  }
  const times = (index: number) => drawn.filter((each) => each === index).length;
  assertEquals([...rare.indices].map(times), [12, 12, 12, 12, 12, 12, 12, 42, 42, 84]);
  assertEquals(sampler.batch(0).slice(0, 5), samplerOf(1).batch(0).slice(0, 5));
  // Golden: later versions must be able to resume runs of earlier ones.
  assertEquals(drawn.slice(0, 12), [20, 30, 3, 9, 21, 30, 30, 6, 20, 21, 5, 30]);
});

Deno.test("the baseline of few labels fills its batches from the next pass", () => {
  const sampler = new EndlessSampler({ labeled, batchSize: 10, seed: 1 });
  assertEquals(sampler.stepsPerEpoch, 1);
  const drawn = batches(sampler, 7).flat();
  for (let pass = 0; pass < 10; pass++) {
    assertEquals(ascending(drawn.slice(7 * pass, 7 * pass + 7)), [...labeled]);
  }
  assertThrows(
    () => new EndlessSampler({ labeled: new Int32Array(), batchSize: 10, seed: 1 }),
    RangeError,
    "there are only 0",
  );
  const plan = planOf({ excludeUnlabeled: true, batchSize: 30, labeledBatchSize: 20 });
  assertEquals(ascending(plan.sampler.batch(0).slice(0, 20)), Array.from({ length: 20 }, (_, i) => i));
  assertEquals(plan.stepsPerEpoch, planOf({ batchSize: 30, labeledBatchSize: 20 }).stepsPerEpoch);
});

Deno.test("balanced classes need a labelled part of the batch", () => {
  assertThrows(
    () => resolveOptions({ balanceClasses: true, sampling: "vary" }),
    RangeError,
    "but sampling is vary",
  );
  const { sampler } = planOf({ balanceClasses: true, excludeUnlabeled: true }, 7);
  const labels = [...sampler.batch(3)].map((index) => index % 2);
  assertEquals(labels.filter((label) => label === 1).length, 10);
});

/** Plans the batches of a run on 200 examples, of which the first 20 have labels. */
const planOf = (options: Partial<TrainingOptions>, labeledCount = 20) =>
  planBatches(madeUpData(labeledCount), resolveOptions({ batchSize: 20, labeledBatchSize: 5, ...options }));
/** The indices 0 … 199. */
const everyIndex = Array.from({ length: 200 }, (_, i) => i);

Deno.test("two-stream: an epoch is a pass over the unlabelled examples alone", () => {
  const { sampler, stepsPerEpoch } = planOf({});
  assertEquals(stepsPerEpoch, 12); // 180 / 15
  const batchesOfEpoch = batches(sampler, 12);
  assertEquals(ascending(batchesOfEpoch.flatMap((batch) => batch.slice(0, 15))), everyIndex.slice(20));
  assert(batchesOfEpoch.every((batch) => batch.slice(15).every((index) => index < 20)));
});

Deno.test("two-stream-all: an epoch is a pass over all examples, beside the labelled ones", () => {
  const { sampler, stepsPerEpoch } = planOf({ sampling: "two-stream-all", batchSize: 25 });
  assertEquals(stepsPerEpoch, 10); // 200 / 20
  const batchesOfEpoch = batches(sampler, 10);
  assertEquals(ascending(batchesOfEpoch.flatMap((batch) => batch.slice(0, 20))), everyIndex);
  assert(batchesOfEpoch.every((batch) => batch.slice(20).every((index) => index < 20)));
});

Deno.test("two-stream-all: with one labelled example per batch, all come equally often", () => {
  const { sampler, stepsPerEpoch } = planOf({
    sampling: "two-stream-all",
    batchSize: 100,
    labeledBatchSize: 1,
  });
  assertEquals(stepsPerEpoch, 2); // ⌊200 / 99⌋
  assertEquals(ascending(batches(sampler, 20).map((batch) => batch.at(-1)!)), everyIndex.slice(0, 20));
});

Deno.test("vary: batches are drawn from all examples, labelled or not", () => {
  const { sampler, stepsPerEpoch } = planOf({ sampling: "vary" });
  assertEquals(stepsPerEpoch, 10); // 200 / 20
  const batchesOfEpoch = batches(sampler, 10);
  assertEquals(ascending(batchesOfEpoch.flat()), everyIndex);
  const counts = batchesOfEpoch.map((batch) => batch.filter((index) => index < 20).length);
  assert(new Set(counts).size > 1, counts.join());
  // No labelled example is needed.
  assertEquals(planOf({ sampling: "vary" }, 0).stepsPerEpoch, 10);
});

Deno.test("the supervised baseline has labelled batches, and as many steps as its Mean Teacher run", () => {
  for (
    const [options, steps] of [
      [{}, 12],
      [{ sampling: "two-stream-all", labeledBatchSize: 10 }, 20],
      [{ sampling: "vary" }, 10],
      [{ labeledBatchSize: 20 }, 1], // Without room for unlabelled examples, an epoch is a pass over the labelled ones.
    ] as const
  ) {
    const { sampler, stepsPerEpoch } = planOf({ ...options, excludeUnlabeled: true });
    assertEquals(stepsPerEpoch, steps);
    for (const batch of batches(sampler, 5)) assertEquals(ascending(batch), everyIndex.slice(0, 20));
  }
});

Deno.test("images without the preprocessing that the options require are refused", () => {
  assertThrows(
    () => planOf({ normalize: "gcn-zca" }),
    RangeError,
    "Cannot train with normalize gcn-zca: images must be floats made by preprocess, but they are bytes",
  );
});
