/**
 * What a look at a run shows, before it is judged.
 * @module
 */

/**
 * Whether the method is at work, as observed in the training steps themselves, on training views and in training mode. Of the
 * supervised baseline the target is the averaged network, of the Π model the student's second pass.
 */
export interface Observed {
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** The means below are of so many last steps: of all since the last such record, and of former ones where these are few. */
  readonly steps: number;
  /** The weighted consistency cost, mean over steps. */
  readonly consistencyCost: number;
  /** `Σ |∂ consistency cost / ∂ logit|` over the student's logits, mean over steps. */
  readonly consistencyGradient: number;
  /** `Σ |∂ classification cost / ∂ logit|` over the student's logits, mean over steps. */
  readonly classificationGradient: number;
  /** Share of the student's parameters whose update depends on the target's logits, by the graph of the step, 0 to 1. */
  readonly consistencyReach: number;
  /** Mean absolute difference of normalised pixels between the view of the student and that of the target. */
  readonly viewDifference: number;
  /** Whether there is noise within the networks: dropout, noise on pixels, random branches. */
  readonly isNoisy: boolean;
  /** `‖teacher − student‖ / ‖student‖` of the weights (of large networks, of their smallest ones), now. */
  readonly teacherDistance: number;
  /** The teacher's way since the last look, in the same unit. */
  readonly teacherMovement: number;
  /** The student's way since the last look, in the same unit. */
  readonly studentMovement: number;
  /** The teacher's distance in steps of the student, as long as those since the last look; null where it did not move. */
  readonly teacherLag: number | null;
  /** Labelled examples in a batch, mean over steps. */
  readonly labeledPerBatch: number;
  /** Labelled examples in the batch with the fewest. */
  readonly fewestLabeled: number;
  /** Classes that labelled examples were of. */
  readonly labeledClasses: number;
  /** Share of each class among the labels; zeros where there were none. */
  readonly labelClasses: readonly number[];
  /** Share of each class among the target's predictions. */
  readonly teacherClasses: readonly number[];
  /** The same of labelled examples alone; zeros where there were none. */
  readonly labeledTeacherClasses: readonly number[];
  /** Share of examples that student and target predict the same class of, 0 to 1. */
  readonly agreement: number;
  /** `Σ_c |p − q| / 2` of the probabilities of student and target, mean over examples, 0 to 1. */
  readonly gap: number;
}
