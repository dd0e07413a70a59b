/**
 * Measurements of a run that the self-check judges.
 * @module
 */

/**
 * Measurements of the training steps themselves, on training views and in training mode. The target is the
 * teacher; in the supervised baseline the averaged network, in the Π model the student's second pass.
 */
export interface Measurements {
  /** Number of completed steps. */
  readonly step: number;
  /** Number of passes over the unlabelled examples, as a fraction. */
  readonly epoch: number;
  /**
   * Number of latest steps that the means below cover: all since the last such record, and earlier ones if
   * these are few.
   */
  readonly steps: number;
  /** Weighted consistency cost, mean over steps. */
  readonly consistencyCost: number;
  /** `Σ |∂ consistency cost / ∂ logit|` over the student's logits, mean over steps. */
  readonly consistencyGradient: number;
  /** `Σ |∂ classification cost / ∂ logit|` over the student's logits, mean over steps. */
  readonly classificationGradient: number;
  /**
   * Share of the student's parameters whose update depends on the target's logits, by the graph of the step,
   * 0 to 1.
   */
  readonly consistencyReach: number;
  /** Mean absolute difference of normalised pixels between the view of the student and that of the target. */
  readonly viewDifference: number;
  /** True if there is noise within the networks: dropout, noise on pixels, random branches. */
  readonly isNoisy: boolean;
  /**
   * `‖teacher − student‖ / ‖student‖` of the current weights; of large networks, of their smallest parameters
   * alone.
   */
  readonly teacherDistance: number;
  /** Distance that the teacher has moved since the last measurement, in the same unit. */
  readonly teacherMovement: number;
  /** Distance that the student has moved since the last measurement, in the same unit. */
  readonly studentMovement: number;
  /**
   * Teacher's distance, measured in mean steps of the student since the last measurement; null if the student
   * did not move.
   */
  readonly teacherLag: number | null;
  /** Labelled examples in a batch, mean over steps. */
  readonly labeledPerBatch: number;
  /** Smallest number of labelled examples in a batch. */
  readonly fewestLabeled: number;
  /** Number of classes among the labelled examples. */
  readonly labeledClasses: number;
  /** Share of each class among the labels; zeros if there were none. */
  readonly labelClasses: readonly number[];
  /** Share of each class among the target's predictions. */
  readonly teacherClasses: readonly number[];
  /** Share of each class among the target's predictions for labelled examples; zeros if there were none. */
  readonly labeledTeacherClasses: readonly number[];
  /** Share of examples for which student and target predict the same class, 0 to 1. */
  readonly agreement: number;
  /** `Σ_c |p − q| / 2` of the probabilities of student and target, mean over examples, 0 to 1. */
  readonly gap: number;
}
