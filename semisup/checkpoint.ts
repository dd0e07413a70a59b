/**
 * Checkpoints: one safetensors file with the whole state of a run after a step. PyTorch can read the file;
 * the weights are named `student.NAME` and `teacher.NAME`.
 * @module
 */
import {
  type ChecksumParts,
  computeChecksums,
  findDamage,
  type HostTensor,
  isImageShape,
  readSafetensors,
  writeSafetensors,
} from "../nn/mod.ts";
import { recordOf } from "./record_of.ts";
import { resolveOptions, type TrainingOptions } from "./options/training_options.ts";
import type { Best } from "./training/selection.ts";

const kind = "mean-teacher checkpoint";
/** Name and version of the format, stored in the metadata. */
const format = `${kind} 1`;

/** Returns whether the `format` of a safetensors file is a checkpoint's, of any version. */
export function isCheckpointFormat(name: string | undefined): boolean {
  return name?.startsWith(`${kind} `) ?? false;
}

/** Values of a run's variables, by name. */
export interface RunState {
  /** Values of the student's variables. */
  readonly student: ReadonlyMap<string, HostTensor>;
  /** Values of the teacher's variables. */
  readonly teacher: ReadonlyMap<string, HostTensor>;
  /** Values of the optimiser's variables. */
  readonly optimizer: ReadonlyMap<string, HostTensor>;
}

/** The whole state of a run after a step. Batches and random numbers follow from the seed and the step. */
export interface Checkpoint extends RunState {
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
  /** The best weights so far; absent if the run does not compare its evaluations. */
  readonly best?: Best;
}

/** Names of a run's groups of variables. */
export const groups = ["student", "teacher", "optimizer"] as const;

/** Returns the bytes of a checkpoint file. */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { labels, student, teacher, optimizer, best, ...run } = checkpoint;
  const labelTensor: HostTensor = { shape: [labels.length], dtype: "int32", data: Int32Array.from(labels) };
  const { state, ...compared } = best ?? {};
  // The best weights are often the current ones, and then stored once.
  const isOlder = state && best?.evaluation.step !== checkpoint.step;
  const tensors = [
    ...tensorsOf({ student, teacher, optimizer }),
    ["labels", labelTensor] as const,
    ...(isOlder ? tensorsOf(state).map(([name, tensor]) => [`${bestPrefix}${name}`, tensor] as const) : []),
  ];
  const text = JSON.stringify({ ...run, ...(best && { best: compared }) });
  return writeSafetensors(tensors, {
    format,
    run: text,
    checksums: computeChecksums(partsOf(tensors, text)),
  });
}

/** Returns the parts of a checkpoint that have checksums: each group of variables, the labels and the description. */
function partsOf(tensors: ChecksumParts["tensors"], run: string): ChecksumParts {
  return { tensors, texts: { run }, groupOf: (name) => /^(best\.)?[^.]+/.exec(name)?.[0] ?? name };
}

/** Prefix of the names of the best weights. */
const bestPrefix = "best.";

function tensorsOf(state: RunState): (readonly [name: string, tensor: HostTensor])[] {
  return groups.flatMap((group) =>
    [...state[group]].map(([name, tensor]) => [`${group}.${name}`, tensor] as const)
  );
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
  const damaged = findDamage(partsOf(tensors, metadata["run"] ?? ""), metadata["checksums"]);
  if (damaged !== undefined) throw malformed(`the file is damaged: the checksum of its ${damaged} is wrong`);
  const run = parseRun(metadata["run"], source);
  const labels = tensors.get("labels");
  if (!(labels?.data instanceof Int32Array)) throw malformed("the checkpoint has no labels");
  const { best, ...rest } = run, state = groupsIn(tensors);
  if (!best) return { ...rest, labels: labels.data, ...state };
  const older = best.evaluation.step === run.step ? state : groupsIn(tensors, bestPrefix);
  return { ...rest, labels: labels.data, ...state, best: { ...best, state: older } };
}

/** Groups tensors by the first part of their names after a prefix: `student` of `student.features.0.weight`. */
export function groupsIn(tensors: ReadonlyMap<string, HostTensor>, prefix = ""): RunState {
  return recordOf(groups, (group) => {
    const start = `${prefix}${group}.`;
    return new Map(
      [...tensors].flatMap(([name, tensor]) =>
        name.startsWith(start) ? [[name.slice(start.length), tensor] as const] : []
      ),
    );
  });
}

type RunMetadata = Omit<Checkpoint, "labels" | "best" | (typeof groups)[number]> & {
  readonly best?: Omit<Best, "state">;
};

/** Returns whether a value tells which weights of a run are the best. */
function isBest(best: Omit<Best, "state"> | null): boolean {
  if (typeof best !== "object" || best === null) return false;
  const { evaluation, waited, comparedStep } = best;
  const isEvaluated = [evaluation?.student, evaluation?.teacher].every((each) =>
    Number.isFinite(each?.testError) && Number.isFinite(each?.examples)
  );
  return isEvaluated && [evaluation.step, waited, comparedStep].every(Number.isSafeInteger);
}

function parseRun(text: string | undefined, source: string): RunMetadata {
  const malformed = (state: string) => new SyntaxError(`Cannot read ${source}: ${state}`);
  let run: Partial<Record<keyof RunMetadata, unknown>>;
  try {
    run = JSON.parse(text ?? "") ?? {};
  } catch {
    throw malformed("the checkpoint's description of its run is not valid JSON");
  }
  const areNames = (value: unknown) =>
    Array.isArray(value) && value.every((name) => typeof name === "string");
  const isNumbers = (value: unknown): value is readonly number[] =>
    Array.isArray(value) && value.every(Number.isFinite);
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
    best,
  } = run as RunMetadata;
  const isComplete = Number.isSafeInteger(step) && step >= 0 && typeof options === "object" &&
    options !== null &&
    areNames(classes) &&
    isImageShape(imageShape) && isNumbers(canvas) && isImageShape([imageShape[0], ...canvas]) &&
    [channelStatistics?.mean, channelStatistics?.standardDeviation].every((each) =>
      isNumbers(each) && each.length === imageShape[0]
    ) &&
    areNames(custom) && areNames(loaded) &&
    typeof about === "object" && about !== null && typeof kernels === "object" && kernels !== null &&
    (best === undefined || isBest(best));
  if (!isComplete) throw malformed("the checkpoint's description of its run is incomplete");
  return {
    step,
    options: optionsIn(options, source),
    classes,
    imageShape,
    canvas,
    channelStatistics,
    about,
    custom,
    loaded,
    kernels,
    ...(best && { best }),
  };
}

/** Returns the options of a run with defaults filled in. @throws {RangeError} naming the file. */
function optionsIn(options: Partial<TrainingOptions>, source: string): TrainingOptions {
  try {
    return resolveOptions(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`Cannot read ${source}: the options of its run are invalid (${error.message})`, {
      cause: error,
    });
  }
}
