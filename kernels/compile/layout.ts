/**
 * Memory layout: images computed from channels in blocks of four are stored in blocks, too.
 * @module
 */
import { blockChannels, isBlocked, unblockChannels } from "../ops/texels.ts";
import { type Tensor, withInputs } from "../tensor.ts";
import { aliasOf, isInlineable, topologicalOrder, wholeOperands } from "./fuse.ts";

/** Graph with the set of its stored nodes. */
export interface StoredGraph {
  /** Outputs and new values of variables. */
  readonly roots: readonly Tensor[];
  /** Nodes that are stored. */
  readonly stored: ReadonlySet<Tensor>;
}

/**
 * Stores nodes in blocks of channels if `readsBlocks` is true and only fused kernels read them. Outputs, new
 * values of variables and operands of hand-written kernels stay row-major.
 */
export function storeInBlocks(
  { roots, stored }: StoredGraph,
  readsBlocks: (node: Tensor) => boolean,
): StoredGraph {
  const order = topologicalOrder(roots);
  const rowMajor = new Set([...roots.map(aliasOf), ...wholeOperands(order)]);
  const rewritten = new Map<Tensor, Tensor>();
  const rewrittenOf = (node: Tensor) => rewritten.get(node) ?? node;
  const newStored = new Set<Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map(rewrittenOf);
    const isSame = inputs.every((input, i) => input === node.inputs[i]);
    const updated = isSame
      ? node
      // The operand may be in blocks already.
      : isBlocked(node)
      ? blockChannels(inputs[0]!, node.attributes.groups as number)
      : withInputs(node, inputs);
    const [, channels = 0, height = 0, width = 0] = node.shape;
    if (
      stored.has(node) && isInlineable(node) && !rowMajor.has(node) && readsBlocks(node) &&
      height * width > 1
    ) {
      const inBlocks = blockChannels(updated);
      newStored.add(inBlocks);
      rewritten.set(node, unblockChannels(inBlocks, channels));
    } else {
      if (stored.has(node)) newStored.add(updated);
      rewritten.set(node, updated);
    }
  }
  return { roots: roots.map(rewrittenOf), stored: newStored };
}
