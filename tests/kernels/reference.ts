/** Evaluates graphs in float64 on the host, by the reference of each op: the definition of correct. */
import { hostArray, type Tensor } from "../../kernels/tensor.ts";
import { isVariable } from "../../kernels/mod.ts";
import { topologicalOrder } from "../../kernels/compile/fuse.ts";

/** The value of a tensor, with variables at the values given or else their initial ones. */
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
    // What the device stores as float32 between ops stays float64 here: the reference has no rounding of its own.
    return result;
  }
  if (node.op.kind === "composite") {
    const expanded = node.op.expand(node);
    return evaluate(expanded, new Map(node.inputs.map((input, i) => [input, inputs[i]!])));
  }
  throw new TypeError(`Cannot evaluate ${node.op.name} as it has no reference`);
}

/** Whole numbers uniform in [0, 2³²) from a seed (splitmix32). */
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

/** `count` numbers uniform in [low, high), already rounded to the dtype. */
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
