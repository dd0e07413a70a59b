/** The same run in 1, 2 and 4 processes, continued in other numbers of processes, and how far rounding carries it. */
import { join } from "node:path";
import { Pcg32 } from "../../data/pcg32.ts";
import { writeCheckpoint } from "../../semisup/mod.ts";
import { assertEquals, assertLess } from "../assert.ts";
import { checkpointIn, command, linesIn, run } from "../cli/command.ts";
import { type Differences, differencesOf, mpirun } from "../cli/mpirun.ts";
import { tinyArrays } from "./tiny_arrays.ts";

/** Networks, with the smallest images that they take, and a learning rate at which the run stays calm. */
const networks = {
  convnet_small: { side: 12, learningRate: 0.01 },
  convnet13: { side: 12, learningRate: 0.00003 },
  cifar_shakeshake26: { side: 8, learningRate: 0.0001 },
} as const;
type Network = keyof typeof networks;

/**
 * Largest difference of any value of student, teacher or momentum, and relative one of a cost, from the run of one process,
 * unless a change of the last bits carries one process further: some networks amplify rounding from step to step.
 */
const tolerance = 1e-5;
/** Largest multiple of the difference by the last bits: they change once, but processes round differently in every step. */
const noiseFactor = 10;
/** Number of steps of which costs are compared on their own. */
const firstSteps = 3;

/** Options of {@linkcode compareRanks}. */
export interface RanksOptions {
  /** Networks, by name. */
  readonly networks: readonly string[];
  /** Steps of each run. */
  readonly steps: number;
}

/** A row of the table. */
interface Row extends Differences {
  readonly network: Network;
  readonly run: string;
  /** Largest relative differences of the costs of the first steps, and of all. */
  readonly firstCosts: number;
  readonly costs: number;
  readonly seconds: number;
}

/**
 * Trains each network in 1, 2 and 4 processes, and prints the largest differences from the run of one.
 * @throws {Error} if a value differs by more than the tolerance, and by more than rounding alone explains.
 */
export async function compareRanks(
  directory: string,
  { networks: names, steps }: RanksOptions,
): Promise<void> {
  const rows: Row[] = [];
  for (const network of names) {
    if (!isKnown(network)) throw new RangeError(`Unknown network ${network}`);
    await Deno.writeFile(join(directory, `${network}.npz`), tinyArrays(networks[network].side));
    rows.push(...await new Comparison(directory, network, steps).compare());
    console.table(rows);
  }
  for (const { network, run, ...row } of rows) {
    const noise = rows.find((other) => other.network === network);
    if (run.includes("off") || !noise) continue;
    for (const column of ["firstCosts", "costs", "student", "teacher", "optimizer"] as const) {
      assertLess(
        row[column],
        Math.max(tolerance, noiseFactor * noise[column]),
        `${network}, ${run}: ${column}`,
      );
    }
  }
}

function isKnown(name: string): name is Network {
  return name in networks;
}

/** The runs of one network. */
class Comparison {
  readonly #directory: string;
  readonly #network: Network;
  readonly #steps: number;

  constructor(directory: string, network: Network, steps: number) {
    this.#directory = directory;
    this.#network = network;
    this.#steps = steps;
  }

