/**
 * ONNX operators of pointwise ops. Expansions of operands are left to ONNX, which broadcasts by NumPy's rules.
 * @module
 */
import { sameShape, type Shape, type Tensor } from "../../kernels/mod.ts";
import { type Affine, channelNumbers, identity } from "./affine.ts";
import { elementTypes } from "./messages.ts";
import type { Translation, Translator } from "./translator.ts";

/** Returns the names of the operands, which together broadcast to the shape of the result. */
function operandsOf(node: Tensor, translator: Translator): string[] {
  const stripped = node.inputs.map((input) => translator.stripExpansion(input));
  const hasSize = (size: number, axis: number) =>
    stripped.some(({ shape }) => shape[axis - node.shape.length + shape.length] === size);
  const isCovered = node.shape.every(hasSize);
  return (isCovered ? stripped : node.inputs).map((operand) => translator.nameOf(operand));
}

function operator(name: string): Translation {
  return (node, translator) => translator.add(name, operandsOf(node, translator));
}

/** Adds a cast to the type of floats, as the library's booleans are 0 and 1. */
function comparison(name: string): Translation {
  return (node, translator) => castToFloat(translator.add(name, operandsOf(node, translator)), translator);
}

function castToFloat(name: string, translator: Translator): string {
  return translator.add("Cast", [name], { to: elementTypes[translator.precision] });
}

/** Returns a constant operand as numbers of channels, if it is one and the other operand has the full shape. */
function constantNumbers(
  translator: Translator,
  operand: Tensor | undefined,
  other: Tensor | undefined,
  shape: Shape,
): Float64Array | undefined {
  if (!operand || !other || operand.dtype !== "float32") return undefined;
  if (!sameShape(translator.stripExpansion(other).shape, shape) || translator.constantOf(other)) {
    return undefined;
  }
  const constant = translator.constantOf(translator.stripExpansion(operand));
  return constant && channelNumbers(constant, shape);
}

/** Translates arithmetic with a constant to an affine function, and other arithmetic to an operator. */
function arithmetic(
  name: string,
  withSecond: (numbers: Float64Array) => Partial<Affine>,
  withFirst?: (numbers: Float64Array) => Partial<Affine>,
): Translation {
  return (node, translator) => {
    const [a, b] = node.inputs;
    const second = constantNumbers(translator, b, a, node.shape);
    if (a && second) return translator.withAffine(a, { ...identity, ...withSecond(second) });
    const first = withFirst && constantNumbers(translator, a, b, node.shape);
    if (b && first) return translator.withAffine(b, { ...identity, ...withFirst(first) });
    return translator.add(name, operandsOf(node, translator));
  };
}

const minusOne = Float64Array.of(-1);

/** Translations of pointwise ops by name. */
export const pointwiseTranslations: Readonly<Record<string, Translation>> = {
  add: arithmetic("Add", (offset) => ({ offset }), (offset) => ({ offset })),
  sub: arithmetic(
    "Sub",
    (numbers) => ({ offset: numbers.map((value) => -value) }),
    (offset) => ({ scale: minusOne, offset }),
  ),
  mul: arithmetic("Mul", (scale) => ({ scale }), (scale) => ({ scale })),
  div: arithmetic("Div", (numbers) => ({ scale: numbers.map((value) => 1 / value) })),
  neg: operator("Neg"),
  abs: operator("Abs"),
  sign: operator("Sign"),
  floor: operator("Floor"),
  exp: operator("Exp"),
  log: operator("Log"),
  sqrt: operator("Sqrt"),
  rsqrt: (node, translator) =>
    translator.add("Reciprocal", [translator.add("Sqrt", operandsOf(node, translator))]),
  sigmoid: operator("Sigmoid"),
  tanh: operator("Tanh"),
  power: operator("Pow"),
  maximum: operator("Max"),
  minimum: operator("Min"),
  leaky_relu(node, translator) {
    const slope = Number(node.attributes["slope"]), operands = operandsOf(node, translator);
    return slope === 0
      ? translator.add("Relu", operands)
      : translator.add("LeakyRelu", operands, { alpha: { float: slope } });
  },
  equal: comparison("Equal"),
  greater: comparison("Greater"),
  less: comparison("Less"),
  where(node, translator) {
    const [condition = "", ...sides] = operandsOf(node, translator);
    return translator.add("Where", [
      translator.add("Cast", [condition], { to: elementTypes.bool }),
      ...sides,
    ]);
  },
  cast(node, translator) {
    const { dtype } = node, type = dtype === "float32" ? translator.precision : dtype;
    return translator.add("Cast", operandsOf(node, translator), { to: elementTypes[type] });
  },
};
