/**
 * Steps of real processes beside those that the simulation expects from their parts:
 * `mpirun -n 2 deno run -A bench/distributed_check.ts [NETWORK] [BATCH] [STEPS]`. Prints also the share of transfer and
 * sum in a step, which is all that their overlap with the backward pass could save.
 * @module
 */
import { withRanks } from "../cli/distributed/ranks.ts";
import type { Ranks } from "../cli/distributed/ranks.ts";
import { Device, Tuning } from "../kernels/mod.ts";
import { Trainer, type TrainingData } from "../semisup/mod.ts";
import { type Duration, durationOf, type Part, simulate } from "./schedule.ts";

/** Height and width of the images, and classes. */
const side = 12, classCount = 3;

/** Seconds of a step of one process: work before each sum and after the last one, and the sums. */
interface Times {
  readonly work: readonly number[];
  readonly sums: readonly number[];
}

function madeUpData(count: number): TrainingData {
  const images = Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 31 + i % 7 * 57) % 256);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2 ? -1 : i % classCount);
  return { train: { images, labels, imageShape: [3, side, side] }, classes: ["a", "b", "c"] };
}

/** Trains, and measures each step. */
async function measure(
  ranks: Ranks,
  architecture: string,
  batchSize: number,
  steps: number,
): Promise<Times[]> {
  using device = await Device.request();
  let work: number[] = [], sums: number[] = [], last = 0;
  const sum = async (values: Float32Array<ArrayBuffer>) => {
    const start = performance.now();
    work.push((start - last) / 1000);
    await ranks.sum(values);
    last = performance.now();
    sums.push((last - start) / 1000);
  };
  using trainer = await Trainer.create(device, madeUpData(4 * batchSize), {
    architecture,
    batchSize,
    labeledBatchSize: batchSize / 2,
    steps: steps + 3,
    optimizer: "sgd",
    learningRate: 1e-4,
  }, { collective: { rank: ranks.rank, ranks: ranks.ranks, sum }, tuning: new Tuning("off") });
  await trainer.advance(3);
  const times: Times[] = [];
  for (let step = 0; step < steps; step++) {
    [work, sums, last] = [[], [], performance.now()];
    await trainer.advance(1);
    work.push((performance.now() - last) / 1000);
    times.push({ work, sums });
  }
  return times;
}

/** Returns the parts of a step, from the times of all processes. */
function partsOf(all: readonly (readonly Times[])[]): Part[] {
  const [[first] = []] = all, works = all.map((times) => durations(times.map(({ work }) => work)));
  return (first?.work ?? []).map((_, part) => ({
    work: (rank) => works[rank]?.[part] ?? { mean: 0, deviation: 0 },
    exchange: exchangeOf(all, part),
  }));
}

function durations(steps: readonly (readonly number[])[]): Duration[] {
  return (steps[0] ?? []).map((_, part) => durationOf(steps.map((each) => each[part] ?? 0)));
}

/** Returns the mean seconds of a sum. The process that comes last to a sum waits for no other. */
function exchangeOf(all: readonly (readonly Times[])[], part: number): number {
  const shortest = (all[0] ?? []).map((_, step) =>
    Math.min(...all.map((times) => times[step]?.sums[part] ?? 0))
  );
  return durationOf(shortest).mean;
}

const totalOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

if (import.meta.main) {
  const [architecture = "convnet_small", batch = "16", count = "30"] = Deno.args;
  await withRanks(new AbortController().signal, async (ranks) => {
    const own = await measure(ranks, architecture, Number(batch), Number(count));
    const all = (await ranks.gatherTexts(JSON.stringify(own))).map((text) => JSON.parse(text) as Times[]);
    const parts = partsOf(all);
    const measured = durationOf((all[0] ?? []).map(({ work, sums }) => totalOf(work) + totalOf(sums))).mean;
    const simulated = simulate(ranks.ranks, parts), sums = totalOf(parts.map(({ exchange }) => exchange));
    if (ranks.isWriter) {
      // The last sum is that of the gradients; before it come those of batch statistics.
      const gradients = (parts.at(-2)?.exchange ?? 0) / measured;
      const figures = { measured, simulated, ratio: simulated / measured, sums: sums / measured, gradients };
      console.log(
        JSON.stringify({ architecture, batch, ranks: ranks.ranks, parts: parts.length, ...figures }),
      );
    }
    return "finished";
  });
}
