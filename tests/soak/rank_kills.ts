/** Runs in several processes, of which one is killed or stopped: the others end, and the run continues. */
import { join } from "node:path";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../assert.ts";
import { checkpointIn, command, namesIn, run } from "../cli/command.ts";
import { childrenOf, differencesOf, mpirun, mpirunOf, waitForEnds } from "../cli/mpirun.ts";
import { tinyArrays } from "./tiny_arrays.ts";

/** Milliseconds in which all processes must end. */
const mostMilliseconds = 30_000;

/** Largest difference of any value from the run that was never killed. */
const tolerance = 1e-5;

/** Options of all runs: many checkpoints. */
const args: readonly string[] = [
  "tiny.npz",
  "--optimizer=sgd",
  "--lr=0.01",
  "--lr-rampup=0",
  "--consistency=4",
  "--consistency-rampup=0",
  "--batch-size=8",
  "--labeled-batch-size=4",
  "--checkpoint-epochs=2steps",
  "--evaluation-epochs=0",
  "--no-hold-out",
  "--steps=100",
  "--tune=off",
  "--quiet",
];

/** End of a run in which one process was killed or stopped. */
export interface KilledRun {
  readonly ranks: number;
  readonly killed: number;
  readonly signal: Deno.Signal;
  /** Milliseconds from the start to the signal. */
  readonly moment: number;
  /** Seconds from the signal to the end of all. */
  readonly seconds: number;
  /** Step of the last checkpoint; 0 without one. */
  readonly step: number;
  /** Number of processes that continued the run; 0 without `mpirun`. */
  readonly resumedBy: number;
  /** Largest difference from the run that was never killed. */
  readonly difference: number;
}

/** Runs in a folder, compared with one that was never killed. */
export class RankKills {
  readonly #directory: string;
  readonly #random: Pcg32;
  #milliseconds = 0;
  #count = 0;

  private constructor(directory: string, seed: number) {
    this.#directory = directory;
    this.#random = new Pcg32(seed, 1);
  }

  /** Trains the run that others are compared with. */
  static async create(directory: string, seed: number): Promise<RankKills> {
    await Deno.writeFile(join(directory, "tiny.npz"), tinyArrays(12));
    const kills = new RankKills(directory, seed), start = performance.now();
    assertEquals((await mpirun(directory, 2, [...args, "--output=whole"])).code, 0);
    kills.#milliseconds = performance.now() - start;
    return kills;
  }

  /** Starts a run, kills or stops one of its processes at a random moment, checks the end, and continues the run. */
  async killOne(): Promise<KilledRun> {
    const random = this.#random, ranks = random.below(3) === 0 ? 4 : 2, killed = random.below(ranks);
    const signal = random.below(4) === 0 ? "SIGSTOP" : "SIGKILL", name = `run-${this.#count++}`;
    const own = [...args, `--output=${name}`, "--resume=auto"];
    const [path = "", ...rest] = [...mpirunOf(ranks), ...command, "--distributed", ...own];
    const begin = performance.now(),
      child = new Deno.Command(path, {
        args: rest,
        cwd: this.#directory,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
    const stderr = new Response(child.stderr).text(), folder = join(this.#directory, name);
    // A process that stops before all have joined is not noticed so soon.
    if (signal === "SIGSTOP") await until(() => checkpointsIn(folder).length > 0, child);
    await pause(random.below(Math.ceil(this.#milliseconds * (signal === "SIGSTOP" ? 0.2 : 0.8))));
    await until(() => childrenOf(child.pid).length === ranks, child);
    const processes = childrenOf(child.pid).sort((a, b) => a - b), start = performance.now();
    Deno.kill(processes[killed] ?? NaN, signal);
    const { code } = await child.status;
    await waitForEnds(processes, mostMilliseconds - (performance.now() - start));
    const milliseconds = performance.now() - start;
    assertLess(milliseconds, mostMilliseconds, `${signal} of rank ${killed}`);
    assert(code !== 0);
    assertMatch(await stderr, /rank \d+/i);
    const last = checkpointsIn(folder).at(-1);
    const step = last === undefined ? 0 : (await checkpointIn(folder, last)).step;
    const resumedBy = random.below(3) * 2;
    const result = {
      ranks,
      killed,
      signal,
      moment: Math.round(start - begin),
      seconds: milliseconds / 1000,
      step,
    } as const;
    return { ...result, resumedBy, difference: await this.#resume(name, resumedBy, own) };
  }

  /** Continues a run until its end. @returns the largest difference from the run that was never killed. */
  async #resume(name: string, count: number, own: readonly string[]): Promise<number> {
    const { code, stderr } = count === 0
      ? await run([...command, ...own], this.#directory)
      : await mpirun(this.#directory, count, own);
    assertEquals(code, 0, stderr);
    const [one, whole] = [name, "whole"].map((folder) => join(this.#directory, folder, "final.safetensors"));
    const difference = Math.max(...Object.values(await differencesOf(one ?? "", whole ?? "")));
    assertLess(difference, tolerance);
    await Deno.remove(join(this.#directory, name), { recursive: true });
    return difference;
  }
}

/** Returns the names of the checkpoints in a folder, which may not exist yet. */
function checkpointsIn(folder: string): string[] {
  try {
    return namesIn(folder).filter((name) => /^checkpoint-\d+\.safetensors$/.test(name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for a condition. @throws {Error} if the process ends before. */
async function until(isMet: () => boolean, child: Deno.ChildProcess): Promise<void> {
  let isEnded = false;
  child.status.then(() => isEnded = true);
  while (!isMet()) {
    if (isEnded) throw new Error("The run ended before it was killed");
    await pause(100);
  }
}
