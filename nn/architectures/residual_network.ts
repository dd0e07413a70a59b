/**
 * What residual networks have in common.
 * @module
 */
import { Classifier } from "../classifier.ts";
import type { Initializer } from "../initializer.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { Linear } from "../layers/linear.ts";
import { Sequential } from "../layers/sequential.ts";
import type { Module } from "../module.ts";
import type { ArchitectureOptions } from "./architecture.ts";

/**
 * Layers one after the other, then one or two linear heads, all under names of their own, as attributes are in PyTorch.
 * @param layers From images to `[N, inputs]`, in the order they are applied.
 * @param onlyHead The name of the head where there is one alone; two are `fc1` and `fc2`.
 */
export function residualNetwork(
  layers: { readonly [name: string]: Module },
  inputs: number,
  { classCount, headCount }: ArchitectureOptions,
  initializer: Initializer,
  onlyHead = "fc1",
): Classifier {
  const features = new Sequential(Object.values(layers));
  const first = new Linear(inputs, classCount, initializer);
  if (headCount === 1) return new Classifier(features, [first], { ...layers, [onlyHead]: first });
  const second = new Linear(inputs, classCount, initializer);
  return new Classifier(features, [first, second], { ...layers, fc1: first, fc2: second });
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
