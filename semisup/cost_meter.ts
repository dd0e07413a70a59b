/**
 * Costs on their way from the device: their means, and whether training still makes sense.
 * @module
 */
import type { OutputValues } from "../kernels/mod.ts";
import type { StepCosts } from "./algorithm.ts";
import { recordOf } from "./record_of.ts";
import { costNames } from "./training_step.ts";

/** A cost became so large, or no number at all, that training on means nothing. */
export class DivergenceError extends Error {
  /** The error's name. */
  override readonly name: string = "DivergenceError";
}

/** A cost above it has diverged. */
const largestCost = 1e5;

/** Sums of costs on their way to the host. */
interface Reading {
  readonly steps: number;
  readonly endStep: number;
  readonly values: Promise<OutputValues<"sums" | "largest">>;
}

/** Mean costs by name. */
export type MeanCosts = { readonly [name in keyof StepCosts]: number };

const nothing: MeanCosts = recordOf(costNames, () => 0);

/** Averages costs over steps, with one reading under way while the next steps run. */
export class CostMeter {
  #unread = 0;
  #pending: Reading | undefined;
  #steps = 0;
  #sums: MeanCosts = nothing;

  /** Steps whose costs the device has summed since the last reading. */
  get unread(): number {
    return this.#unread;
  }

  /** A step was run without reading. */
  skip(): void {
    this.#unread++;
  }

  /**
   * A step was run, and the sums are on their way.
   * @throws {DivergenceError} if those of the reading before mean that training has failed.
   */
  async read(endStep: number, values: Reading["values"]): Promise<void> {
    values.catch(() => undefined); // Awaited later, where its failure is thrown.
    const former = this.#pending;
    this.#pending = { steps: this.#unread + 1, endStep, values };
    this.#unread = 0;
    if (former) await this.#take(former);
  }

  /** Waits for what is on its way. @throws {DivergenceError} if it means that training has failed. */
  async settle(): Promise<void> {
    const last = this.#pending;
    this.#pending = undefined;
    if (last) await this.#take(last);
  }

  /** The means since the last call. */
  mean(): MeanCosts {
    const sums = this.#sums, steps = this.#steps;
    this.#steps = 0;
    this.#sums = nothing;
    return recordOf(costNames, (name) => sums[name] / steps);
  }

  async #take({ steps, endStep, values }: Reading): Promise<void> {
    const { sums, largest: [largest = NaN] } = await values, [total = NaN] = sums;
    if (!Number.isFinite(total) || largest > largestCost) {
      const state = Number.isFinite(total) ? largest : total;
      throw new DivergenceError(
        `Cannot go on training as the cost must stay below ${largestCost}: it is ${state} by step ${endStep}. Try a lower learning rate or consistency weight.`,
      );
    }
    this.#steps += steps;
    const former = this.#sums;
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    this.#sums = recordOf(costNames, (name, i) => former[name] + sums[i]!);
  }
}
