/**
 * What is measured: kernels at the shapes of the networks, with the flops or bytes that they cannot do without.
 * @module
 */
import {
  batchMean,
  batchNorm,
  batchVariance,
  compile,
  type CompileOptions,
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  crossEntropy,
  type Device,
  exp,
  type Graph,
  leakyRelu,
  matmul,
  mul,
  type Shape,
  sizeOf,
  sum,
  type Variable,
  variable,
  vjp,
} from "../kernels/mod.ts";
import { Adam, type NamedVariables, Sgd } from "../nn/mod.ts";
import { emaUpdates } from "../semisup/mod.ts";

/** Something to measure. */
export interface Case {
  /** Unique; kind and shapes. */
  readonly name: string;
  /** Floating-point operations, where they are what limits it. */
  readonly flops?: number;
  /** Bytes read and written at least, where they are. */
  readonly bytes?: number;
  /** What it computes. */
  readonly build: (filled: Fill) => Graph;
  /** Only on real GPUs: it would take minutes elsewhere. */
  readonly needsGpu?: boolean;
}

/** Makes a variable of a shape. */
export type Fill = (shape: Shape) => Variable;

function matmulCase(size: number, needsGpu = false): Case {
  return {
    name: `matmul ${size}×${size}×${size}`,
    flops: 2 * size ** 3,
    needsGpu,
    build: (filled) => ({ outputs: { y: matmul(filled([size, size]), filled([size, size])) } }),
  };
}

/** A convolution of square images: batch, channels in and out, size, kernel, padding. */
type ConvShape = readonly [
  n: number,
  inputs: number,
  outputs: number,
  size: number,
  kernel: number,
  padding: number,
];

/** Convolutions of the networks. ConvNet-13's come with a batch that a processor can bear. */
const convolutions: readonly (readonly [network: string, ...shapes: ConvShape[]])[] = [
  ["convnet_small", [100, 1, 16, 28, 3, 1], [100, 16, 32, 14, 3, 1], [100, 32, 64, 7, 3, 1]],
  [
    "convnet13",
    [16, 3, 128, 32, 3, 1],
    [16, 128, 128, 32, 3, 1],
    [16, 128, 256, 16, 3, 1],
    [16, 256, 256, 16, 3, 1],
    [16, 256, 512, 8, 3, 0],
    [16, 512, 256, 6, 1, 0],
    [16, 256, 128, 6, 1, 0],
  ],
  ["shakeshake26", [16, 96, 96, 32, 3, 1], [16, 192, 192, 16, 3, 1], [16, 384, 384, 8, 3, 1]],
  ["plain", [16, 64, 64, 32, 3, 1]],
];

function convolutionCases(network: string, [n, inputs, outputs, size, kernel, padding]: ConvShape): Case[] {
  const out = size + 2 * padding - kernel + 1;
  const flops = 2 * n * outputs * out * out * inputs * kernel * kernel;
  const shape = `${network} ${n}×${inputs}×${size}×${size} → ${outputs}, ${kernel}×${kernel}`;
  const xShape = [n, inputs, size, size], wShape = [outputs, inputs, kernel, kernel];
  const dyShape = [n, outputs, out, out];
  const options = { padding };
  return [
    {
      name: `conv2d ${shape}`,
      flops,
      build: (filled) => ({ outputs: { y: conv2d(filled(xShape), filled(wShape), options) } }),
    },
    {
      name: `conv2d input gradient ${shape}`,
      flops,
      build: (filled) => ({
        outputs: { dx: conv2dInputGradient(filled(dyShape), filled(wShape), xShape, options) },
      }),
    },
    {
      name: `conv2d weight gradient ${shape}`,
      flops,
      build: (filled) => ({
        outputs: { dw: conv2dWeightGradient(filled(xShape), filled(dyShape), wShape, options) },
      }),
    },
  ];
}

const float = 4;

