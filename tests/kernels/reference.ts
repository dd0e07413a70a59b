/** Evaluation of graphs in float64 on the host, by the reference of each op. */
import { hostArray, type Tensor } from "../../kernels/tensor.ts";
import { isVariable } from "../../kernels/internal.ts";
import { topologicalOrder } from "../../kernels/compile/fuse.ts";

/** Computes the value of a tensor; variables have the passed values, or else their initial ones. */
export function evaluate(root: Tensor, values: ReadonlyMap<Tensor, Float64Array> = new Map()): Float64Array {
  const results = new Map<Tensor, Float64Array>();
  for (const node of topologicalOrder([root])) {
    results.set(node, values.get(node) ?? compute(node, node.inputs.map((input) => results.get(input)!)));
  }
  return results.get(root)!;
}

function compute(node: Tensor, inputs: readonly Float64Array[]): Float64Array {
  if (isVariable(node)) return Float64Array.from(node.initial);
  if (node.op.reference) {
    const result = node.op.reference(inputs, node);
    // Intermediate results stay float64, whereas the device stores float32.
    return result;
  }
  if (node.op.kind === "composite") {
    const expanded = node.op.expand(node);
    return evaluate(expanded, new Map(node.inputs.map((input, i) => [input, inputs[i]!])));
  }
  throw new TypeError(`Cannot evaluate ${node.op.name}: the op has no reference`);
}

/** Returns a generator of whole numbers uniform in [0, 2³²) from a seed (splitmix32). */
export function randomWords(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

/** Returns `count` numbers uniform in [low, high), rounded to the dtype. */
export function randomValues(
  seed: number,
  count: number,
  [low, high]: readonly [number, number],
  dtype: "float32" | "int32" | "uint32",
) {
  const next = randomWords(seed);
  const values = Float64Array.from({ length: count }, () => {
    const value = low + (high - low) * next() / 2 ** 32;
    return dtype === "float32" ? value : dtype === "uint32" ? Math.abs(Math.floor(value)) : Math.floor(value);
  });
  return hostArray(dtype, values);
}
