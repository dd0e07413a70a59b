/** Tries readers with mutated files: documented errors only, in little time and memory. */
import process from "node:process";
import fc from "npm:fast-check@4.11.0";
import { mutated } from "./mutations.ts";
import { watchPeak } from "./peak.ts";
import type { Bytes, Reader } from "./readers.ts";

/** Limits of a single input. */
const mostSeconds = 1, mostBytes = 300e6, mostCharacters = 2000;

/** Figures of many inputs. */
export interface Trial {
  readonly inputs: number;
  /** Number of inputs that were refused; the others were read. */
  readonly refused: number;
  /** Longest processor time of an input. */
  readonly slowestSeconds: number;
  /** Largest growth of the process by an input. */
  readonly largestBytes: number;
}

/** Returns what is wrong with an error; undefined if the documentation has such errors. */
function faultOf(error: unknown, { isClause = false }: Reader): string | undefined {
  if (!(error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError)) {
    return `it is no documented error: ${error}`;
  }
  const { message } = error;
  if (!isClause && !message.startsWith("Cannot ")) return `its message does not say what failed: ${message}`;
  if (/^(Invalid|Maximum|Cannot read properties|Array buffer)/.test(message)) {
    return `it is of the engine: ${message}`;
  }
  if (message.length > mostCharacters) return `its message has ${message.length} characters`;
  return undefined;
}

/** Reads an input. @returns the fault that was found, if any, and figures. */
export async function tryInput(reader: Reader, bytes: Bytes) {
  const before = process.cpuUsage(), growth = watchPeak();
  let fault: string | undefined, isRefused = false;
  try {
    await reader.read(bytes);
  } catch (error) {
    isRefused = true;
    fault = faultOf(error, reader);
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6, grown = growth();
  if (seconds > mostSeconds) fault ??= `it took ${seconds} s`;
  if (grown > mostBytes) fault ??= `it took ${grown} bytes`;
  return { fault, isRefused, seconds, grown };
}

/**
 * Tries a reader with so many mutated files.
 * @throws {Error} naming the seed, the fault and the smallest file that shows it, in Base64 for the corpus.
 */
export async function fuzz(name: string, reader: Reader, runs: number, seed: number): Promise<Trial> {
  const trial = { inputs: 0, refused: 0, slowestSeconds: 0, largestBytes: 0 };
  const property = fc.asyncProperty(mutated(reader.seeds), async (bytes) => {
    const { fault, isRefused, seconds, grown } = await tryInput(reader, bytes);
    trial.inputs += 1;
    if (isRefused) trial.refused += 1;
    trial.slowestSeconds = Math.max(trial.slowestSeconds, seconds);
    trial.largestBytes = Math.max(trial.largestBytes, grown);
    if (fault !== undefined) throw new Error(fault);
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
  if (!failed) return trial;
  const [bytes] = counterexample ?? [new Uint8Array()];
  throw new Error(
    `Reader ${name}, seed ${seed}: ${
      errorInstance instanceof Error ? errorInstance.message : errorInstance
    }\n` +
      `["${name}", "${bytes.toBase64()}"]`,
  );
}
