/**
 * Networks that say what an image shows: features and one or two linear heads.
 * @module
 */
import type { Tensor } from "../kernels/mod.ts";
import { type ForwardContext, type Module, type NamedVariables, variablesOf } from "./module.ts";

/**
 * Logits `[N, C]` of each head. With two, the first classifies and the second is what Mean Teacher compares with
 * the teacher.
 */
export type HeadLogits = readonly [classification: Tensor, consistency?: Tensor];

/** A network from images `[N, C, H, W]` to the logits of its heads: `forward = forwardHeads ∘ forwardFeatures`. */
export interface ClassifierNetwork extends Module<HeadLogits> {
  /** Features `[N, D]`: what the linear heads are put on. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor;
  /** The logits of each head, from features `[N, D]`. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits;
}

/** Features shared by one or two heads. */
export class Classifier implements ClassifierNetwork {
  /** Those of features and heads. */
  readonly parameters: NamedVariables;
  /** Those of features and heads. */
  readonly buffers: NamedVariables;

  /**
   * Puts heads on features.
   * @param features From images to `[N, D]`.
   * @param heads From `[N, D]` to logits `[N, C]`.
   * @param children Features and heads, or all that they are made of, by the names that variables begin with; `features`,
   * `heads.0` and `heads.1` where absent.
   */
  constructor(
    readonly features: Module,
    readonly heads: readonly [Module, Module?],
    children: { readonly [name: string]: Module } = namedChildren(features, heads),
  ) {
    const { parameters, buffers } = variablesOf(children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /** The logits of each head. */
  forward(x: Tensor, context: ForwardContext): HeadLogits {
    return this.forwardHeads(this.forwardFeatures(x, context), context);
  }

  /** As {@linkcode ClassifierNetwork.forwardFeatures}. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor {
    return this.features.forward(x, context);
  }

  /** As {@linkcode ClassifierNetwork.forwardHeads}. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits {
    const [first, second] = this.heads;
    const logits = first.forward(features, context);
    return second ? [logits, second.forward(features, context)] : [logits];
  }
}

function namedChildren(features: Module, [first, second]: readonly [Module, Module?]) {
  return { features, "heads.0": first, ...(second && { "heads.1": second }) };
}
