/**
 * Image classifiers: features and one or two linear heads.
 * @module
 */
import type { Tensor } from "../kernels/mod.ts";
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  variablesOf,
} from "./module.ts";

/**
 * Logits `[N, C]` of each head. The first head classifies; Mean Teacher compares the second head, if there is
 * one, with the teacher.
 */
export type HeadLogits = readonly [classification: Tensor, consistency?: Tensor];

/**
 * A network from images `[N, C, H, W]` to the logits of its heads:
 * `forward = forwardHeads ∘ forwardFeatures`.
 */
export interface ClassifierNetwork extends Module<HeadLogits> {
  /** Computes the features `[N, D]`, the input of the heads. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor;
  /** Computes the logits of each head from features `[N, D]`. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits;
  /**
   * Layers of the features in stages, from images to features, of which the first ones can be frozen; absent if
   * the network can only be frozen as a whole.
   */
  readonly stages?: readonly (readonly Module<unknown>[])[];
}

/** A network of features shared by one or two heads. */
export class Classifier implements ClassifierNetwork {
  /** Parameters of features and heads. */
  readonly parameters: NamedVariables;
  /** Buffers of features and heads. */
  readonly buffers: NamedVariables;

  /**
   * Creates a network from features and heads.
   * @param features Module from images to `[N, D]`.
   * @param heads Modules from `[N, D]` to logits `[N, C]`.
   * @param children Modules that hold the variables, by the prefix of the variables' names; by default
   * features and heads as `features`, `heads.0` and `heads.1`.
   * @param stages Layers of the features in stages, of which the first ones can be frozen.
   */
  constructor(
    readonly features: Module,
    readonly heads: readonly [Module, Module?],
    readonly children: NamedModules = nameChildren(features, heads),
    readonly stages: readonly (readonly Module<unknown>[])[] = [],
  ) {
    const { parameters, buffers } = variablesOf(children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /** Computes the logits of each head. */
  forward(x: Tensor, context: ForwardContext): HeadLogits {
    return this.forwardHeads(this.forwardFeatures(x, context), context);
  }

  /** Computes features, as {@linkcode ClassifierNetwork.forwardFeatures}. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor {
    return this.features.forward(x, context);
  }

  /** Computes logits from features, as {@linkcode ClassifierNetwork.forwardHeads}. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits {
    const [first, second] = this.heads;
    const logits = first.forward(features, context);
    return second ? [logits, second.forward(features, context)] : [logits];
  }
}

function nameChildren(features: Module, [first, second]: readonly [Module, Module?]) {
  return { features, "heads.0": first, ...(second && { "heads.1": second }) };
}
