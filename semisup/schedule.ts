/**
 * The schedule of a run: scalars of each step, and the pauses of the training loop.
 * @module
 */
import type { Hyperparameters } from "./algorithm.ts";
import { warmedEmaDecay } from "./ema.ts";
import { ownOptionsOf } from "./methods/method.ts";
import { methodOf } from "./methods/mod.ts";
import { type Length, parseLength, stepsIn } from "./options/length.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import {
  cosineArcRampdown,
  cosineRampdown,
  linearRampup,
  type Schedule,
  sigmoidRampdown,
  sigmoidRampup,
  stepRampdown,
  stepRampup,
} from "./ramps.ts";

/** Scheduled hyperparameters of one step, by name: the ones of every method, and the method's own. */
export type StepSchedule = Hyperparameters<number>;

/** Position of a step on a ramp, and the ramp's length, both in the unit of the length. */
interface RampPosition {
  readonly position: number;
  readonly length: number;
}

const rampups = { sigmoid: sigmoidRampup, linear: linearRampup, step: stepRampup } as const;

/** Returns the number of steps of a whole run, at least 1. `maxSteps` is not considered. */
export function runSteps({ steps, epochs }: TrainingOptions, stepsPerEpoch: number): number {
  return steps ?? Math.max(1, Math.round(epochs * stepsPerEpoch));
}

/**
 * Computes the scalars of a step:
 * - `learningRate = (initial + (lr − initial) · ramp-up) · ramp-down`;
 * - `consistencyWeight = consistency · ramp-up`;
 * - `emaDecay`: `emaDecayDuringRampup` until the consistency weight is up, then `emaDecay`; with warm-up;
 * - `beta1 = down · beta1 + (1 − down) · beta1AfterRampdown`, with the learning rate's ramp-down;
 * - `beta2`: `beta2DuringRampup` until the consistency weight is up, then `beta2`;
 * - the method's own.
 *
 * Ramps are evaluated at every step; the consistency weight's only once an epoch if
 * `consistencyRampupPerEpoch` is set.
 * @param step Counted from 0.
 */
export function scheduleOf(options: TrainingOptions, step: number, stepsPerEpoch: number): StepSchedule {
  const { learningRate, initialLearningRate, learningRateRampupShape } = options;
  const warmup = positionOn(options.learningRateRampup, step, stepsPerEpoch);
  const warmed = initialLearningRate +
    (learningRate - initialLearningRate) * rampups[learningRateRampupShape](warmup.position, warmup.length);
  const down = rampdownOf(options, step, stepsPerEpoch);

  const rampup = positionOn(options.consistencyRampup, step, stepsPerEpoch);
  const isUp = rampup.position >= rampup.length;
  const phased = (during: number | null, after: number) => isUp ? after : during ?? after;
  const decay = phased(options.emaDecayDuringRampup, options.emaDecay);
  const ramp = consistencyRampup(options, step, stepsPerEpoch);
  const method = methodOf(options);
  return {
    learningRate: warmed * down,
    consistencyWeight: options.consistency * ramp,
    emaDecay: options.emaWarmup ? warmedEmaDecay(step + 1, decay) : decay,
    beta1: options.beta1AfterRampdown === null
      ? options.beta1
      : down * options.beta1 + (1 - down) * options.beta1AfterRampdown,
    beta2: phased(options.beta2DuringRampup, options.beta2),
    ...method.schedule?.(options, ownOptionsOf(method, options), {
      step,
      stepsPerEpoch,
      consistencyRampup: ramp,
    }),
  };
}

function positionOn(ramp: Length, step: number, stepsPerEpoch: number): RampPosition {
  const { count, unit } = parseLength(ramp);
  return { position: unit === "steps" ? step : step / stepsPerEpoch, length: count };
}

function consistencyRampup(
  { consistencyRampupShape, consistencyRampupPerEpoch, consistencyRampup }: TrainingOptions,
  step: number,
  stepsPerEpoch: number,
): number {
  const rampStep = consistencyRampupPerEpoch ? step - step % stepsPerEpoch : step;
  const { position, length } = positionOn(consistencyRampup, rampStep, stepsPerEpoch);
  return rampups[consistencyRampupShape](position, length);
}

