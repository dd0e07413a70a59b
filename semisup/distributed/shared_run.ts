/**
 * Work that the processes of a run do together outside of its steps: start equal, agree on the end, average running
 * statistics, and compare their weights.
 * @module
 */
import { type BatchShare, type Device, sizeOf, type Variable } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";
import { statesOf } from "../setup.ts";
import { type Collective, gather } from "./collective.ts";

/** Fewer rows per process give poor statistics: then those of the whole batch are the default. */
const fewRows = 32;

/** Returns whether batch normalisation uses statistics of the whole batch, if the caller does not choose. */
export function syncByDefault({ rows, ranks, whole }: BatchShare): boolean {
  // The same for all processes, whose rows may differ by one.
  return ranks > 1 && Math.min(rows, Math.floor(whole / ranks)) < fewRows;
}

/** Thrown if the processes of a run have different weights. */
export class DifferenceError extends Error {
  /** Name of the error class. */
  override readonly name: string = "DifferenceError";
}

/** Parts of {@linkcode SharedRun}. */
export interface SharedRunParts {
  readonly device: Device;
  readonly algorithm: Algorithm;
  readonly collective: Collective;
  readonly share: BatchShare;
  /** True if running statistics are equal in all processes. */
  readonly syncBatchNorm: boolean;
}

/** A run that several processes train together. */
export class SharedRun {
  readonly #parts: SharedRunParts;

  /** Describes a run of which nothing is shared yet. */
  constructor(parts: SharedRunParts) {
    this.#parts = parts;
  }

  /** Returns the rows of this process, of the whole batch. */
  rowsOf(batch: Int32Array): Int32Array {
    const { rank, ranks } = this.#parts.share;
    return batch.filter((_, row) => row % ranks === rank);
  }

  /** Copies all values of process 0 to the others. @throws {GpuError} if the GPU failed. */
  async startEqual(): Promise<void> {
    const { device, algorithm, collective } = this.#parts;
    const variables = Object.values(statesOf(algorithm)).flatMap((named) => Object.values(named));
    for (const variable of variables) {
      if (variable.dtype !== "float32") {
        throw new TypeError(
          `Cannot share the run: ${variable.name} must be float32, but is ${variable.dtype}`,
        );
      }
      const values = Float32Array.from((await device.read([variable]))[0]);
      // x + −0 is x, and −0 if x is −0.
      if (collective.rank !== 0) values.fill(-0);
      await collective.sum(values);
      if (collective.rank !== 0) device.write(variable, values);
    }
  }

  /** Returns for each question whether any process answers yes. */
  async isAny<const T extends readonly boolean[]>(answers: T): Promise<{ readonly [K in keyof T]: boolean }> {
    const counts = Float32Array.from(answers, Number);
    await this.#parts.collective.sum(counts);
    return answers.map((_, i) => (counts[i] ?? 0) > 0) as { readonly [K in keyof T]: boolean };
  }

  /**
   * Averages the running statistics of all processes, each weighted by its rows; those of a synchronised run are equal.
   * @throws {GpuError} if the GPU failed.
   */
  async averageStatistics(): Promise<void> {
    const { device, algorithm: { student, teacher }, collective, share, syncBatchNorm } = this.#parts;
    if (syncBatchNorm) return;
    const variables = [...Object.values(student.buffers), ...Object.values(teacher.buffers)]
      .filter(({ dtype }) => dtype === "float32");
    if (variables.length === 0) return;
    const values = await device.read(variables), weight = share.rows / share.whole;
    const all = Float32Array.from(values.flatMap((each) => Array.from(each, (value) => value * weight)));
    await collective.sum(all);
    let start = 0;
    for (const variable of variables) {
      const length = sizeOf(variable.shape);
      device.write(variable, all.subarray(start, start += length));
    }
  }

  /**
   * Compares checksums of student and teacher with the other processes.
   * @param step Completed steps.
   * @throws {DifferenceError} if they differ. @throws {GpuError} if the GPU failed.
   */
  async compareWeights(step: number): Promise<void> {
    const { device, algorithm: { student, teacher }, collective } = this.#parts;
    const networks = { student, teacher };
    const own: number[] = [];
    for (const { parameters } of Object.values(networks)) {
      const sum = await checksumOf(device, Object.values(parameters));
      own.push(sum >>> 16, sum & 0xffff);
    }
    const all = await gather(collective, own), [reference] = all;
    const differing = all.flatMap((sums, rank) => sums.join() === reference?.join() ? [] : [rank]);
    if (differing.length === 0) return;
    throw new DifferenceError(
      `Cannot continue training: all processes must have the same weights, but those of rank ${
        differing.join(", ")
      } differ from those of rank 0 after step ${step}. Use the same kind of GPU and driver for all ranks, and resume from the last checkpoint.`,
    );
  }
}

/** Returns a checksum of the values of variables (FNV-1a of their 32-bit words). */
async function checksumOf(device: Device, variables: readonly Variable[]): Promise<number> {
  let sum = 0x811c9dc5;
  for (const values of await device.read(variables)) {
    for (const word of new Uint32Array(values.buffer, values.byteOffset, values.length)) {
      sum = Math.imul(sum ^ word, 0x01000193);
    }
  }
  return sum >>> 0;
}
