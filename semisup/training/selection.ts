/**
 * The best weights of a run, by its evaluations, and the end of a run that no longer improves.
 * @module
 */
import type { Checkpoint, RunState } from "../checkpoint.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { evaluatedOf } from "../methods/mod.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import type { EvaluationRecord } from "./records.ts";

/** The best weights so far, and the evaluations since. */
export interface Best {
  /** Evaluation of the best weights. */
  readonly evaluation: Omit<EvaluationRecord, "kind">;
  /** Number of evaluations since without an improvement. */
  readonly waited: number;
  /** Step of the last evaluation that was compared. */
  readonly comparedStep: number;
  /** Values of all variables after the best step. */
  readonly state: RunState;
}

/** Returns which weights a run keeps: option `keep`, or if it is null, the best ones if `patience` is set. */
export function keptWeights({ keep, patience }: TrainingOptions): "last" | "best" {
  return keep ?? (patience === null ? "last" : "best");
}

/** Returns whether a run compares its evaluations, which then need labelled images that training does not use. */
export function comparesEvaluations(options: TrainingOptions): boolean {
  return keptWeights(options) === "best" || options.patience !== null;
}

/**
 * Compares the evaluations of a run by the network that its method evaluates. Fewer errors are better; among equal
 * errors, as a few images often give, the lower cost is.
 */
export class Selection {
  readonly #options: TrainingOptions;
  #best: Best | undefined;

  /** @param best The best weights of the resumed run, if there are any. */
  constructor(options: TrainingOptions, best?: Best) {
    this.#options = options;
    this.#best = best;
  }

  /** The best weights so far; undefined before the first evaluation. */
  get best(): Best | undefined {
    return this.#best;
  }

  /** True if the run ends, as the last `patience` evaluations brought no improvement. */
  get isExhausted(): boolean {
    const { patience } = this.#options;
    return patience !== null && (this.#best?.waited ?? 0) >= patience;
  }

  /**
   * Compares an evaluation with the best; an evaluation of a step that was compared already changes nothing.
   * @param readState Returns the values of all variables; called only if the evaluation is the best so far.
   */
  async compare(
    { kind: _, ...evaluation }: EvaluationRecord,
    readState: () => Promise<RunState>,
  ): Promise<void> {
    const { step } = evaluation, best = this.#best, network = evaluatedOf(this.#options);
    if (!comparesEvaluations(this.#options) || best && step <= best.comparedStep) return;
    if (best && !isBetter(evaluation[network], best.evaluation[network])) {
      this.#best = { ...best, waited: best.waited + 1, comparedStep: step };
    } else this.#best = { evaluation, waited: 0, comparedStep: step, state: await readState() };
  }
}

function isBetter(one: Evaluation, other: Evaluation): boolean {
  return one.testError < other.testError ||
    one.testError === other.testError && one.testCost < other.testCost;
}

/** Returns the checkpoint of the best step, of a checkpoint made later; undefined if it has none. */
export function bestCheckpoint(checkpoint: Checkpoint): Checkpoint | undefined {
  const { best } = checkpoint;
  if (!best) return undefined;
  const { evaluation: { step }, state } = best;
  return { ...checkpoint, step, ...state, best: { ...best, waited: 0, comparedStep: step } };
}
