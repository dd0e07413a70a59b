/**
 * When the training loop pauses, and what for.
 * @module
 */
import { type Length, stepsIn } from "./length.ts";
import type { TrainingOptions } from "./training_options.ts";

/** What there is to do after a step. The end of a run is none of these: all is done there anyway. */
export interface Pauses {
  /** To record costs. */
  readonly isRecorded: boolean;
  /** To look whether the method is at work. */
  readonly isLookedAt: boolean;
  /** To test. */
  readonly isEvaluated: boolean;
  /** To give a checkpoint. */
  readonly isSaved: boolean;
}

/** The self-check's first look comes after so many steps, the others with evaluations. */
const firstLook = 32;

/** What there is to do after a step, counted from 1. */
export function pausesAfter(
  step: number,
  { recordSteps, evaluationEpochs, checkpointEpochs }: TrainingOptions,
  { stepsPerEpoch, totalSteps, canEvaluate }: {
    readonly stepsPerEpoch: number;
    readonly totalSteps: number;
    readonly canEvaluate: boolean;
  },
): Pauses {
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
