/**
 * What changes from step to step.
 * @module
 */
import { warmedEmaDecay } from "./ema.ts";
import type { TrainingOptions } from "./options.ts";
import { cosineRampdown, linearRampup, sigmoidRampup } from "./ramps.ts";

/** The scalars of one step. */
export interface StepSchedule {
  /** Warmed up, and ramped down. */
  readonly learningRate: number;
  /** Ramped up. */
  readonly consistencyWeight: number;
  /** Warmed up. */
  readonly emaDecay: number;
}

/**
 * The scalars of a step: `learningRate = (initial + (lr − initial) · linear ramp-up) · cosine ramp-down`,
 * `consistencyWeight = consistency · sigmoid ramp-up`, and the EMA decay with its warm-up. The ramps are evaluated every
 * step, at the epoch as a fraction.
 * @param step Counted from 0.
 */
export function scheduleOf(options: TrainingOptions, step: number, stepsPerEpoch: number): StepSchedule {
  const epoch = step / stepsPerEpoch;
  const { learningRate, initialLearningRate, learningRateRampupEpochs, learningRateRampdownEpochs } = options;
  const warmed = initialLearningRate +
    (learningRate - initialLearningRate) * linearRampup(epoch, learningRateRampupEpochs);
  const rampdown = learningRateRampdownEpochs ?? options.epochs;
  return {
    learningRate: rampdown === 0 ? warmed : warmed * cosineRampdown(epoch, rampdown),
    consistencyWeight: options.consistency * sigmoidRampup(epoch, options.consistencyRampupEpochs),
    emaDecay: warmedEmaDecay(step + 1, options.emaDecay),
  };
}
