/**
 * The supervised baseline that Mean Teacher is compared with.
 * @module
 */
import { constant, grad } from "../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "./algorithm.ts";
import { classificationCost } from "./costs.ts";
import { emaUpdates } from "./ema.ts";

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

  /** Creates the algorithm. */
  constructor({ student, teacher, optimizer }: AlgorithmParts) {
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
  }

  /** Builds the graph of one training step. */
  step({ views, labels, learningRate, emaDecay, context, ...inputs }: StepInputs): StepResult {
    const [logits] = this.student.forward(views[0], context);
    const [targetLogits] = this.teacher.forward(views[1], context);
    const cost = classificationCost(logits, labels);
    const gradients = grad(cost, Object.values(this.student.parameters));
    const student = this.optimizer.update(gradients, learningRate, inputs);
    const teacher = emaUpdates(this.teacher.parameters, this.student.parameters, student, emaDecay);
    const zero = constant(0);
    return {
      costs: { cost, classificationCost: cost, consistencyCost: zero, logitDistanceCost: zero },
      compared: { views, labels, logits, consistencyLogits: logits, targetLogits },
      updates: [...context.updates, ...student, ...teacher],
    };
  }
}
