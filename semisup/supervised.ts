/**
 * The baseline that Mean Teacher is measured against: labels alone.
 * @module
 */
import { constant, grad } from "../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "./algorithm.ts";
import { classificationCost } from "./costs.ts";
import { emaUpdates } from "./ema.ts";

/**
 * Supervised training: the classification cost alone, on the first head. The "teacher" is what averaging the weights
 * does by itself; its running statistics come from its own passes, as Mean Teacher's do.
 */
export class Supervised implements Algorithm {
  /** Learns by gradient descent. */
  readonly student: ClassifierNetwork;
  /** Averages the student's weights and teaches nothing. */
  readonly teacher: ClassifierNetwork;
  /** Of the student's parameters. */
  readonly optimizer: Optimizer;

  /** Puts the parts together. */
  constructor({ student, teacher, optimizer }: AlgorithmParts) {
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
  }

  /** One training step. */
  step({ views, labels, learningRate, emaDecay, context, ...inputs }: StepInputs): StepResult {
    const [logits] = this.student.forward(views[0], context);
    const [targetLogits] = this.teacher.forward(views[1], context);
    const cost = classificationCost(logits, labels);
    const gradients = grad(cost, Object.values(this.student.parameters));
    const student = this.optimizer.update(gradients, learningRate, inputs);
    const teacher = emaUpdates(this.teacher.parameters, this.student.parameters, student, emaDecay);
    const none = constant(0);
    return {
      costs: { cost, classificationCost: cost, consistencyCost: none, logitDistanceCost: none },
      compared: { views, labels, logits, consistencyLogits: logits, targetLogits },
      updates: [...context.updates, ...student, ...teacher],
    };
  }
}
