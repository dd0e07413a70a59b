/**
 * A checkpoint: one safetensors file with all that a run is at a step. PyTorch reads it too; the weights are
 * `student.NAME` and `teacher.NAME`.
 * @module
 */
import { type HostTensor, readSafetensors, writeSafetensors } from "../nn/mod.ts";
import { recordOf } from "./record_of.ts";
import { resolveOptions, type TrainingOptions } from "./options/training_options.ts";

/** What its metadata call the format. */
const format = "mean-teacher checkpoint 1";

/** All that a run is at a step. Batches and random numbers follow from the seed and the step. */
export interface Checkpoint {
  /** Number of completed steps. */
  readonly step: number;
  /** Options of the run. */
  readonly options: TrainingOptions;
  /** Class names. */
  readonly classes: readonly string[];
  /** `[C, H, W]` of the images that the networks see. */
  readonly imageShape: readonly [number, number, number];
  /** `[H, W]` that images have before a random resized crop. */
  readonly canvas: readonly [height: number, width: number];
  /** What pixels are normalised with, per channel. */
  readonly channelStatistics: {
    /** Mean of pixels scaled to [0, 1]. */
    readonly mean: readonly number[];
    /** Their standard deviation. */
    readonly standardDeviation: readonly number[];
  };
  /** Class index of each training example, NO_LABEL (−1) = unlabelled. */
  readonly labels: Int32Array;
  /** What else the program that trains wants to know again, such as the name of the dataset. */
  readonly about: Readonly<Record<string, string>>;
  /** Which kernels were measured to be fastest: others would round otherwise. See `Tuning`. */
  readonly kernels: Readonly<Record<string, string>>;
  /** Values of the student's variables. */
  readonly student: ReadonlyMap<string, HostTensor>;
  /** Values of the teacher's variables. */
  readonly teacher: ReadonlyMap<string, HostTensor>;
  /** Values of the optimiser's variables. */
  readonly optimizer: ReadonlyMap<string, HostTensor>;
}

/** The groups of variables that a run is made of. */
export const groups = ["student", "teacher", "optimizer"] as const;

/** A checkpoint as the bytes of a file. */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { labels, student, teacher, optimizer, ...run } = checkpoint;
  const tensors = Object.entries({ student, teacher, optimizer }).flatMap(([group, values]) =>
    [...values].map(([name, tensor]) => [`${group}.${name}`, tensor] as const)
  );
  const labelTensor: HostTensor = { shape: [labels.length], dtype: "int32", data: Int32Array.from(labels) };
  return writeSafetensors([...tensors, ["labels", labelTensor]], { format, run: JSON.stringify(run) });
}

/**
 * Reads a checkpoint.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} if the bytes are no checkpoint. @throws {RangeError} if its options are impossible.
 */
export function readCheckpoint(bytes: Uint8Array, source = "the checkpoint"): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, { source });
  const damaged = (state: string) =>
    new SyntaxError(`Cannot read ${source} as it must be a checkpoint: ${state}`);
  if (metadata["format"] !== format) {
    throw damaged(
      metadata["format"]
        ? `its format is ${JSON.stringify(metadata["format"])}`
        : "it is a safetensors file of another kind",
    );
  }
  const run = parseRun(metadata["run"], damaged);
  const labels = tensors.get("labels");
  if (!(labels?.data instanceof Int32Array)) throw damaged("it has no labels");
  return { ...run, labels: labels.data, ...groupsIn(tensors) };
}

/** The groups that tensors belong to by the first part of their names, such as `student.features.0.weight`. */
export function groupsIn(
  tensors: ReadonlyMap<string, HostTensor>,
): Pick<Checkpoint, (typeof groups)[number]> {
  return recordOf(groups, (group) =>
    new Map(
      [...tensors].flatMap(([name, tensor]) =>
        name.startsWith(`${group}.`) ? [[name.slice(group.length + 1), tensor] as const] : []
      ),
    ));
}

type Run = Omit<Checkpoint, "labels" | (typeof groups)[number]>;

function parseRun(text: string | undefined, damaged: (state: string) => SyntaxError): Run {
  let run: Partial<Record<keyof Run, unknown>>;
  try {
    run = JSON.parse(text ?? "") ?? {};
  } catch {
    throw damaged("what it says of its run is no JSON");
  }
  const isNumbers = (value: unknown) => Array.isArray(value) && value.every(Number.isFinite);
  const { step, options, classes, imageShape, canvas, channelStatistics, about, kernels } = run as Run;
  const isWhole = Number.isSafeInteger(step) && step >= 0 && typeof options === "object" &&
    options !== null &&
    Array.isArray(classes) && classes.every((name) => typeof name === "string") &&
    isNumbers(imageShape) && imageShape.length === 3 &&
    isNumbers(canvas) && canvas.length === 2 &&
    isNumbers(channelStatistics?.mean) && isNumbers(channelStatistics?.standardDeviation) &&
    typeof about === "object" && about !== null && typeof kernels === "object" && kernels !== null;
  if (!isWhole) throw damaged("what it says of its run is not all there");
  return {
    step,
    options: resolveOptions(options),
    classes,
    imageShape,
    canvas,
    channelStatistics,
    about,
    kernels,
  };
}
