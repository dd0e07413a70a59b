/**
 * Requests of a page to a run: pause, save a checkpoint, stop.
 * @module
 */
import type { RunRequest } from "../../semisup/mod.ts";

/** State of a run. */
export type RunState = "running" | "paused" | "stopping" | "ended";

/** Passes requests to a run, which asks for them before each step. */
export class RunControl {
  readonly #stop = new AbortController();
  readonly #now: () => number;
  #pause: PromiseWithResolvers<void> | undefined;
  #pausedSeconds = 0;
  #wantsCheckpoint = false;
  #isEnded = false;

  /** @param now Returns milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Aborts when the run shall stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Time that the run waited so far, in seconds. */
  get pausedSeconds(): number {
    return this.#pausedSeconds;
  }

  /** State as far as requested. */
  get state(): RunState {
    if (this.#isEnded) return "ended";
    return this.#stop.signal.aborted ? "stopping" : this.#pause ? "paused" : "running";
  }

  /** Pauses the run before its next step, or continues it. */
  setPaused(isPaused: boolean): void {
    if (isPaused === (this.#pause !== undefined)) return;
    const waiting = this.#pause;
    this.#pause = isPaused ? Promise.withResolvers<void>() : undefined;
    waiting?.resolve();
  }

  /** Asks for a checkpoint, also of a paused run. */
  saveCheckpoint(): void {
    this.#wantsCheckpoint = true;
    this.#wake();
  }

  /** Stops the run, also a paused one. */
  stop(): void {
    this.#stop.abort(new Error("A page stopped the run"));
    this.#wake();
  }

  /** Marks the run as ended. */
  end(): void {
    this.#isEnded = true;
  }

  /** Returns the next request; waits while the run is paused. */
  nextRequest(): RunRequest | Promise<RunRequest> {
    return this.#pause ? this.#wait() : this.#takeRequest();
  }

  #takeRequest(): RunRequest {
    const isWanted = this.#wantsCheckpoint;
    this.#wantsCheckpoint = false;
    return isWanted ? "checkpoint" : undefined;
  }

  async #wait(): Promise<RunRequest> {
    const start = this.#now();
    while (this.#pause && !this.#wantsCheckpoint && !this.signal.aborted) await this.#pause.promise;
    this.#pausedSeconds += (this.#now() - start) / 1000;
    return this.#takeRequest();
  }

  /** Lets a paused run look at its requests. */
  #wake(): void {
    const waiting = this.#pause;
    if (!waiting) return;
    this.#pause = Promise.withResolvers<void>();
    waiting.resolve();
  }
}
