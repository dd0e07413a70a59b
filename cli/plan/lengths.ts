/**
 * Lengths that can be given in epochs or in steps.
 * @module
 */
import type { TrainingOptions } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";

/** Whoever gives the one takes the other back. */
const lengths = [
  ["epochs", "steps"],
  ["learningRateRampupEpochs", "learningRateRampupSteps"],
  ["learningRateRampdownEpochs", "learningRateRampdownSteps"],
  ["consistencyRampupEpochs", "consistencyRampupSteps"],
] as const;

/** Options overridden by those that are said. */
export function overridden(
  options: Partial<TrainingOptions>,
  said: Partial<TrainingOptions>,
): Partial<TrainingOptions> {
  const inEpochs = lengths.filter(([inEpochs, inSteps]) => {
    if (said[inEpochs] === undefined) return false;
    if (said[inSteps] === undefined) return true;
    throw new RangeError(
      `Cannot use ${flagOf(inEpochs)} and ${flagOf(inSteps)} together as they are one length`,
    );
  });
  const takenBack = Object.fromEntries(inEpochs.map(([, inSteps]) => [inSteps, null]));
  return { ...options, ...takenBack, ...said };
}
