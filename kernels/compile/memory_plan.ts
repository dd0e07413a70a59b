/**
 * Memory plan: assigns memory to every stored node, and reuses memory that is no longer needed.
 * @module
 */
import { rowTexelsOf } from "../ops/texels.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { bufferBytes } from "../variable_memory.ts";
import { textureHeight, textureWidth } from "../workgroups.ts";
import { aliasOf, topologicalOrder } from "./fuse.ts";
import { storedBytes } from "./half.ts";

/** Piece of device memory, allocated once and used by several nodes in turn. */
export interface Slot {
  /** Texels per row of an rgba32float texture; absent for a storage buffer. */
  readonly rowTexels?: number;
  /** Size in bytes; for a texture a whole number of rows. */
  readonly bytes: number;
}

/** Assignment of stored nodes to slots. */
export interface MemoryPlan {
  /** Memory to allocate. */
  readonly slots: readonly Slot[];
  /** Slot of each stored node. */
  readonly slotOf: ReadonlyMap<Tensor, Slot>;
  /** Peak of the bytes in use at the same time: no plan can take less. */
  readonly lowerBound: number;
}

/** Returns the bytes of the largest tensor between a leaf and results, in the graph before compilation. */
export function largestTensor(leaf: Tensor, results: readonly Tensor[]): number {
  const dependent = new Set([leaf]);
  for (const node of topologicalOrder(results)) {
    if (node.inputs.some((input) => dependent.has(input))) dependent.add(node);
  }
  return Math.max(...[...dependent].map(({ shape }) => bufferBytes(sizeOf(shape))));
}

/** Returns the memory that a node needs. */
function demandOf(node: Tensor): Slot {
  const rowTexels = rowTexelsOf(node);
  if (rowTexels === undefined) return { bytes: storedBytes(node) };
  const rows = Math.max(1, Math.ceil(sizeOf(node.shape) / 4 / rowTexels));
  return { rowTexels, bytes: textureHeight(rows) * textureWidth(rowTexels) * 16 };
}

/** Memory and the intervals in which it is in use. */
interface SharedSlot extends Slot {
  readonly uses: { readonly first: number; readonly last: number }[];
}

/**
 * Plans memory for the nodes that commands compute, largest node first: each gets the smallest slot that is
 * free during the node's lifetime (Pisarchyk & Lee 2020, greedy by size for shared objects).
 * @param schedule Nodes that each command computes and reads, in order.
 * @param persistent Nodes whose values are needed after the last command.
 */
export function planMemory(
  schedule: readonly { readonly results: readonly Tensor[]; readonly reads: readonly Tensor[] }[],
  persistent: ReadonlySet<Tensor>,
): MemoryPlan {
  const lastUse = new Map<Tensor, number>();
  schedule.forEach(({ results, reads }, time) => {
    for (const node of [...results, ...reads.map(aliasOf)]) lastUse.set(node, time);
  });
  for (const node of persistent) lastUse.set(node, Infinity);
  const demands = schedule.flatMap(({ results }, first) =>
    results.map((node) => ({ node, demand: demandOf(node), first, last: lastUse.get(node)! }))
  );
  const slots: SharedSlot[] = [];
  const slotOf = new Map<Tensor, Slot>();
  for (const { node, demand, first, last } of demands.toSorted((a, b) => b.demand.bytes - a.demand.bytes)) {
    const free = slots.filter(({ rowTexels, uses }) =>
      rowTexels === demand.rowTexels && uses.every((use) => use.last < first || use.first > last)
    );
    // Every free slot is large enough, as slots were created for larger nodes.
    let slot = free.reduce<SharedSlot | undefined>(
      (best, each) => best && best.bytes <= each.bytes ? best : each,
      undefined,
    );
    if (!slot) slots.push(slot = { ...demand, uses: [] });
    slot.uses.push({ first, last });
    slotOf.set(node, slot);
  }
  return { slots, slotOf, lowerBound: peakBytes(demands) };
}

/** Returns the peak of the bytes in use at the same time. */
function peakBytes(
  demands: readonly { readonly demand: Slot; readonly first: number; readonly last: number }[],
): number {
  const ending = new Map<number, number>();
  let live = 0, most = 0, done = 0;
  for (const { demand: { bytes }, first, last } of demands) {
    for (; done < first; done++) live -= ending.get(done) ?? 0;
    live += bytes;
    most = Math.max(most, live);
    ending.set(last, (ending.get(last) ?? 0) + bytes);
  }
  return most;
}
