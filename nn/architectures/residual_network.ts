/**
 * Parts shared by residual networks.
 * @module
 */
import { Classifier } from "../classifier.ts";
import type { Initializer } from "../initializer.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { Linear } from "../layers/linear.ts";
import { Sequential } from "../layers/sequential.ts";
import { type Module, stateOf } from "../module.ts";
import type { ArchitectureOptions } from "./architecture.ts";

/**
 * Builds a network of a chain of layers and one or two linear heads, with variables named as PyTorch names
 * attributes.
 * @param layers Layers from images to `[N, inputs]`, in the order of application.
 * @param singleHeadName Name of a single head; two heads are `fc1` and `fc2`.
 */
export function buildResidualNetwork(
  layers: { readonly [name: string]: Module },
  inputs: number,
  { classCount, headCount }: ArchitectureOptions,
  initializer: Initializer,
  singleHeadName = "fc1",
): Classifier {
  const features = new Sequential(Object.values(layers));
  const first = new Linear(inputs, classCount, initializer);
  const stages = groupStages(layers);
  if (headCount === 1) {
    return new Classifier(features, [first], { ...layers, [singleHeadName]: first }, stages);
  }
  const second = new Linear(inputs, classCount, initializer);
  return new Classifier(features, [first, second], { ...layers, fc1: first, fc2: second }, stages);
}

/** Returns the stages of a residual network: the layers before `layer1`, then each `layerN`. */
function groupStages(layers: { readonly [name: string]: Module }): Module[][] {
  const withVariables = Object.entries(layers).filter(([, layer]) => Object.keys(stateOf(layer)).length > 0);
  const isStage = ([name]: readonly [string, Module]) => /^layer\d+$/.test(name);
  const stem = withVariables.filter((each) => !isStage(each)).map(([, layer]) => layer);
  return [stem, ...withVariables.filter(isStage).map(([, layer]) => [layer])];
}

/**
 * Creates the shortcut of a block that changes the number of channels: 1×1 convolution and batch
 * normalisation.
 */
export function createProjection(
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
