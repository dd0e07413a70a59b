/** Tiny runs that are killed, and the check that the same command ends with the same files. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { namesIn, tinyDataset, writeFolder } from "../cli/command.ts";
import type { Fault } from "./file_faults.ts";

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
  /** Runs that were started twice at about the same time, each once with the default folder and once with one name. */
  pairs: number;
  /** Processes that were never killed, by their exit codes. */
  ends: Record<string, number>;
}

/** Options of a soak. */
export interface SoakOptions {
  /** Seed of the moments of kills. */
  readonly seed: number;
  /** Steps of each run. */
  readonly steps: number;
  /** True if a stand-in trains instead of the GPU. */
  readonly isStandIn: boolean;
  /** Arguments of all runs. */
  readonly args?: readonly string[];
}

/** Options of a process. */
export interface StartOptions {
  readonly fault?: Fault;
  /** Milliseconds after which the process is killed. */
  readonly killAfter?: number;
  /** Signal that the process gets after its first step. */
  readonly signal?: Deno.Signal;
  /** Arguments after all others. */
  readonly args?: readonly string[];
  /** True if the run has only these arguments, as one that is resumed from a file. */
  readonly isBare?: boolean;
}

/** Runs in a folder, compared with one that was never interrupted. */
export class SoakRuns {
  readonly figures: SoakFigures = {
    runs: 0,
    processes: 0,
    killsAtRandomTimes: 0,
    killsInOperations: 0,
    aborts: 0,
    pairs: 0,
    ends: {},
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
    const { milliseconds } = await soak.start("reference", { fault });
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
    const { operations, milliseconds } = this.#referenceRun(), { figures } = this;
    const name = `run-${figures.runs++}`, folder = join(this.#directory, name);
    for (let count = 0;; count++) {
      const isLast = count >= kills;
      const fault: Fault | undefined = isLast || kind === "time"
        ? undefined
        : { kind: "kill", at: this.#random.below(operations), share: this.#random.below(1000) / 1000 };
      const delay = isLast || kind === "operation" ? undefined : this.#random.below(Math.ceil(milliseconds));
      const end = await this.start(name, {
        ...(fault && { fault }),
        ...(delay !== undefined && { killAfter: delay }),
      });
      if (end.code !== 0 && end.code !== aborted && !end.isKilled) {
        throw new Error(`${name} ended with ${end.code}: ${end.stderr}`);
      }
      if (!end.isKilled) break;
      if (kind === "time") figures.killsAtRandomTimes++;
      else figures.killsInOperations++;
    }
    await this.checkFiles(name);
    await Deno.remove(folder, { recursive: true });
  }

  /**
   * Starts two runs, the second up to half a second after the first: in default folders both keep their results, in one
   * folder one of them is refused, or they follow each other.
   */
  async startPair(): Promise<void> {
    this.figures.pairs++;
    const both = async (name: string | null) => {
      const first = this.start(name);
      await new Promise((resolve) => setTimeout(resolve, this.#random.below(500)));
      return await Promise.all([first, this.start(name)]);
    };
    const ends = await both(null), runs = join(this.#directory, "runs"), folders = namesIn(runs);
    for (const { code, stderr } of ends) assert(code === 0 || code === aborted, stderr);
    assertEquals(folders.length, 2);
    for (const folder of folders) await this.checkFiles(join("runs", folder));
    const refused = (await both("same")).filter(({ code }) => code === 1);
    for (const { stderr } of refused) assertMatch(stderr, /is writing a run there since .*Wait for its end/);
    assert(refused.length <= 1, refused.map(({ stderr }) => stderr).join(""));
    await this.checkFiles("same");
    for (const folder of [runs, join(this.#directory, "same")]) {
      await Deno.remove(folder, { recursive: true });
    }
  }

  /** Starts a run that is not killed, records its exit code, and checks its files whatever that is. */
  async startWhole(): Promise<void> {
    const { ends } = this.figures, name = `run-${this.figures.runs++}`;
    const { code, stderr } = await this.start(name);
    ends[code] = (ends[code] ?? 0) + 1;
    await this.checkFiles(name);
    if (code !== 0) console.log(JSON.stringify({ code, stderr }));
    await Deno.remove(join(this.#directory, name), { recursive: true });
  }

  /** Throws unless a run has the files and the final weights of the run that was never interrupted. */
  async checkFiles(name: string): Promise<void> {
    const { names, final } = this.#referenceRun(), folder = join(this.#directory, name);
    const own = await Deno.readFile(join(folder, "final.safetensors"));
    assertEquals(namesIn(folder), names, folder);
    assert(
      own.length === final.length && own.every((byte, i) => byte === final[i]),
      `${folder}: other weights`,
    );
  }

  /** True if a stand-in trains. */
  get isStandIn(): boolean {
    return this.#options.isStandIn;
  }

  #referenceRun() {
    assert(this.#reference);
    return this.#reference;
  }

  /**
   * Starts the command, and waits for its end.
   * @param name Folder of the run, which `--resume auto` starts or continues; null for the default folder.
   */
  async start(
    name: string | null,
    { fault, killAfter, signal: sent, args = [], isBare = false }: StartOptions = {},
  ): Promise<ProcessEnd> {
    this.figures.processes++;
    const start = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        fileURLToPath(new URL("faulty_train.ts", import.meta.url)),
        ...(isBare ? [] : this.#arguments(name)),
        "--csv",
        "--quiet",
        ...args,
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
    const timer = killAfter === undefined ? undefined : setTimeout(() => killIfAlive(child), killAfter);
    if (sent !== undefined) await this.#sendWhenLogged(child, name ?? "", sent);
    const { code, signal, stderr } = await child.output();
    clearTimeout(timer);
    const end: ProcessEnd = {
      code,
      isKilled: signal === "SIGKILL",
      stderr: new TextDecoder().decode(stderr),
      milliseconds: performance.now() - start,
    };
    if (code === aborted) this.figures.aborts++;
    return end;
  }

  /** Returns the arguments that all runs have. */
  #arguments(name: string | null): string[] {
    return [
      "--data-dir=data",
      "--labels-per-class=2",
      "--batch-size=20",
      "--labeled-batch-size=10",
      `--steps=${this.#options.steps}`,
      "--evaluation-epochs=0",
      "--checkpoint-epochs=2steps",
      ...(this.#options.args ?? []),
      ...(name === null ? [] : [`--output=${name}`, "--resume=auto"]),
    ];
  }

  /** Sends a signal once a run has logged a step. */
  async #sendWhenLogged(child: Deno.ChildProcess, name: string, signal: Deno.Signal): Promise<void> {
    const log = join(this.#directory, name, "log.jsonl");
    const isLogged = async () => (await Deno.readTextFile(log).catch(() => "")).includes('"costs"');
    while (!await isLogged()) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill(signal);
  }
}

/** Kills a process, unless it has ended by itself. */
function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // Deno throws a TypeError once it knows of the end.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
