/**
 * Types of the part of TensorFlow.js that the comparison uses. Importing the packages' own types would
 * download the packages in every check of the project.
 * @module
 */

/** An array on the device. */
export interface Tensor {
  /** Copies the elements to the host. */
  data(): Promise<Float32Array>;
  /** Frees the tensor. */
  dispose(): void;
}

/** A tensor whose value can change. */
export interface Variable extends Tensor {
  /** Sets the value. */
  assign(value: Tensor): void;
}

/** The WebGPU backend. */
export interface Backend {
  readonly device: GPUDevice;
  /** Ends the current compute pass; call it before {@linkcode Backend.submitQueue}. */
  endComputePassEncoder(): void;
  /** Submits the gathered dispatches. */
  submitQueue(): void;
}

/** A gradient-descent optimiser. */
export interface Optimizer {
  /** Takes one step and returns the cost. */
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
