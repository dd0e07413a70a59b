/**
 * The number of steps that fit in a time, by the speed of the first ones: `--minutes`.
 * @module
 */
import { duration } from "../terminal/figures.ts";
import {
  comparesEvaluations,
  stepsIn,
  type Trainer,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";

/** Returns the milliseconds since the command was started. */
export type Clock = () => number;

/** Returns a clock that starts now: a worker trains several runs, whose time must not be added up. */
export function startClock(): Clock {
  const start = performance.now();
  return () => performance.now() - start;
}

/** The clock of the command, which starts with its process. */
export const sinceStart: Clock = () => performance.now();

/** Seconds that the parts of a run take. */
export interface MeasuredCosts {
  readonly step: number;
  readonly evaluation: number;
  readonly checkpoint: number;
}

/** Limit of the time of a run. */
export interface TimeLimit {
  readonly minutes: number;
  readonly costs: MeasuredCosts;
  /** Returns whether the run must end now to respect the limit. */
  mustEnd(): boolean;
}

/** Share of the time that is spent on measuring, and bounds in seconds. */
const measuredShare = 0.05, leastMeasured = 0.5, mostMeasured = 15;
/** Steps that may be queued on the device when the time is looked at. */
const queuedSteps = 16;
/** Share by which a run may exceed its time before it ends early: the end of its schedules is worth some seconds. */
const tolerance = 0.2;

/** Creates the error for a time in which no step fits. @param seconds Time until the speed was known, or the time was over. */
export function tooShortError(minutes: number, seconds: number): RangeError {
  return new RangeError(
    `Cannot train for ${minutesText(minutes)}: loading, compiling and measuring the speed took ${
      duration(seconds)
    } already. Use more --minutes, or smaller images or batches.`,
  );
}

/** Returns a time as set by the user, such as `2 minutes`. */
export function minutesText(minutes: number): string {
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/**
 * Measures the costs of a run with a trainer, which is of no use afterwards.
 * @throws {RangeError} if the minutes are over. @throws the reason of the signal if it is aborted.
 */
export async function measureCosts(
  trainer: Pick<Trainer, "advance" | "canEvaluate" | "evaluate" | "checkpoint" | "step" | "totalSteps">,
  { minutes, now, signal }: { readonly minutes: number; readonly now: Clock; readonly signal: AbortSignal },
): Promise<MeasuredCosts> {
  const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
    const start = now();
    await work();
    const end = now();
    signal.throwIfAborted();
    if (end > 60_000 * minutes) throw tooShortError(minutes, end / 1000);
    return (end - start) / 1000;
  };
  // The first step compiles shaders.
  await timeOf(() => trainer.advance(1));
  const enough = Math.min(mostMeasured, Math.max(leastMeasured, measuredShare * 60 * minutes));
  const firstStep = trainer.step;
  let seconds = 0;
  // Each look waits for the device, so that there are few looks at fast steps.
  for (let count = 1; seconds < enough && trainer.step < trainer.totalSteps; count *= 2) {
    seconds += await timeOf(() => trainer.advance(count));
  }
  return {
    step: seconds / Math.max(1, trainer.step - firstStep),
    evaluation: trainer.canEvaluate ? await timeOf(() => trainer.evaluate()) : 0,
    checkpoint: await timeOf(async () => writeCheckpoint(await trainer.checkpoint())),
  };
}

/** Returns the seconds that a run of a number of steps takes, from its first step to its last file. */
export function secondsOf(
  { step, evaluation, checkpoint }: MeasuredCosts,
  steps: number,
  options: TrainingOptions,
  stepsPerEpoch: number,
): number {
  const pausesOf = (option: "evaluationEpochs" | "checkpointEpochs") => {
    const interval = stepsIn(options[option], stepsPerEpoch);
    return interval > 0 ? Math.ceil(steps / interval) - 1 : 0;
  };
  const compared = evaluation + (comparesEvaluations(options) ? checkpoint : 0);
  return steps * step + pausesOf("evaluationEpochs") * compared + pausesOf("checkpointEpochs") * checkpoint +
    closingSeconds({ evaluation, checkpoint });
}

/** Returns the seconds after the last step: test, calibration or probe, and files. */
function closingSeconds(
  { evaluation, checkpoint }: Pick<MeasuredCosts, "evaluation" | "checkpoint">,
): number {
  return 2 * evaluation + 2 * checkpoint;
}

/**
 * Returns the largest number of steps that fit in a time; 0 if none does.
 * @param timeOf Returns the seconds of a run of a number of steps.
 */
export function fitSteps(seconds: number, timeOf: (steps: number) => number): number {
  let fitting = 0, tooMany = 1;
  while (timeOf(tooMany) <= seconds) [fitting, tooMany] = [tooMany, 2 * tooMany];
  while (tooMany - fitting > 1) {
    const middle = Math.floor((fitting + tooMany) / 2);
    if (timeOf(middle) <= seconds) fitting = middle;
    else tooMany = middle;
  }
  return fitting;
}

/**
 * Returns the limit of a run's time. The number of steps stays when the machine becomes slower, so that its schedules
 * complete and `--steps` repeats them; only a run that would take more than 20 % longer ends early.
 */
export function limitOf(minutes: number, costs: MeasuredCosts, now: Clock): TimeLimit {
  const left = queuedSteps * costs.step + closingSeconds(costs);
  return { minutes, costs, mustEnd: () => now() / 1000 + left > 60 * minutes * (1 + tolerance) };
}
