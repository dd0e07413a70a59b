/**
 * What a model makes of a picture.
 * @module
 */
import { largestOf } from "./extremes.ts";
import type { ModelDescription } from "./model_file.ts";

/** What a model makes of a picture. */
export interface Prediction {
  /** Name of the likeliest class. */
  readonly className: string;
  /** Its index. */
  readonly classIndex: number;
  /** Its probability, 0 to 1. */
  readonly probability: number;
  /** Of each class: `softmax(logits / temperature)`, `[C]`. */
  readonly probabilities: Float64Array;
  /** What the first head says, `[C]`. */
  readonly logits: Float32Array;
  /** What its heads are put on, `[D]`; where they were asked for. */
  readonly features?: Float32Array;
}

/** The prediction that logits `[C]` of the first head are. @throws {RangeError} if they are not finite. */
export function predictionOf(
  logits: Float32Array,
  { classes, temperature }: Pick<ModelDescription, "classes" | "temperature">,
): Prediction {
  const probabilities = softmax(logits, temperature);
  // Of equal ones the first.
  const probability = largestOf(probabilities), classIndex = probabilities.indexOf(probability);
  const className = classes[classIndex];
  if (className === undefined) {
    throw new RangeError(`Cannot classify an image as logits must be finite: they are ${logits.join(", ")}`);
  }
  return { className, classIndex, probability, probabilities, logits };
}

/** `softmax(logits / temperature)` in float64. */
function softmax(logits: Float32Array, temperature: number): Float64Array {
  const largest = largestOf(logits);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
