/**
 * Gives every stored node memory, and memory that is no longer needed to the next
 * node that fits.
 * @module
 */
import { rowTexelsOf } from "../ops/texels.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { bufferBytes } from "../variable_memory.ts";
import { textureWidth } from "../workgroups.ts";
import { aliasOf, topologicalOrder } from "./fuse.ts";

/** A piece of device memory to be made once and used by several nodes in turn. */
export interface Slot {
  /** Texels per row of an rgba32float texture; none of a storage buffer. */
  readonly rowTexels?: number;
  /** Bytes; for a texture a whole number of rows. */
  readonly bytes: number;
}

/** Where each stored node lives. */
export interface MemoryPlan {
  /** Memory to make. */
  readonly slots: readonly Slot[];
  /** The slot of each stored node. */
  readonly slotOf: ReadonlyMap<Tensor, Slot>;
  /** Most bytes that are in use at the same time: no plan can take less. */
  readonly lowerBound: number;
}

/** Bytes of the largest tensor on the way from a leaf to results, as far as the graph names it. */
export function largestTensor(leaf: Tensor, results: readonly Tensor[]): number {
  const onTheWay = new Set([leaf]);
  for (const node of topologicalOrder(results)) {
    if (node.inputs.some((input) => onTheWay.has(input))) onTheWay.add(node);
  }
  return Math.max(...[...onTheWay].map(({ shape }) => bufferBytes(sizeOf(shape))));
}

/** The memory that a node needs. */
function demandOf(node: Tensor): Slot {
  const elements = sizeOf(node.shape);
  const rowTexels = rowTexelsOf(node);
  if (rowTexels === undefined) return { bytes: bufferBytes(elements) };
  const rows = Math.max(1, Math.ceil(elements / 4 / rowTexels));
  return { rowTexels, bytes: rows * textureWidth(rowTexels) * 16 };
}

/** Memory and the times at which it is in use. */
interface SharedSlot extends Slot {
  readonly uses: { readonly first: number; readonly last: number }[];
}

/**
 * Plans memory for the nodes that commands compute one after the other: the largest first, each in the slot that
 * wastes least of those which are free as long as it is needed (Pisarchyk & Lee 2020, greedy by size for shared objects).
 * @param schedule What the commands compute and read, in order.
 * @param lasting Nodes that must still be there at the end.
 */
export function planMemory(
  schedule: readonly { readonly results: readonly Tensor[]; readonly reads: readonly Tensor[] }[],
  lasting: ReadonlySet<Tensor>,
): MemoryPlan {
  const lastUse = new Map<Tensor, number>();
  schedule.forEach(({ results, reads }, time) => {
    for (const node of [...results, ...reads.map(aliasOf)]) lastUse.set(node, time);
  });
  for (const node of lasting) lastUse.set(node, Infinity);
  const demands = schedule.flatMap(({ results }, first) =>
    results.map((node) => ({ node, demand: demandOf(node), first, last: lastUse.get(node)! }))
  );
  const slots: SharedSlot[] = [];
  const slotOf = new Map<Tensor, Slot>();
  for (const { node, demand, first, last } of demands.toSorted((a, b) => b.demand.bytes - a.demand.bytes)) {
    const free = slots.filter(({ rowTexels, uses }) =>
      rowTexels === demand.rowTexels && uses.every((use) => use.last < first || use.first > last)
    );
    // Slots were made for larger nodes, so that all fit.
    let slot = free.reduce<SharedSlot | undefined>(
      (best, each) => best && best.bytes <= each.bytes ? best : each,
      undefined,
    );
    if (!slot) slots.push(slot = { ...demand, uses: [] });
    slot.uses.push({ first, last });
    slotOf.set(node, slot);
  }
  return { slots, slotOf, lowerBound: mostLive(demands) };
}

/** Most bytes that are in use at the same time. */
function mostLive(
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
