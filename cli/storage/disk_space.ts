/**
 * The space that the files of a run need, and the free space of its disk.
 * @module
 */
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { exists } from "../command/given_file.ts";
import { sizeOf } from "../../kernels/mod.ts";
import { type NamedVariables, stateOf } from "../../nn/mod.ts";
import { comparesEvaluations, stepsIn, type Trainer } from "../../semisup/mod.ts";
import type { Plan } from "../plan/plan.ts";

/** The parts of a trainer that decide the sizes of files. */
export type MeasuredTrainer = Pick<Trainer, "options" | "totalSteps" | "stepsPerEpoch"> & {
  readonly algorithm: Pick<Trainer["algorithm"], "student" | "teacher" | "optimizer">;
};

/** Space that a run needs. */
export interface SpaceNeed {
  /** Bytes of one checkpoint. */
  readonly checkpoint: number;
  /** Largest number of checkpoints that are there at once, the final and the best one included. */
  readonly count: number;
  /** Bytes of the model. */
  readonly model: number;
  /** Bytes of all files, those of the runs that follow included. */
  readonly total: number;
}

/** Computes the space that a run needs. Logs and lists of labels, which are small, are left out. */
export function spaceNeed({ run, ...plan }: Plan, trainer: MeasuredTrainer, labels: Int32Array): SpaceNeed {
  const { options, totalSteps, stepsPerEpoch, algorithm: { student, teacher, optimizer } } = trainer;
  const model = bytesOf(stateOf(teacher));
  const hasBest = comparesEvaluations(options);
  const state = bytesOf(stateOf(student)) + model + bytesOf(optimizer.state);
  // A checkpoint has the best weights too.
  const checkpoint = (hasBest ? 2 : 1) * state + labels.byteLength;
  const interval = stepsIn(options.checkpointEpochs, stepsPerEpoch);
  const saves = interval > 0 ? Math.max(0, Math.ceil(totalSteps / interval) - 1) : 0;
  // A file is written whole before an older one is deleted.
  const count = Math.min(run.keepCheckpoints, saves) + 1 + (hasBest ? 1 : 0);
  const followers = "original" in plan ? 0 : run.folds ?? Number(run.baseline);
  return { checkpoint, count, model, total: (1 + followers) * (count * checkpoint + model) };
}

function bytesOf(variables: NamedVariables): number {
  return Object.values(variables).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}

/**
 * Describes the space that a run needs.
 * @throws {RangeError} if its disk has less.
 */
export async function checkSpace(
  { folder }: Plan,
  { checkpoint, count, model, total }: SpaceNeed,
): Promise<string> {
  const free = await freeBytes(folder), there = await bytesIn(folder);
  const need = `about ${sizeText(total)} for its files (${count} checkpoints of ${
    sizeText(checkpoint)
  }, a model of ${sizeText(model)})`;
  if (free !== null && free + there < total) {
    throw new RangeError(
      `Cannot write the run to ${folder}: it needs ${need}, but only ${
        sizeText(free)
      } are free. Make room, set another --output, or keep fewer checkpoints with --keep-checkpoints.`,
    );
  }
  return `The run needs ${need}; ${
    free === null ? "the free space is unknown" : `${sizeText(free)} are free`
  }`;
}

/** Returns the free bytes of the disk of a folder; null if the system does not tell. */
async function freeBytes(folder: string): Promise<number | null> {
  let path = resolve(folder);
  while (!await exists(path)) path = dirname(path);
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Returns the bytes of the files in a folder, most of which a resumed run replaces. */
async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  if (!await exists(folder)) return sum;
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) sum += (await Deno.stat(resolve(folder, name))).size;
  }
  return sum;
}

/** Formats a number of bytes in MB or GB. */
export function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
