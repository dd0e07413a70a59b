/** Evaluation of graphs in float64 on the host, by the reference of each op. */
import { hostArray, type Tensor } from "../../kernels/tensor.ts";
import { isVariable } from "../../kernels/internal.ts";
import { topologicalOrder } from "../../kernels/compile/fuse.ts";

/** Values of tensors of a graph, instead of those that the graph computes. */
type Values = ReadonlyMap<Tensor, Float64Array>;

/** Computes the value of a tensor; variables have the passed values, or else their initial ones. */
export function evaluate(root: Tensor, values: Values = new Map()): Float64Array {
  return evaluateTogether([root], [values])[0]!;
}

/**
 * Computes the values of a tensor in several processes, whose graphs are the same but for the values of variables.
 * @param values Values in each process.
 */
export function evaluateTogether(
  roots: readonly Tensor[],
  values: readonly Values[] = roots.map(() => new Map()),
): readonly Float64Array[] {
  const orders = roots.map((root) => topologicalOrder([root]));
  const results = values.map((each) => new Map(each));
  for (const i of orders[0]!.keys()) {
    const nodes = orders.map((order) => order[i]!);
    if (nodes.every((node, rank) => results[rank]!.has(node))) continue;
    const inputs = nodes.map((node, rank) => node.inputs.map((input) => results[rank]!.get(input)!));
    const computed = compute(nodes, inputs);
    for (const [rank, node] of nodes.entries()) {
      if (!results[rank]!.has(node)) results[rank]!.set(node, computed[rank]!);
    }
  }
  return roots.map((root, rank) => results[rank]!.get(root)!);
}

function compute(
  nodes: readonly Tensor[],
  inputs: readonly (readonly Float64Array[])[],
): readonly Float64Array[] {
  const [{ op }] = nodes as [Tensor];
  if (nodes.every(isVariable)) return nodes.map(({ initial }) => Float64Array.from(initial));
  if (op.referenceTogether) return op.referenceTogether(inputs, nodes[0]!);
  // Intermediate results stay float64, whereas the device stores float32.
  if (op.reference) return nodes.map((node, rank) => op.reference!(inputs[rank]!, node));
  if (op.kind === "composite") {
    const values = nodes.map((node, rank) => new Map(node.inputs.map((x, i) => [x, inputs[rank]![i]!])));
    return evaluateTogether(nodes.map((node) => op.expand(node)), values);
  }
  throw new TypeError(`Cannot evaluate ${op.name}: the op has no reference`);
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
