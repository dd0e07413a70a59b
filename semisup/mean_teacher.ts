/**
 * Mean Teacher, and the Π model, which differs from it in what the student is compared with.
 * @module
 */
import { add, cast, constant, grad, less, mul, type Tensor } from "../kernels/mod.ts";
import type { ClassifierNetwork, ForwardContext, Optimizer } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "./algorithm.ts";
import {
  classificationCost,
  type ConsistencyCostOptions,
  consistencyTrust,
  logitDistance,
  softmaxKl,
  softmaxMse,
} from "./costs.ts";
import { emaUpdates } from "./ema.ts";

/** What a consistency cost is told. */
export interface ConsistencyOptions extends ConsistencyCostOptions {
  /** The trust of {@linkcode consistencyTrust}; 1 where absent. */
  readonly trust?: number;
}

/** Compares the logits `[N, C]` of student and teacher. */
export type ConsistencyCost = (student: Tensor, teacher: Tensor, options?: ConsistencyOptions) => Tensor;

/** Ways to compare student and teacher. */
export const consistencyCosts: {
  /** {@linkcode softmaxMse} */
  readonly mse: ConsistencyCost;
  /** {@linkcode softmaxKl} */
  readonly kl: ConsistencyCost;
  /** {@linkcode consistencyTrust} */
  readonly trust: ConsistencyCost;
} = {
  mse: softmaxMse,
  kl: softmaxKl,
  trust: (student, teacher, { trust = 1, ...options } = {}) =>
    consistencyTrust(student, teacher, trust, options),
};

/** Name of a consistency cost. */
export type ConsistencyType = keyof typeof consistencyCosts;

/** What {@linkcode MeanTeacher} may be told. */
export interface MeanTeacherOptions {
  /** How student and teacher are compared; "mse" where absent. */
  readonly consistencyType?: ConsistencyType;
  /** The trust in predictions of `consistencyType` "trust"; 1 where absent. */
  readonly consistencyTrust?: number;
  /** Whether labelled examples have a consistency cost too; they have where absent. */
  readonly consistencyToLabeled?: boolean;
  /** Weight of the logit distance of two heads; needed by two-headed networks only. */
  readonly logitDistanceCost?: number;
  /** Over classes; "mean" where absent. */
  readonly logitDistanceReduction?: "mean" | "sum";
  /**
   * What the student is compared with: the "teacher", or the "student" itself in a second pass with other noise on the other
   * view, both passes getting gradient, which is the Π model (Laine & Aila 2017). "teacher" where absent.
   */
  readonly target?: "teacher" | "student";
}

/**
 * Mean Teacher (Tarvainen & Valpola 2017): the student learns from labels and from agreeing with the teacher on
 * another view of the same examples; the teacher's weights are the moving average of the student's. With two heads,
 * the first classifies and the second is compared with the teacher's first.
 *
 * With the student as its own target it is the Π model; the averaged teacher is still kept, as it is of the supervised
 * baseline, to be evaluated. The student's running statistics follow its first pass.
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
    {
      consistencyType = "mse",
      consistencyTrust = 1,
      consistencyToLabeled = true,
      logitDistanceCost = 0,
      logitDistanceReduction = "mean",
      target = "teacher",
    }: MeanTeacherOptions = {},
  ) {
    if (!Number.isFinite(logitDistanceCost)) {
      throw new RangeError(
        `Cannot train as the logit distance cost must be a finite number: it is ${logitDistanceCost}`,
      );
    }
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
    this.#options = {
      consistencyType,
      consistencyTrust,
      consistencyToLabeled,
      logitDistanceCost,
      logitDistanceReduction,
      target,
    };
  }

  /** One training step, as in the paper's section 2. */
  step(
    { views, labels, learningRate, consistencyWeight, emaDecay, context, ...inputs }: StepInputs,
  ): StepResult {
    const { consistencyType, logitDistanceCost, logitDistanceReduction } = this.#options;
    const [logits, consistencyLogits = logits] = this.student.forward(views[0], context);
    const [teacherLogits] = this.teacher.forward(views[1], context);
    const [targetLogits] = this.#options.target === "teacher"
      ? [teacherLogits]
      : this.student.forward(views[1], withoutUpdates(context));

    const classification = classificationCost(logits, labels);
    const consistency = mul(
      consistencyWeight,
      consistencyCosts[consistencyType](consistencyLogits, targetLogits, this.#consistencyOptions(labels)),
    );
    const distance = consistencyLogits === logits
      ? constant(0)
      : mul(logitDistance(logits, consistencyLogits, logitDistanceReduction), logitDistanceCost);
    const cost = add(classification, add(consistency, distance));

    const gradients = grad(cost, Object.values(this.student.parameters));
    const student = this.optimizer.update(gradients, learningRate, inputs);
    const teacher = emaUpdates(this.teacher.parameters, this.student.parameters, student, emaDecay);
    return {
      costs: {
        cost,
        classificationCost: classification,
        consistencyCost: consistency,
        logitDistanceCost: distance,
      },
      compared: { views, labels, logits, consistencyLogits, targetLogits },
      updates: [...context.updates, ...student, ...teacher],
    };
  }

  #consistencyOptions(labels: Tensor): ConsistencyOptions {
    const { consistencyTrust, consistencyToLabeled, target } = this.#options;
    return {
      trust: consistencyTrust,
      gradientToTeacher: target === "student",
      ...(consistencyToLabeled ? {} : { examples: cast(less(labels, 0), "float32") }),
    };
  }
}

/** A context whose passes leave running statistics as they are: each variable has one new value in a step. */
function withoutUpdates(context: ForwardContext): ForwardContext {
  return Object.assign(Object.create(context), { updates: [] });
}
