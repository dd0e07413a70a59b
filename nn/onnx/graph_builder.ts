/**
 * Nodes and constants of an ONNX graph under construction.
 * @module
 */
import type { DType, HostArray, Shape } from "../../kernels/mod.ts";
import type { ElementType, OnnxAttribute, OnnxNode, OnnxTensor } from "./messages.ts";

/** Constant of a graph: elements in row-major order, with the name that its initializer gets if possible. */
export interface Constant {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: HostArray | Float64Array;
  readonly name: string;
}

/** Type of floats in a graph. */
export type Precision = "float32" | "float16";

/** Collects nodes and initializers, and names values. */
export class GraphBuilder {
  /** Nodes, each after those that it reads. */
  readonly nodes: OnnxNode[] = [];
  /** Constants. */
  readonly initializers: OnnxTensor[] = [];
  readonly #names = new Set<string>();
  readonly #written = new Map<string, string>();

  /** Adds a node. @returns the name of its result. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = this.reserveName(operator.toLowerCase());
    this.addOutput(operator, inputs, output, attributes);
    return output;
  }

  /** Adds a node whose result has the reserved name `output`. */
  addOutput(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>>,
  ): void {
    this.nodes.push({ operator, inputs, output, attributes });
  }

  /** Adds a constant; floats get the type `precision`. @returns the name of the initializer. */
  addConstant({ name, shape, dtype, data }: Constant, precision: Precision): string {
    const type = dtype === "float32" ? precision : dtype;
    return this.#addInitializer(name, type, shape, encodeElements(data, type, name));
  }

  /** Adds a vector of 64-bit whole numbers, such as a shape. @returns the name of the initializer. */
  addIntegers(values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#addInitializer("integers", "int64", [values.length], bytes);
  }

  /** Returns a name that no value has: `wanted`, or `wanted` with a number. */
  reserveName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }

  /** Adds an initializer; small ones with the same contents are added once. */
  #addInitializer(wanted: string, type: ElementType, shape: Shape, bytes: Uint8Array): string {
    const key = bytes.length <= 64 ? `${type} ${shape} ${bytes}` : undefined;
    const known = key === undefined ? undefined : this.#written.get(key);
    if (known !== undefined) return known;
    const name = this.reserveName(wanted);
    this.initializers.push({ name, type, shape, bytes });
    if (key !== undefined) this.#written.set(key, name);
    return name;
  }
}

/** Array types of the element types of constants. */
const arrays = { float32: Float32Array, float16: Float16Array, int32: Int32Array, uint32: Uint32Array };

/** Returns the bytes of elements. @throws {RangeError} if a finite element is beyond the range of the type. */
function encodeElements(data: Constant["data"], type: Precision | DType, name: string): Uint8Array {
  const elements = new arrays[type](data);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(elements[i]) || !Number.isFinite(data[i])) continue;
    throw new RangeError(
      `Cannot export ${name} as ${type}: values must be in its range, but one is ${
        data[i]
      }. Export float32 instead.`,
    );
  }
  return new Uint8Array(elements.buffer);
}
