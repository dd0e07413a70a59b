/**
 * Temperature scaling: confidences that match the share of correct predictions.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";

/** A classifier's temperature, and its effect on the examples that it was fitted to. */
export interface Calibration {
  /** Probabilities are `softmax(logits / temperature)`. */
  readonly temperature: number;
  /** Number of examples. */
  readonly examples: number;
  /** Mean cross-entropy at temperature 1. */
  readonly costBefore: number;
  /** Mean cross-entropy at `temperature`. */
  readonly costAfter: number;
  /**
   * Reason why `temperature` does not minimise the cost; undefined if it does. `"separable"`: the minimum is
   * below 1/50 or does not exist, as when every label has the largest logit; `temperature` is then 1.
   * `"chance"`: the minimum is above 50, as when logits say no more than chance; `temperature` is then 50.
   */
  readonly limit?: "separable" | "chance";
}

/** Upper bound of T and of 1/T: logits 50 times larger leave no doubt, 50 times smaller no certainty. */
const maxScale = 50;
const maxIterations = 200;

/**
 * Finds the temperature T > 0 that minimises the mean cross-entropy of `softmax(logits / T)`, on examples
 * that were not trained on.
 *
 * The cost is convex in β = 1/T, with slope `Σₙ (E_p[z] − z_label) / N` and curvature `Σₙ Var_p[z] / N` where
 * p = softmax(β·z). Newton's method finds the zero of the slope in float64; a step that would leave the
 * bracket halves it instead. If every label has the largest logit, the cost has no minimum and T stays 1.
 *
 * Guo et al. 2017 (On Calibration of Modern Neural Networks), section 4.2.
 *
 * @param logits `[N, C]`, row by row.
 * @param labels Class index of each example `[N]`.
 * @throws {RangeError} if there are no examples, a label is not a class index, or a logit is not finite.
 *
 * @example
 * ```ts
 * import { calibrateTemperature } from "../mod.ts";
 *
 * // Three of four predictions are right: odds of 3 to 1, which the logits express once divided by 4 / ln 3.
 * const { temperature } = calibrateTemperature([4, 0, 4, 0, 4, 0, 4, 0], [0, 0, 0, 1], 2);
 * console.assert(Math.abs(temperature - 4 / Math.log(3)) < 1e-9);
 * ```
 */
export function calibrateTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classCount: number,
): Calibration {
  const rows = readRows(logits, labels, classCount);
  const costs = (beta: number) => costsAt(beta, rows);
  const examples = labels.length, costBefore = costs(1).cost;
  let low = 1 / maxScale, high = maxScale, beta = 1;
  // The slope is 0 as well if the exponentials of all other classes underflow.
  if (costs(high).slope <= 0) {
    return { temperature: 1, examples, costBefore, costAfter: costBefore, limit: "separable" };
  }
  const hottest = costs(low);
  if (hottest.slope >= 0) {
    return { temperature: maxScale, examples, costBefore, costAfter: hottest.cost, limit: "chance" };
  }
  for (let i = 0; i < maxIterations; i++) {
    const { slope, curvature } = costs(beta);
    if (slope === 0) break;
    if (slope < 0) low = beta;
    else high = beta;
    const newton = beta - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next === beta || high - low <= 4 * Number.EPSILON * high) break;
    beta = next;
  }
  return { temperature: 1 / beta, examples, costBefore, costAfter: costs(beta).cost };
}

/** Logits of an example minus the largest of them, so that exponentials do not overflow. */
interface Row {
  readonly gaps: readonly number[];
  /** Gap of the label's class. */
  readonly labelGap: number;
}

/** Returns the mean cross-entropy at β = 1/T, and its first two derivatives. */
function costsAt(beta: number, rows: readonly Row[]) {
  let cost = 0, slope = 0, curvature = 0;
  for (const { gaps, labelGap } of rows) {
    let weights = 0, first = 0, second = 0;
    for (const gap of gaps) {
      const weight = Math.exp(beta * gap);
      weights += weight;
      first += weight * gap;
      second += weight * gap * gap;
    }
    const mean = first / weights;
    cost += Math.log(weights) - beta * labelGap;
    slope += mean - labelGap;
    curvature += second / weights - mean * mean;
  }
  const count = rows.length;
  return { cost: cost / count, slope: slope / count, curvature: curvature / count };
}

function readRows(logits: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): Row[] {
  const fault = (reason: string) => new RangeError(`Cannot calibrate the classifier: ${reason}`);
  if (labels.length === 0) throw fault("there are no examples");
  if (logits.length !== labels.length * classCount) {
    throw fault(
      `each example must have ${classCount} logits, but there are ${logits.length} logits for ${labels.length} examples`,
    );
  }
  const values = Array.from(logits);
  return Array.from(labels, (label, n) => {
    const row = values.slice(n * classCount, (n + 1) * classCount), labelLogit = row[label];
    if (labelLogit === undefined) {
      throw fault(`labels must be 0 to ${classCount - 1}, but the label of example ${n} is ${label}`);
    }
    const nonFinite = row.find((logit) => !Number.isFinite(logit));
    if (nonFinite !== undefined) {
      throw fault(`logits must be finite, but a logit of example ${n} is ${nonFinite}`);
    }
    const largest = largestOf(row);
    return { gaps: row.map((logit) => logit - largest), labelGap: labelLogit - largest };
  });
}
