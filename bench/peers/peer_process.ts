/**
 * The comparison's side of a peer: a process that does one work.
 * @module
 */
import { TextLineStream } from "./line_stream.ts";
import type { Answers, Refusal, Request } from "./worker.ts";

/** Why a peer has no number. */
export class UnavailableError extends Error {
  /** The error's name. */
  override readonly name: string = "UnavailableError";
}

/** Longest wait for an answer. */
const patienceMilliseconds = 10 * 60 * 1000;

/** Shaders are compiled anew in each process, so that the time to the first step is that of a first start. */
const coldShaderCaches = { MESA_SHADER_CACHE_DISABLE: "1", __GL_SHADER_DISK_CACHE: "0" };

/** A running peer. */
export class PeerProcess {
  readonly #start = performance.now();
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  /** The last error that it wrote on its standard error, for when it ends unasked. */
  #lastWords = "";
  readonly #listening: Promise<void>;

  /** Starts a command. @throws {UnavailableError} if there is no such program. */
  constructor([program, ...args]: readonly [string, ...string[]]) {
    try {
      this.#process = new Deno.Command(program, {
        args,
        env: { ...coldShaderCaches, NO_COLOR: "1" },
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

  async #listen(said: ReadableStream<string>): Promise<void> {
    for await (const line of said) if (/error/i.test(line)) this.#lastWords = line.trim();
  }

  /** Milliseconds since it was started. */
  get age(): number {
    return performance.now() - this.#start;
  }

  /** Asks it something. @throws {UnavailableError} if it refuses, ends or takes too long. */
  async ask<R extends Request>(request: R): Promise<Answers[R["ask"]]> {
    // A process that has ended takes no request: its last words say more than the error of writing to it.
    await this.#input.write(
      new TextEncoder().encode(`${JSON.stringify(request)}\n`),
    ).catch(() => undefined);
    let impatience: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const minutes = patienceMilliseconds / 60_000;
      const refuse = () => reject(new UnavailableError(`no answer within ${minutes} minutes`));
      impatience = setTimeout(refuse, patienceMilliseconds);
    });
    try {
      const { value } = await Promise.race([this.#answers.read(), late]);
      if (value === undefined) {
        await this.#listening;
        throw new UnavailableError(this.#lastWords || "its process ended");
      }
      const answer = JSON.parse(value) as Answers[R["ask"]] | Refusal;
      if ("unavailable" in answer) {
        throw new UnavailableError(answer.unavailable);
      }
      return answer;
    } finally {
      clearTimeout(impatience);
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    try {
      this.#process.kill("SIGKILL"); // what it had to say has been said, and some devices end slowly
    } catch {
      // It has ended by itself.
    }
    await this.#process.status;
    await this.#answers.cancel().catch(() => undefined);
    await this.#listening.catch(() => undefined);
    await this.#input.abort().catch(() => undefined);
  }
}
