/**
 * Values that exist before a Program runs: variables, which live on the device and are updated by Programs,
 * and inputs, which the host writes before each run.
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
  /** Value before any Program has written it; made anew at each look where it was given as a function. */
  readonly initial: HostArray;
}

/**
 * Makes a variable of `shape` from row-major `data`, or from a function that gives it when the variable is first put on a
 * device: what is large is then not kept on the host.
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
  data: ArrayLike<number> | HostArray | (() => ArrayLike<number> | HostArray),
  { dtype = "float32", name = "variable" }: { readonly dtype?: DType; readonly name?: string } = {},
): Variable {
  checkShape(shape);
  const node = apply(variableOp, [], { shape, dtype, name });
  const checked = <D extends ArrayLike<number>>(data: D): D => {
    if (data.length === sizeOf(shape)) return data;
    throw new RangeError(
      `Cannot make variable ${name} as its data must fill its shape: shape ${formatShape(shape)} has ${
        sizeOf(shape)
      } elements, data has ${data.length}`,
    );
  };
  const parts = { ...node, name };
  if (typeof data !== "function") return { ...parts, initial: hostArray(dtype, checked(data)) };
  return {
    ...parts,
    get initial() {
      return asHostArray(dtype, checked(data()));
    },
  };
}

/** Whether a tensor is a {@linkcode Variable}. */
export function isVariable(tensor: Tensor): tensor is Variable {
  return tensor.op.name === "variable";
}

/** A tensor whose value the host writes before each run of a Program, under `name`. */
export function input(name: string, shape: Shape = [], dtype: DType = "float32"): Tensor {
  return apply(inputOp, [], { shape, dtype, name });
}
