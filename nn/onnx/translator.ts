/**
 * Translation of a graph of tensors to nodes of ONNX.
 * @module
 */
import { formatShape, type Shape, type Tensor } from "../../kernels/mod.ts";
import { type Affine, compose, identity, isAll } from "./affine.ts";
import { ConstantFolder, hasBatch, isBatchSize, tracedBatch, unnamed } from "./constants.ts";
import type { Constant, GraphBuilder, Precision } from "./graph_builder.ts";
import type { OnnxAttribute } from "./messages.ts";

/** A value whose last affine function is not written yet, so that it can be folded into what precedes. */
export interface Pending {
  /** Affine function of the base. */
  readonly affine: Affine;
  /** Writes base and affine function. @returns the name of the result. */
  write(affine: Affine): string;
}

/** Translation of an op. @returns the name of the result, or a value with an affine function to be folded. */
export type Translation = (node: Tensor, translator: Translator) => string | Pending;

/** Operands of a translation. */
interface TranslatorParts {
  readonly graph: GraphBuilder;
  readonly translations: Readonly<Record<string, Translation>>;
  readonly precision: Precision;
  /** Names of the inputs in the ONNX graph. */
  readonly inputs: ReadonlyMap<Tensor, string>;
  /** Values of the variables. */
  readonly variables: ReadonlyMap<Tensor, Constant>;
  /** Name of an input whose first size is the batch size. */
  readonly batchInput: string;
}

/** Writes tensors and all that they depend on. */
export class Translator {
  readonly #parts: TranslatorParts;
  readonly #folder: ConstantFolder;
  readonly #names = new Map<Tensor, string>();
  readonly #uses = new Map<Tensor, number>();

  /** Creates a translator for the graph behind `root`. */
  constructor(root: Tensor, parts: TranslatorParts) {
    this.#parts = parts;
    this.#folder = new ConstantFolder(parts.variables);
    this.#countUses(root, new Set());
    for (const [tensor, name] of parts.inputs) this.#names.set(tensor, name);
  }

  #countUses(node: Tensor, seen: Set<Tensor>): void {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of node.inputs) {
      this.#uses.set(input, (this.#uses.get(input) ?? 0) + 1);
      this.#countUses(input, seen);
    }
  }

  /** Returns the value of a tensor that depends on weights alone; undefined for other tensors. */
  constantOf(tensor: Tensor): Constant | undefined {
    return this.#folder.find(tensor);
  }

  /** Adds a node. @returns the name of its result. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.#parts.graph.add(operator, inputs, attributes);
  }

  /** Adds a constant. @returns its name. */
  addConstant(constant: Constant): string {
    return this.#parts.graph.addConstant(constant, this.#parts.precision);
  }

  /** Adds a vector of 64-bit whole numbers. @returns its name. */
  addIntegers(values: readonly number[]): string {
    return this.#parts.graph.addIntegers(values);
  }

  /** Type of floats. */
  get precision(): Precision {
    return this.#parts.precision;
  }

  /** Returns the name of a tensor's value, which is written if it is not yet. */
  nameOf(tensor: Tensor): string {
    const known = this.#names.get(tensor);
    if (known !== undefined) return known;
    const constant = this.constantOf(tensor);
    let name: string;
    if (constant) name = this.addConstant(constant);
    else {
      const value = this.#translate(tensor);
      name = typeof value === "string" ? value : value.write(value.affine);
    }
    this.#names.set(tensor, name);
    return name;
  }

  /** Returns the value of a tensor; its affine function is pending only if nothing else uses the tensor. */
  pendingOf(tensor: Tensor): Pending {
    if (this.#uses.get(tensor) === 1 && !this.#names.has(tensor) && !this.constantOf(tensor)) {
      const value = this.#translate(tensor);
      return typeof value === "string" ? this.#named(value, tensor.shape) : value;
    }
    return this.#named(this.nameOf(tensor), tensor.shape);
  }

  #named(name: string, shape: Shape): Pending {
    return { affine: identity, write: (affine) => this.writeAffine(name, affine, shape) };
  }

  #translate(tensor: Tensor): string | Pending {
    const { op } = tensor, { translations } = this.#parts;
    if (Object.hasOwn(translations, op.name)) {
      const value = translations[op.name]?.(tensor, this);
      if (value !== undefined) return value;
    }
    if (op.kind === "composite") {
      // The expanded graph may use an operand several times.
      for (const input of tensor.inputs) if (!this.constantOf(input)) this.nameOf(input);
      return this.nameOf(op.expand(tensor));
    }
    throw new RangeError(
      `Cannot export the network: ONNX has no operator for its op ${op.name}. Exported are ${
        Object.keys(translations).sort().join(", ")
      }.`,
    );
  }

  /** Writes `scale · x + offset` of a named value; parts without effect are left out. */
  writeAffine(name: string, { scale, offset }: Affine, shape: Shape): string {
    const operand = (data: Float64Array) =>
      this.addConstant({
        name: unnamed,
        dtype: "float32",
        data,
        shape: data.length === 1 ? [] : [data.length, ...shape.slice(2).map(() => 1)],
      });
    const scaled = isAll(scale, 1) ? name : this.add("Mul", [name, operand(scale)]);
    return isAll(offset, 0) ? scaled : this.add("Add", [scaled, operand(offset)]);
  }

  /** Returns a value with a further affine function. */
  withAffine(tensor: Tensor, affine: Affine): Pending {
    const { affine: first, write } = this.pendingOf(tensor);
    return { affine: compose(first, affine), write };
  }

  /**
   * Adds the vector of a shape's sizes, which contains the batch size.
   * @returns its name.
   */
  addShape(shape: Shape): string {
    if (!hasBatch(shape)) return this.addIntegers(shape);
    const batch = this.add("Shape", [this.#parts.batchInput], { start: 0, end: 1 });
    const sizes = shape.map((size) => {
      if (!isBatchSize(size)) return this.addIntegers([size]);
      return size === tracedBatch ? batch : this.add("Mul", [batch, this.addIntegers([size / tracedBatch])]);
    });
    return sizes.length === 1 ? sizes[0] ?? "" : this.add("Concat", sizes, { axis: 0 });
  }

  /** Throws unless sizes that an op changes are independent of the batch size. @throws {RangeError} */
  checkAxes({ op, inputs: [input], shape }: Tensor, axes: readonly number[]): void {
    const isFixed = (sizes: Shape | undefined) => axes.every((axis) => !isBatchSize(sizes?.[axis] ?? 0));
    if (isFixed(input?.shape) && isFixed(shape)) return;
    throw new RangeError(
      `Cannot export the network: an image's result must not depend on other images of the batch, but op ${op.name} combines them`,
    );
  }

  /** Returns a tensor without the expansions that ONNX's broadcasting does. */
  stripExpansion(tensor: Tensor): Tensor {
    const [source] = tensor.inputs;
    return tensor.op.name === "expand" && source ? this.stripExpansion(source) : tensor;
  }
}

/** Returns the first operand of a node. */
export function operandOf(node: Tensor): Tensor {
  const [operand] = node.inputs;
  if (!operand) throw refusalOf(node, "it has no operands");
  return operand;
}

/** Creates the error about an op that is exported only in other forms. */
export function refusalOf({ op, inputs, shape }: Tensor, reason: string): RangeError {
  const shapes = inputs.map((operand) => formatShape(operand.shape)).join(", ");
  return new RangeError(`Cannot export op ${op.name} of ${shapes} to ${formatShape(shape)}: ${reason}`);
}

/** Returns an attribute of an op that is a list of numbers. */
export function numbersOf({ attributes }: Tensor, name: string): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? value : [];
}