function batchNormCases(shape: Shape): Case[] {
  const [, channels] = shape as [number, number];
  const bytes = sizeOf(shape) * float;
  const name = shape.join("×");
  const normalised = (filled: Fill) => {
    const x = filled(shape), weight = filled([channels]), bias = filled([channels]);
    return { x, weight, bias, y: leakyRelu(batchNorm(x, weight, bias), 0.1) };
  };
  return [
    {
      name: `batch norm + leaky ReLU ${name}`,
      bytes: 3 * bytes, // x twice, as statistics come first, and y
      build(filled) {
        const { x, y } = normalised(filled);
        return { outputs: { y, mean: batchMean(x), variance: batchVariance(x) } };
      },
    },
    {
      name: `batch norm + leaky ReLU gradient ${name}`,
      bytes: 5 * bytes, // x and dy twice, and dx
      build(filled) {
        const { x, weight, bias, y } = normalised(filled);
        return { outputs: Object.fromEntries(vjp(y, filled(shape), [x, weight, bias]).entries()) };
      },
    },
  ];
}

/** Shapes of the parameters of a network of a million weights: pairs of convolutions with their batch norms. */
const weightShapes: readonly Shape[] = ([[64, 3], [128, 64], [256, 128]] as const).flatMap(
  ([outputs, inputs]) => [inputs, outputs].flatMap((each) => [[outputs, each, 3, 3], [outputs], [outputs]]),
);

function weights(filled: Fill): NamedVariables {
  return Object.fromEntries(weightShapes.map((shape, i) => [`weight${i}`, filled(shape)]));
}

function optimizerCase(name: "adam" | "sgd"): Case {
  const states = name === "adam" ? 2 : 1;
  const count = weightShapes.reduce((total, shape) => total + sizeOf(shape), 0);
  return {
    name: `${name} + EMA, ${count} weights`,
    bytes: count * float * (1 + 2 * (states + 2)), // gradient; states, weights and averages in and out
    build(filled) {
      const student = weights(filled), teacher = weights(filled);
      const optimizer = name === "adam" ? new Adam(student) : new Sgd(student, { weightDecay: 1e-4 });
      const rate = variable([], [1e-6]), decay = variable([], [0.99]);
      const updates = optimizer.update(Object.values(student).map(({ shape }) => filled(shape)), rate);
      return { updates: [...updates, ...emaUpdates(teacher, student, updates, decay)] };
    },
  };
}

/** Everything but whole steps. */
export const kernelCases: readonly Case[] = [
  matmulCase(512),
  matmulCase(1024),
  matmulCase(4096, true),
  ...convolutions.flatMap(([network, ...shapes]) =>
    shapes.flatMap((shape) => convolutionCases(network, shape))
  ),
  ...batchNormCases([100, 16, 28, 28]),
  ...batchNormCases([16, 128, 32, 32]),
  {
    name: "pointwise chain 4096×2048",
    bytes: 2 * 4096 * 2048 * float,
    build(filled) {
      const x = filled([4096, 2048]);
      return { outputs: { y: leakyRelu(mul(exp(mul(x, 0.5)), x), 0.1) } };
    },
  },
  {
    name: "sum 8388608",
    bytes: 4096 * 2048 * float,
    build: (filled) => ({ outputs: { y: sum(filled([4096, 2048])) } }),
  },
  {
    name: "cross-entropy 4096×1000",
    bytes: 4096 * 1000 * float,
    build(filled) {
      const labels = variable([4096], Int32Array.from({ length: 4096 }, (_, i) => i % 1000), {
        dtype: "int32",
      });
      return { outputs: { y: sum(crossEntropy(filled([4096, 1000]), labels)) } };
    },
  },
  optimizerCase("adam"),
  optimizerCase("sgd"),
];

/** A case, compiled on a device. */
export async function compileCase(device: Device, { build }: Case, options: CompileOptions = {}) {
  const made: Variable[] = [];
  const filled = (shape: Shape) => {
    // Numbers that are neither all equal nor denormal.
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7919 % 2003) / 1001 - 1);
    const each = variable(shape, values);
    made.push(each);
    return each;
  };
  const program = await compile(device, {}, () => build(filled), options);
  return {
    program,
    destroy() {
      program[Symbol.dispose]();
      for (const each of made) device.release(each);
    },
  };
}
