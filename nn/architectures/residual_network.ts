/**
 * What residual networks have in common.
 * @module
 */
import type { Tensor } from "../../kernels/mod.ts";
import type { ClassifierNetwork, HeadLogits } from "../classifier.ts";
import type { Initializer } from "../initializer.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { Linear } from "../layers/linear.ts";
import { Sequential } from "../layers/sequential.ts";
import { type ForwardContext, type Module, type NamedVariables, variablesOf } from "../module.ts";
import type { ArchitectureOptions } from "./architecture.ts";

/** Layers one after the other, then one or two heads, all under names of their own, as attributes are in PyTorch. */
export class ResidualNetwork implements ClassifierNetwork {
  /** Those of all layers and heads. */
  readonly parameters: NamedVariables;
  /** Those of all layers and heads. */
  readonly buffers: NamedVariables;

  /**
   * Puts a network together.
   * @param layers From images to `[N, D]`, in the order they are applied.
   * @param heads From `[N, D]` to logits `[N, C]`; one or two.
   */
  constructor(
    readonly layers: { readonly [name: string]: Module },
    readonly heads: { readonly [name: string]: Module },
  ) {
    const { parameters, buffers } = variablesOf({ ...layers, ...heads });
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /** The logits of each head. */
  forward(x: Tensor, context: ForwardContext): HeadLogits {
    return this.forwardHeads(this.forwardFeatures(x, context), context);
  }

  /** As {@linkcode ClassifierNetwork.forwardFeatures}. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor {
    return Object.values(this.layers).reduce((y, layer) => layer.forward(y, context), x);
  }

  /** As {@linkcode ClassifierNetwork.forwardHeads}. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits {
    return Object.values(this.heads).map((head) => head.forward(features, context)) as [Tensor, Tensor?];
  }
}

/** The linear heads of a network; where it has one alone, `only` is its name. */
export function linearHeads(
  inputs: number,
  { classCount, headCount }: ArchitectureOptions,
  initializer: Initializer,
  only = "fc1",
): { readonly [name: string]: Module } {
  const head = () => new Linear(inputs, classCount, initializer);
  return headCount === 2 ? { fc1: head(), fc2: head() } : { [only]: head() };
}

/** The way around a block that changes the number of channels: 1×1 convolution and batch normalisation. */
export function projection(
  inputs: number,
  outputs: number,
  stride: number,
  initializer: Initializer,
): Sequential {
  return new Sequential([
    new Conv2d(inputs, outputs, 1, initializer, { stride, bias: false }),
    new BatchNorm2d(outputs, initializer),
  ]);
}
