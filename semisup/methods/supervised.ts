/**
 * The supervised baseline that Mean Teacher is compared with.
 * @module
 */
import type { ClassifierNetwork, Optimizer } from "../../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "../algorithm.ts";
import { type ClassificationCost, classificationCost } from "../costs.ts";
import { defineMethod } from "./method.ts";
import { networkUpdates } from "./updates.ts";

/**
 * Supervised training: the classification cost alone, on the first head. The averaged network, called the
 * teacher here as well, shows what averaging alone achieves; its running statistics follow its own passes, as
 * in Mean Teacher.
 */
export class Supervised implements Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights; it teaches nothing. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;
  readonly #classificationCost: ClassificationCost;

  /** Creates the algorithm. */
  constructor({ student, teacher, optimizer, classificationCost: ownCost }: AlgorithmParts) {
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
    this.#classificationCost = ownCost ?? classificationCost;
  }

  /** Builds the graph of one training step. */
  step({ views, labels, hyperparameters, context }: StepInputs): StepResult {
    const [logits] = this.student.forward(views[0], context);
    const [targetLogits] = this.teacher.forward(views[1], context);
    const cost = this.#classificationCost(logits, labels);
    return {
      costs: { cost, classification: cost },
      compared: { views, labels, logits, consistencyLogits: logits, targetLogits },
      updates: networkUpdates(this, cost, hyperparameters, context),
    };
  }
}

/** Supervised training as a method: no unlabelled examples, no consistency cost. */
export const supervised = defineMethod({
  name: "supervised",
  title: "Supervised training",
  color: "var(--baseline)",
  dash: "2 3",
  source: "the baseline of Tarvainen & Valpola 2017",
  options: {},
  target: null,
  create: (parts) => new Supervised(parts),
});
