/**
 * Signs of life of the processes of a run: a process that hangs ends the run, with its name. One that dies is noticed by
 * `mpirun`.
 * @module
 */
import { gather } from "../../semisup/mod.ts";
import { printWarning } from "../terminal/output.ts";
import type { Ranks } from "./ranks.ts";

/** Facts that a watching worker needs. */
export interface WatchOrder {
  readonly rank: number;
  readonly ranks: number;
  /** Names of the processes, such as "Rank 1 on node-b". */
  readonly names: readonly string[];
  /** Secret of the run, so that only its processes are heard. */
  readonly token: string;
  /** True if all processes run on one computer. */
  readonly isLocal: boolean;
  /** Numbers that the system gave to the processes; none if they run on several computers. */
  readonly processes: readonly number[];
  /** Addresses of process 0, and the port that it listens on; of no use to itself. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Number of sums that this process has begun: one int32. */
  readonly progress: SharedArrayBuffer;
}

/** Address of a computer itself. */
const loopback = "127.0.0.1";

/** Signs of life of this process, and the watch over others. */
export class Heartbeat {
  readonly #worker: Worker;
  readonly #progress: Int32Array;

  private constructor(worker: Worker, progress: Int32Array) {
    this.#worker = worker;
    this.#progress = progress;
  }

  /**
   * Starts the watch in all processes. Prints a warning if they cannot reach each other.
   * @throws {Error} if the worker cannot start.
   */
  static async start(ranks: Ranks): Promise<Heartbeat> {
    const hosts = await ranks.gatherTexts(Deno.hostname()), isLocal = new Set(hosts).size === 1;
    const progress = new SharedArrayBuffer(4), { rank } = ranks;
    const names = hosts.map((host, i) => `Rank ${i} on ${host}`);
    const processes = isLocal ? (await gather(ranks, [Deno.pid])).flat() : [];
    const common = { rank, ranks: ranks.ranks, names, isLocal, processes, progress };
    const worker = new Worker(new URL("./heartbeat_worker.ts", import.meta.url), { type: "module" });
    const token = await ranks.share(crypto.randomUUID());
    let own = { port: 0, addresses: [loopback] };
    if (ranks.isWriter) {
      const port = await listen(worker, { ...common, token, addresses: [], port: 0 });
      own = { port, addresses: isLocal ? [loopback] : addressesOf() };
    }
    const { port, addresses } = JSON.parse(await ranks.share(JSON.stringify(own))) as typeof own;
    if (!ranks.isWriter) {
      worker.onmessage = ({ data: { problem } }) =>
        printWarning(`${names[rank]} cannot watch rank 0, nor be watched: ${problem}`);
      worker.postMessage({ ...common, token, addresses, port } satisfies WatchOrder);
    }
    return new Heartbeat(worker, new Int32Array(progress));
  }

  /** Counts a sum that this process begins. */
  countSum(): void {
    Atomics.add(this.#progress, 0, 1);
  }

  /** Ends the watch. */
  stop(): void {
    this.#worker.terminate();
  }
}

/** Lets a worker listen. @returns its port. */
async function listen(worker: Worker, order: WatchOrder): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = ({ data: { port } }) => resolve(port);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot watch the other processes: ${event.message}`));
  };
  worker.postMessage(order);
  return await promise;
}

/** Returns the addresses at which other computers may reach this one. */
function addressesOf(): string[] {
  const outer = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  return [...outer.map(({ address }) => address), Deno.hostname()];
}
