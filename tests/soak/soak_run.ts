/** Tiny runs that are killed, and the check that the same command ends with the same files. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals } from "../assert.ts";
import { namesIn, tinyDataset, writeFolder } from "../cli/command.ts";
import type { Fault } from "./faulty_train.ts";

/** End of a process. */
interface ProcessEnd {
  readonly code: number;
  /** True if the process was killed. */
  readonly isKilled: boolean;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Exit code after abort(), which Deno with WebGPU calls now and then when all work is done. */
const aborted = 134;

/** Figures of a soak. */
export interface SoakFigures {
  runs: number;
  processes: number;
  killsAtRandomTimes: number;
  killsInOperations: number;
  /** Processes that ended after abort(), with all files written. */
  aborts: number;
}

/** Options of a soak. */
export interface SoakOptions {
  /** Seed of the moments of kills. */
  readonly seed: number;
  /** Steps of each run. */
  readonly steps: number;
  /** True if a stand-in trains instead of the GPU. */
  readonly isStandIn: boolean;
}

/** Runs in a folder, compared with one that was never interrupted. */
export class SoakRuns {
  readonly figures: SoakFigures = {
    runs: 0,
    processes: 0,
    killsAtRandomTimes: 0,
    killsInOperations: 0,
    aborts: 0,
  };
  readonly #directory: string;
  readonly #random: Pcg32;
  readonly #options: SoakOptions;
  #reference: { names: string[]; final: Uint8Array; operations: number; milliseconds: number } | undefined;

  private constructor(directory: string, options: SoakOptions) {
    this.#directory = directory;
    this.#random = new Pcg32(options.seed, 1);
    this.#options = options;
  }

  /** Writes the dataset, and trains the run that others are compared with. */
  static async create(directory: string, options: SoakOptions): Promise<SoakRuns> {
    await writeFolder(join(directory, "data"), tinyDataset());
    const soak = new SoakRuns(directory, options);
    const countFile = join(directory, "count");
    const fault: Fault = { kind: "kill", at: -1, share: 0, countFile };
    const { milliseconds } = await soak.#start("reference", fault);
    const operations = Number(await Deno.readTextFile(countFile));
    const folder = join(directory, "reference");
    const final = await Deno.readFile(join(folder, "final.safetensors"));
    soak.#reference = { names: namesIn(folder), final, operations, milliseconds };
    return soak;
  }

  /**
   * Starts a run again and again until it is finished, and checks its files.
   * @param kills Largest number of kills. @param kind Moment of the kills.
   */
  async killUntilFinished(kind: "time" | "operation", kills: number): Promise<void> {
    const { names, final, operations, milliseconds } = this.#referenceRun(), { figures } = this;
    const name = `run-${figures.runs++}`, folder = join(this.#directory, name);
    for (let count = 0;; count++) {
      const isLast = count >= kills;
      const fault: Fault | undefined = isLast || kind === "time"
        ? undefined
        : { kind: "kill", at: this.#random.below(operations), share: this.#random.below(1000) / 1000 };
      const delay = isLast || kind === "operation" ? undefined : this.#random.below(Math.ceil(milliseconds));
      const end = await this.#start(name, fault, delay);
      if (!end.isKilled) break;
      if (kind === "time") figures.killsAtRandomTimes++;
      else figures.killsInOperations++;
    }
    const own = await Deno.readFile(join(folder, "final.safetensors"));
    assertEquals(namesIn(folder), names, folder);
    assert(
      own.length === final.length && own.every((byte, i) => byte === final[i]),
      `${folder}: other weights`,
    );
    await Deno.remove(folder, { recursive: true });
  }

  #referenceRun() {
    assert(this.#reference);
    return this.#reference;
  }

  /** Starts the command. @throws {Error} if it fails other than by being killed. */
  async #start(name: string, fault?: Fault, killAfter?: number): Promise<ProcessEnd> {
    this.figures.processes++;
    const start = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        fileURLToPath(new URL("faulty_train.ts", import.meta.url)),
        "--data-dir=data",
        "--labels-per-class=2",
        "--batch-size=20",
        "--labeled-batch-size=10",
        `--steps=${this.#options.steps}`,
        "--evaluation-epochs=0",
        "--checkpoint-epochs=2steps",
        "--csv",
        "--quiet",
        `--output=${name}`,
        "--resume=auto",
      ],
      cwd: this.#directory,
      env: {
        NO_COLOR: "1",
        ...(this.#options.isStandIn && { MT_STAND_IN: "1" }),
        ...(fault && { MT_FAULT: JSON.stringify(fault) }),
      },

      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    const { code, signal, stderr } = await child.output();
    clearTimeout(timer);
    const end: ProcessEnd = {
      code,
      isKilled: signal === "SIGKILL",
      stderr: new TextDecoder().decode(stderr),
      milliseconds: performance.now() - start,
    };
    if (code === aborted) this.figures.aborts++;
    else if (code !== 0 && !end.isKilled) throw new Error(`${name} ended with ${code}: ${end.stderr}`);
    return end;
  }
}
