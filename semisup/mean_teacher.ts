/**
 * Mean Teacher.
 * @module
 */
import { add, constant, grad, mul, type Tensor } from "../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "./algorithm.ts";
import { classificationCost, logitDistance, softmaxKl, softmaxMse } from "./costs.ts";
import { emaUpdates } from "./ema.ts";

/** Ways to compare student and teacher. */
export const consistencyCosts: {
  /** {@linkcode softmaxMse} */
  readonly mse: (student: Tensor, teacher: Tensor) => Tensor;
  /** {@linkcode softmaxKl} */
  readonly kl: (student: Tensor, teacher: Tensor) => Tensor;
} = { mse: softmaxMse, kl: softmaxKl };

/** Name of a consistency cost. */
export type ConsistencyType = keyof typeof consistencyCosts;

/** What {@linkcode MeanTeacher} may be told. */
export interface MeanTeacherOptions {
  /** How student and teacher are compared; "mse" where absent. */
  readonly consistencyType?: ConsistencyType;
  /** Weight of the logit distance of two heads; needed by two-headed networks only. */
  readonly logitDistanceCost?: number;
}

/**
 * Mean Teacher (Tarvainen & Valpola 2017): the student learns from labels and from agreeing with the teacher on
 * another view of the same examples; the teacher's weights are the moving average of the student's. With two heads,
 * the first classifies and the second is compared with the teacher's first.
 */
export class MeanTeacher implements Algorithm {
  /** Learns by gradient descent. */
  readonly student: ClassifierNetwork;
  /** Averages the student's weights; no gradient reaches it. */
  readonly teacher: ClassifierNetwork;
  /** Of the student's parameters. */
  readonly optimizer: Optimizer;
  readonly #options: Required<MeanTeacherOptions>;

  /** Puts the parts together. @throws {RangeError} if an option is out of range. */
  constructor(
    { student, teacher, optimizer }: AlgorithmParts,
    { consistencyType = "mse", logitDistanceCost = 0 }: MeanTeacherOptions = {},
  ) {
    if (!Number.isFinite(logitDistanceCost)) {
      throw new RangeError(
        `Cannot train as the logit distance cost must be a finite number: it is ${logitDistanceCost}`,
      );
    }
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
    this.#options = { consistencyType, logitDistanceCost };
  }

  /** One training step, as in the paper's section 2. */
  step(
    { views, labels, learningRate, consistencyWeight, emaDecay, context }: StepInputs,
  ): StepResult {
    const { consistencyType, logitDistanceCost } = this.#options;
    const [logits, consistencyLogits = logits] = this.student.forward(views[0], context);
    const [teacherLogits] = this.teacher.forward(views[1], context);

    const classification = classificationCost(logits, labels);
    const consistency = mul(
      consistencyWeight,
      consistencyCosts[consistencyType](consistencyLogits, teacherLogits),
    );
    const distance = consistencyLogits === logits
      ? constant(0)
      : mul(logitDistance(logits, consistencyLogits), logitDistanceCost);
    const cost = add(classification, add(consistency, distance));

    const gradients = grad(cost, Object.values(this.student.parameters));
    const student = this.optimizer.update(gradients, learningRate);
    const teacher = emaUpdates(this.teacher.parameters, this.student.parameters, student, emaDecay);
    return {
      costs: {
        cost,
        classificationCost: classification,
        consistencyCost: consistency,
        logitDistanceCost: distance,
      },
      updates: [...context.updates, ...student, ...teacher],
    };
  }
}
