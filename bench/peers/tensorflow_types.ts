/**
 * The part of TensorFlow.js that the comparison uses. Written down here because importing its own types would make
 * every check of the project fetch its packages.
 * @module
 */

/** An array on the device. */
export interface Tensor {
  /** Reads it. */
  data(): Promise<Float32Array>;
  /** Frees it. */
  dispose(): void;
}

/** A tensor that can be given a new value. */
export interface Variable extends Tensor {
  /** Gives it the value. */
  assign(value: Tensor): void;
}

/** The WebGPU backend. */
export interface Backend {
  readonly device: GPUDevice;
  /** Ends the pass that it gathers dispatches in; to be called before they are submitted. */
  endComputePassEncoder(): void;
  /** Submits the dispatches that it has gathered. */
  submitQueue(): void;
}

/** Learns by gradient descent. */
export interface Optimizer {
  /** One step; returns the cost if asked to. */
  minimize(cost: () => Tensor, returnCost: true, variables: readonly Variable[]): Tensor;
}

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor | number) => Tensor;
type Reduce = (x: Tensor, axes?: readonly number[]) => Tensor;

/** The library. */
export interface TensorFlow {
  readonly version_core: string;
  readonly add: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly squaredDifference: Binary;
  readonly neg: Unary;
  readonly relu: Unary;
  readonly softmax: Unary;
  readonly logSoftmax: Unary;
  readonly sum: Reduce;
  readonly mean: Reduce;
  readonly train: {
    momentum(learningRate: number, momentum: number, useNesterov: boolean): Optimizer;
  };
  backend(): unknown;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tidy<T>(compute: () => T): T;
  dispose(tensors: readonly Tensor[]): void;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  variable(value: Tensor, trainable: boolean): Variable;
  transpose(x: Tensor, axes: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  conv2d(x: Tensor, w: Tensor, strides: number, padding: "same"): Tensor;
  maxPool(x: Tensor, size: number, strides: number, padding: "valid"): Tensor;
  moments(x: Tensor, axes: readonly number[]): { readonly mean: Tensor; readonly variance: Tensor };
  batchNorm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor,
    scale: Tensor,
    epsilon: number,
  ): Tensor;
  valueAndGrads<A extends readonly Tensor[]>(
    f: (...inputs: A) => Tensor,
  ): (inputs: A, dy: Tensor) => { readonly value: Tensor; readonly grads: A };
}
