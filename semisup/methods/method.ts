/**
 * The interface of training methods: one object in one file each, which the command line, presets, log, report and
 * self-check are derived from.
 * @module
 */
import type { Algorithm, AlgorithmParts } from "../algorithm.ts";
import type { ViewName } from "../augmentations/views.ts";
import type { OptionRow, ValueOf } from "../options/option_rows.ts";
import type { TrainingOptions } from "../options/training_options.ts";

/** Rows of a method's own options, by name. */
export type OwnRows = Readonly<Record<string, OptionRow>>;

/** Values of a method's own options. */
export type OwnOptions<R extends OwnRows = OwnRows> = { readonly [K in keyof R]: ValueOf<R[K]> };

/** Position of a step in its run, for {@linkcode Method.schedule}. */
export interface SchedulePosition {
  /** The step, counted from 0. */
  readonly step: number;
  /** Number of steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Ramp-up of the consistency weight at the step, 0 to 1. */
  readonly consistencyRampup: number;
}

/** A training method. */
export interface Method<R extends OwnRows = OwnRows> {
  /** Name in options and files: lower-case letters, digits and dashes. */
  readonly name: string;
  /** Name in texts. */
  readonly title: string;
  /** CSS colour of the method's lines in the report. */
  readonly color: string;
  /** Lengths of dashes and gaps of the method's lines in the report; none if absent. */
  readonly dash?: string;
  /** Publication of the method. */
  readonly source: string;
  /**
   * Rows of the method's own options. In {@linkcode TrainingOptions} and checkpoints, option `x` of method `m` is
   * named `m.x`; on the command line, `--m-x`.
   */
  readonly options: R;
  /** Defaults of shared options under this method; the ones of {@linkcode defaultOptions} if absent. */
  readonly defaults?: Partial<TrainingOptions>;
  /** Views of the student and of the target; if absent, both weak unless a strong augmentation is chosen. */
  readonly views?: readonly [student: ViewName, target: ViewName];
  /**
   * The network that makes the target of the consistency cost: the teacher or the student itself. Null if there is
   * no such cost: the method then uses no unlabelled examples.
   */
  readonly target: "teacher" | "student" | null;
  /**
   * True if examples with an uncertain target have no consistency cost, so that all of the cost may be 0 for many
   * steps; default false.
   */
  readonly isSelective?: boolean;
  /**
   * True if the step mixes examples of a batch, so that several processes cannot share the batch; default false.
   */
  readonly mixesExamples?: boolean;
  /** True if the method compares images with small differences, which float16 rounds away; default false. */
  readonly needsFloat32?: boolean;
  /** The network that is saved as the model; the teacher if absent. */
  readonly evaluated?: "student" | "teacher";
  /** Returns the method's own scheduled hyperparameters of a step; none if absent. */
  schedule?(options: TrainingOptions, own: OwnOptions<R>, position: SchedulePosition): Record<string, number>;
  /** Creates the algorithm of a run. */
  create(parts: AlgorithmParts, options: TrainingOptions, own: OwnOptions<R>): Algorithm;
}

/** Declares a method, so that the types of its own options follow from their rows. */
export function defineMethod<const R extends OwnRows>(method: Method<R>): Method {
  return method as Method;
}

/** Name of a method's own option in {@linkcode TrainingOptions}. */
export type OwnName = `${string}.${string}`;

/** Returns the rows of a method's own options, by their names in {@linkcode TrainingOptions}. */
export function ownRowsOf({ name, options }: Method): Record<OwnName, OptionRow> {
  return Object.fromEntries(Object.entries(options).map(([option, row]) => [`${name}.${option}`, row]));
}

/** Returns the values of a method's own options, by their own names. */
export function ownOptionsOf({ name, options: rows }: Method, options: TrainingOptions): OwnOptions {
  return Object.fromEntries(
    Object.entries(rows).map(([option, row]) => [option, options[`${name}.${option}`] ?? row.default]),
  ) as OwnOptions; // Resolved options are of the rows' types.
}
