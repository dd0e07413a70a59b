import { add, relu, type Tensor } from "../../kernels/mod.ts";
import type { Classifier } from "../classifier.ts";
import { Initializer } from "../initializer.ts";
import { BatchNorm2d } from "../layers/batch_norm2d.ts";
import { Conv2d } from "../layers/conv2d.ts";
import { GlobalAvgPool2d } from "../layers/pooling.ts";
import { Sequential } from "../layers/sequential.ts";
import { mixBranches } from "../layers/shake_shake.ts";
import { ShiftConv2d } from "../layers/shift_conv2d.ts";
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  variablesOf,
} from "../module.ts";
import type { Architecture, ArchitectureOptions } from "./architecture.ts";
import { buildResidualNetwork, createProjection } from "./residual_network.ts";

/** Number of channels of the three stages. */
const widths = [96, 192, 384] as const;
const blocksPerStage = 4;

/** Creates the layers of a branch: ReLU – 3×3 convolution – batch normalisation, twice. */
function createBranch(inputs: number, outputs: number, stride: number, initializer: Initializer) {
  const convolution = (from: number, stride: number) =>
    new Conv2d(from, outputs, 3, initializer, { stride, padding: 1, bias: false });
  return {
    conv1: convolution(inputs, stride),
    bn1: new BatchNorm2d(outputs, initializer),
    conv2: convolution(outputs, 1),
    bn2: new BatchNorm2d(outputs, initializer),
  };
}

type Branch = ReturnType<typeof createBranch>;

function runBranch({ conv1, bn1, conv2, bn2 }: Branch, x: Tensor, context: ForwardContext): Tensor {
  const inner = bn1.forward(conv1.forward(relu(x)), context);
  return bn2.forward(conv2.forward(relu(inner)), context);
}

/** A residual block: the mix of two branches plus a shortcut. */
class ShakeShakeBlock implements Module {
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  readonly children: NamedModules;
  readonly #branches: readonly [Branch, Branch];
  readonly #downsample: Module | undefined;

  constructor(inputs: number, outputs: number, stride: 1 | 2, initializer: Initializer) {
    const [a, b] = this.#branches = [
      createBranch(inputs, outputs, stride, initializer),
      createBranch(inputs, outputs, stride, initializer),
    ];
    if (stride === 2) this.#downsample = new ShiftConv2d(inputs, outputs, initializer);
    else if (inputs !== outputs) this.#downsample = createProjection(inputs, outputs, 1, initializer);
    this.children = {
      conv_a1: a.conv1,
      bn_a1: a.bn1,
      conv_a2: a.conv2,
      bn_a2: a.bn2,
      conv_b1: b.conv1,
      bn_b1: b.bn1,
      conv_b2: b.conv2,
      bn_b2: b.bn2,
      ...(this.#downsample && { downsample: this.#downsample }),
    };
    const { parameters, buffers } = variablesOf(this.children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  forward(x: Tensor, context: ForwardContext): Tensor {
    const [a, b] = this.#branches.map((branch) => runBranch(branch, x, context)) as [Tensor, Tensor];
    return add(this.#downsample?.forward(x, context) ?? x, mixBranches(a, b, context));
  }
}

/** Creates a stage of blocks; the stride applies to the first block. */
function createStage(inputs: number, outputs: number, stride: 1 | 2, initializer: Initializer): Sequential {
  const blocks = Array.from(
    { length: blocksPerStage },
    (_, i) => new ShakeShakeBlock(i === 0 ? inputs : outputs, outputs, i === 0 ? stride : 1, initializer),
  );
  return new Sequential(blocks);
}

/**
 * Builds the 26-layer residual network 2×96d with shake-shake regularisation (Gastaldi 2017) of Mean
 * Teacher's experiments on CIFAR-10 (Tarvainen & Valpola 2017, appendix B.2): a 3×3 convolution of 16
 * channels; three stages of 4 blocks with 96, 192 and 384 channels at full, half and quarter size; the mean
 * over all positions (8×8 if images are 32×32); linear heads. The network has 26 197 316 parameters for 10
 * classes and two heads, no dropout and no input noise.
 * @throws {RangeError} if height and width are not multiples of 4.
 */
export function cifarShakeShake26(options: ArchitectureOptions): Classifier {
  const { imageShape: [channels, height, width], seed } = options;
  if (Math.min(height, width) < 4 || height % 4 !== 0 || width % 4 !== 0) {
    throw new RangeError(
      `Cannot build cifar_shakeshake26: height and width of images must be multiples of 4, but images are ${height}×${width}`,
    );
  }
  const initializer = new Initializer(seed);
  const [first, second, third] = widths;
  const layers = {
    conv1: new Conv2d(channels, 16, 3, initializer, { padding: 1, bias: false }),
    layer1: createStage(16, first, 1, initializer),
    layer2: createStage(first, second, 2, initializer),
    layer3: createStage(second, third, 2, initializer),
    avgpool: new GlobalAvgPool2d(),
  };
  return buildResidualNetwork(layers, third, options, initializer);
}

/** Registry entry of {@linkcode cifarShakeShake26}. */
export const cifarShakeShake26Architecture: Architecture = {
  name: "cifar_shakeshake26",
  summary: "residual network 2×96d of 26 layers with shake-shake regularisation, for images of 32×32",
  build: cifarShakeShake26,
};
