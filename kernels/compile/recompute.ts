/**
 * Rematerialisation: a node is not stored if all its readers can compute it from operands they read anyway,
 * or from operands they read instead.
 * @module
 */
import { sizeOf, type Tensor } from "../tensor.ts";
import {
  aliasOf,
  isInlineable,
  longestRepeat,
  readsWhole,
  smallShare,
  topologicalOrder,
  wholeOperands,
} from "./fuse.ts";

/** Most ops of a kernel to which recomputed ops are added: registers and compilers have limits. */
const longestKernel = 128;

/** Operands and number of ops of a fused kernel. */
interface Expression {
  readonly reads: ReadonlySet<Tensor>;
  readonly ops: number;
}

/** Returns operands and ops of the expressions of a kernel's results, down to stored nodes. */
function expressionOf(results: readonly Tensor[], stored: ReadonlySet<Tensor>): Expression {
  const reads = new Set<Tensor>();
  const seen = new Set<Tensor>(results);
  const stack = [...results];
  let ops = 0;
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.op.kind === "pointwise") ops++;
    for (const input of node.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      if (input.op.kind === "leaf" || stored.has(input)) reads.add(input);
      else stack.push(input);
    }
  }
  return { reads, ops };
}

/** Returns the number of elements that a kernel processes for one of its results. */
function workOf(result: Tensor): number {
  return sizeOf(result.op.kind === "reduce" ? result.inputs[0]!.shape : result.shape);
}

/**
 * Returns the nodes that remain stored after removing all that cost nothing to recompute.
 * @param roots Results and new values of variables.
 * @param stored Nodes that are stored now.
 * @param groups Results that share a kernel; each other stored node has its own.
 * @param maxReads Most buffers that a kernel can bind.
 */
export function dropRecomputable(
  roots: readonly Tensor[],
  stored: ReadonlySet<Tensor>,
  groups: readonly (readonly Tensor[])[],
  maxReads: number,
): Set<Tensor> {
  const remaining = new Set(stored);
  const order = topologicalOrder(roots).filter((node) => stored.has(node));
  const grouped = new Set(groups.flat());
  const kept = new Set([...roots.map(aliasOf), ...grouped, ...wholeOperands(order)]);
  const kernels = [
    ...groups,
    ...order.filter((node) => !grouped.has(node) && !readsWhole(node)).map((node) => [node]),
  ].map((results) => ({ results, expression: expressionOf(results, remaining) }));
  for (const node of order) {
    if (kept.has(node) || !isInlineable(node)) continue;
    const { ops } = expressionOf([node], remaining);
    const isLarge = (read: Tensor) => sizeOf(read.shape) > smallShare * sizeOf(node.shape);
    const readers = kernels.filter(({ expression }) => expression.reads.has(node));
    remaining.delete(node);
    const recomputed = readers.map((reader) => ({ reader, after: expressionOf(reader.results, remaining) }));
    const isFree = ops <= longestRepeat &&
      recomputed.every(({ reader: { results, expression: before }, after }) => {
        const larger = [...after.reads].filter(isLarge).length - [...before.reads].filter(isLarge).length;
        return larger <= 0 && after.reads.size + results.length <= maxReads && after.ops <= longestKernel &&
          results.some((result) => workOf(result) < 4 * sizeOf(node.shape));
      });
    if (isFree) recomputed.forEach(({ reader, after }) => reader.expression = after);
    else remaining.add(node);
  }
  return remaining;
}
