/**
 * Benchmark cases: kernels at the shapes of the networks, with the minimum of flops or bytes that each case
 * needs.
 * @module
 */
import {
  batchMean,
  batchNorm,
  batchVariance,
  compile,
  type CompileOptions,
  conv2d,
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
import { conv2dInputGradient, conv2dWeightGradient } from "../kernels/internal.ts";
import { Adam, type NamedVariables, Sgd } from "../nn/mod.ts";
import { emaUpdates } from "../semisup/mod.ts";

/** A kernel benchmark. */
export interface Case {
  /** Unique name: kind and shapes. */
  readonly name: string;
  /** Number of floating-point operations, if arithmetic limits the speed. */
  readonly flops?: number;
  /** Minimum number of bytes read and written, if bandwidth limits the speed. */
  readonly bytes?: number;
  /** Function that builds the computation. */
  readonly build: (fill: Fill) => Graph;
  /** True if the case runs only on real GPUs, because it would take minutes on processors. */
  readonly needsGpu?: boolean;
}

/** Function that creates a variable of a shape. */
export type Fill = (shape: Shape) => Variable;

function createMatmulCase(size: number, needsGpu = false): Case {
  return {
    name: `matmul ${size}×${size}×${size}`,
    flops: 2 * size ** 3,
    needsGpu,
    build: (fill) => ({ outputs: { y: matmul(fill([size, size]), fill([size, size])) } }),
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

/** Convolutions of the networks. All but those of convnet_small have a batch small enough for processors. */
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

function createConvolutionCases(
  network: string,
  [n, inputs, outputs, size, kernel, padding]: ConvShape,
): Case[] {
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
      build: (fill) => ({ outputs: { y: conv2d(fill(xShape), fill(wShape), options) } }),
    },
    {
      name: `conv2d input gradient ${shape}`,
      flops,
      build: (fill) => ({
        outputs: { dx: conv2dInputGradient(fill(dyShape), fill(wShape), xShape, options) },
      }),
    },
    {
      name: `conv2d weight gradient ${shape}`,
      flops,
      build: (fill) => ({
        outputs: { dw: conv2dWeightGradient(fill(xShape), fill(dyShape), wShape, options) },
      }),
    },
  ];
}

const float = 4;

function createBatchNormCases(shape: Shape): Case[] {
  const [, channels] = shape as [number, number];
  const bytes = sizeOf(shape) * float;
  const name = shape.join("×");
  const buildForward = (fill: Fill) => {
    const x = fill(shape), weight = fill([channels]), bias = fill([channels]);
    return { x, weight, bias, y: leakyRelu(batchNorm(x, weight, bias), 0.1) };
  };
  return [
    {
      name: `batch norm + leaky ReLU ${name}`,
      bytes: 3 * bytes, // x twice (once for the statistics) and y
      build(fill) {
        const { x, y } = buildForward(fill);
        return { outputs: { y, mean: batchMean(x), variance: batchVariance(x) } };
      },
    },
    {
      name: `batch norm + leaky ReLU gradient ${name}`,
      bytes: 5 * bytes, // x and dy twice, and dx
      build(fill) {
        const { x, weight, bias, y } = buildForward(fill);
        return { outputs: Object.fromEntries(vjp(y, fill(shape), [x, weight, bias]).entries()) };
      },
    },
  ];
}

/**
 * Shapes of the parameters of a network with a million weights: pairs of convolutions with batch
 * normalisation.
 */
const weightShapes: readonly Shape[] = ([[64, 3], [128, 64], [256, 128]] as const).flatMap(
  ([outputs, inputs]) => [inputs, outputs].flatMap((each) => [[outputs, each, 3, 3], [outputs], [outputs]]),
);

function createWeights(fill: Fill): NamedVariables {
  return Object.fromEntries(weightShapes.map((shape, i) => [`weight${i}`, fill(shape)]));
}

function createOptimizerCase(name: "adam" | "sgd"): Case {
  const states = name === "adam" ? 2 : 1;
  const count = weightShapes.reduce((total, shape) => total + sizeOf(shape), 0);
  return {
    name: `${name} + EMA, ${count} weights`,
    bytes: count * float * (1 + 2 * (states + 2)), // gradient; states, weights and averages in and out
    build(fill) {
      const student = createWeights(fill), teacher = createWeights(fill);
      const optimizer = name === "adam" ? new Adam(student) : new Sgd(student, { weightDecay: 1e-4 });
      const rate = variable([], [1e-6]), decay = variable([], [0.99]);
      const updates = optimizer.update(Object.values(student).map(({ shape }) => fill(shape)), rate);
      return { updates: [...updates, ...emaUpdates(teacher, student, updates, decay)] };
    },
  };
}

/** All benchmark cases except whole training steps. */
export const kernelCases: readonly Case[] = [
  createMatmulCase(512),
  createMatmulCase(1024),
  createMatmulCase(4096, true),
  ...convolutions.flatMap(([network, ...shapes]) =>
    shapes.flatMap((shape) => createConvolutionCases(network, shape))
  ),
  ...createBatchNormCases([100, 16, 28, 28]),
  ...createBatchNormCases([16, 128, 32, 32]),
  {
    name: "pointwise chain 4096×2048",
    bytes: 2 * 4096 * 2048 * float,
    build(fill) {
      const x = fill([4096, 2048]);
      return { outputs: { y: leakyRelu(mul(exp(mul(x, 0.5)), x), 0.1) } };
    },
  },
  {
    name: "sum 8388608",
    bytes: 4096 * 2048 * float,
    build: (fill) => ({ outputs: { y: sum(fill([4096, 2048])) } }),
  },
  {
    name: "cross-entropy 4096×1000",
    bytes: 4096 * 1000 * float,
    build(fill) {
      const labels = variable([4096], Int32Array.from({ length: 4096 }, (_, i) => i % 1000), {
        dtype: "int32",
      });
      return { outputs: { y: sum(crossEntropy(fill([4096, 1000]), labels)) } };
    },
  },
  createOptimizerCase("adam"),
  createOptimizerCase("sgd"),
];

/** Compiles a case on a device. */
export async function compileCase(device: Device, { build }: Case, options: CompileOptions = {}) {
  const variables: Variable[] = [];
  const fill = (shape: Shape) => {
    // Denormal or equal values could change the speed.
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7919 % 2003) / 1001 - 1);
    const each = variable(shape, values);
    variables.push(each);
    return each;
  };
  const program = await compile(device, {}, () => build(fill), options);
  return {
    program,
    destroy() {
      program[Symbol.dispose]();
      for (const each of variables) device.release(each);
    },
  };
}
