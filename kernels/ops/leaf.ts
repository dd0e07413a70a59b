/**
 * Values that exist before a Program runs: variables, which Programs update on the device, and inputs, which
 * the host passes to each run.
 * @module
 */
import type { LeafOp } from "../op.ts";
import {
  apply,
  asHostArray,
  checkShape,
  type DType,
  formatShape,
  type HostArray,
  hostArray,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor.ts";

type LeafAttributes = { readonly shape: Shape; readonly dtype: DType; readonly name: string };

function infer(_: readonly Tensor[], { shape, dtype }: LeafAttributes) {
  checkShape(shape);
  return { shape, dtype };
}

/** Op of a {@linkcode Variable}. */
export const variableOp: LeafOp<LeafAttributes> = { kind: "leaf", name: "variable", infer };

/** Op of an {@linkcode input}. */
export const inputOp: LeafOp<LeafAttributes> = { kind: "leaf", name: "input", infer };

/**
 * Tensor whose value persists between runs: a weight, a running statistic, a step counter, a data set on the
 * device. Programs read the value and replace it through their `updates`.
 */
export interface Variable extends Tensor {
  /** Name in messages and state dicts. */
  readonly name: string;
  /** Initial value; if the variable was created from a function, each access calls the function. */
  readonly initial: HostArray;
}

/**
 * Creates a variable of `shape` from row-major `data`, or from a function that returns the data when the
 * variable is first copied to a device; large data then need not stay in host memory.
 * @throws {RangeError} if `data` has more or fewer elements than `shape`.
 * @example
 * ```ts
 * import { variable } from "./mod.ts";
 * const weight = variable([2, 2], [1, 0, 0, 1]);
 * console.assert(weight.dtype === "float32");
 * ```
 */
export function variable(
  shape: Shape,
  data: ArrayLike<number> | HostArray | (() => ArrayLike<number> | HostArray),
  { dtype = "float32", name = "variable" }: { readonly dtype?: DType; readonly name?: string } = {},
): Variable {
  checkShape(shape);
  const node = apply(variableOp, [], { shape, dtype, name });
  const checkLength = <D extends ArrayLike<number>>(data: D): D => {
    if (data.length === sizeOf(shape)) return data;
    throw new RangeError(
      `Cannot create variable ${name}: shape ${formatShape(shape)} has ${
        sizeOf(shape)
      } elements, but the data has ${data.length}`,
    );
  };
  const parts = { ...node, name };
  if (typeof data !== "function") return { ...parts, initial: hostArray(dtype, checkLength(data)) };
  return {
    ...parts,
    get initial() {
      return asHostArray(dtype, checkLength(data()));
    },
  };
}

/** Returns whether a tensor is a {@linkcode Variable}. */
export function isVariable(tensor: Tensor): tensor is Variable {
  return tensor.op.name === "variable";
}

/** Creates an input: a tensor whose value the host passes to each run of a Program, under `name`. */
export function input(name: string, shape: Shape = [], dtype: DType = "float32"): Tensor {
  return apply(inputOp, [], { shape, dtype, name });
}
