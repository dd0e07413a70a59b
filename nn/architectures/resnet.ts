/**
 * Residual networks for large images, all built from a plan.
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
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  variablesOf,
} from "../module.ts";
import type { Architecture, ArchitectureOptions } from "./architecture.ts";
import { buildResidualNetwork, createProjection } from "./residual_network.ts";

/** Dimensions of a residual network, for {@linkcode resNet}. */
export interface ResNetPlan {
  /** Name of the network. */
  readonly name: string;
  /** Number of blocks in each stage. */
  readonly blocks: readonly [number, number, number, number];
  /** True if blocks are 1×1 – 3×3 – 1×1 instead of 3×3 – 3×3. */
  readonly isBottleneck: boolean;
  /** Number of channels inside the blocks of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** Number of groups of the 3×3 convolutions ("cardinality" in Xie et al. 2017). */
  readonly groups: number;
  /** Number of a block's output channels divided by the number of channels inside. */
  readonly expansion: number;
  /**
   * Scheme of variable names: torchvision's (`layer1.0.conv1.weight`, a single head is `fc`) or that of Mean
   * Teacher's networks (`layer1.0.conv_a1.weight`, a single head is `fc1`).
   */
  readonly names: "torchvision" | "mean_teacher";
}

const stemChannels = 64;
/** Smallest height and width in pixels: stem and stages halve images five times. */
const minImageSize = 32;

/**
 * A residual block: convolutions with batch normalisation and ReLU between them, plus a shortcut; then ReLU.
 */
class ResidualBlock implements Module {
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  readonly children: NamedModules;
  readonly #steps: readonly (readonly [Conv2d, BatchNorm2d])[];
  readonly #downsample: Module | undefined;

  constructor(inputs: number, width: number, stride: number, plan: ResNetPlan, initializer: Initializer) {
    const { isBottleneck, groups, names } = plan;
    const outputs = width * plan.expansion;
    const padded = { padding: 1, groups };
    const step = (from: number, to: number, kernel: number, options: ConvOptions = {}) =>
      [
        new Conv2d(from, to, kernel, initializer, { ...options, bias: false }),
        new BatchNorm2d(to, initializer),
      ] as const;
    this.#steps = isBottleneck
      ? [step(inputs, width, 1), step(width, width, 3, { ...padded, stride }), step(width, outputs, 1)]
      : [step(inputs, width, 3, { ...padded, stride }), step(width, outputs, 3, padded)];
    if (stride !== 1 || inputs !== outputs) {
      this.#downsample = createProjection(inputs, outputs, stride, initializer);
    }
    const suffix = names === "mean_teacher" ? "_a" : "";
    this.children = {
      ...Object.fromEntries(
        this.#steps.flatMap(([convolution, norm], i) => [
          [`conv${suffix}${i + 1}`, convolution],
          [`bn${suffix}${i + 1}`, norm],
        ]),
      ),
      ...(this.#downsample && { downsample: this.#downsample }),
    };
    const { parameters, buffers } = variablesOf(this.children);
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
 * Builds a residual network (He et al. 2016; with groups Xie et al. 2017) from a plan: a 7×7 convolution of
 * stride 2, batch normalisation, ReLU and 3×3 max-pooling of stride 2; four stages of blocks; the mean over
 * all positions (7×7 if images are 224×224); linear heads. From the second stage on, the first block of a
 * stage halves the image with its 3×3 convolution, as in torchvision. The network has no dropout and no input
 * noise.
 * @throws {RangeError} if images are smaller than 32×32.
 */
export function resNet(plan: ResNetPlan, options: ArchitectureOptions): Classifier {
  const { imageShape: [channels, height, width], seed } = options;
  if (Math.min(height, width) < minImageSize) {
    throw new RangeError(
      `Cannot build ${plan.name}: images must be at least ${minImageSize}×${minImageSize}, but they are ${height}×${width}`,
    );
  }
  const initializer = new Initializer(seed);
  let inputs = stemChannels;
  const createStage = (count: number, index: number) => {
    const width = plan.width * 2 ** index;
    const blocks = Array.from({ length: count }, (_, i) => {
      const block = new ResidualBlock(inputs, width, index > 0 && i === 0 ? 2 : 1, plan, initializer);
      inputs = width * plan.expansion;
      return block;
    });
    return [`layer${index + 1}`, new Sequential(blocks)] as const;
  };
  const layers = {
    conv1: new Conv2d(channels, stemChannels, 7, initializer, { stride: 2, padding: 3, bias: false }),
    bn1: new BatchNorm2d(stemChannels, initializer),
    relu: new ReLU(),
    maxpool: new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    ...Object.fromEntries(plan.blocks.map(createStage)),
    avgpool: new GlobalAvgPool2d(),
  };
  const singleHeadName = plan.names === "torchvision" ? "fc" : "fc1";
  return buildResidualNetwork(layers, inputs, options, initializer, singleHeadName);
}

const basic = { isBottleneck: false, width: 64, groups: 1, expansion: 1, names: "torchvision" } as const;
const bottleneck = { isBottleneck: true, width: 64, groups: 1, expansion: 4, names: "torchvision" } as const;
/** Shape of ResNeXt 32×4d: 32 groups of 4 channels. */
const resNeXt = { isBottleneck: true, width: 128, groups: 32, expansion: 2 } as const;

const plans: readonly (ResNetPlan & Pick<Architecture, "summary">)[] = [
  {
    name: "resnet18",
    summary: "residual network of 18 layers for large images, as in torchvision",
    blocks: [2, 2, 2, 2],
    ...basic,
  },
  {
    name: "resnet34",
    summary: "residual network of 34 layers for large images, as in torchvision",
    blocks: [3, 4, 6, 3],
    ...basic,
  },
  {
    name: "resnet50",
    summary: "residual network of 50 layers for large images, as in torchvision",
    blocks: [3, 4, 6, 3],
    ...bottleneck,
  },
  {
    name: "resnext50",
    summary: "ResNeXt-50 32×4d for large images, as in torchvision",
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

/** Registry entries of the residual networks. */
export const resNetArchitectures: readonly Architecture[] = plans.map((plan) => ({
  name: plan.name,
  summary: plan.summary,
  build: (options) => resNet(plan, options),
}));