/** Computes the factor of the learning rate's ramp-down; 1 without a ramp-down. */
function rampdownOf(options: TrainingOptions, step: number, stepsPerEpoch: number): number {
  const { ramp, total } = rampdownLengths(options, stepsPerEpoch);
  const { position, length } = positionOn(ramp, step, stepsPerEpoch);
  if (length === 0) return 1;
  switch (options.learningRateRampdownShape) {
    case "cosine":
      return cosineRampdown(position, length);
    case "cosine-arc":
      return cosineArcRampdown(position, length);
    case "sigmoid":
      return sigmoidRampdown(position, length, total);
    case "step":
      return stepRampdown(position, length, options.learningRateDropFactor);
  }
}

/** Returns the length of the ramp-down, and the length of the run in the same unit. */
function rampdownLengths(
  options: TrainingOptions,
  stepsPerEpoch: number,
): { readonly ramp: Length; readonly total: number } {
  const { steps, epochs, learningRateRampdown } = options;
  const ramp = learningRateRampdown ?? (steps === null ? epochs : `${steps}steps` as const);
  if (parseLength(ramp).unit === "steps") return { ramp, total: runSteps(options, stepsPerEpoch) };
  return { ramp, total: steps === null ? epochs : steps / stepsPerEpoch };
}

/**
 * Throws if the learning rate's ramp-down does not fit the run, in whichever units the two lengths are.
 * @throws {RangeError} if a cosine would reach 0 before the end, or a sigmoid would begin before the run.
 */
export function checkSchedule(options: TrainingOptions, stepsPerEpoch: number): void {
  const { ramp, total } = rampdownLengths(options, stepsPerEpoch);
  const { count: length, unit } = parseLength(ramp);
  const shape = options.learningRateRampdownShape;
  if (length === 0 || shape === "step") return;
  const isCosine = shape !== "sigmoid";
  const tolerance = unit === "steps" ? 1 : 1 / stepsPerEpoch; // A run is a whole number of steps.
  if (isCosine ? length >= total - tolerance : length <= total + tolerance) return;
  throw new RangeError(
    `Cannot train: the learning rate's ramp-down must be ${
      isCosine ? "at least" : "at most"
    } as long as the run, but they are ${length} and ${total} ${unit}`,
  );
}

/**
 * Computes the learning rate of a step by a custom schedule: option `learningRate` times the schedule's factor.
 * @throws {RangeError} if the factor is not a number ≥ 0.
 */
export function scheduledLearningRate(
  options: TrainingOptions,
  step: number,
  stepsPerEpoch: number,
  schedule: Schedule,
): number {
  const factor = schedule(step, { totalSteps: runSteps(options, stepsPerEpoch), stepsPerEpoch });
  if (factor >= 0 && factor < Infinity) return options.learningRate * factor;
  throw new RangeError(
    `Cannot train: the schedule must return a number ≥ 0, but it is ${factor} at step ${step}`,
  );
}

/** Step of the first self-check; the others come with the evaluations. */
const firstCheckStep = 32;

/**
 * Returns what to do after a step, counted from 1: record costs, run the self-check, evaluate, save a
 * checkpoint. The end of a run is not included: everything is done there anyway.
 */
export function planPause(
  step: number,
  { recordSteps, evaluationEpochs, checkpointEpochs }: TrainingOptions,
  { stepsPerEpoch, totalSteps, canEvaluate }: {
    readonly stepsPerEpoch: number;
    readonly totalSteps: number;
    readonly canEvaluate: boolean;
  },
) {
  const isWithin = step < totalSteps;
  const isDue = (length: Length) => endsInterval(stepsIn(length, stepsPerEpoch), step);
  const isEvaluationDue = isWithin && isDue(evaluationEpochs);
  return {
    mustRecord: endsInterval(recordSteps, step),
    mustCheck: isEvaluationDue || (isWithin && step === firstCheckStep),
    mustEvaluate: isEvaluationDue && canEvaluate,
    mustSave: isWithin && isDue(checkpointEpochs),
  };
}

/** Returns whether a step ends an interval, whose length may be a fraction; an interval of 0 never ends. */
function endsInterval(interval: number, step: number): boolean {
  return interval > 0 && Math.floor(step / interval) > Math.floor((step - 1) / interval);
}
