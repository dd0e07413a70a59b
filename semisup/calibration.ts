/**
 * How sure a classifier may say that it is: temperature scaling.
 * @module
 */
import { largestOf } from "../nn/mod.ts";

/** The temperature of a classifier, and what it does to the examples that it was found on. */
export interface Calibration {
  /** Probabilities are `softmax(logits / temperature)`. */
  readonly temperature: number;
  /** Number of examples. */
  readonly examples: number;
  /** Mean cross-entropy at temperature 1. */
  readonly costBefore: number;
  /** Mean cross-entropy at the temperature. */
  readonly costAfter: number;
  /**
   * Why the temperature is not where the cost is least: `"separable"` where that would be below 1/50 or nowhere, as when
   * every label has the largest logit and the cost falls for ever with the temperature, which then is 1; `"chance"` where
   * it would be above 50, as when logits say no more than chance.
   */
  readonly limit?: "separable" | "chance";
}

/** What 1/T and T are at most: logits 50 times as far apart leave no doubt, a 50th leaves next to nothing else. */
const most = 50;
const mostIterations = 200;

/**
 * Finds the temperature T > 0 that minimises the mean cross-entropy of `softmax(logits / T)`, on examples that were not
 * trained on.
 *
 * The cost is convex in β = 1/T, with slope `Σₙ (E_p[z] − z_label) / N` and curvature `Σₙ Var_p[z] / N` where
 * p = softmax(β·z): Newton's method on the slope, halving a bracket where it would leave it, in float64. Where every label
 * has the largest logit there is no minimum, and T stays 1.
 *
 * Guo et al. 2017 (On Calibration of Modern Neural Networks), section 4.2.
 *
 * @param logits `[N, C]`, row by row.
 * @param labels Class index of each example `[N]`.
 * @throws {RangeError} if there is no example, a label is none of the classes, or a logit is not finite.
 *
 * @example
 * ```ts
 * import { calibrateTemperature } from "./mod.ts";
 *
 * // Three of four are right, and the logits say so with odds of 3 to 1 if they are divided by 4 / ln 3.
 * const { temperature } = calibrateTemperature([4, 0, 4, 0, 4, 0, 4, 0], [0, 0, 0, 1], 2);
 * console.assert(Math.abs(temperature - 4 / Math.log(3)) < 1e-9);
 * ```
 */
export function calibrateTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classCount: number,
): Calibration {
  const rows = rowsOf(logits, labels, classCount);
  const costs = (beta: number) => costsAt(beta, rows);
  const examples = labels.length, costBefore = costs(1).cost;
  let low = 1 / most, high = most, beta = 1;
  // Where nothing is left of other classes the slope has come to 0.
  if (costs(high).slope <= 0) {
    return { temperature: 1, examples, costBefore, costAfter: costBefore, limit: "separable" };
  }
  const hottest = costs(low);
  if (hottest.slope >= 0) {
    return { temperature: most, examples, costBefore, costAfter: hottest.cost, limit: "chance" };
  }
  for (let i = 0; i < mostIterations; i++) {
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

/** An example's logits against the largest, so that nothing overflows. */
interface Row {
  readonly gaps: readonly number[];
  /** That of the label. */
  readonly own: number;
}

/** Mean cross-entropy at β = 1/T, and its first two derivatives. */
function costsAt(beta: number, rows: readonly Row[]) {
  let cost = 0, slope = 0, curvature = 0;
  for (const { gaps, own } of rows) {
    let weights = 0, first = 0, second = 0;
    for (const gap of gaps) {
      const weight = Math.exp(beta * gap);
      weights += weight;
      first += weight * gap;
      second += weight * gap * gap;
    }
    const mean = first / weights;
    cost += Math.log(weights) - beta * own;
    slope += mean - own;
    curvature += second / weights - mean * mean;
  }
  const count = rows.length;
  return { cost: cost / count, slope: slope / count, curvature: curvature / count };
}

function rowsOf(logits: ArrayLike<number>, labels: ArrayLike<number>, classCount: number): Row[] {
  const fault = (rule: string, state: string) =>
    new RangeError(`Cannot calibrate a classifier as ${rule}: ${state}`);
  if (labels.length === 0) throw fault("there must be examples", "there are none");
  if (logits.length !== labels.length * classCount) {
    throw fault(
      `each example must have ${classCount} logits`,
      `there are ${logits.length} of ${labels.length} examples`,
    );
  }
  const all = Array.from(logits);
  return Array.from(labels, (label, n) => {
    const row = all.slice(n * classCount, (n + 1) * classCount), own = row[label];
    if (own === undefined) {
      throw fault(`labels must be 0 to ${classCount - 1}`, `that of example ${n} is ${label}`);
    }
    const endless = row.find((logit) => !Number.isFinite(logit));
    if (endless !== undefined) throw fault("logits must be finite", `one of example ${n} is ${endless}`);
    const largest = largestOf(row);
    return { gaps: row.map((logit) => logit - largest), own: own - largest };
  });
}
