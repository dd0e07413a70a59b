/**
 * Types of the part of jax-js that the comparison uses. Importing the package's own types would download the
 * package in every check of the project.
 * @module
 */

/** An array on the device. Functions consume their arguments; `ref` keeps an argument for another use. */
export interface Array {
  readonly ref: Array;
  readonly shape: readonly number[];
  add(other: Array | number): Array;
  sub(other: Array | number): Array;
  mul(other: Array | number): Array;
  div(other: Array | number): Array;
  sum(axes?: number | readonly number[]): Array;
  mean(axes?: number | readonly number[]): Array;
  max(axes?: number | readonly number[]): Array;
  reshape(shape: readonly number[]): Array;
  transpose(axes?: readonly number[]): Array;
  /** Copies the elements to the host. */
  data(): Promise<Float32Array>;
  /** Frees the array. */
  dispose(): void;
}

/** Arrays nested in arrays and objects. */
export type Tree = Array | readonly Tree[] | { readonly [name: string]: Tree };

/** The library. */
export interface Jax {
  init(device: "webgpu"): Promise<readonly string[]>;
  defaultDevice(device: "webgpu"): void;
  /** Waits for arrays without consuming them. */
  blockUntilReady(arrays: Tree): Promise<Tree>;
  /** Compiles a function: fuses its operations and records its dispatches. */
  jit<A extends readonly Tree[], R extends Tree>(f: (...inputs: A) => R): (...inputs: A) => R;
  /** Returns a function that computes the value and the gradient with respect to the input. */
  valueAndGrad<A extends Tree>(f: (input: A) => Array): (input: A) => [Array, A];
  /** Returns the value of a function and its pullback, from the value's gradient to the inputs' gradients. */
  vjp<A extends readonly Tree[]>(f: (...inputs: A) => Array, inputs: A): [Array, (dy: Array) => A];
  readonly numpy: {
    array(values: Float32Array): Array;
    matmul(a: Array, b: Array): Array;
    square(x: Array): Array;
    sqrt(x: Array): Array;
    zerosLike(x: Array): Array;
  };
  readonly nn: {
    relu(x: Array): Array;
    softmax(x: Array): Array;
    logSoftmax(x: Array): Array;
  };
  readonly lax: {
    conv(x: Array, w: Array, strides: readonly number[], padding: readonly (readonly number[])[]): Array;
    stopGradient(x: Array): Array;
  };
  readonly tree: {
    ref<T extends Tree>(tree: T): T;
    dispose(tree: Tree | undefined): void;
  };
}
