/**
 * Interpolation consistency training.
 * @module
 */
import {
  add,
  cast,
  concat,
  exp,
  less,
  log,
  logSoftmax,
  maximum,
  mul,
  reshape,
  slice,
  stopGradient,
  sub,
  type Tensor,
} from "../../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "../algorithm.ts";
import { discardUpdates } from "../algorithm.ts";
import { betaShares, maxBetaAlpha } from "../beta_shares.ts";
import { consistencyCosts } from "../consistency_costs.ts";
import { classificationCost } from "../costs.ts";
import { number } from "../options/option_rows.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import { defineMethod } from "./method.ts";
import { networkUpdates } from "./updates.ts";

/** Options of {@linkcode Ict}. */
export interface IctOptions
  extends Pick<TrainingOptions, "consistencyType" | "consistencyTrust" | "consistencyToLabeled"> {
  /** Both parameters of the beta distribution of shares, above 0 and at most 2. */
  readonly alpha: number;
  /** Returns the share of each example in its mixture, a scalar; by default drawn from Beta(α, α). */
  readonly draw?: () => Tensor;
  /** Returns each example's partner; by default the next of the batch, as batches are shuffled. */
  readonly partnersOf?: (x: Tensor) => Tensor;
}

/** Returns `[x₁, …, xₙ₋₁, x₀]`. */
function nextOf(x: Tensor): Tensor {
  const [count = 0, ...rest] = x.shape, start = rest.map(() => 0);
  return concat([slice(x, [1, ...start], [count - 1, ...rest]), slice(x, [0, ...start], [1, ...rest])], 0);
}

/**
 * Interpolation consistency training (Verma et al. 2019, algorithm 1): at a mixture `λ x + (1 − λ) x′` of two
 * examples, the student learns to agree with the same mixture of the teacher's probabilities; λ is drawn from
 * Beta(α, α) at each step. The teacher averages the student's weights.
 */
export class Ict implements Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;

  /** Creates the algorithm. */
  constructor(readonly parts: AlgorithmParts, readonly options: IctOptions) {
    this.student = parts.student;
    this.teacher = parts.teacher;
    this.optimizer = parts.optimizer(parts.student.parameters);
  }

  /** Builds the graph of one training step. */
  step({ views: [own, x], labels, hyperparameters, context }: StepInputs): StepResult {
    const { alpha, draw, partnersOf = nextOf, consistencyType, consistencyTrust } = this.options;
    const share = draw?.() ?? reshape(betaShares(context, alpha, 1), []), rest = sub(1, share);
    const mixed = add(mul(share, x), mul(rest, partnersOf(x)));
    const [logits] = this.student.forward(own, context);
    const [consistencyLogits] = this.student.forward(mixed, discardUpdates(context));
    const [teacherLogits] = this.teacher.forward(x, context);

    // The logarithm of λ p + (1 − λ) p′, which are logits of the mixed probabilities.
    const log1 = logSoftmax(teacherLogits), log2 = partnersOf(log1), largest = maximum(log1, log2);
    const scaled = (each: Tensor) => exp(sub(each, largest));
    const mixture = add(largest, log(add(mul(share, scaled(log1)), mul(rest, scaled(log2)))));
    const targetLogits = stopGradient(mixture);

    const classify = this.parts.classificationCost ?? classificationCost;
    const classification = classify(logits, labels);
    const costOf = this.parts.consistencyCost ?? consistencyCosts[consistencyType];
    const difference = costOf(consistencyLogits, targetLogits, {
      trust: consistencyTrust,
      ...(this.options.consistencyToLabeled ? {} : { examples: cast(less(labels, 0), "float32") }),
    });
    const consistency = mul(hyperparameters.consistencyWeight, difference);
    const cost = add(classification, consistency);
    return {
      costs: { cost, classification, consistency },
      compared: { views: [mixed, x], labels, logits, consistencyLogits, targetLogits },
      updates: networkUpdates(this, cost, hyperparameters, context),
    };
  }
}

/** ICT as a method. */
export const ict = defineMethod({
  name: "ict",
  title: "ICT",
  color: "var(--student)",
  dash: "4 2",
  source: "Verma et al. 2019",
  options: {
    alpha: number(1, "both parameters of the beta distribution of shares", {
      maximum: maxBetaAlpha,
      isOpen: "below",
    }),
  },
  target: "teacher",
  mixesExamples: true,
  create: (parts, options, own) => new Ict(parts, { ...options, ...own }),
});
