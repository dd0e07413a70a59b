/**
 * What unlabelled images brought: a run beside its supervised twin.
 * @module
 */
import { join } from "node:path";
import { percent } from "../command/progress.ts";
import { reasonOf } from "../command/reason.ts";

/** What a run came to, as its summary says; without errors where there were no test images. */
export interface RunSummary {
  readonly student?: { readonly testError: number };
  readonly teacher?: { readonly testError: number };
  readonly steps: number;
  readonly testImages: number;
}

/** A run's teacher beside its supervised twin. */
export interface Gain {
  /** Test error of the run's teacher, as a share. */
  readonly teacherError: number;
  /** That of the better of the twin's two networks, which favours the twin. */
  readonly baselineError: number;
  /** `(baseline − teacher) / baseline`: below 0 where unlabelled images did harm, null where the twin makes no error. */
  readonly relativeReduction: number | null;
}

/** Reads the summary of a finished run. @throws {SyntaxError} if it is none. */
export async function readSummary(folder: string): Promise<RunSummary> {
  const path = join(folder, "summary.json");
  try {
    const summary = JSON.parse(await Deno.readTextFile(path));
    if (!Number.isFinite(summary.steps)) throw new TypeError("it has no steps");
    return summary;
  } catch (error) {
    throw new SyntaxError(`Cannot tell the gain as ${path} must be that of a run: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** The gain; null where there were no test images. */
export function gainOf({ teacher }: RunSummary, twin: RunSummary): Gain | null {
  if (!teacher || !twin.student || !twin.teacher) return null;
  const teacherError = teacher.testError;
  const baselineError = Math.min(twin.student.testError, twin.teacher.testError);
  const relativeReduction = baselineError === 0 ? null : (baselineError - teacherError) / baselineError;
  return { teacherError, baselineError, relativeReduction };
}

/** The gain in plain words. */
export function gainText(own: RunSummary, twin: RunSummary): string {
  const gain = gainOf(own, twin);
  if (!gain) return "What unlabelled images brought is not known: there are no test images to measure it on";
  const errors = ({ student, teacher }: RunSummary) =>
    `student ${percent(student!.testError)}, teacher ${percent(teacher!.testError)}`;
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

/** Whether a difference is below two standard errors of it, of independent sets of so many images. */
function isWithinChance(one: number, other: number, images: number): boolean {
  const variance = (share: number) => share * (1 - share) / images;
  return Math.abs(one - other) < 2 * Math.sqrt(variance(one) + variance(other));
}
