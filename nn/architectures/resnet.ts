/**
 * Residual networks for large images, all from one plan.
 * @module
 */
import { add, type ConvOptions, relu, type Tensor } from "../../kernels/mod.ts";
import type { Classifier } from "../classifier.ts";
import { Initializer } from "../initializer.ts";
import { ReLU } from "../layers/activations.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Sequential } from "../layers/sequential.ts";
import { type ForwardContext, type Module, type NamedVariables, variablesOf } from "../module.ts";
import type { Architecture, ArchitectureOptions } from "./architecture.ts";
import { projection, residualNetwork } from "./residual_network.ts";

/** What tells one residual network from another. */
export interface ResNetPlan {
  /** Its name. */
  readonly name: string;
  /** Blocks of each stage. */
  readonly blocks: readonly [number, number, number, number];
  /** Whether a block is 1×1 – 3×3 – 1×1 and not 3×3 – 3×3. */
  readonly isBottleneck: boolean;
  /** Channels inside the blocks of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** Groups of the 3×3 convolutions (Xie et al. 2017's cardinality). */
  readonly groups: number;
  /** Channels that leave a block for each channel inside. */
  readonly expansion: number;
  /**
   * Whose names variables have: torchvision's (`layer1.0.conv1.weight`, and `fc` where there is one head) or those of Mean
   * Teacher's networks (`layer1.0.conv_a1.weight`, and `fc1`).
   */
  readonly names: "torchvision" | "mean_teacher";
}

const stemChannels = 64;
/** Stem and stages halve images five times. */
const smallestImage = 32;

/** Convolutions with batch normalisation, ReLU between them, added to what goes around them; then ReLU. */
class ResidualBlock implements Module {
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  readonly #steps: readonly (readonly [Conv2d, BatchNorm2d])[];
  readonly #downsample: Module | undefined;

  constructor(inputs: number, width: number, stride: number, plan: ResNetPlan, initializer: Initializer) {
    const { isBottleneck, groups, names } = plan;
    const outputs = width * plan.expansion;
    const wide = { padding: 1, groups };
    const step = (from: number, to: number, kernel: number, options: ConvOptions = {}) =>
      [
        new Conv2d(from, to, kernel, initializer, { ...options, bias: false }),
        new BatchNorm2d(to, initializer),
      ] as const;
    this.#steps = isBottleneck
      ? [step(inputs, width, 1), step(width, width, 3, { ...wide, stride }), step(width, outputs, 1)]
      : [step(inputs, width, 3, { ...wide, stride }), step(width, outputs, 3, wide)];
    if (stride !== 1 || inputs !== outputs) {
      this.#downsample = projection(inputs, outputs, stride, initializer);
    }
    const mark = names === "mean_teacher" ? "_a" : "";
    const { parameters, buffers } = variablesOf({
      ...Object.fromEntries(
        this.#steps.flatMap(([convolution, norm], i) => [
          [`conv${mark}${i + 1}`, convolution],
          [`bn${mark}${i + 1}`, norm],
        ]),
      ),
      ...(this.#downsample && { downsample: this.#downsample }),
    });
    this.parameters = parameters;
    this.buffers = buffers;
  }

  forward(x: Tensor, context: ForwardContext): Tensor {
    const branch = this.#steps.reduce(
      (y, [convolution, norm], i) => norm.forward(convolution.forward(i === 0 ? y : relu(y)), context),
      x,
    );
    return relu(add(branch, this.#downsample?.forward(x, context) ?? x));
  }
}

/**
 * A residual network (He et al. 2016; with groups Xie et al. 2017) by plan: 7×7 convolution of stride 2, batch normalisation, ReLU,
 * 3×3 max-pooling of stride 2, four stages of blocks, whose first halves the image from the second stage on (by the 3×3 convolution,
 * as in torchvision), mean over all positions (7×7 where images are 224×224), linear heads. It has no dropout or input noise.
 * @throws {RangeError} if images are smaller than 32×32.
 */
export function resNet(plan: ResNetPlan, options: ArchitectureOptions): Classifier {
  const { imageShape: [channels, height, width], seed } = options;
  if (Math.min(height, width) < smallestImage) {
    throw new RangeError(
      `Cannot build ${plan.name} as images must be at least ${smallestImage}×${smallestImage}: they are ${height}×${width}`,
    );
  }
  const initializer = new Initializer(seed);
  let inputs = stemChannels;
  const stage = (count: number, number: number) => {
    const width = plan.width * 2 ** number;
    const blocks = Array.from({ length: count }, (_, i) => {
      const block = new ResidualBlock(inputs, width, number > 0 && i === 0 ? 2 : 1, plan, initializer);
      inputs = width * plan.expansion;
      return block;
    });
    return [`layer${number + 1}`, new Sequential(blocks)] as const;
  };
  const layers = {
    conv1: new Conv2d(channels, stemChannels, 7, initializer, { stride: 2, padding: 3, bias: false }),
    bn1: new BatchNorm2d(stemChannels, initializer),
    relu: new ReLU(),
    maxpool: new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    ...Object.fromEntries(plan.blocks.map(stage)),
    avgpool: new GlobalAvgPool2d(),
  };
  const onlyHead = plan.names === "torchvision" ? "fc" : "fc1";
  return residualNetwork(layers, inputs, options, initializer, onlyHead);
}

const basic = { isBottleneck: false, width: 64, groups: 1, expansion: 1, names: "torchvision" } as const;
const bottleneck = { isBottleneck: true, width: 64, groups: 1, expansion: 4, names: "torchvision" } as const;
/** 32 groups of 4 channels: 32×4d. */
const resNeXt = { isBottleneck: true, width: 128, groups: 32, expansion: 2 } as const;

const plans: readonly (ResNetPlan & Pick<Architecture, "summary">)[] = [
  {
    name: "resnet18",
    summary: "residual network of 18 layers for large images, torchvision's",
    blocks: [2, 2, 2, 2],
    ...basic,
  },
  {
    name: "resnet34",
    summary: "residual network of 34 layers for large images, torchvision's",
    blocks: [3, 4, 6, 3],
    ...basic,
  },
  {
    name: "resnet50",
    summary: "residual network of 50 layers for large images, torchvision's",
    blocks: [3, 4, 6, 3],
    ...bottleneck,
  },
  {
    name: "resnext50",
    summary: "ResNeXt-50 32×4d for large images, torchvision's",
    blocks: [3, 4, 6, 3],
    ...resNeXt,
    names: "torchvision",
  },
  {
    name: "resnext152",
    summary: "ResNeXt-152 32×4d for large images, Mean Teacher's network for ImageNet",
    blocks: [3, 8, 36, 3],
    ...resNeXt,
    names: "mean_teacher",
  },
];

/** The residual networks that have a name. */
export const resNetArchitectures: readonly Architecture[] = plans.map((plan) => ({
  name: plan.name,
  summary: plan.summary,
  build: (options) => resNet(plan, options),
}));
