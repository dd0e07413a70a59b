/**
 * The interface of training algorithms: networks, an optimiser, and a step to be compiled into one Program.
 * @module
 */
import type { Tensor, Update } from "../kernels/mod.ts";
import type { ConsistencyCost } from "./consistency_costs.ts";
import type { ClassificationCost } from "./costs.ts";
import type { ClassifierNetwork, ForwardContext, NamedVariables, Optimizer } from "../nn/mod.ts";

/**
 * Scheduled hyperparameters of a step, by name. A method may add its own, see `Method.schedule`.
 */
export interface Hyperparameters<T> {
  /** Learning rate, after warm-up and ramp-down. */
  readonly learningRate: T;
  /** Weight of the consistency cost, after its ramp-up. */
  readonly consistencyWeight: T;
  /** Decay of the teacher's average, after its warm-up. */
  readonly emaDecay: T;
  /** Adam's β₁, after its ramp-down; read only by an Adam whose β₁ is `"input"`. */
  readonly beta1: T;
  /** Adam's β₂ of the current phase; read only by an Adam whose β₂ is `"input"`. */
  readonly beta2: T;
  /** A method's own. */
  readonly [name: string]: T;
}

/** Inputs of a training step; all lazy. */
export interface StepInputs {
  /**
   * Two views of the same examples `[N, C, H, W]`, augmented independently: the student's and the target's, each
   * of the kind that the method wants.
   */
  readonly views: readonly [student: Tensor, teacher: Tensor];
  /** int32 `[N]`; NO_LABEL (−1) = unlabelled. */
  readonly labels: Tensor;
  /** The scheduled hyperparameters of the step, by name: float32 scalars. */
  readonly hyperparameters: Hyperparameters<Tensor>;
  /** Context of all forward passes of the step. */
  readonly context: ForwardContext;
}

/**
 * Scalar costs of a step by name, each with its weight. The total comes with its parts, as
 * `cost = classification + consistency + …`. A part has any name that tells a reader what it is; log, report
 * and progress show every part.
 */
export interface StepCosts {
  /** The total, which the step minimises. */
  readonly cost: Tensor;
  /** Cost of the labelled examples; the self-check watches it. */
  readonly classification: Tensor;
  /**
   * Further parts. `consistency` is the cost of disagreeing with the target, which the self-check watches; absent if
   * the method has none.
   */
  readonly [name: string]: Tensor;
}

/**
 * The tensors that a step compared, for the self-check. They must be the ones that the costs were computed
 * from: a step that reports other tensors hides its faults from the self-check.
 */
export interface ComparedTensors {
  /** Inputs `[N, C, H, W]` of the student and of the network that made the target. */
  readonly views: readonly [student: Tensor, target: Tensor];
  /** int32 `[N]`: the labels that `logits` were compared with; NO_LABEL (−1) = unlabelled. */
  readonly labels: Tensor;
  /** The student's logits `[N, C]` that were compared with the labels. */
  readonly logits: Tensor;
  /** The student's logits `[N, C]` that were compared with the target; the same as `logits` with one head. */
  readonly consistencyLogits: Tensor;
  /**
   * The target `[N, C]`: logits of the teacher, of the Π model's second pass, or of the baseline's averaged
   * network.
   */
  readonly targetLogits: Tensor;
}

/** Results of a step: its costs, and the new values of all variables. */
export interface StepResult {
  /** Costs, for the records. */
  readonly costs: StepCosts;
  /** ComparedTensors tensors, for the self-check. */
  readonly compared: ComparedTensors;
  /** New values of parameters, running statistics, optimiser and teacher. */
  readonly updates: readonly Update[];
}

/** A way to train a network. */
export interface Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network with averaged weights; also kept by algorithms in which it teaches nothing. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;
  /** Builds the graph of one training step. */
  step(inputs: StepInputs): StepResult;
}

/** Parts that an algorithm is built from. */
export interface AlgorithmParts {
  /** The network to train. */
  readonly student: ClassifierNetwork;
  /** A network of the student's architecture, with the same initial weights. */
  readonly teacher: ClassifierNetwork;
  /** Creates the optimiser of the given parameters. */
  readonly optimizer: (parameters: NamedVariables) => Optimizer;
  /** The caller's own consistency cost, used instead of the one that the options choose. */
  readonly consistencyCost?: ConsistencyCost;
  /**
   * The classification cost with the class weights and label smoothing of the options; if absent, the plain one.
   */
  readonly classificationCost?: ClassificationCost;
}

/** Returns a context whose passes keep running statistics: a variable may get only one new value per step. */
export function discardUpdates(context: ForwardContext): ForwardContext {
  return Object.assign(Object.create(context), { updates: [] });
}

/**
 * Returns a function that makes contexts whose passes all draw the same random numbers, so that outputs differ by
 * their inputs alone. The passes after the first keep running statistics.
 */
export function repeatDraws(context: ForwardContext): () => ForwardContext {
  const streams: number[] = [];
  let isFirst = true;
  return () => {
    let position = 0;
    const repeated: ForwardContext = Object.assign(
      isFirst ? Object.create(context) : discardUpdates(context),
      {
        nextStream: () => streams[position++] ??= context.nextStream(),
      },
    );
    isFirst = false;
    return repeated;
  };
}
