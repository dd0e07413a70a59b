/**
 * ONNX operators of layers: convolutions, matrix products, pooling, softmax and reductions.
 * @module
 */
import { sizeOf, type Tensor } from "../../kernels/mod.ts";
import { type Affine, atChannel, identity, isAll } from "./affine.ts";
import { unnamed } from "./constants.ts";
import type { Constant } from "./graph_builder.ts";
import type { OnnxAttribute } from "./messages.ts";
import {
  numbersOf,
  operandOf,
  type Pending,
  refusalOf,
  type Translation,
  type Translator,
} from "./translator.ts";

/** Returns an attribute of an op that is a number. */
function numberOf({ attributes }: Tensor, name: string): number {
  return Number(attributes[name]);
}

/** Returns the kernel, stride and padding of windows as attributes of ONNX, which have a value per axis and side. */
function windowsOf(node: Tensor, kernel: readonly [number, number]): Record<string, OnnxAttribute> {
  const stride = numberOf(node, "stride"), padding = numberOf(node, "padding");
  return {
    kernel_shape: kernel,
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

/** Multiplies a constant weight along the axis of outputs. */
function scaleOutputs(weight: Constant, axis: number, scale: Float64Array): Constant {
  const inner = sizeOf(weight.shape.slice(axis + 1)), outputs = weight.shape[axis] ?? 1;
  const data = new Float64Array(weight.data);
  for (let start = 0; start < data.length; start += inner) {
    const factor = atChannel(scale, start / inner % outputs), end = start + inner;
    for (let i = start; i < end; i++) data[i] = (data[i] ?? NaN) * factor;
  }
  return { ...weight, data };
}

/** Returns the bias of a layer's outputs as a constant. */
function biasOf({ name }: Constant, offset: Float64Array, outputs: number): Constant {
  return {
    name: name === unnamed ? name : name.replace(/[^.]*$/, "bias"),
    shape: [outputs],
    dtype: "float32",
    data: Float64Array.from({ length: outputs }, (_, o) => atChannel(offset, o)),
  };
}

/**
 * Translates a layer with a weight: an affine function of its outputs, such as bias and batch normalisation,
 * is folded into the weight if this is a constant.
 * @param axis Axis of the outputs in the weight.
 */
function weighted(
  operator: string,
  node: Tensor,
  translator: Translator,
  { axis, attributes }: { readonly axis: number; readonly attributes: Record<string, OnnxAttribute> },
): Pending {
  const x = operandOf(node), [, weight = x] = node.inputs;
  const constant = translator.constantOf(weight), outputs = node.shape[1] ?? 1;
  return {
    affine: identity,
    write(affine: Affine) {
      const input = translator.nameOf(x);
      if (!constant) {
        const product = translator.add(operator, [input, translator.nameOf(weight)], attributes);
        return translator.writeAffine(product, affine, node.shape);
      }
      const { scale, offset } = affine;
      const kernel = isAll(scale, 1) ? constant : scaleOutputs(constant, axis, scale);
      const operands = [input, translator.addConstant(kernel)];
      if (!isAll(offset, 0)) operands.push(translator.addConstant(biasOf(constant, offset, outputs)));
      return translator.add(operator, operands, attributes);
    },
  };
}

function pooling(operator: string, attributes: Record<string, OnnxAttribute>): Translation {
  return (node, translator) => {
    const x = operandOf(node), kernel = numberOf(node, "kernel");
    if (node.inputs.some((operand) => operand !== x)) {
      throw refusalOf(node, "the compared and the chosen values differ");
    }
    const windows = windowsOf(node, [kernel, kernel]);
    return translator.add(operator, [translator.nameOf(x)], { ...windows, ...attributes });
  };
}

/** Returns the operand of a reduction, and its axes. */
function reductionOf(
  node: Tensor,
  translator: Translator,
): { readonly x: Tensor; readonly axes: readonly number[] } {
  if (node.inputs.length > 1) throw refusalOf(node, "it reduces several tensors at once");
  const x = operandOf(node), axes = numbersOf(node, "axes");
  translator.checkAxes(node, axes);
  return { x, axes };
}

/** Translations of layers by the name of their op. */
export const layerTranslations: Readonly<Record<string, Translation>> = {
  conv_2d(node, translator) {
    const [, weight] = node.inputs, [, , height = 1, width = 1] = weight?.shape ?? [];
    const attributes = { ...windowsOf(node, [height, width]), group: numberOf(node, "groups") };
    return weighted("Conv", node, translator, { axis: 0, attributes });
  },
  matmul(node, translator) {
    const { transposeA, transposeB } = node.attributes;
    const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
    return weighted("Gemm", node, translator, { axis: transposeB ? 0 : 1, attributes });
  },
  max_pool_2d: pooling("MaxPool", {}),
  avg_pool_2d: pooling("AveragePool", { count_include_pad: 1 }),
  softmax: (node, translator) =>
    translator.add("Softmax", [translator.nameOf(operandOf(node))], { axis: -1 }),
  log_softmax: (node, translator) =>
    translator.add("LogSoftmax", [translator.nameOf(operandOf(node))], { axis: -1 }),
  max(node, translator) {
    const { x, axes } = reductionOf(node, translator);
    return translator.add("ReduceMax", [translator.nameOf(x)], { axes, keepdims: 1 });
  },
  // The mean is the usual case, and does not overflow in float16.
  sum(node, translator) {
    const { x, axes } = reductionOf(node, translator);
    const count = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
    const mean = translator.add("ReduceMean", [translator.nameOf(x)], { axes, keepdims: 1 });
    return {
      affine: { ...identity, scale: Float64Array.of(count) },
      write: (affine) => translator.writeAffine(mean, affine, node.shape),
    };
  },
};
