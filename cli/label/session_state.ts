/**
 * The state of a labelling, as pages show it.
 * @module
 */
import type { Round } from "./rounds.ts";

/** A picture of the present batch. */
export interface ShownPicture {
  /** Number of the picture in its address. */
  readonly index: number;
  readonly name: string;
  /** The likeliest classes, the most probable first. */
  readonly guesses: readonly { readonly className: string; readonly probability: number }[];
  /** Label; null if it has none yet, an empty text if it shows none of the classes. */
  readonly label: string | null;
  /** True if it was put off. */
  readonly isSkipped: boolean;
  /** True if its label measures the error and is not trained with. */
  readonly isTest: boolean;
}

/** A class with its number of labels. */
export interface CountedClass {
  readonly name: string;
  readonly labels: number;
  /** Number of labels among these that measure the error. */
  readonly tests: number;
}

/** A round that is being trained. */
export interface TrainingProgress {
  readonly round: number;
  readonly step: number;
  readonly seconds: number;
  /** Time that the round takes in minutes; null if its length is set otherwise. */
  readonly minutes: number | null;
}

/** Everything that a page shows. */
export interface SessionState {
  readonly title: string;
  /** True if classes may be added. */
  readonly takesClasses: boolean;
  readonly classes: readonly CountedClass[];
  readonly batch: {
    readonly number: number;
    readonly groups: readonly (readonly ShownPicture[])[];
    /** Round whose network chose the pictures; 0 if none did. */
    readonly round: number;
  };
  /** Number of pictures without a label. */
  readonly unlabelled: number;
  /** True while pictures are chosen. */
  readonly isChoosing: boolean;
  readonly training: TrainingProgress | null;
  readonly rounds: readonly Omit<Round, "folder">[];
  /** Reason why training cannot start; null if it can. */
  readonly obstacle: string | null;
  /** A failure to show, or null. */
  readonly failure: string | null;
  /** Paths of the lists, from the folder of the command. */
  readonly files: readonly string[];
  /** Path of the newest run of the labelling, from the folder of the command; null before the first. */
  readonly model: string | null;
}

/** A change of labels that a page asks for. */
export interface LabelRequest {
  /** Pictures, with the label that the page shows for each. */
  readonly pictures: readonly { readonly index: number; readonly seen: string | null }[];
  /** New label; null to remove it, an empty text if the pictures show none of the classes. */
  readonly label: string | null;
  /** True to put the pictures off. */
  readonly isSkip: boolean;
}
