/**
 * FixMatch.
 * @module
 */
import {
  add,
  argmax,
  cast,
  concat,
  crossEntropy,
  div,
  less,
  max,
  mul,
  sizeOf,
  slice,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "../algorithm.ts";
import type { ConsistencyCost } from "../consistency_costs.ts";
import { type ClassificationCost, classificationCost } from "../costs.ts";
import { number } from "../options/option_rows.ts";
import { defineMethod } from "./method.ts";
import { networkUpdates } from "./updates.ts";

/** Options of {@linkcode FixMatch}. */
export interface FixMatchOptions {
  /** Smallest probability of a class to be a pseudo-label, 0 to 1; the paper's is 0.95. */
  readonly threshold: number;
  /** True if labelled examples have a consistency cost too, as in the paper. */
  readonly consistencyToLabeled: boolean;
}

/** Cross-entropy of the student's logits with the target's likeliest class: `Σ −log p[argmax q] / N`. */
const pseudoLabelCost: ConsistencyCost = (student, target, { examples } = {}) => {
  const terms = crossEntropy(student, argmax(target, 1));
  return div(sum(examples ? mul(terms, examples) : terms), student.shape[0] ?? 1);
};

/**
 * FixMatch (Sohn et al. 2020, equations 3 and 4): the class that the student predicts for a weak view, if its
 * probability is at least the threshold, is the label of the strong view. Both views pass through the student
 * together, as in the authors' program. The average of the student's weights is evaluated and teaches nothing.
 *
 * Costs are divided by N: the paper's weight λ of μ unlabelled examples per labelled one is a consistency weight
 * of λ / μ here.
 */
export class FixMatch implements Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;
  readonly #classificationCost: ClassificationCost;
  readonly #cost: ConsistencyCost;
  readonly #options: FixMatchOptions;

  /** Creates the algorithm. */
  constructor(parts: AlgorithmParts, options: FixMatchOptions) {
    this.student = parts.student;
    this.teacher = parts.teacher;
    this.optimizer = parts.optimizer(parts.student.parameters);
    this.#classificationCost = parts.classificationCost ?? classificationCost;
    this.#cost = parts.consistencyCost ?? pseudoLabelCost;
    this.#options = options;
  }

  /** Builds the graph of one training step. */
  step({ views, labels, hyperparameters, context }: StepInputs): StepResult {
    const [strong, weak] = views;
    const [both] = this.student.forward(concat([weak, strong], 0), context);
    const [count, classes] = [sizeOf(labels.shape), both.shape[1] ?? 0];
    const rowsFrom = (first: number) => slice(both, [first, 0], [count, classes]);
    const logits = rowsFrom(0), strongLogits = rowsFrom(count), target = stopGradient(logits);
    this.teacher.forward(weak, context); // For the averaged network's running statistics.
    const classification = this.#classificationCost(logits, labels);
    const difference = this.#cost(strongLogits, target, { examples: this.#examples(target, labels) });
    const consistency = mul(hyperparameters.consistencyWeight, difference),
      cost = add(classification, consistency);
    return {
      costs: { cost, classification, consistency },
      compared: { views, labels, logits, consistencyLogits: strongLogits, targetLogits: target },
      updates: networkUpdates(this, cost, hyperparameters, context),
    };
  }

  /** Returns 1 for examples whose pseudo-label counts, else 0: float32 `[N]`. */
  #examples(target: Tensor, labels: Tensor): Tensor {
    const { threshold, consistencyToLabeled } = this.#options;
    const isConfident = sub(1, less(max(softmax(target), [1]), threshold));
    return stopGradient(mul(isConfident, consistencyToLabeled ? 1 : cast(less(labels, 0), "float32")));
  }
}

/** FixMatch as a method. */
export const fixMatch = defineMethod({
  name: "fixmatch",
  title: "FixMatch",
  color: "var(--classification)",
  dash: "8 3 2 3",
  source: "Sohn et al. 2020",
  options: {
    threshold: number(0.95, "smallest probability of a pseudo-label", {
      maximum: 1,
      source: "Sohn et al. 2020",
    }),
  },
  defaults: { consistency: 1, consistencyRampup: 0 },
  views: ["strong", "weak"],
  target: "student",
  isSelective: true,
  create: (parts, { consistencyToLabeled }, own) => new FixMatch(parts, { ...own, consistencyToLabeled }),
});
