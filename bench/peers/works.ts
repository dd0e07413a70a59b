/**
 * The works that every peer computes: shapes, and values from integer formulas, so that all peers start with
 * the same values and their results can be compared. `pytorch.py` repeats the formulas.
 * @module
 */

/** Names of the works. */
export const workNames = ["matmul-1024", "conv3x3-forward-backward", "mean-teacher-step-small"] as const;

/** Name of a work. */
export type WorkName = typeof workNames[number];

/** Number of rows and columns of both matrices of `matmul-1024`. */
export const matmulSize = 1024;

/** Sizes of `conv3x3-forward-backward`: 3×3 with padding 1; forward, input gradient and weight gradient. */
export const convolution = { images: 16, channels: 64, size: 32 } as const;

/** Settings of `mean-teacher-step-small`. */
export const step = {
  batchSize: 100,
  imageSize: 28,
  /** Number of channels of the images and after each convolution. */
  channels: [1, 32, 64, 128],
  classCount: 10,
  learningRate: 0.05,
  momentum: 0.9,
  consistencyWeight: 1,
  emaDecay: 0.99,
  /** Constant added to variances. */
  epsilon: 1e-5,
} as const;

/** Number of first steps whose costs are compared. */
export const comparedSteps = 3;

/** Number of the sequence of formula values for each tensor. */
export const streams = { a: 0, b: 1, images: 2, teacherImages: 3, weights: 10 } as const;

/** Returns `count` pseudo-random values in [−1, 1]: quadratic residues, exact in both float64 and int64. */
export function formulaValues(stream: number, count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: count },
    (_, i) => (i * i * 31 + i * 7919 + stream * 101) % 2003 / 1001 - 1,
  );
}

/**
 * A parameter of the step's network, in PyTorch's layout: `[outputs, inputs, 3, 3]`, `[channels]` or
 * `[classes, inputs]`.
 */
export interface Parameter {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** Initial values of student and teacher. */
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * Returns the parameters of the step's network in order: convolution, weight and bias of batch normalisation,
 * …, weight and bias of the linear layer.
 */
export function stepParameters(): Parameter[] {
  const parameters: Parameter[] = [];
  const weight = (outputs: number, ...rest: readonly number[]) => {
    const inputs = rest.reduce((a, b) => a * b);
    const bound = Math.sqrt(6 * outputs / (outputs * inputs));
    const values = formulaValues(streams.weights + parameters.length, outputs * inputs);
    parameters.push({ shape: [outputs, ...rest], values: values.map((value) => value * bound) });
  };
  const constant = (count: number, value: number) =>
    parameters.push({ shape: [count], values: new Float32Array(count).fill(value) });
  let [inputs, ...rest]: readonly [number, ...number[]] = step.channels;
  for (const outputs of rest) {
    weight(outputs, inputs, 3, 3);
    constant(outputs, 1);
    constant(outputs, 0);
    inputs = outputs;
  }
  weight(step.classCount, inputs);
  constant(step.classCount, 0);
  return parameters;
}

/** Returns the labels of the step's batch: every second example is labelled, the others are −1. */
export function stepLabels(): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: step.batchSize }, (_, i) => i % 2 ? (i >> 1) % step.classCount : -1);
}

/**
 * Returns the labels one-hot, with zeros for unlabelled examples, for peers whose cross-entropy cannot ignore
 * labels.
 */
export function stepTargets(): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(step.batchSize * step.classCount);
  stepLabels().forEach((label, i) => {
    if (label >= 0) targets[i * step.classCount + label] = 1;
  });
  return targets;
}

/**
 * Computes the compared numbers of a row-major result, N C H W for images: the mean magnitude and eight
 * elements.
 */
export function checksum(values: ArrayLike<number>): number[] {
  const total = Array.from(values).reduce((sum, value) => sum + Math.abs(value), 0);
  const spread = Array.from(
    { length: 8 },
    (_, i) => values[Math.floor((i + 0.5) / 8 * values.length)] ?? NaN,
  );
  return [total / values.length, ...spread];
}

/**
 * Returns the largest difference between results, each relative to the largest number of the expected result.
 * Results missing in `got` are ignored.
 */
export function computeDeviation(got: readonly number[][], want: readonly number[][]): number {
  const each = want.slice(0, got.length).map((expected, i) => {
    const scale = Math.max(...expected.map(Math.abs));
    const error = Math.max(...expected.map((value, j) => Math.abs(value - (got[i]?.[j] ?? NaN))));
    return error / scale;
  });
  return each.length > 0 ? Math.max(...each) : NaN;
}
