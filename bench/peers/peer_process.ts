/**
 * Processes of peers, seen from the comparison. Each process does one piece of work.
 * @module
 */
import { TextLineStream } from "./line_stream.ts";
import type { Answers, Refusal, Request } from "./worker.ts";

/** Error of a peer that cannot do a piece of work; the message is the reason. */
export class UnavailableError extends Error {
  /** The error's name. */
  override readonly name: string = "UnavailableError";
}

/** Longest wait for an answer, in milliseconds. */
const timeoutMilliseconds = 10 * 60 * 1000;

/** Variables that disable shader caches, so that the time to the first step includes compilation. */
const withoutCaches = { MESA_SHADER_CACHE_DISABLE: "1", __GL_SHADER_DISK_CACHE: "0" };
/**
 * A variable that some machines set to kernels of an old processor, which make the matrix products of PyTorch
 * slow. Peers run without it, so OpenBLAS chooses by itself.
 */
const blasChoice = "OPENBLAS_CORETYPE";

/** A running peer. */
export class PeerProcess {
  readonly #start = performance.now();
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  /** Last line with an error on the process's standard error, reported if the process ends unexpectedly. */
  #lastError = "";
  readonly #listening: Promise<void>;

  /** Starts a command. @throws {UnavailableError} if the program does not start. */
  constructor([program, ...args]: readonly [string, ...string[]]) {
    const { [blasChoice]: _, ...environment } = Deno.env.toObject();
    try {
      this.#process = new Deno.Command(program, {
        args,
        clearEnv: true,
        env: { ...environment, ...withoutCaches, NO_COLOR: "1" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      throw new UnavailableError(
        `${program} does not start (${error instanceof Error ? error.name : error})`,
      );
    }
    this.#input = this.#process.stdin.getWriter();
    const lines = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
      stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    this.#answers = lines(this.#process.stdout).getReader();
    this.#listening = this.#listen(lines(this.#process.stderr));
  }

  async #listen(lines: ReadableStream<string>): Promise<void> {
    for await (const line of lines) if (/error/i.test(line)) this.#lastError = line.trim();
  }

  /** Milliseconds since the start of the process. */
  get age(): number {
    return performance.now() - this.#start;
  }

  /**
   * Sends a request and returns the answer.
   * @throws {UnavailableError} if the process refuses, ends or times out.
   */
  async ask<R extends Request>(request: R): Promise<Answers[R["ask"]]> {
    // If the process has ended, its last error says more than the error of writing to it.
    await this.#input.write(
      new TextEncoder().encode(`${JSON.stringify(request)}\n`),
    ).catch(() => undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const minutes = timeoutMilliseconds / 60_000;
      const fail = () => reject(new UnavailableError(`no answer within ${minutes} minutes`));
      timer = setTimeout(fail, timeoutMilliseconds);
    });
    try {
      const { value } = await Promise.race([this.#answers.read(), timeout]);
      if (value === undefined) {
        await this.#listening;
        throw new UnavailableError(this.#lastError || "its process ended");
      }
      const answer = JSON.parse(value) as Answers[R["ask"]] | Refusal;
      if ("unavailable" in answer) {
        throw new UnavailableError(answer.unavailable);
      }
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process. */
  async close(): Promise<void> {
    try {
      this.#process.kill("SIGKILL"); // all answers have arrived, and some devices shut down slowly
    } catch {
      // The process has already ended.
    }
    await this.#process.status;
    await this.#answers.cancel().catch(() => undefined);
    await this.#listening.catch(() => undefined);
    await this.#input.abort().catch(() => undefined);
  }
}