  /** Trains all runs. @returns a row for each run but the first. */
  async compare(): Promise<Row[]> {
    const rows: Row[] = [], half = this.#steps / 2;
    const add = async (title: string, name: string, reference: string, work: Promise<number>) => {
      const seconds = await work;
      const row = {
        network: this.#network,
        run: title,
        ...await this.#differences(name, reference),
        ...await this.#costDifferences(name, reference),
        seconds,
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    };
    await this.#train(0, "one");
    const perturbed = await this.#perturb();
    await add("one, last bits changed", "noise", "one", this.#resume(0, "noise", perturbed));
    for (const count of [2, 4, 1]) {
      await add(`${count} ranks`, `${count}`, "one", this.#train(count, `${count}`));
    }
    for (const [from, to] of [["2", 1], ["2", 4], ["one", 2]] as const) {
      const source = join(this.#path(from), `checkpoint-${`${half}`.padStart(6, "0")}.safetensors`);
      await add(
        `${from} to ${to} ranks at step ${half}`,
        `${from}-${to}`,
        "one",
        this.#resume(to, `${from}-${to}`, source),
      );
    }
    await add(
      "2 ranks, --sync-batch-norm off",
      "off",
      "one",
      this.#train(2, "off", ["--sync-batch-norm=off"]),
    );
    return rows;
  }

  #path(name: string): string {
    return join(this.#directory, `${this.#network}-${name}`);
  }

  async #differences(name: string, reference: string): Promise<Differences> {
    return await differencesOf(
      join(this.#path(name), "final.safetensors"),
      join(this.#path(reference), "final.safetensors"),
    );
  }

  /** Compares the costs that both runs have recorded. */
  async #costDifferences(name: string, reference: string): Promise<Pick<Row, "firstCosts" | "costs">> {
    const [own, others] = [await this.#costsOf(name), await this.#costsOf(reference)];
    const pairs = [...own].map(([step, cost]) => {
      const other = others.get(step) ?? NaN;
      return [step, Math.abs(cost - other) / Math.max(1e-3, Math.abs(other))] as const;
    });
    const largest = (last: number) =>
      Math.max(0, ...pairs.filter(([step]) => step <= last).map(([, difference]) => difference));
    return { firstCosts: largest(firstSteps), costs: largest(Infinity) };
  }

  /** Returns the costs of each step of a run. */
  async #costsOf(name: string): Promise<Map<number, number>> {
    const records = (await linesIn(this.#path(name), "log.jsonl")).map((line) => JSON.parse(line));
    return new Map(
      records.filter(({ kind }) => kind === "costs").map(({ step, costs }) => [step, costs.cost]),
    );
  }

  /** Trains in some processes; 0 is the command without `mpirun`. @returns the seconds. */
  async #train(count: number, name: string, args: readonly string[] = []): Promise<number> {
    return await this.#start(count, name, [
      `${this.#network}.npz`,
      `--arch=${this.#network}`,
      "--optimizer=sgd",
      `--lr=${networks[this.#network].learningRate}`,
      "--lr-rampup=0",
      "--consistency=4",
      "--consistency-rampup=0",
      "--batch-size=8",
      "--labeled-batch-size=4",
      `--checkpoint-epochs=${this.#steps / 2}steps`,
      `--evaluation-epochs=${this.#steps}steps`,
      "--print-freq=1",
      "--keep-checkpoints=9",
      "--no-hold-out",
      `--steps=${this.#steps}`,
      "--tune=off",
      ...args,
    ]);
  }

  /** Continues a run in some processes. @returns the seconds. */
  async #resume(count: number, name: string, source: string): Promise<number> {
    return await this.#start(count, name, [`--resume=${source}`]);
  }

  async #start(count: number, name: string, args: readonly string[]): Promise<number> {
    const own = [...args, `--output=${this.#path(name)}`, "--quiet"], start = performance.now();
    const { code, stderr } = count === 0
      ? await run([...command, ...own], this.#directory)
      : await mpirun(this.#directory, count, own);
    assertEquals(code, 0, stderr);
    return Math.round((performance.now() - start) / 1000);
  }

  /**
   * Takes one step, and changes each weight to the next number up or down, so that its continuation shows how far
   * rounding alone carries a run. @returns the path of the checkpoint.
   */
  async #perturb(): Promise<string> {
    await this.#train(0, "first", ["--max-steps=1"]);
    const { student, teacher, ...rest } = await checkpointIn(this.#path("first"), "final.safetensors");
    const random = new Pcg32(1, 1);
    const perturb = (values: typeof student) =>
      new Map([...values].map(([name, tensor]) => {
        if (!(tensor.data instanceof Float32Array)) return [name, tensor];
        const data = tensor.data.slice(), words = new Uint32Array(data.buffer);
        // The words of floats of one sign are in the order of the floats.
        for (const [i, word] of words.entries()) {
          if (word << 1 !== 0) words[i] = word + (random.below(2) ? 1 : -1);
        }
        return [name, { ...tensor, data }];
      }));
    const path = join(this.#directory, `${this.#network}-perturbed.safetensors`);
    const changed = { ...rest, student: perturb(student), teacher: perturb(teacher) };
    await Deno.writeFile(path, writeCheckpoint(changed));
    return path;
  }
}
