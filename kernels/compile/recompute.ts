/**
 * What all who need it can compute from operands that they read anyway, or instead of it, need not be stored.
 * @module
 */
import { sizeOf, type Tensor } from "../tensor.ts";
import { aliasOf, isInlineable, longestRepeat, smallShare, topologicalOrder, wholeOperands } from "./fuse.ts";

/** A kernel with more ops than this gets no more of them: registers and compilers have limits. */
const longestKernel = 128;

/** What a fused kernel reads, and how many ops it takes. */
interface Expression {
  readonly reads: ReadonlySet<Tensor>;
  readonly ops: number;
}

/** The expressions of a kernel's results, down to what is stored. */
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

/** Elements that a kernel goes through for one of its results. */
function workOf(result: Tensor): number {
  return sizeOf(result.op.kind === "reduce" ? result.inputs[0]!.shape : result.shape);
}

/**
 * The nodes that remain stored when those do not that cost nothing to compute anew.
 * @param roots Results and new values of variables.
 * @param stored Nodes that are stored.
 * @param together Results that are computed by one kernel; others have one each.
 * @param maxReads Buffers that a kernel can read.
 */
export function withoutNeedless(
  roots: readonly Tensor[],
  stored: ReadonlySet<Tensor>,
  together: readonly (readonly Tensor[])[],
  maxReads: number,
): Set<Tensor> {
  const remaining = new Set(stored);
  const order = topologicalOrder(roots).filter((node) => stored.has(node));
  const grouped = new Set(together.flat());
  const kept = new Set([...roots.map(aliasOf), ...grouped, ...wholeOperands(order)]);
  const kernels = [
    ...together,
    ...order.filter((node) => !grouped.has(node) && node.op.kind !== "kernel" && node.op.kind !== "texels")
      .map((node) => [node]),
  ].map((results) => ({ results, expression: expressionOf(results, remaining) }));
  for (const node of order) {
    if (kept.has(node) || !isInlineable(node)) continue;
    const { ops } = expressionOf([node], remaining);
    const isLarge = (read: Tensor) => sizeOf(read.shape) > smallShare * sizeOf(node.shape);
    const readers = kernels.filter(({ expression }) => expression.reads.has(node));
    remaining.delete(node);
    const anew = readers.map((reader) => ({ reader, after: expressionOf(reader.results, remaining) }));
    const isFree = ops <= longestRepeat &&
      anew.every(({ reader: { results, expression: before }, after }) => {
        const larger = [...after.reads].filter(isLarge).length - [...before.reads].filter(isLarge).length;
        return larger <= 0 && after.reads.size + results.length <= maxReads && after.ops <= longestKernel &&
          results.some((result) => workOf(result) < 4 * sizeOf(node.shape));
      });
    if (isFree) anew.forEach(({ reader, after }) => reader.expression = after);
    else remaining.add(node);
  }
  return remaining;
}
