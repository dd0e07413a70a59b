/**
 * Plans of runs whose length is a time.
 * @module
 */
import type { Trainer, TrainingOptions } from "../../semisup/mod.ts";
import type { FolderPlan, FreshPlan, Plan } from "../plan/plan.ts";
import { optionsWithSteps, withSteps } from "../plan/steps_plan.ts";
import { duration } from "../terminal/figures.ts";
import { printNote, printProgress } from "../terminal/output.ts";
import {
  type Clock,
  fitSteps,
  limitOf,
  measureCosts,
  minutesText,
  secondsOf,
  type TimeLimit,
  tooShortError,
} from "./time_limit.ts";

/** A plan with the limit of its time. */
export interface TimedPlan {
  readonly plan: Plan;
  /** Absent if the length of the run does not depend on time. */
  readonly limit?: TimeLimit;
}

/** A time that a new run shall take. */
interface WantedTime {
  readonly plan: FreshPlan | FolderPlan;
  readonly minutes: number;
  /** True if the run keeps its number of steps if they take less time. */
  readonly isMost: boolean;
}

/** Returns the time that a plan shall take; undefined if its length does not depend on time. */
function wantedTime(plan: Plan, isCpu: boolean): WantedTime | undefined {
  if (plan.kind !== "fresh" && plan.kind !== "folder") return undefined;
  const { minutes } = plan.run;
  if (minutes !== null) return { plan, minutes, isMost: false };
  if (plan.kind === "folder" || !isCpu || plan.processorMinutes === null) return undefined;
  return { plan, minutes: plan.processorMinutes, isMost: true };
}

/**
 * Fixes the number of steps of a run whose length is a time. The speed is measured by the first steps of a trainer that is
 * then thrown away, so that the run itself begins with the schedules of its final length.
 * @param create Creates the trainer of some options.
 * @throws {RangeError} if no step fits in the time.
 */
export async function fixLength(
  planned: Plan,
  create: (training: TrainingOptions) => Promise<Trainer>,
  { isCpu, now, signal }: { readonly isCpu: boolean; readonly now: Clock; readonly signal: AbortSignal },
): Promise<TimedPlan> {
  const wanted = wantedTime(planned, isCpu);
  if (!wanted) return { plan: planned };
  const { plan, minutes, isMost } = wanted;
  const time = minutesText(minutes);
  using trainer = await create({ ...plan.training, maxSteps: null });
  printNote(`Measuring the speed, to train for ${isMost ? "at most " : ""}${time}`);
  const costs = await measureCosts(trainer, { minutes, now, signal });
  const { stepsPerEpoch, totalSteps } = trainer;
  const timeOf = (steps: number) => secondsOf(costs, steps, optionsWithSteps(plan, steps), stepsPerEpoch);
  const elapsed = now() / 1000, steps = fitSteps(60 * minutes - elapsed, timeOf);
  if (steps === 0) throw tooShortError(minutes, elapsed);
  if (isMost && steps >= totalSteps) return { plan };
  printProgress(
    isMost
      ? `This processor would take about ${
        duration(elapsed + timeOf(totalSteps))
      } for the usual ${totalSteps} steps, so the run has ${steps}, in about ${time}. For the usual length: --epochs ${plan.training.epochs}`
      : `${steps} steps fit in ${time} at ${
        costs.step.toPrecision(3)
      } s per step. To repeat this run exactly: --steps ${steps} instead of --minutes`,
  );
  return { plan: withSteps(plan, steps), limit: limitOf(minutes, costs, now) };
}
