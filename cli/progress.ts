/**
 * What a run shows: a bar with live figures on a terminal, plain lines elsewhere.
 * @module
 */
import { Presets, SingleBar } from "npm:cli-progress@3.12.0";
import type { CostRecord, EvaluationRecord } from "../semisup/mod.ts";

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A time such as `4 min 05 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Shows how far a run is. */
export interface Progress {
  /** A line of text. */
  say(text: string): void;
  /** New mean costs. */
  costs(record: CostRecord): void;
  /** New test errors. */
  evaluation(record: EvaluationRecord): void;
  /** Nothing more comes. */
  stop(): void;
}

/** How fast a run goes, from its steps and the clock. */
class Pace {
  readonly #start = performance.now();
  readonly #firstStep: number;
  readonly #totalSteps: number;
  readonly #batchSize: number;

  constructor(firstStep: number, totalSteps: number, batchSize: number) {
    this.#firstStep = firstStep;
    this.#totalSteps = totalSteps;
    this.#batchSize = batchSize;
  }

  at(step: number): { readonly imagesPerSecond: number; readonly secondsLeft: number } {
    const secondsPerStep = (performance.now() - this.#start) / 1000 / Math.max(1, step - this.#firstStep);
    return {
      imagesPerSecond: this.#batchSize / secondsPerStep,
      secondsLeft: secondsPerStep * (this.#totalSteps - step),
    };
  }
}

/** What is shown of costs: those that are there. */
function costsText({ cost, classificationCost, consistencyCost, logitDistanceCost }: CostRecord): string {
  const parts = [
    `classification ${classificationCost.toFixed(4)}`,
    `consistency ${consistencyCost.toFixed(4)}`,
  ];
  if (logitDistanceCost !== 0) parts.push(`logit distance ${logitDistanceCost.toFixed(4)}`);
  return `cost ${cost.toFixed(4)} (${parts.join(", ")})`;
}

/** Progress of a run of `totalSteps` steps that has done `firstStep` of them. */
export function createProgress(
  { isTerminal, firstStep, totalSteps, batchSize }: {
    readonly isTerminal: boolean;
    readonly firstStep: number;
    readonly totalSteps: number;
    readonly batchSize: number;
  },
): Progress {
  const pace = new Pace(firstStep, totalSteps, batchSize);
  return isTerminal ? new Bar(pace, firstStep, totalSteps) : new Lines(pace, totalSteps);
}

/** Plain lines. */
class Lines implements Progress {
  readonly #pace: Pace;
  readonly #totalSteps: number;

  constructor(pace: Pace, totalSteps: number) {
    this.#pace = pace;
    this.#totalSteps = totalSteps;
  }

  say(text: string): void {
    console.log(text);
  }

  costs(record: CostRecord): void {
    const { imagesPerSecond, secondsLeft } = this.#pace.at(record.step);
    console.log(
      `step ${record.step}/${this.#totalSteps}  epoch ${record.epoch.toFixed(2)}  ${costsText(record)}  ${
        imagesPerSecond.toFixed(0)
      } images/s  ${duration(secondsLeft)} left`,
    );
  }

  evaluation({ step, student, teacher }: EvaluationRecord): void {
    console.log(
      `step ${step}/${this.#totalSteps}  test error: student ${percent(student.testError)}, teacher ${
        percent(teacher.testError)
      }`,
    );
  }

  stop(): void {}
}

/** A bar that stays at the foot of the terminal. */
class Bar implements Progress {
  readonly #pace: Pace;
  readonly #bar: SingleBar;

  constructor(pace: Pace, firstStep: number, totalSteps: number) {
    this.#pace = pace;
    this.#bar = new SingleBar({
      format: "{bar} step {value}/{total} | {left} left | {speed} images/s | {costs}{errors}",
      barsize: 20,
      hideCursor: true,
      linewrap: false,
    }, Presets.shades_classic);
    this.#bar.start(totalSteps, firstStep, { left: "?", speed: "?", costs: "cost ?", errors: "" });
  }

  say(text: string): void {
    this.#bar.stop();
    console.log(text);
  }

  costs(record: CostRecord): void {
    const { imagesPerSecond, secondsLeft } = this.#pace.at(record.step);
    this.#bar.update(record.step, {
      left: duration(secondsLeft),
      speed: imagesPerSecond.toFixed(0),
      costs: `cost ${record.cost.toFixed(3)}`,
    });
  }

  evaluation({ step, student, teacher }: EvaluationRecord): void {
    this.#bar.update(step, {
      errors: ` | test error: student ${percent(student.testError)}, teacher ${percent(teacher.testError)}`,
    });
  }

  stop(): void {
    this.#bar.stop();
  }
}
