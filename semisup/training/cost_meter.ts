/**
 * Mean costs of steps, read from the device, and the check that training has not diverged.
 * @module
 */
import type { OutputValues } from "../../kernels/mod.ts";
import type { EvaluationRecord } from "./records.ts";
import { recordOf } from "../record_of.ts";

/** Error thrown if a cost is not a number or too large, so that training on would be pointless. */
export class DivergenceError extends Error {
  /** Name of the error class. */
  override readonly name: string = "DivergenceError";
}

/** @throws {DivergenceError} if a test cost of student or teacher is not finite, as values so large that logits overflow give. */
export function checkTestCosts({ step, student, teacher }: EvaluationRecord): void {
  for (const [network, { testCost }] of Object.entries({ student, teacher })) {
    if (Number.isFinite(testCost)) continue;
    throw new DivergenceError(
      `Cannot continue training: test costs must be finite numbers, but that of the ${network} is ${testCost} at step ${step}. Try a lower learning rate or consistency weight.`,
    );
  }
}

/** Threshold of divergence. */
const maxCost = 1e5;

/** Sums of costs that are being read back. */
interface Reading {
  readonly steps: number;
  readonly endStep: number;
  readonly values: Promise<OutputValues<"sums" | "largest">>;
}

/** State of loss scaling before a step. */
export interface LossScaling {
  /** Factor of the cost whose gradients are computed. */
  readonly lossScale: number;
  /** Number of steps skipped so far, because a gradient was too large for float16. */
  readonly skippedSteps: number;
}

/** Mean costs by name; the total is `cost`. */
export type MeanCosts = Readonly<Record<string, number>> & { readonly cost: number };

/** Averages costs over steps. One reading may be pending while the next steps run. */
export class CostMeter {
  readonly #names: readonly string[];
  #unread = 0;
  #pending: Reading | undefined;
  #steps = 0;
  #sums: readonly number[];
  #lossScaling: LossScaling | undefined;

  /** Starts without costs. @param names Names of the costs, in the order of the sums; the total comes first. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#sums = names.map(() => 0);
  }

  /** Number of steps since the last reading; their costs are summed on the device. */
  get unread(): number {
    return this.#unread;
  }

  /** State of loss scaling before the last step that was read; undefined without loss scaling. */
  get lossScaling(): LossScaling | undefined {
    return this.#lossScaling;
  }

  /** Counts a step whose costs stay on the device. */
  skip(): void {
    this.#unread++;
  }

  /**
   * Counts a step whose sums are being read back, and waits for the reading before.
   * @throws {DivergenceError} if the reading before shows that training has diverged.
   */
  async read(endStep: number, values: Reading["values"]): Promise<void> {
    this.skip();
    await this.#wait(endStep, values);
  }

  /**
   * Reads the costs that are still on the device, and waits for all readings.
   * @param readSums Returns the sums after the last step.
   * @throws {DivergenceError} if they show that training has diverged.
   */
  async end(endStep: number, readSums: () => Reading["values"]): Promise<void> {
    if (this.#unread > 0) await this.#wait(endStep, readSums());
    await this.settle();
  }

  async #wait(endStep: number, values: Reading["values"]): Promise<void> {
    values.catch(() => undefined); // Awaited later, which throws the error.
    const previous = this.#pending;
    this.#pending = { steps: this.#unread, endStep, values };
    this.#unread = 0;
    if (previous) await this.#accumulate(previous);
  }

  /** Waits for the pending reading. @throws {DivergenceError} if it shows that training has diverged. */
  async settle(): Promise<void> {
    const last = this.#pending;
    this.#pending = undefined;
    if (last) await this.#accumulate(last);
  }

  /** Returns the means since the last call. */
  mean(): MeanCosts {
    const means = this.#sums.map((sum) => sum / this.#steps), [cost = NaN] = means;
    this.#steps = 0;
    this.#sums = means.map(() => 0);
    return { ...recordOf(this.#names, (_, i) => means[i] ?? NaN), cost };
  }

  async #accumulate({ steps, endStep, values }: Reading): Promise<void> {
    const { sums, largest: [largest = NaN] } = await values, [total = NaN] = sums;
    if (!Number.isFinite(total) || largest > maxCost) {
      const cost = Number.isFinite(total) ? largest : total;
      throw new DivergenceError(
        `Cannot continue training: the cost must stay below ${maxCost}, but is ${cost} by step ${endStep}. Try a lower learning rate or consistency weight.`,
      );
    }
    this.#readLossScaling(sums, steps, endStep);
    this.#steps += steps;
    this.#sums = this.#sums.map((sum, i) => sum + (sums[i] ?? NaN));
  }

  /** Reads the values after the sums, if there are any. @throws {DivergenceError} if all steps were skipped. */
  #readLossScaling(values: ArrayLike<number>, steps: number, endStep: number): void {
    const lossScale = values[this.#names.length], skippedSteps = values[this.#names.length + 1];
    if (lossScale === undefined || skippedSteps === undefined) return;
    const before = this.#lossScaling;
    this.#lossScaling = { lossScale, skippedSteps };
    if (!before || lossScale > 1 || skippedSteps - before.skippedSteps < steps) return;
    throw new DivergenceError(
      `Cannot continue training: gradients must fit into float16, but ${steps} steps up to step ${endStep} were skipped, even with a loss scale of 1. Use precision float32, or try a lower learning rate.`,
    );
  }
}
