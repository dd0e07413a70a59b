/**
 * Reads what is in the folder of a run.
 * @module
 */
import { join } from "node:path";
import { parseLabelList } from "../../data/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { isNumber, isObject } from "./json_values.ts";
import { exists } from "../command/given_file.ts";
import { isFinished, lastCheckpoint, runFiles } from "./run_folder.ts";
import { parseLog, type RunLog } from "./run_log.ts";
import { isSummary, type Method, methodOf, type RunSummary } from "./run_summary.ts";

/** How a run was set up. */
export interface RunSetup {
  /** All of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly seed: number;
  readonly method: Method;
}

/** Where the weights of a run are, and of which step. */
export interface RunWeights {
  readonly path: string;
  /** Whether they are those of the run's end; otherwise of its last checkpoint. */
  readonly isFinal: boolean;
}

/** Reads the files of a run. */
export class RunReader {
  readonly #folder: string;
  readonly #purpose: string;

  /** @param purpose What is to be done with the run, for errors: "report on". */
  constructor(folder: string, purpose: string) {
    this.#folder = folder;
    this.#purpose = purpose;
  }

  /** An error that says why the folder is not that of a run. */
  refusal(state: string): RangeError {
    return new RangeError(
      `Cannot ${this.#purpose} ${this.#folder} as it must be the folder of a run: ${state}`,
    );
  }

  /** Reads how the run was set up. @throws {RangeError} or {SyntaxError} if it cannot be, as all that reads does. */
  async setup(): Promise<RunSetup> {
    const config = await this.#json("config", isObject);
    const { dataset, seed, excludeUnlabeled, algorithm } = config;
    if (
      typeof dataset !== "string" || !isNumber(seed) || typeof excludeUnlabeled !== "boolean" ||
      (algorithm !== "mean-teacher" && algorithm !== "pi")
    ) throw this.refusal(`${runFiles.config} does not say how a network was trained`);
    return { config, dataset, seed, method: methodOf({ excludeUnlabeled, algorithm }) };
  }

  /** Reads the log. */
  async log(): Promise<RunLog> {
    return parseLog(await this.#text("log"), join(this.#folder, runFiles.log));
  }

  /** Reads what the run came to. */
  async summary(): Promise<RunSummary> {
    return await this.#json("summary", isSummary);
  }

  /** Counts the labels of each class that has any; null where the folder has no list of them. */
  async labelsByClass(): Promise<ReadonlyMap<string, number> | null> {
    const source = join(this.#folder, runFiles.labels);
    if (!await exists(source)) return null;
    const counts = new Map<string, number>();
    for (const name of parseLabelList(await this.#text("labels"), { source }).values()) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }

  /** Finds the last weights; null where there are neither final ones nor a checkpoint. */
  async weights(): Promise<RunWeights | null> {
    if (await isFinished(this.#folder)) {
      return { path: join(this.#folder, runFiles.final), isFinal: true };
    }
    const path = await lastCheckpoint(this.#folder);
    return path === undefined ? null : { path, isFinal: false };
  }

  async #text(kind: keyof typeof runFiles): Promise<string> {
    try {
      return await Deno.readTextFile(join(this.#folder, runFiles[kind]));
    } catch (error) {
      throw this.refusal(`of ${runFiles[kind]}, ${reasonOf(error)}`);
    }
  }

  async #json<T>(kind: keyof typeof runFiles, isRight: (value: unknown) => value is T): Promise<T> {
    const name = runFiles[kind], text = await this.#text(kind);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new SyntaxError(`Cannot use ${join(this.#folder, name)} as it must be JSON: it is damaged`);
    }
    if (isRight(value)) return value;
    throw this.refusal(`${name} does not hold what a run writes there`);
  }
}
