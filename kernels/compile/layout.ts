/**
 * Images that come from channels in blocks of four are stored so too.
 * @module
 */
import { blocked, isBlocked, unblocked } from "../ops/texels.ts";
import { type Tensor, withInputs } from "../tensor.ts";
import { aliasOf, isInlineable, topologicalOrder, wholeOperands } from "./fuse.ts";

/** A graph and which of its nodes are stored. */
export interface StoredGraph {
  /** What is computed. */
  readonly roots: readonly Tensor[];
  /** Nodes that are stored. */
  readonly stored: ReadonlySet<Tensor>;
}

/**
 * Stores in blocks what `readsBlocks` and is read by fused kernels only: results for the host, new values of variables
 * and operands of whole-operand kernels stay row-major.
 */
export function storeInBlocks(
  { roots, stored }: StoredGraph,
  readsBlocks: (node: Tensor) => boolean,
): StoredGraph {
  const order = topologicalOrder(roots);
  const rowMajor = new Set([...roots.map(aliasOf), ...wholeOperands(order)]);
  const rewritten = new Map<Tensor, Tensor>();
  const nowOf = (node: Tensor) => rewritten.get(node) ?? node;
  const nowStored = new Set<Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map(nowOf);
    const isSame = inputs.every((input, i) => input === node.inputs[i]);
    const renewed = isSame
      ? node
      // What was to be put into blocks may be in blocks now.
      : isBlocked(node)
      ? blocked(inputs[0]!, node.attributes.groups as number)
      : withInputs(node, inputs);
    const [, channels = 0, height = 0, width = 0] = node.shape;
    if (
      stored.has(node) && isInlineable(node) && !rowMajor.has(node) && readsBlocks(node) &&
      height * width > 1
    ) {
      const inBlocks = blocked(renewed);
      nowStored.add(inBlocks);
      rewritten.set(node, unblocked(inBlocks, channels));
    } else {
      if (stored.has(node)) nowStored.add(renewed);
      rewritten.set(node, renewed);
    }
  }
  return { roots: roots.map(nowOf), stored: nowStored };
}
