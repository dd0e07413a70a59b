import { Classifier } from "../classifier.ts";
import { Initializer } from "../initializer.ts";
import { LeakyReLU } from "../layers/activations.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { Linear } from "../layers/linear.ts";
import { MeanOnlyBatchNorm } from "../layers/mean_only_batch_norm.ts";
import { Dropout, GaussianNoise } from "../layers/noise.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Sequential } from "../layers/sequential.ts";
import { WeightNormConv2d, WeightNormLinear } from "../layers/weight_norm.ts";
import type { Module } from "../module.ts";
import type { Architecture, ArchitectureOptions } from "./architecture.ts";

/**
 * Convolutions of each block. The first two blocks keep the size of the feature maps; pooling and dropout
 * follow them.
 */
const blocks:
  readonly (readonly { readonly outputs: number; readonly kernel: number; readonly padding: number }[])[] = [
    new Array(3).fill({ outputs: 128, kernel: 3, padding: 1 }),
    new Array(3).fill({ outputs: 256, kernel: 3, padding: 1 }),
    [
      { outputs: 512, kernel: 3, padding: 0 },
      { outputs: 256, kernel: 1, padding: 0 },
      { outputs: 128, kernel: 1, padding: 0 },
    ],
  ];

/** Smallest height and width in pixels: two poolings then leave 3×3 for the convolution without padding. */
const minImageSize = 12;

/** A kind of normalisation: creates convolutions and heads. */
interface Normalisation {
  /** Creates a convolution without bias and its normalisation. */
  convolution(
    inputs: number,
    outputs: number,
    kernel: number,
    initializer: Initializer,
    options: { readonly padding: number; readonly bias: false },
  ): Module[];
  /** Creates a linear head. */
  head(inputs: number, outputs: number, initializer: Initializer): Module;
}

const meanOnly: Normalisation = {
  convolution: (inputs, outputs, kernel, initializer, options) => [
    new WeightNormConv2d(inputs, outputs, kernel, initializer, options),
    new MeanOnlyBatchNorm(outputs, initializer),
  ],
  head: (inputs, outputs, initializer) =>
    new Sequential([
      new WeightNormLinear(inputs, outputs, initializer, { bias: false }),
      new MeanOnlyBatchNorm(outputs, initializer),
    ]),
};

const plainBatch: Normalisation = {
  convolution: (inputs, outputs, kernel, initializer, options) => [
    new Conv2d(inputs, outputs, kernel, initializer, options),
    new BatchNorm2d(outputs, initializer),
  ],
  head: (inputs, outputs, initializer) => new Linear(inputs, outputs, initializer),
};

function build(name: string, normalisation: Normalisation, options: ArchitectureOptions): Classifier {
  const { imageShape: [channels, height, width], classCount, headCount, dropout, inputNoise, seed } = options;
  if (Math.min(height, width) < minImageSize) {
    throw new RangeError(
      `Cannot build ${name}: images must be at least ${minImageSize}×${minImageSize}, but they are ${height}×${width}`,
    );
  }
  const initializer = new Initializer(seed);
  let inputs = channels;
  const stages = blocks.map((block, i) => [
    ...block.flatMap(({ outputs, kernel, padding }) => {
      const convolution = normalisation.convolution(inputs, outputs, kernel, initializer, {
        padding,
        bias: false,
      });
      inputs = outputs;
      return [...convolution, new LeakyReLU(0.1)];
    }),
    ...(i < blocks.length - 1
      ? [new MaxPool2d({ kernel: 2 }), new Dropout(dropout)]
      : [new GlobalAvgPool2d()]),
  ]);
  const features = new Sequential([new GaussianNoise(inputNoise), ...stages.flat()]);
  const head = () => normalisation.head(inputs, classCount, initializer);
  return new Classifier(features, headCount === 2 ? [head(), head()] : [head()], undefined, stages);
}

/**
 * Builds the 13-layer convolutional network of Mean Teacher's experiments on SVHN and CIFAR-10 (Tarvainen &
 * Valpola 2017, table 5; Laine & Aila 2017): input noise; three 3×3 convolutions of 128 channels, pooling,
 * dropout; three of 256 channels, pooling, dropout; a 3×3 convolution of 512 channels without padding; 1×1
 * convolutions of 256 and 128 channels; the mean over all positions; linear heads. Activations are leaky ReLU
 * 0.1. Convolutions and heads have weight normalisation and mean-only batch normalisation (appendix B.1);
 * initialise them with {@linkcode initializeFromData}.
 * @throws {RangeError} if images are smaller than 12×12.
 */
export function convNet13(options: ArchitectureOptions): Classifier {
  return build("convnet13", meanOnly, options);
}

/**
 * Builds {@linkcode convNet13} with plain batch normalisation of the convolutions and plain linear heads.
 * @throws {RangeError} if images are smaller than 12×12.
 */
export function convNet13BatchNorm(options: ArchitectureOptions): Classifier {
  return build("convnet13_bn", plainBatch, options);
}

/** Registry entry of {@linkcode convNet13}. */
export const convNet13Architecture: Architecture = {
  name: "convnet13",
  summary: "the paper's 13-layer network, with weight normalisation and mean-only batch normalisation",
  build: convNet13,
};

/** Registry entry of {@linkcode convNet13BatchNorm}. */
export const convNet13BatchNormArchitecture: Architecture = {
  name: "convnet13_bn",
  summary: "the paper's 13-layer network, with plain batch normalisation",
  build: convNet13BatchNorm,
};
