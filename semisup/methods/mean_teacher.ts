/**
 * Mean Teacher, and the Π model, which differs only in the target that the student is compared with.
 * @module
 */
import { add, cast, constant, less, mul, type Tensor } from "../../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../../nn/mod.ts";
import {
  type Algorithm,
  type AlgorithmParts,
  discardUpdates,
  type StepInputs,
  type StepResult,
} from "../algorithm.ts";
import {
  type ConsistencyCost,
  consistencyCosts,
  type ConsistencyOptions,
  type ConsistencyType,
} from "../consistency_costs.ts";
import { type ClassificationCost, classificationCost, logitDistance } from "../costs.ts";
import { defineMethod } from "./method.ts";
import { networkUpdates } from "./updates.ts";

/** Options of {@linkcode MeanTeacher}. */
export interface MeanTeacherOptions {
  /** Name of the consistency cost; default "mse". */
  readonly consistencyType?: ConsistencyType;
  /** Trust in predictions, for `consistencyType` "trust"; default 1. */
  readonly consistencyTrust?: number;
  /** True if labelled examples have a consistency cost too; default true. */
  readonly consistencyToLabeled?: boolean;
  /** Weight of the distance between two heads, default 0; without effect on networks of one head. */
  readonly logitDistanceCost?: number;
  /** Reduction of the logit distance over classes; default "mean". */
  readonly logitDistanceReduction?: "mean" | "sum";
  /**
   * Network that the student is compared with; default "teacher". "student" is the Π model (Laine & Aila
   * 2017): a second pass of the student with other noise on the other view, both passes getting gradient.
   */
  readonly target?: "teacher" | "student";
}

/**
 * Mean Teacher (Tarvainen & Valpola 2017): the student learns from labels and from agreeing with the teacher
 * on another view of the same examples; the teacher's weights are the moving average of the student's. With
 * two heads, the student's first is compared with the labels and its second with the teacher's first.
 *
 * With the student as its own target, it is the Π model. The averaged teacher is then still kept and
 * evaluated, as in the supervised baseline. The student's running statistics follow its first pass.
 */
export class MeanTeacher implements Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights; no gradient reaches it. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;
  readonly #options: Required<MeanTeacherOptions>;
  readonly #classificationCost: ClassificationCost;
  readonly #consistencyCost: ConsistencyCost;

  /** Creates the algorithm. @throws {RangeError} if the logit distance cost is not a finite number. */
  constructor(
    { student, teacher, optimizer, consistencyCost, classificationCost: ownCost }: AlgorithmParts,
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
        `Cannot train: the logit distance cost must be a finite number, but is ${logitDistanceCost}`,
      );
    }
    this.student = student;
    this.teacher = teacher;
    this.optimizer = optimizer(student.parameters);
    this.#classificationCost = ownCost ?? classificationCost;
    this.#consistencyCost = consistencyCost ?? consistencyCosts[consistencyType];
    this.#options = {
      consistencyType,
      consistencyTrust,
      consistencyToLabeled,
      logitDistanceCost,
      logitDistanceReduction,
      target,
    };
  }

  /** Builds the graph of one training step, as in section 2 of the paper. */
  step({ views, labels, hyperparameters, context }: StepInputs): StepResult {
    const { logitDistanceCost, logitDistanceReduction } = this.#options;
    const [logits, consistencyLogits = logits] = this.student.forward(views[0], context);
    const [teacherLogits] = this.teacher.forward(views[1], context);
    const [targetLogits] = this.#options.target === "teacher"
      ? [teacherLogits]
      : this.student.forward(views[1], discardUpdates(context));

    const classification = this.#classificationCost(logits, labels);
    const consistency = mul(
      hyperparameters.consistencyWeight,
      this.#consistencyCost(consistencyLogits, targetLogits, this.#consistencyOptions(labels)),
    );
    const hasOneHead = consistencyLogits === logits;
    const distance = hasOneHead
      ? constant(0)
      : mul(logitDistance(logits, consistencyLogits, logitDistanceReduction), logitDistanceCost);
    const cost = add(classification, add(consistency, distance));
    return {
      costs: { cost, classification, consistency, ...(hasOneHead ? {} : { logitDistance: distance }) },
      compared: { views, labels, logits, consistencyLogits, targetLogits },
      updates: networkUpdates(this, cost, hyperparameters, context),
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

/** Mean Teacher as a method. */
export const meanTeacher = defineMethod({
  name: "mean-teacher",
  title: "Mean Teacher",
  color: "var(--teacher)",
  source: "Tarvainen & Valpola 2017",
  options: {},
  target: "teacher",
  create: (parts, options) => new MeanTeacher(parts, options),
});

/** The Π model as a method. */
export const piModel = defineMethod({
  name: "pi",
  title: "Π model",
  color: "var(--consistency)",
  dash: "6 3",
  source: "Laine & Aila 2017",
  options: {},
  target: "student",
  create: (parts, options) => new MeanTeacher(parts, { ...options, target: "student" }),
});
