/**
 * The processes of a run with `--distributed`, as one of them sees them.
 * @module
 */
import { broadcast, type Collective, gather } from "../../semisup/mod.ts";
import { exitCodes } from "../command/exit_codes.ts";
import type { Outcome } from "../command/process.ts";
import { printError, silenceOutput } from "../terminal/output.ts";
import { Heartbeat } from "./heartbeat.ts";
import { readLaunch } from "./launch.ts";
import { type Mpi, openMpi } from "./mpi.ts";

/** Milliseconds after which a process reports an error that process 0 has not reported. */
const reportDelay = 3000;

/** Minutes in which all processes must have started. */
const startMinutes = 5;

/** Processes of a run. */
export class Ranks implements Collective {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  readonly #mpi: Mpi;
  #heartbeat: Heartbeat | undefined;

  /** Describes the processes that MPI connects. */
  constructor(mpi: Mpi) {
    this.#mpi = mpi;
    this.rank = mpi.rank;
    this.ranks = mpi.ranks;
  }

  /** True if this process writes the files of the run and prints. */
  get isWriter(): boolean {
    return this.rank === 0;
  }

  /** Replaces values by their sums over all processes. */
  readonly sum = async (values: Float32Array<ArrayBuffer>): Promise<void> => {
    this.#heartbeat?.countSum();
    await this.#mpi.sum(values);
  };

  /** Starts to watch the other processes. */
  async watch(): Promise<void> {
    this.#heartbeat = await Heartbeat.start(this);
  }

  /** Calls a function in this process after process 0 has completed its own call. */
  async afterFirst<T>(work: () => Promise<T>): Promise<T> {
    const result = this.isWriter ? await work() : undefined;
    await this.sum(new Float32Array(1));
    return result ?? await work();
  }

  /** Returns the text of process 0. */
  async share(own: string): Promise<string> {
    return new TextDecoder().decode(await broadcast(this, new TextEncoder().encode(own)));
  }

  /** Returns the texts of all processes. */
  async gatherTexts(own: string): Promise<readonly string[]> {
    const bytes = new TextEncoder().encode(own),
      sizes = (await gather(this, [bytes.length])).map(([size = 0]) => size);
    const padded = [...bytes, ...new Array<number>(Math.max(...sizes) - bytes.length).fill(0)];
    const all = await gather(this, padded);
    return all.map((each, rank) => new TextDecoder().decode(Uint8Array.from(each.slice(0, sizes[rank]))));
  }

  /** @throws {RangeError} unless a text is the same in all processes. @param subject Subject of the text in the plural, such as "labels". */
  async requireEqual(subject: string, own: string): Promise<void> {
    const hash = new Uint16Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(own)));
    const all = await gather(this, [...hash]), reference = all[0]?.join();
    const differing = all.flatMap((each, rank) => each.join() === reference ? [] : [rank]);
    if (differing.length === 0) return;
    throw new RangeError(
      `Cannot train together: ${subject} must be the same in all processes, but those of rank ${
        differing.join(", ")
      } differ from those of rank 0. Give all hosts the same files and the same version.`,
    );
  }

  /**
   * Waits until all processes are done, and leaves.
   * @param isInterrupted True if `mpirun` is ending the processes: it answers no goodbyes then.
   */
  async finish(isInterrupted: boolean): Promise<void> {
    await this.sum(new Float32Array(1));
    this.#heartbeat?.stop();
    if (!isInterrupted) await this.#mpi.finish();
  }

  /**
   * Prints an error with the name of this process, and ends all processes.
   * @param signal Signal that `mpirun` stops this process by.
   */
  async fail(error: unknown, signal: AbortSignal): Promise<never> {
    // Process 0 mostly has the same error, and ends all others.
    if (!this.isWriter) await delay(reportDelay, signal);
    if (!this.isWriter && signal.aborted) Deno.exit(exitCodes.failed.code);
    const message = error instanceof Error ? error.message : String(error);
    printError(this.isWriter ? message : `Rank ${this.rank} on ${Deno.hostname()}: ${message}`);
    this.#mpi.abort(exitCodes.failed.code);
    Deno.exit(exitCodes.failed.code);
  }
}

/**
 * Joins the processes that `mpirun` started, works, and leaves them; an error ends all of them. Only process 0 prints,
 * but for errors.
 * @param signal Signal that stops this process.
 * @throws {Error} if this process was not started by `mpirun`.
 */
export async function withRanks(
  signal: AbortSignal,
  work: (ranks: Ranks) => Promise<Outcome>,
): Promise<Outcome> {
  const timer = setTimeout(endLate, startMinutes * 60_000);
  const mpi = await openMpi().catch(async (error) => {
    clearTimeout(timer);
    const { rank, isForeign } = readLaunch();
    // Process 0 mostly has the same error, and its end ends all others, but not with MPICH.
    if (rank > 0 && isForeign) Deno.exit(exitCodes.failed.code);
    if (rank > 0) await delay(reportDelay, signal);
    throw error;
  });
  const ranks = new Ranks(mpi);
  if (!ranks.isWriter) silenceOutput();
  try {
    await ranks.watch();
    clearTimeout(timer);
    const result = await work(ranks);
    await ranks.finish(result === "interrupted");
    return result;
  } catch (error) {
    return await ranks.fail(error, signal);
  }
}

/** Ends this process, and by that all others, because some have not started or hang before they joined the run. */
function endLate(): never {
  printError(`Cannot train together: not all processes have started within ${startMinutes} minutes`);
  Deno.exit(exitCodes.failed.code);
}

/** Waits for some milliseconds, or until the signal. */
async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
