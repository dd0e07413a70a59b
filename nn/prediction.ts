/**
 * Predictions: classes and probabilities computed from logits.
 * @module
 */
import { largestOf } from "./extremes.ts";
import type { ModelDescription } from "./model_file.ts";

/** A model's prediction for one picture. */
export interface Prediction {
  /** Name of the likeliest class. */
  readonly className: string;
  /** Index of the likeliest class. */
  readonly classIndex: number;
  /** Probability of the likeliest class, 0 to 1. */
  readonly probability: number;
  /** Probability of each class, `[C]`: `softmax(logits / temperature)`. */
  readonly probabilities: Float64Array;
  /** Logits of the first head, `[C]`. */
  readonly logits: Float32Array;
  /**
   * Features, the input of the heads, `[D]`; undefined unless {@linkcode PredictOptions.features} is true.
   */
  readonly features?: Float32Array;
}

/**
 * Returns the prediction for logits `[C]` of the first head.
 * @throws {RangeError} if the logits are not finite.
 */
export function createPrediction(
  logits: Float32Array,
  { classes, temperature }: Pick<ModelDescription, "classes" | "temperature">,
): Prediction {
  const probabilities = softmax(logits, temperature);
  // The first class wins a tie.
  const probability = largestOf(probabilities), classIndex = probabilities.indexOf(probability);
  const className = classes[classIndex];
  if (className === undefined) {
    throw new RangeError(
      `Cannot classify an image: logits must be finite, but they are ${logits.join(", ")}`,
    );
  }
  return { className, classIndex, probability, probabilities, logits };
}

/** Computes `softmax(logits / temperature)` in float64. */
function softmax(logits: Float32Array, temperature: number): Float64Array {
  const largest = largestOf(logits);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
