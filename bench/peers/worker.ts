/**
 * A peer's side of the comparison: answers requests, one JSON object per line, until the input ends.
 * @module
 */
import { TextLineStream } from "./line_stream.ts";

/** A request of the comparison to a peer. */
export type Request =
  | { readonly ask: "prepare"; readonly work: string }
  | { readonly ask: "run"; readonly times: number }
  | { readonly ask: "memory" }
  | { readonly ask: "results" };

/** Answers of a peer, by request. */
export interface Answers {
  /** Answer after the first step; `milliseconds` is the step's duration. */
  readonly prepare: {
    readonly device: string;
    readonly version: string;
    readonly milliseconds: number;
  };
  /** Duration of the work, until the device has finished. */
  readonly run: { readonly milliseconds: number };
  /** Peak resident memory of the process; null if the system does not report it. */
  readonly memory: { readonly peakMemoryMiB: number | null };
  /** Checksums of the outputs, or the cost of each of the first steps. */
  readonly results: { readonly results: readonly number[][] };
}

/** Answer of a peer that cannot do the work. */
export interface Refusal {
  /** Reason in words. */
  readonly unavailable: string;
}

/** Work that is ready to run. */
export interface Work {
  /** Runs the work `times` times; may return before the device has finished. */
  run(times: number): void | Promise<void>;
  /** Waits until the device has finished. */
  finish(): Promise<void>;
  /** Returns the numbers that are compared. */
  results(): Promise<number[][]>;
}

/** A library in the comparison. */
export interface Peer {
  /** Version of the library. */
  readonly version: string;
  /** Starts the device and returns its name. */
  start(): Promise<string>;
  /** By name of a work, the function that creates it, or the reason in words if the library cannot do it. */
  readonly works: Readonly<Record<string, (() => Work | Promise<Work>) | string>>;
}

async function measureMilliseconds(work: Work, times: number): Promise<number> {
  const start = performance.now();
  await work.run(times);
  await work.finish();
  return performance.now() - start;
}

async function readPeakMemory(): Promise<number | null> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}

/** Answers requests about `peer` until the input ends. */
export async function serve(peer: Peer): Promise<void> {
  console.log = console.info = console.error; // standard output is reserved for answers
  let work: Work | undefined;
  const answer = async (request: Request): Promise<Answers[keyof Answers] | Refusal> => {
    if (request.ask === "prepare") {
      const create = peer.works[request.work] ?? `it has no work "${request.work}"`;
      if (typeof create === "string") return { unavailable: create };
      const device = await peer.start();
      work = await create();
      return { device, version: peer.version, milliseconds: await measureMilliseconds(work, 1) };
    }
    if (request.ask === "memory") {
      return { peakMemoryMiB: await readPeakMemory() };
    }
    if (!work) {
      throw new TypeError("Cannot run work: it must be prepared first");
    }
    if (request.ask === "results") return { results: await work.results() };
    return { milliseconds: await measureMilliseconds(work, request.times) };
  };
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ unavailable: String(error) }));
    await Deno.stdout.write(
      new TextEncoder().encode(`${JSON.stringify(reply)}\n`),
    );
  }
  Deno.exit(0); // devices may keep a process alive
}
