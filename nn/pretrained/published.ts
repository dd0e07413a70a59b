/**
 * Networks whose weights are published under PyTorch's names, and the tables of those names.
 *
 * torchvision and timm give the variables of ResNet-18, -34, -50 and ResNeXt-50 32×4d the same names, shapes
 * and layouts, which are also this library's. The tables hold what differs between files.
 * @module
 */

/** Networks here that have published weights; the variables are torchvision's and timm's. */
export const publishedNetworks = ["resnet18", "resnet34", "resnet50", "resnext50"] as const;

/** Names of the published networks where they differ from the names here. */
const publishedNames: Readonly<Record<string, string>> = { resnext50: "resnext50_32x4d" };

/** Returns the published name of a network. */
export function publishedName(architecture: string): string {
  return publishedNames[architecture] ?? architecture;
}

/**
 * Images that the published weights were trained on: ImageNet's, with torchvision's and timm's statistics of
 * channels (`IMAGENET_DEFAULT_MEAN` and `_STD` in timm) and their usual size.
 */
export const imageNet = {
  channelStatistics: { mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225] },
  imageSize: [224, 224],
} as const;

/** A way to name the variables of a published network. */
export interface NamingConvention {
  /** Origin of the names, for messages. */
  readonly title: string;
  /** Name here of the first part of a name there; parts that are not listed stay the same. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Conventions of names, the usual one first. */
export const conventions: readonly NamingConvention[] = [
  { title: "torchvision's and timm's names", parts: {} },
  {
    // conv1, bn1, relu (act1 in timm), maxpool, layer1 to layer4, avgpool (global_pool in timm), fc.
    title: "numbers of nn.Sequential(*model.children())",
    parts: {
      0: "conv1",
      1: "bn1",
      4: "layer1",
      5: "layer2",
      6: "layer3",
      7: "layer4",
      9: "fc",
    },
  },
];

/** Other names of the first head, by its name in the network. */
export const headNames: Readonly<Record<string, readonly string[]>> = { fc: ["fc1"], fc1: ["fc"] };

/** Prefixes that are preferred if a file has several networks: averages of others. */
export const preferredPrefixes = /(^|\.)(teacher|ema|momentum_encoder|encoder_k)\./;

/** Designs that are similar to the published networks but compute something else, by names of variables. */
export const otherDesigns: readonly (readonly [name: RegExp, description: string])[] = [
  [/(^|\.)conv1\.0\.weight$/, "a deep stem of several convolutions (ResNet-C, -D, -S, -T)"],
  [/\.se\.(fc1|conv)\.weight$/, "squeeze-and-excitation blocks"],
  [/\.downsample\.2\.weight$/, "shortcuts with average pooling (ResNet-D)"],
  [/(^|\.)(blocks|encoder\.layers?)\.\d+\..*(attn|attention)/, "the blocks of a vision transformer"],
  [/(^|\.)stages\.\d+\./, "stages of another family, such as ConvNeXt or RegNet"],
];
