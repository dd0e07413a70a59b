/**
 * A peer's side of the comparison: answers requests, one JSON object a line, until its input ends.
 * @module
 */
import { TextLineStream } from "./line_stream.ts";
import type { WorkName } from "./works.ts";

/** What the comparison asks of a peer. */
export type Request =
  | { readonly ask: "prepare"; readonly work: WorkName }
  | { readonly ask: "run"; readonly times: number }
  | { readonly ask: "memory" }
  | { readonly ask: "results" };

/** What a peer answers. */
export interface Answers {
  /** After the first step. */
  readonly prepare: {
    readonly device: string;
    readonly version: string;
    readonly milliseconds: number;
  };
  /** Until the device had finished. */
  readonly run: { readonly milliseconds: number };
  /** Most memory that the process has had resident; null where the system does not tell. */
  readonly memory: { readonly peakMemoryMiB: number | null };
  /** Checksums of the outputs, or the cost of each of the first steps. */
  readonly results: { readonly results: readonly number[][] };
}

/** An answer that there is none. */
export interface Refusal {
  readonly unavailable: string;
}

/** Work that is ready to run. */
export interface Work {
  /** Runs it `times` times; need not wait. */
  run(times: number): void | Promise<void>;
  /** Waits until the device has done all of it. */
  finish(): Promise<void>;
  /** What is compared. */
  results(): Promise<number[][]>;
}

/** A library in the comparison. */
export interface Peer {
  /** Its version. */
  readonly version: string;
  /** Starts its device, whose name it returns. */
  start(): Promise<string>;
  /** How it does each work. A reason in words where it cannot. */
  readonly works: {
    readonly [name in WorkName]: (() => Work | Promise<Work>) | string;
  };
}

async function millisecondsOf(work: Work, times: number): Promise<number> {
  const start = performance.now();
  await work.run(times);
  await work.finish();
  return performance.now() - start;
}

async function peakMemoryMiB(): Promise<number | null> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}

/** Answers requests about `peer` until the input ends. */
export async function serve(peer: Peer): Promise<void> {
  console.log = console.info = console.error; // what libraries print must not come between the answers
  let work: Work | undefined;
  const answer = async (request: Request): Promise<Answers[keyof Answers] | Refusal> => {
    if (request.ask === "prepare") {
      const make = peer.works[request.work];
      if (typeof make === "string") return { unavailable: make };
      const device = await peer.start();
      work = await make();
      return { device, version: peer.version, milliseconds: await millisecondsOf(work, 1) };
    }
    if (request.ask === "memory") {
      return { peakMemoryMiB: await peakMemoryMiB() };
    }
    if (!work) {
      throw new TypeError("Cannot run work as it must be prepared first: none is");
    }
    if (request.ask === "results") return { results: await work.results() };
    return { milliseconds: await millisecondsOf(work, request.times) };
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
