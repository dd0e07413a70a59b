/**
 * Values that exist before a Program runs: variables, which live on the device and are updated by Programs,
 * and inputs, which the host writes before each run.
 * @module
 */
import {
  apply,
  type Attributes,
  checkShape,
  type DType,
  formatShape,
  type HostArray,
  hostArray,
  type LeafOp,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor.ts";

type LeafAttributes = { readonly shape: Shape; readonly dtype: DType; readonly name: string };

function infer(_: readonly Tensor[], { shape, dtype }: LeafAttributes) {
  checkShape(shape);
  return { shape, dtype };
}

/** The op of a {@linkcode Variable}. */
export const variableOp: LeafOp<LeafAttributes> = { kind: "leaf", name: "variable", infer };

/** The op of an {@linkcode input}. */
export const inputOp: LeafOp<LeafAttributes> = { kind: "leaf", name: "input", infer };

/**
 * A tensor with a value that lasts: a weight, a running statistic, a step counter, a data set on the device.
 * Programs read it and, through their `updates`, replace it.
 */
export interface Variable extends Tensor {
  /** Name for messages and state dicts. */
  readonly name: string;
  /** Value before any Program has written it. */
  readonly initial: HostArray;
}

/**
 * Makes a variable of `shape` from row-major `data`.
 * @throws {RangeError} if `data` does not have as many elements as `shape` asks for.
 * @example
 * ```ts
 * import { variable } from "./mod.ts";
 * const weight = variable([2, 2], [1, 0, 0, 1]);
 * console.assert(weight.dtype === "float32");
 * ```
 */
export function variable(
  shape: Shape,
  data: ArrayLike<number> | HostArray,
  { dtype = "float32", name = "variable" }: { readonly dtype?: DType; readonly name?: string } = {},
): Variable {
  checkShape(shape);
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(
      `Cannot make variable ${name} as its data must fill its shape: shape ${formatShape(shape)} has ${
        sizeOf(shape)
      } elements, data has ${data.length}`,
    );
  }
  const node = apply(variableOp, [], { shape, dtype, name });
  return { ...node, op: variableOp as unknown as LeafOp<Attributes>, name, initial: hostArray(dtype, data) };
}

/** Whether a tensor is a {@linkcode Variable}. */
export function isVariable(tensor: Tensor): tensor is Variable {
  return tensor.op.name === "variable";
}

/** A tensor whose value the host writes before each run of a Program, under `name`. */
export function input(name: string, shape: Shape = [], dtype: DType = "float32"): Tensor {
  return apply(inputOp, [], { shape, dtype, name }) as unknown as Tensor;
}
