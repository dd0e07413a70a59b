/**
 * `deno task soak [--part PART] [--hours N] [--count N] [--stand-in] [--seed S] [--steps N] [--networks A,B]`: tries for
 * hours what may happen to runs, and checks that nothing is lost. Prints the figures after each round. With `--stand-in`
 * the weights are not trained, which needs no GPU and takes a tenth of the time. Parts:
 *
 * - `kills` (default): kills at random times and inside file operations; the same command ends with the same weights.
 * - `pairs`: two runs at the same time keep both results.
 * - `ends`: whole runs; counts their exit codes.
 * - `disks`: disks of 500 KB to 5 MB that become full, which needs the rights of an administrator of Linux.
 * - `ranks`: runs in 1, 2 and 4 processes (`train --distributed`) of three networks (`--networks`), 50 steps each; no
 *   value differs from the run of one process by more than 1e-5. Needs Open MPI and an hour of two cores.
 * - `rank-kills`: one of 2 or 4 processes is killed or stopped; the others end within 30 seconds, and the run continues.
 * - `labels`: labelling, with a stand-in for training, is killed in each of its file operations, one after another; no
 *   label that its page was told is saved is lost.
 * - `steady`: one long run with evaluations, checkpoints and predictions; its memory and its speed stay as they are.
 */
import { parseArgs } from "node:util";
import { Pcg32 } from "../../data/pcg32.ts";
import { fillDisk } from "./full_disk.ts";
import { type KilledRun, RankKills } from "./rank_kills.ts";
import { LabelKills } from "./label_kills.ts";
import { compareRanks } from "./ranks.ts";
import { SoakRuns } from "./soak_run.ts";
import { runSteadily } from "./steady.ts";

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "kills" },
    "stand-in": { type: "boolean", default: false },
    hours: { type: "string", default: "1" },
    count: { type: "string", default: "Infinity" },
    seed: { type: "string", default: `${Date.now() % 2 ** 32}` },
    steps: { type: "string" },
    networks: { type: "string", default: "convnet_small,convnet13,cifar_shakeshake26" },
  },
});
const seed = Number(values.seed), isStandIn = values["stand-in"];
const end = performance.now() + 3_600_000 * Number(values.hours), rounds = Number(values.count);
const directory = await Deno.makeTempDir({ prefix: "soak-" });
console.log(JSON.stringify({ part: values.part, seed, directory }));

/** Repeats a round until the time is over or the rounds are. */
async function repeat(
  round: (soak: SoakRuns, index: number) => Promise<unknown>,
  args?: string[],
): Promise<void> {
  const options = { seed, steps: Number(values.steps ?? 16), isStandIn, ...(args && { args }) };
  const soak = await SoakRuns.create(directory, options);
  for (let i = 0; i < rounds && performance.now() < end; i++) {
    console.log(JSON.stringify(await round(soak, i) ?? soak.figures));
  }
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  kills: () => repeat((soak, i) => soak.killUntilFinished(i % 2 === 0 ? "time" : "operation", 8)),
  pairs: () => repeat((soak) => soak.startPair()),
  ends: () => repeat((soak) => soak.startWhole()),
  disks: () => {
    const random = new Pcg32(seed, 2);
    // A stand-in is not refused by the space that it needs, and fills the disk by itself.
    return repeat(async (soak, i) => {
      const left = isStandIn ? {} : { left: random.below(300_000) };
      const ended = await fillDisk(soak, { directory, size: `size=${500 * (1 + i % 10)}k`, ...left });
      if (!ended) throw new Error("Cannot mount small disks: run this part as an administrator of Linux");
      return ended;
    }, isStandIn ? ["--keep-checkpoints=100"] : []);
  },
  labels: async () => {
    const kills = await LabelKills.create(directory, { trains: true });
    for (const share of [0.3, 0.8]) {
      await kills.killInEachOperation(share);
      console.log(JSON.stringify(kills.figures));
    }
  },
  steady: () => runSteadily(directory, { end, seed }),
  "rank-kills": async () => {
    const kills = await RankKills.create(directory, seed), all: KilledRun[] = [];
    for (let i = 0; i < rounds && performance.now() < end; i++) {
      all.push(await kills.killOne());
      console.log(JSON.stringify(all.at(-1)));
    }
    console.table(all);
  },
  ranks: () =>
    compareRanks(directory, { networks: values.networks.split(","), steps: Number(values.steps ?? 50) }),
};
const part = parts[values.part];
if (!part) throw new RangeError(`Unknown part ${values.part}; parts: ${Object.keys(parts).join(", ")}`);
await part();
await Deno.remove(directory, { recursive: true });
