/**
 * What unlabelled images brought: a run beside its supervised twin.
 * @module
 */
import { isWithinChance } from "../../semisup/mod.ts";
import { errorText } from "../command/figures.ts";
import type { RunSummary } from "./run_folder.ts";

/** What is compared of a run. */
type Compared = Pick<RunSummary, "student" | "teacher" | "testImages">;

/** A run's teacher beside its supervised twin. */
export interface Gain {
  /** Test error of the run's teacher, as a share. */
  readonly teacherError: number;
  /** That of the better of the twin's two networks, which favours the twin. */
  readonly baselineError: number;
  /** `(baseline − teacher) / baseline`: below 0 where unlabelled images did harm, null where the twin makes no error. */
  readonly relativeReduction: number | null;
}

/** The gain; null where there were no test images. */
export function gainOf({ teacher }: Compared, twin: Compared): Gain | null {
  if (!teacher || !twin.student || !twin.teacher) return null;
  const teacherError = teacher.testError;
  const baselineError = Math.min(twin.student.testError, twin.teacher.testError);
  const relativeReduction = baselineError === 0 ? null : (baselineError - teacherError) / baselineError;
  return { teacherError, baselineError, relativeReduction };
}

/** The gain in plain words. */
export function gainText(own: Compared, twin: Compared): string {
  const gain = gainOf(own, twin);
  if (!gain) return "What unlabelled images brought is not known: there are no test images to measure it on";
  const errors = ({ student, teacher }: Compared) =>
    student && teacher && `student ${errorText(student)}, teacher ${errorText(teacher)}`;
  return [
    `What unlabelled images brought, by errors on ${own.testImages} test images:`,
    `  with them     ${errors(own)}`,
    `  without them  ${errors(twin)} (supervised twin: same labels, same steps)`,
    ...verdict(gain, own.testImages),
  ].join("\n");
}

function verdict({ teacherError, baselineError, relativeReduction }: Gain, images: number): string[] {
  if (teacherError === baselineError) return ["Nothing: the teacher errs as often as the better twin."];
  const chance = isWithinChance(teacherError, baselineError, images)
    ? [`So small a difference may be chance: ${images} images tell no finer.`]
    : [];
  const share = relativeReduction === null ? "" : `${(100 * Math.abs(relativeReduction)).toFixed(0)} % `;
  if (teacherError < baselineError) {
    return [`The teacher makes ${share}fewer errors than the better twin.`, ...chance];
  }
  return [
    `No gain: the teacher makes ${share}more errors than the better twin.`,
    ...chance,
    "What may help: more steps, a lower --consistency, changes of images that keep their class, and unlabelled images of the same classes as the labels.",
  ];
}
