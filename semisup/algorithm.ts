/**
 * What a training algorithm is: networks, an optimiser, and the step that the compiler turns into one Program.
 * @module
 */
import type { Tensor, Update } from "../kernels/mod.ts";
import type { ClassifierNetwork, ForwardContext, NamedVariables, Optimizer } from "../nn/mod.ts";

/** What a step works on; all lazy. */
export interface StepInputs {
  /** Two views of the same examples `[N, C, H, W]`, augmented independently: the student's and the teacher's. */
  readonly views: readonly [student: Tensor, teacher: Tensor];
  /** int32 `[N]`; NO_LABEL (−1) = unlabelled. */
  readonly labels: Tensor;
  /** float32 scalar. */
  readonly learningRate: Tensor;
  /** float32 scalar: the consistency weight of this step, ramp-up included. */
  readonly consistencyWeight: Tensor;
  /** float32 scalar: the decay of this step, warm-up included. */
  readonly emaDecay: Tensor;
  /** float32 scalar: Adam's β₁ of this step, for an Adam that is told. */
  readonly beta1?: Tensor;
  /** float32 scalar: Adam's β₂ of this step, for an Adam that is told. */
  readonly beta2?: Tensor;
  /** Of all forward passes of the step. */
  readonly context: ForwardContext;
}

/** Scalars `cost = classificationCost + consistencyCost + logitDistanceCost`, each with its weight. */
export interface StepCosts {
  /** What is minimised. */
  readonly cost: Tensor;
  /** The part of labels. */
  readonly classificationCost: Tensor;
  /** The part of agreement with the teacher. */
  readonly consistencyCost: Tensor;
  /** The part of the distance between heads. */
  readonly logitDistanceCost: Tensor;
}

/**
 * What a step compared, for the self-check. It must be what the costs were computed from: a step that says something else
 * here hides its faults.
 */
export interface Compared {
  /** What the student saw, and what its target saw `[N, C, H, W]`. */
  readonly views: readonly [student: Tensor, target: Tensor];
  /** int32 `[N]`: what the first logits were compared with; NO_LABEL (−1) = unlabelled. */
  readonly labels: Tensor;
  /** The student's logits `[N, C]` that labels are compared with. */
  readonly logits: Tensor;
  /** The student's logits `[N, C]` that the target is compared with; with one head the same. */
  readonly consistencyLogits: Tensor;
  /** The target `[N, C]`: logits of the teacher, or of the Π model's second pass. Of the baseline the averaged network's. */
  readonly targetLogits: Tensor;
}

/** Costs of a step, and the new values of all variables. */
export interface StepResult {
  /** For the record. */
  readonly costs: StepCosts;
  /** For the self-check. */
  readonly compared: Compared;
  /** Parameters, running statistics, optimiser and teacher. */
  readonly updates: readonly Update[];
}

/** How to train. */
export interface Algorithm {
  /** The network that is trained. */
  readonly student: ClassifierNetwork;
  /** The network with averaged weights, also where it teaches nothing. */
  readonly teacher: ClassifierNetwork;
  /** Moves the student's parameters. */
  readonly optimizer: Optimizer;
  /** One training step. */
  step(inputs: StepInputs): StepResult;
}

/** What an algorithm is made of. */
export interface AlgorithmParts {
  /** The student. */
  readonly student: ClassifierNetwork;
  /** A network of the same architecture, with the same initial weights. */
  readonly teacher: ClassifierNetwork;
  /** Makes the optimiser of the student's parameters. */
  readonly optimizer: (parameters: NamedVariables) => Optimizer;
}
