/**
 * What changes from step to step, and when the training loop pauses.
 * @module
 */
import { warmedEmaDecay } from "./ema.ts";
import { type Length, stepsIn, unitsOf } from "./options/length.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { cosineRampdown, linearRampup, sigmoidRampdown, sigmoidRampup, stepRampup } from "./ramps.ts";

/** The scalars of one step. */
export interface StepSchedule {
  /** Warmed up, and ramped down. */
  readonly learningRate: number;
  /** Ramped up. */
  readonly consistencyWeight: number;
  /** Of its phase, and warmed up. */
  readonly emaDecay: number;
  /** Adam's β₁, ramped down. */
  readonly beta1: number;
  /** Adam's β₂, of its phase. */
  readonly beta2: number;
}

/** Where a step is on a ramp, both in the unit that the ramp's length is given in. */
interface Place {
  readonly position: number;
  readonly length: number;
}

const rampups = { sigmoid: sigmoidRampup, linear: linearRampup, step: stepRampup } as const;

/** Steps of a whole run, at least 1; `maxSteps` may end it before. */
export function runSteps({ steps, epochs }: TrainingOptions, stepsPerEpoch: number): number {
  return steps ?? Math.max(1, Math.round(epochs * stepsPerEpoch));
}

/**
 * The scalars of a step:
 * - `learningRate = (initial + (lr − initial) · ramp-up) · ramp-down`;
 * - `consistencyWeight = consistency · ramp-up`;
 * - `emaDecay`: until the consistency weight is up that of the ramp-up, then its own, with its warm-up;
 * - `beta1 = down · β₁ + (1 − down) · β₁ after`, with the learning rate's ramp-down;
 * - `beta2`: until the consistency weight is up that of the ramp-up, then its own.
 *
 * Ramps are evaluated every step, at the step or at the epoch as a fraction; the consistency weight's, where so chosen,
 * once an epoch.
 * @param step Counted from 0.
 */
export function scheduleOf(options: TrainingOptions, step: number, stepsPerEpoch: number): StepSchedule {
  const { learningRate, initialLearningRate, learningRateRampupShape } = options;
  const warmup = placeOn(options.learningRateRampup, step, stepsPerEpoch);
  const warmed = initialLearningRate +
    (learningRate - initialLearningRate) * rampups[learningRateRampupShape](warmup.position, warmup.length);
  const down = rampdownOf(options, step, stepsPerEpoch);

  const rampup = placeOn(options.consistencyRampup, step, stepsPerEpoch);
  const isUp = rampup.position >= rampup.length;
  const phased = (during: number | null, after: number) => isUp ? after : during ?? after;
  const decay = phased(options.emaDecayDuringRampup, options.emaDecay);
  return {
    learningRate: warmed * down,
    consistencyWeight: options.consistency * consistencyRampup(options, step, stepsPerEpoch),
    emaDecay: options.emaWarmup ? warmedEmaDecay(step + 1, decay) : decay,
    beta1: options.beta1AfterRampdown === null
      ? options.beta1
      : down * options.beta1 + (1 - down) * options.beta1AfterRampdown,
    beta2: phased(options.beta2DuringRampup, options.beta2),
  };
}

function placeOn(ramp: Length, step: number, stepsPerEpoch: number): Place {
  const { count, unit } = unitsOf(ramp);
  return { position: unit === "steps" ? step : step / stepsPerEpoch, length: count };
}

function consistencyRampup(
  { consistencyRampupShape, consistencyRampupPerEpoch, consistencyRampup }: TrainingOptions,
  step: number,
  stepsPerEpoch: number,
): number {
  const shown = consistencyRampupPerEpoch ? step - step % stepsPerEpoch : step;
  const { position, length } = placeOn(consistencyRampup, shown, stepsPerEpoch);
  return rampups[consistencyRampupShape](position, length);
}

/** The learning rate's ramp-down: 1 where there is none. */
function rampdownOf(options: TrainingOptions, step: number, stepsPerEpoch: number): number {
  const { ramp, total } = rampdownLengths(options, stepsPerEpoch);
  const { position, length } = placeOn(ramp, step, stepsPerEpoch);
  if (length === 0) return 1;
  return options.learningRateRampdownShape === "cosine"
    ? cosineRampdown(position, length)
    : sigmoidRampdown(position, length, total);
}

/** The length of the ramp-down, and that of the run in the same unit. */
function rampdownLengths(
  options: TrainingOptions,
  stepsPerEpoch: number,
): { readonly ramp: Length; readonly total: number } {
  const { steps, epochs, learningRateRampdown } = options;
  const ramp = learningRateRampdown ?? (steps === null ? epochs : `${steps}steps` as const);
  if (unitsOf(ramp).unit === "steps") return { ramp, total: runSteps(options, stepsPerEpoch) };
  return { ramp, total: steps === null ? epochs : steps / stepsPerEpoch };
}

/**
 * Makes sure that the learning rate's ramp-down fits the run, which for lengths in different units takes that of an epoch.
 * @throws {RangeError} if a cosine would reach 0 before the end, or a sigmoid begins before the run.
 */
export function checkSchedule(options: TrainingOptions, stepsPerEpoch: number): void {
  const { ramp, total } = rampdownLengths(options, stepsPerEpoch);
  const { count: length, unit } = unitsOf(ramp);
  if (length === 0) return;
  const isCosine = options.learningRateRampdownShape === "cosine";
  const tolerance = unit === "steps" ? 1 : 1 / stepsPerEpoch; // A run is a whole number of steps.
  if (isCosine ? length >= total - tolerance : length <= total + tolerance) return;
  throw new RangeError(
    `Cannot train as the learning rate's ramp-down must be ${
      isCosine ? "at least" : "at most"
    } as long as the run: they are ${length} and ${total} ${unit}`,
  );
}

/** The self-check's first look comes after so many steps, the others with evaluations. */
const firstLook = 32;

/**
 * What there is to do after a step, counted from 1: to record costs, to look whether the method is at work, to test, to give a
 * checkpoint. The end of a run is none of these: all is done there anyway.
 */
export function pausesAfter(
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
  const isToBeEvaluated = isWithin && isDue(evaluationEpochs);
  return {
    isRecorded: endsInterval(recordSteps, step),
    isLookedAt: isToBeEvaluated || (isWithin && step === firstLook),
    isEvaluated: isToBeEvaluated && canEvaluate,
    isSaved: isWithin && isDue(checkpointEpochs),
  };
}

/** Whether a step ends one of the intervals of a length, which may be a fraction; of length 0 there are none. */
function endsInterval(interval: number, step: number): boolean {
  return interval > 0 && Math.floor(step / interval) > Math.floor((step - 1) / interval);
}
