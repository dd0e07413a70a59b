/**
 * The gain from unlabelled images: the errors of a run beside those of its supervised baseline.
 * @module
 */
import { isWithinChance } from "../../semisup/mod.ts";
import { errorText } from "../terminal/figures.ts";
import type { RunSummary } from "../run_files/run_summary.ts";

/** The part of a summary that is compared. */
type Compared = Pick<RunSummary, "student" | "teacher" | "testImages" | "steps">;

/** Errors of a run's teacher and of the supervised baseline. */
export interface Gain {
  /** Test error of the run's teacher, from 0 to 1. */
  readonly teacherError: number;
  /** Test error of the baseline's better network, student or teacher: a choice that favours the baseline. */
  readonly baselineError: number;
  /**
   * `(baseline − teacher) / baseline`: negative if unlabelled images did harm, null if the baseline makes no
   * error.
   */
  readonly relativeReduction: number | null;
}

/** Computes the gain; null without test images. */
export function computeGain({ teacher }: Compared, baseline: Compared): Gain | null {
  if (!teacher || !baseline.student || !baseline.teacher) return null;
  const teacherError = teacher.testError;
  const baselineError = Math.min(baseline.student.testError, baseline.teacher.testError);
  const relativeReduction = baselineError === 0 ? null : (baselineError - teacherError) / baselineError;
  return { teacherError, baselineError, relativeReduction };
}

/** Describes the gain in a few lines. */
export function describeGain(own: Compared, baseline: Compared): string {
  const gain = computeGain(own, baseline);
  if (!gain) return "The gain from unlabelled images is unknown: there are no test images";
  const errors = ({ student, teacher }: Compared) =>
    student && teacher && `student ${errorText(student)}, teacher ${errorText(teacher)}`;
  return [
    `Gain from unlabelled images, on ${own.testImages} test images:`,
    `  with unlabelled images  ${errors(own)}`,
    `  supervised baseline     ${errors(baseline)} (same labels${
      own.steps === baseline.steps ? " and steps" : `, ${baseline.steps} steps`
    })`,
    ...describeVerdict(gain, own.testImages),
  ].join("\n");
}

function describeVerdict({ teacherError, baselineError, relativeReduction }: Gain, images: number): string[] {
  if (teacherError === baselineError) {
    return ["No gain: the teacher makes as many errors as the better network of the baseline."];
  }
  const chance = isWithinChance(teacherError, baselineError, images)
    ? [`The difference may be chance: ${images} test images are too few to resolve it.`]
    : [];
  const share = relativeReduction === null ? "" : `${(100 * Math.abs(relativeReduction)).toFixed(0)} % `;
  if (teacherError < baselineError) {
    return [`The teacher makes ${share}fewer errors than the better network of the baseline.`, ...chance];
  }
  return [
    `No gain: the teacher makes ${share}more errors than the better network of the baseline.`,
    ...chance,
    "Things to try: more steps, a lower --consistency, augmentations that preserve the class, and unlabelled images of the same classes as the labelled ones.",
  ];
}
