/**
 * What there is to say of a classifier's logits on examples whose labels are known. Plain numbers on the host, in float64.
 * @module
 */
import { largestOf } from "../nn/mod.ts";

/** How one class fares. */
export interface ClassReport {
  /** Examples of the class. */
  readonly examples: number;
  /** Share of them that is classified rightly; null where there are none. */
  readonly accuracy: number | null;
}

/** How right a network is where it is about as sure. */
export interface CalibrationBin {
  /** Examples whose likeliest class has a probability in this bin's part of 0 to 1, the upper end included. */
  readonly examples: number;
  /** Share of them that is classified rightly; null where there are none. */
  readonly accuracy: number | null;
  /** Mean probability of the likeliest class; null where there are none. */
  readonly confidence: number | null;
}

/** How a network classifies a set. */
export interface EvaluationReport {
  /** Number of examples. */
  readonly examples: number;
  /** Share of examples classified wrongly (top-1), 0 to 1. */
  readonly testError: number;
  /** Share of examples whose class is not among the five likeliest; null where there are fewer than five classes. */
  readonly top5Error: number | null;
  /** Mean cross-entropy of an example. */
  readonly testCost: number;
  /**
   * Expected calibration error (Guo et al. 2017, equation 3): `Σ_bins |accuracy − mean confidence| · examples of the bin /
   * examples`, over 15 equal bins of the likeliest class's probability, 0 to 1.
   */
  readonly calibrationError: number;
  /** The 15 bins, from the least to the most confident. */
  readonly calibration: readonly CalibrationBin[];
  /** Of each class, in the order of classes. */
  readonly classes: readonly ClassReport[];
  /** `confusion[label][prediction]`: how many examples. */
  readonly confusion: readonly (readonly number[])[];
}

/** Bins of confidence: those of Guo et al. */
const binCount = 15;

/** Adds up what logits say, batch by batch. */
export class ReportBuilder {
  readonly #classCount: number;
  readonly #confusion: number[][];
  readonly #bins = Array.from({ length: binCount }, () => ({ examples: 0, right: 0, confidence: 0 }));
  #examples = 0;
  #beyondFive = 0;
  #cost = 0;

  /** A builder that has seen nothing. @throws {RangeError} if there is no class. */
  constructor(classCount: number) {
    if (!Number.isSafeInteger(classCount) || classCount < 1) {
      throw new RangeError(`Cannot evaluate as there must be classes: their number is ${classCount}`);
    }
    this.#classCount = classCount;
    this.#confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  }

  /**
   * Adds a batch; only as many rows as there are labels count.
   * @param logits `[N, C]`, row by row.
   * @throws {RangeError} if a label is no class, there are too few logits, or one is not finite.
   */
  add(logits: ArrayLike<number>, labels: ArrayLike<number>): void {
    const classes = this.#classCount;
    if (logits.length < labels.length * classes) {
      throw new RangeError(
        `Cannot evaluate as each example must have ${classes} logits: there are ${logits.length} of ${labels.length} examples`,
      );
    }
    const all = Array.from(logits);
    Array.from(labels).forEach((label, n) =>
      this.#addExample(all.slice(n * classes, (n + 1) * classes), label)
    );
  }

  #addExample(row: readonly number[], label: number): void {
    if (!row.every(Number.isFinite)) {
      throw new RangeError(
        `Cannot evaluate as logits must be finite: those of example ${this.#examples} are ${row.join(", ")}`,
      );
    }
    const own = row[label], counts = this.#confusion[label];
    if (own === undefined || counts === undefined) {
      throw new RangeError(
        `Cannot evaluate as labels must be 0 to ${
          row.length - 1
        }: that of example ${this.#examples} is ${label}`,
      );
    }
    const largest = largestOf(row);
    const predicted = row.indexOf(largest);
    // Of equal logits the first class goes first, as for the likeliest.
    const rank = row.filter((logit, c) => logit > own || (logit === own && c < label)).length;
    const logSum = largest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    const confidence = Math.exp(largest - logSum);
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const bin = this.#bins[Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))]!;
    bin.examples++;
    bin.confidence += confidence;
    if (predicted === label) bin.right++;
    if (rank >= 5) this.#beyondFive++;
    counts[predicted] = (counts[predicted] ?? 0) + 1;
    this.#cost += logSum - own;
    this.#examples++;
  }

  /** What all of it comes to. @throws {RangeError} if there was no example. */
  report(): EvaluationReport {
    const examples = this.#examples;
    if (examples === 0) throw new RangeError("Cannot evaluate as there must be examples: there are none");
    let right = 0;
    const classes = this.#confusion.map((row, label) => {
      const count = row.reduce((sum, each) => sum + each, 0), { [label]: own = 0 } = row;
      right += own;
      return { examples: count, accuracy: count === 0 ? null : own / count };
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
