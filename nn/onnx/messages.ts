/**
 * Messages of an ONNX file, with the field numbers of `onnx.proto` (package `onnx`, IR version 8;
 * https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto).
 * @module
 */
import { encodeBytes, type Encoded, encodeFloat, encodeInteger, encodeMessage, joinFields } from "./wire.ts";

/** Element types, with their numbers in `TensorProto.DataType`. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
} as const;

/** Name of an element type. */
export type ElementType = keyof typeof elementTypes;

/** Attribute of a node: a float, a whole number, or a list of whole numbers. */
export type OnnxAttribute = { readonly float: number } | number | readonly number[];

/** `NodeProto`: an operator applied to values. */
export interface OnnxNode {
  /** Operator, such as `Conv`. */
  readonly operator: string;
  /** Names of the operands. */
  readonly inputs: readonly string[];
  /** Name of the result. */
  readonly output: string;
  /** Attributes by name. */
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** `TensorProto`: an initializer. */
export interface OnnxTensor {
  /** Unique name. */
  readonly name: string;
  /** Element type. */
  readonly type: ElementType;
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** Elements in row-major order, little-endian. */
  readonly bytes: Uint8Array;
}

/** `ValueInfoProto`: an input or output of a graph. */
export interface OnnxValue {
  /** Unique name. */
  readonly name: string;
  /** Element type. */
  readonly type: ElementType;
  /** Sizes of the axes; a text names a size that may vary. */
  readonly shape: readonly (number | string)[];
  /** Meaning of the value. */
  readonly description: string;
}

/** `ModelProto` with its `GraphProto`. */
export interface OnnxModel {
  /** Version of the operators. */
  readonly opset: number;
  /** Name of the program that writes the file. */
  readonly producer: string;
  /** Description of the model. */
  readonly description: string;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Nodes, each after those that it reads. */
  readonly nodes: readonly OnnxNode[];
  /** Constants of the graph. */
  readonly initializers: readonly OnnxTensor[];
  /** Inputs of the graph. */
  readonly inputs: readonly OnnxValue[];
  /** Outputs of the graph. */
  readonly outputs: readonly OnnxValue[];
}

/** Version of the file format that belongs to opset 17 (ONNX 1.12). */
const irVersion = 8;

/** Encodes a model as the bytes of an ONNX file. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return joinFields([
    encodeInteger(1, irVersion),
    encodeBytes(2, model.producer),
    encodeBytes(6, model.description),
    encodeMessage(7, encodeGraph(model)),
    encodeMessage(8, [encodeBytes(1, ""), encodeInteger(2, model.opset)]),
    ...Object.entries(model.metadata).map(([key, value]) =>
      encodeMessage(14, [encodeBytes(1, key), encodeBytes(2, value)])
    ),
  ]);
}

function encodeGraph({ nodes, initializers, inputs, outputs }: OnnxModel): Encoded[] {
  return [
    ...nodes.map((node, i) => encodeMessage(1, encodeNode(node, i))),
    encodeBytes(2, "network"),
    ...initializers.map((tensor) => encodeMessage(5, encodeTensor(tensor))),
    ...inputs.map((value) => encodeMessage(11, encodeValue(value))),
    ...outputs.map((value) => encodeMessage(12, encodeValue(value))),
  ];
}

function encodeNode({ operator, inputs, output, attributes }: OnnxNode, index: number): Encoded[] {
  return [
    ...inputs.map((name) => encodeBytes(1, name)),
    encodeBytes(2, output),
    encodeBytes(3, `${operator}_${index}`),
    encodeBytes(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      encodeMessage(5, [encodeBytes(1, name), ...encodeAttribute(value)])
    ),
  ];
}

/** Encodes value and type of an attribute; the types are 1 = float, 2 = int and 7 = ints. */
function encodeAttribute(value: OnnxAttribute): Encoded[] {
  if (typeof value === "number") return [encodeInteger(3, value), encodeInteger(20, 2)];
  if ("float" in value) return [encodeFloat(2, value.float), encodeInteger(20, 1)];
  return [...value.map((each) => encodeInteger(8, each)), encodeInteger(20, 7)];
}

function encodeTensor({ name, type, shape, bytes }: OnnxTensor): Encoded[] {
  return [
    ...shape.map((size) => encodeInteger(1, size)),
    encodeInteger(2, elementTypes[type]),
    encodeBytes(8, name),
    encodeBytes(9, bytes),
  ];
}

function encodeValue({ name, type, shape, description }: OnnxValue): Encoded[] {
  const sizes = shape.map((size) =>
    encodeMessage(1, [typeof size === "number" ? encodeInteger(1, size) : encodeBytes(2, size)])
  );
  const tensorType = [encodeInteger(1, elementTypes[type]), encodeMessage(2, sizes)];
  return [
    encodeBytes(1, name),
    encodeMessage(2, [encodeMessage(1, tensorType)]),
    encodeBytes(3, description),
  ];
}
