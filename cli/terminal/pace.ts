/**
 * Speed of a run, and time left.
 * @module
 */

/** Measures speed from steps and the clock, beginning with the first step, before which set-up takes time. */
export class Pace {
  readonly #firstStep: number;
  readonly #totalSteps: number;
  readonly #batchSize: number;
  readonly #now: () => number;
  readonly #creation: number;
  #firstLook: { readonly step: number; readonly time: number } | undefined;

  /** @param now The clock in milliseconds. */
  constructor(
    { firstStep, totalSteps, batchSize }: {
      readonly firstStep: number;
      readonly totalSteps: number;
      readonly batchSize: number;
    },
    now: () => number = () => performance.now(),
  ) {
    this.#firstStep = firstStep;
    this.#totalSteps = totalSteps;
    this.#batchSize = batchSize;
    this.#now = now;
    this.#creation = now();
  }

  /** Returns the pace after a number of steps; before the first step the time left is infinite. */
  at(step: number): { readonly imagesPerSecond: number; readonly secondsLeft: number } {
    const time = this.#now();
    const start = this.#firstLook && this.#firstLook.step < step
      ? this.#firstLook
      : { step: this.#firstStep, time: this.#creation };
    if (step > this.#firstStep) this.#firstLook ??= { step, time };
    const secondsPerStep = step > start.step ? (time - start.time) / 1000 / (step - start.step) : Infinity;
    return {
      imagesPerSecond: this.#batchSize / secondsPerStep,
      secondsLeft: step >= this.#totalSteps ? 0 : secondsPerStep * (this.#totalSteps - step),
    };
  }
}
