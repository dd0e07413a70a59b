/**
 * Evaluation of the parts of a graph that depend on weights alone, in float64.
 * @module
 */
import type { Shape, Tensor, Variable } from "../../kernels/mod.ts";
import type { Constant } from "./graph_builder.ts";

/**
 * Batch size of the traced graph. The exported graph takes any batch size: a size that is a multiple of this
 * prime is the batch's. No tensor is ever computed with it, and no other size of a network is a multiple.
 */
export const tracedBatch = 1_000_003;

/** Returns whether a size depends on the batch size. */
export function isBatchSize(size: number): boolean {
  return size > 0 && size % tracedBatch === 0;
}

/** Returns whether a shape depends on the batch size. */
export function hasBatch(shape: Shape): boolean {
  return shape.some(isBatchSize);
}

/** Finds and computes constants. */
export class ConstantFolder {
  readonly #values: ReadonlyMap<Tensor, Constant>;
  readonly #constant = new Map<Tensor, boolean>();
  readonly #computed = new Map<Tensor, Constant>();

  /** Creates a folder. @param values Values of variables; others have their initial ones. */
  constructor(values: ReadonlyMap<Tensor, Constant>) {
    this.#values = values;
  }

  /** Returns the value of a tensor that depends on weights alone; undefined for other tensors. */
  find(tensor: Tensor): Constant | undefined {
    return this.#isConstant(tensor) ? this.#compute(tensor) : undefined;
  }

  /** Returns whether a tensor depends on neither inputs, random numbers nor the batch size. */
  #isConstant(tensor: Tensor): boolean {
    const known = this.#constant.get(tensor);
    if (known !== undefined) return known;
    const { op, inputs, shape } = tensor;
    const isComputable = op.reference !== undefined || op.kind === "composite";
    const isConstant = isVariable(tensor) ||
      (isComputable && !hasBatch(shape) && inputs.every((input) => this.#isConstant(input)));
    this.#constant.set(tensor, isConstant);
    return isConstant;
  }

  #compute(tensor: Tensor): Constant {
    const known = this.#values.get(tensor) ?? this.#computed.get(tensor);
    if (known) return known;
    const { shape, dtype } = tensor;
    const computed = isVariable(tensor)
      ? { shape, dtype, data: tensor.initial, name: tensor.name }
      : { shape, dtype, ...this.#apply(tensor) };
    this.#computed.set(tensor, computed);
    return computed;
  }

  /** Applies an op to constants. The result is named after the first weight among the operands. */
  #apply(tensor: Tensor): Pick<Constant, "data" | "name"> {
    const { op } = tensor, operands = tensor.inputs.map((input) => this.#compute(input));
    const { name = unnamed } = operands.find((each) => each.name !== unnamed) ?? {};
    if (op.reference) return { name, data: op.reference(operands.map(toDoubles), tensor) };
    if (op.kind === "composite") return { name, data: this.#compute(op.expand(tensor)).data };
    throw new TypeError(`Cannot compute op ${op.name}: it has no reference`);
  }
}

/** Name of constants that are made of no weight. */
export const unnamed = "constant";

function toDoubles({ data }: Constant): Float64Array {
  return data instanceof Float64Array ? data : new Float64Array(data);
}

function isVariable(tensor: Tensor): tensor is Variable {
  return tensor.op.name === "variable";
}
