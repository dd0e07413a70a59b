/**
 * Reports of a classifier on labelled examples, computed from its logits on the host in float64.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";

/** Result of one class. */
export interface ClassReport {
  /** Number of examples of the class. */
  readonly examples: number;
  /** Share of the class's examples that are classified correctly; null if there are none. */
  readonly accuracy: number | null;
}

/** Accuracy of predictions of similar confidence. */
export interface CalibrationBin {
  /**
   * Number of examples whose likeliest class has a probability in this bin; the bin includes its upper end.
   */
  readonly examples: number;
  /** Share of the bin's examples that are classified correctly; null if there are none. */
  readonly accuracy: number | null;
  /** Mean probability of the likeliest class; null if there are no examples. */
  readonly confidence: number | null;
}

/** Results of a network on a set. */
export interface EvaluationReport {
  /** Number of examples. */
  readonly examples: number;
  /** Share of examples classified wrongly (top-1), 0 to 1. */
  readonly testError: number;
  /**
   * Share of examples whose class is not among the five likeliest; null if there are fewer than five classes.
   */
  readonly top5Error: number | null;
  /** Mean cross-entropy. */
  readonly testCost: number;
  /**
   * Expected calibration error (Guo et al. 2017, equation 3):
   * `Σ_bins |accuracy − mean confidence| · examples of the bin / examples`, over 15 equal bins of the
   * likeliest class's probability, 0 to 1.
   */
  readonly calibrationError: number;
  /** The 15 bins, from the least to the most confident. */
  readonly calibration: readonly CalibrationBin[];
  /** Results of each class, in the order of classes. */
  readonly classes: readonly ClassReport[];
  /** `confusion[label][prediction]`: number of examples. */
  readonly confusion: readonly (readonly number[])[];
}

/** Number of confidence bins, as in Guo et al. */
const binCount = 15;

/** Accumulates logits batch by batch into a report. */
export class ReportBuilder {
  readonly #classCount: number;
  readonly #confusion: number[][];
  readonly #bins = Array.from({ length: binCount }, () => ({ examples: 0, right: 0, confidence: 0 }));
  #examples = 0;
  #beyondFive = 0;
  #cost = 0;

  /**
   * Creates an empty builder. @throws {RangeError} if the number of classes is not a whole number above 0.
   */
  constructor(classCount: number) {
    if (!Number.isSafeInteger(classCount) || classCount < 1) {
      throw new RangeError(`Cannot evaluate: the number of classes must be at least 1, but is ${classCount}`);
    }
    this.#classCount = classCount;
    this.#confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  }

  /**
   * Adds a batch. Rows of logits beyond the number of labels are ignored.
   * @param logits `[N, C]`, row by row.
   * @throws {RangeError} if a label is not a class index, there are too few logits, or one is not finite.
   */
  add(logits: ArrayLike<number>, labels: ArrayLike<number>): void {
    const classes = this.#classCount;
    if (logits.length < labels.length * classes) {
      throw new RangeError(
        `Cannot evaluate: each example must have ${classes} logits, but there are ${logits.length} logits for ${labels.length} examples`,
      );
    }
    const values = Array.from(logits);
    Array.from(labels).forEach((label, n) =>
      this.#addExample(values.slice(n * classes, (n + 1) * classes), label)
    );
  }

  #addExample(row: readonly number[], label: number): void {
    if (!row.every(Number.isFinite)) {
      throw new RangeError(
        `Cannot evaluate: logits must be finite, but those of example ${this.#examples} are ${
          row.join(", ")
        }`,
      );
    }
    const labelLogit = row[label], counts = this.#confusion[label];
    if (labelLogit === undefined || counts === undefined) {
      throw new RangeError(
        `Cannot evaluate: labels must be 0 to ${
          row.length - 1
        }, but the label of example ${this.#examples} is ${label}`,
      );
    }
    const largest = largestOf(row);
    const predicted = row.indexOf(largest);
    // Of equal logits the first class ranks first, as in the prediction.
    const rank = row.filter((logit, c) => logit > labelLogit || (logit === labelLogit && c < label)).length;
    const logSum = largest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    const confidence = Math.exp(largest - logSum);
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const bin = this.#bins[Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))]!;
    bin.examples++;
    bin.confidence += confidence;
    if (predicted === label) bin.right++;
    if (rank >= 5) this.#beyondFive++;
    counts[predicted] = (counts[predicted] ?? 0) + 1;
    this.#cost += logSum - labelLogit;
    this.#examples++;
  }

  /** Returns the report of all batches so far. @throws {RangeError} if there were no examples. */
  report(): EvaluationReport {
    const examples = this.#examples;
    if (examples === 0) throw new RangeError("Cannot evaluate: there are no examples");
    let right = 0;
    const classes = this.#confusion.map((row, label) => {
      const count = row.reduce((sum, each) => sum + each, 0), { [label]: correct = 0 } = row;
      right += correct;
      return { examples: count, accuracy: count === 0 ? null : correct / count };
    });
    const gaps = this.#bins.map(({ right, confidence }) => Math.abs(right - confidence));
    return {
      examples,
      testError: (examples - right) / examples,
      top5Error: this.#classCount < 5 ? null : this.#beyondFive / examples,
      testCost: this.#cost / examples,
      calibrationError: gaps.reduce((sum, gap) => sum + gap, 0) / examples,
      calibration: this.#bins.map(({ examples, right, confidence }) => ({
        examples,
        accuracy: examples === 0 ? null : right / examples,
        confidence: examples === 0 ? null : confidence / examples,
      })),
      classes,
      confusion: this.#confusion.map((row) => [...row]),
    };
  }
}
