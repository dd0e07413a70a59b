import { Classifier } from "../classifier.ts";
import { Initializer } from "../initializer.ts";
import { LeakyReLU } from "../layers/activations.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { Flatten } from "../layers/flatten.ts";
import { Linear } from "../layers/linear.ts";
import { Dropout, GaussianNoise } from "../layers/noise.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Sequential } from "../layers/sequential.ts";
import type { Architecture, ArchitectureOptions } from "./architecture.ts";

/**
 * Builds a small network for small images, such as digits of 28×28: input noise; three blocks of 3×3
 * convolution to 16, 32 and 64 channels, batch normalisation, leaky ReLU 0.1, 2×2 max-pooling and dropout;
 * linear heads on the flattened feature maps. Heads on flattened maps keep positions and need fewer labels
 * than heads on averaged maps.
 * @throws {RangeError} if images are smaller than 8×8.
 */
export function convNetSmall(options: ArchitectureOptions): Classifier {
  return buildThreeBlocks("convnet_small", [16, 32, 64], options);
}

/**
 * Builds {@linkcode convNetSmall} with twice the channels, 32, 64 and 128, for classes harder to distinguish
 * than digits.
 * @throws {RangeError} if images are smaller than 8×8.
 */
export function convNetMedium(options: ArchitectureOptions): Classifier {
  return buildThreeBlocks("convnet_medium", [32, 64, 128], options);
}

function buildThreeBlocks(
  name: string,
  widths: readonly [number, number, number],
  options: ArchitectureOptions,
): Classifier {
  const { imageShape: [channels, height, width], classCount, headCount, dropout, inputNoise, seed } = options;
  if (Math.min(height, width) < 8) {
    throw new RangeError(
      `Cannot build ${name}: images must be at least 8×8, but they are ${height}×${width}`,
    );
  }
  const initializer = new Initializer(seed);
  const stages = widths.map((outputs, block) => [
    new Conv2d(widths[block - 1] ?? channels, outputs, 3, initializer, {
      padding: 1,
      bias: false,
      initialization: "default",
    }),
    new BatchNorm2d(outputs, initializer),
    new LeakyReLU(0.1),
    new MaxPool2d({ kernel: 2 }),
    new Dropout(dropout),
  ]);
  const features = new Sequential([new GaussianNoise(inputNoise), ...stages.flat(), new Flatten()]);
  const size = widths[2] * Math.floor(height / 8) * Math.floor(width / 8);
  const head = () => new Linear(size, classCount, initializer);
  return new Classifier(features, headCount === 2 ? [head(), head()] : [head()], undefined, stages);
}

/** Registry entry of {@linkcode convNetSmall}. */
export const convNetSmallArchitecture: Architecture = {
  name: "convnet_small",
  summary: "three convolution blocks of 16, 32 and 64 channels and a linear head on the flattened maps",
  build: convNetSmall,
};

/** Registry entry of {@linkcode convNetMedium}. */
export const convNetMediumArchitecture: Architecture = {
  name: "convnet_medium",
  summary: "convnet_small with twice the channels, 32, 64 and 128",
  build: convNetMedium,
};
