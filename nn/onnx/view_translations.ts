/**
 * ONNX operators of ops that move elements.
 * @module
 */
import type { Tensor } from "../../kernels/mod.ts";
import { identity } from "./affine.ts";
import { isBatchSize } from "./constants.ts";
import { numbersOf, operandOf, refusalOf, type Translation, type Translator } from "./translator.ts";

/** Smallest 64-bit whole number, the end of slices that go backwards to the first element. */
const beforeFirst = Number.MIN_SAFE_INTEGER;

function slice(
  node: Tensor,
  translator: Translator,
  parts: readonly {
    readonly axis: number;
    readonly start: number;
    readonly end: number;
    readonly step: number;
  }[],
): string {
  translator.checkAxes(node, parts.map(({ axis }) => axis));
  const columns = (["start", "end", "axis", "step"] as const).map((name) =>
    translator.addIntegers(parts.map((part) => part[name]))
  );
  return translator.add("Slice", [translator.nameOf(operandOf(node)), ...columns]);
}

/** Translations of ops that move elements, by name. */
export const viewTranslations: Readonly<Record<string, Translation>> = {
  reshape(node, translator) {
    const { shape } = node, { affine, write } = translator.pendingOf(operandOf(node));
    const isSame = affine.scale.length === 1 && affine.offset.length === 1;
    // ONNX computes the size that depends on the batch.
    const sizes = translator.addIntegers(shape.map((size) => isBatchSize(size) ? -1 : size));
    const reshaped = translator.add("Reshape", [write(isSame ? identity : affine), sizes]);
    return {
      affine: isSame ? affine : identity,
      write: (whole) => translator.writeAffine(reshaped, whole, shape),
    };
  },
  expand: (node, translator) =>
    translator.add("Expand", [translator.nameOf(operandOf(node)), translator.addShape(node.shape)]),
  transpose: (node, translator) =>
    translator.add("Transpose", [translator.nameOf(operandOf(node))], { perm: numbersOf(node, "axes") }),
  flip: (node, translator) =>
    slice(
      node,
      translator,
      numbersOf(node, "axes").map((axis) => ({ axis, start: -1, end: beforeFirst, step: -1 })),
    ),
  slice(node, translator) {
    const start = numbersOf(node, "start"), step = numbersOf(node, "step"), x = operandOf(node);
    const parts = node.shape.map((size, axis) => {
      const first = start[axis] ?? 0, by = step[axis] ?? 1;
      return { axis, start: first, end: size === 0 ? first : first + (size - 1) * by + 1, step: by };
    });
    return slice(
      node,
      translator,
      parts.filter(({ axis, step: by }) => node.shape[axis] !== x.shape[axis] || by !== 1),
    );
  },
  pad(node, translator) {
    const before = numbersOf(node, "before"), after = numbersOf(node, "after");
    if (numbersOf(node, "step").some((step) => step !== 1)) {
      throw refusalOf(node, "it puts zeros between elements");
    }
    translator.checkAxes(
      node,
      [...before.keys()].filter((axis) => (before[axis] ?? 0) + (after[axis] ?? 0) > 0),
    );
    return translator.add("Pad", [
      translator.nameOf(operandOf(node)),
      translator.addIntegers([...before, ...after]),
    ]);
  },
};
