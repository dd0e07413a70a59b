/**
 * Checkpoints: one safetensors file with the whole state of a run after a step. PyTorch can read the file;
 * the weights are named `student.NAME` and `teacher.NAME`.
 * @module
 */
import { type HostTensor, readSafetensors, writeSafetensors } from "../nn/mod.ts";
import { recordOf } from "./record_of.ts";
import { resolveOptions, type TrainingOptions } from "./options/training_options.ts";

const kind = "mean-teacher checkpoint";
/** Name and version of the format, stored in the metadata. */
const format = `${kind} 1`;

/** Returns whether the `format` of a safetensors file is a checkpoint's, of any version. */
export function isCheckpointFormat(name: string | undefined): boolean {
  return name?.startsWith(`${kind} `) ?? false;
}

/** The whole state of a run after a step. Batches and random numbers follow from the seed and the step. */
export interface Checkpoint {
  /** Number of completed steps. */
  readonly step: number;
  /** Options of the run. */
  readonly options: TrainingOptions;
  /** Class names. */
  readonly classes: readonly string[];
  /** `[C, H, W]` of the networks' input images. */
  readonly imageShape: readonly [number, number, number];
  /** `[H, W]` of images before a random resized crop. */
  readonly canvas: readonly [height: number, width: number];
  /** Statistics that pixels are normalised with, per channel. */
  readonly channelStatistics: {
    /** Mean of pixels scaled to [0, 1]. */
    readonly mean: readonly number[];
    /** Standard deviation of pixels scaled to [0, 1]. */
    readonly standardDeviation: readonly number[];
  };
  /** Class index of each training example, NO_LABEL (−1) = unlabelled. */
  readonly labels: Int32Array;
  /** Texts added by the program that trains, such as the name of the dataset. */
  readonly about: Readonly<Record<string, string>>;
  /**
   * Custom functions of the run by the names of the trainer's settings, such as `schedule`. A checkpoint does
   * not contain them: to resume, pass the same ones.
   */
  readonly custom: readonly string[];
  /** Names of the parameters that the run loaded at its start, for option `initLrFactor`; often empty. */
  readonly loaded: readonly string[];
  /** Kernels that were measured to be fastest; others would round differently. See `Tuning`. */
  readonly kernels: Readonly<Record<string, string>>;
  /** Values of the student's variables. */
  readonly student: ReadonlyMap<string, HostTensor>;
  /** Values of the teacher's variables. */
  readonly teacher: ReadonlyMap<string, HostTensor>;
  /** Values of the optimiser's variables. */
  readonly optimizer: ReadonlyMap<string, HostTensor>;
}

/** Names of a run's groups of variables. */
export const groups = ["student", "teacher", "optimizer"] as const;

/** Returns the bytes of a checkpoint file. */
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
 * @param source Name of the file, for errors.
 * @throws {SyntaxError} if the bytes are not a checkpoint. @throws {RangeError} if its options are invalid.
 */
export function readCheckpoint(bytes: Uint8Array, source = "the checkpoint"): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, { source });
  const malformed = (state: string) => new SyntaxError(`Cannot read ${source}: ${state}`);
  if (metadata["format"] !== format) {
    const found = metadata["format"];
    throw malformed(
      found
        ? `its format is ${JSON.stringify(found)}, not "${format}"`
        : "it is a safetensors file, but not a checkpoint",
    );
  }
  const run = parseRun(metadata["run"], malformed);
  const labels = tensors.get("labels");
  if (!(labels?.data instanceof Int32Array)) throw malformed("the checkpoint has no labels");
  return { ...run, labels: labels.data, ...groupsIn(tensors) };
}

/** Groups tensors by the first part of their names: `student` of `student.features.0.weight`. */
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

type RunMetadata = Omit<Checkpoint, "labels" | (typeof groups)[number]>;

function parseRun(text: string | undefined, malformed: (state: string) => SyntaxError): RunMetadata {
  let run: Partial<Record<keyof RunMetadata, unknown>>;
  try {
    run = JSON.parse(text ?? "") ?? {};
  } catch {
    throw malformed("the checkpoint's description of its run is not valid JSON");
  }
  const areNames = (value: unknown) =>
    Array.isArray(value) && value.every((name) => typeof name === "string");
  const isNumbers = (value: unknown) => Array.isArray(value) && value.every(Number.isFinite);
  // Checkpoints of older versions have no `loaded`.
  const {
    step,
    options,
    classes,
    imageShape,
    canvas,
    channelStatistics,
    about,
    custom,
    loaded = [],
    kernels,
  } = run as RunMetadata;
  const isComplete = Number.isSafeInteger(step) && step >= 0 && typeof options === "object" &&
    options !== null &&
    areNames(classes) &&
    isNumbers(imageShape) && imageShape.length === 3 &&
    isNumbers(canvas) && canvas.length === 2 &&
    isNumbers(channelStatistics?.mean) && isNumbers(channelStatistics?.standardDeviation) &&
    areNames(custom) && areNames(loaded) &&
    typeof about === "object" && about !== null && typeof kernels === "object" && kernels !== null;
  if (!isComplete) throw malformed("the checkpoint's description of its run is incomplete");
  return {
    step,
    options: resolveOptions(options),
    classes,
    imageShape,
    canvas,
    channelStatistics,
    about,
    custom,
    loaded,
    kernels,
  };
}
