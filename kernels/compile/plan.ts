/**
 * Fourth pass of compilation: gives every stored node memory, and memory that is no longer needed to the next
 * node that fits.
 * @module
 */
import { bufferBytes } from "../device.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { texelsPerRow } from "../workgroups.ts";
import { aliasOf } from "./fuse.ts";

/** A piece of device memory to be made once and used by several nodes in turn. */
export interface Slot {
  /** Storage buffer or rgba32float texture. */
  readonly kind: "buffer" | "texels";
  /** Bytes; for a texture a whole number of rows. */
  bytes: number;
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

/** Bytes and kind of memory that a node needs. */
function demandOf(node: Tensor): Slot {
  const elements = sizeOf(node.shape);
  if (node.op.kind === "texels") {
    return { kind: "texels", bytes: Math.max(1, Math.ceil(elements / 4 / texelsPerRow)) * texelsPerRow * 16 };
  }
  return { kind: "buffer", bytes: bufferBytes(elements) };
}

/**
 * Plans memory for nodes that are computed in the order given.
 * @param schedule Stored nodes in the order they are computed.
 * @param readsOf Stored tensors that each reads.
 * @param lasting Nodes that must still be there at the end.
 */
export function planMemory(
  schedule: readonly Tensor[],
  readsOf: (node: Tensor) => readonly Tensor[],
  lasting: ReadonlySet<Tensor>,
): MemoryPlan {
  const lastUse = new Map<Tensor, number>();
  schedule.forEach((node, time) => {
    lastUse.set(node, time);
    for (const read of readsOf(node)) lastUse.set(aliasOf(read), time);
  });
  for (const node of lasting) lastUse.set(node, Infinity);

  const slots: Slot[] = [];
  const slotOf = new Map<Tensor, Slot>();
  const free: Slot[] = [];
  const demands = new Map(schedule.map((node) => [node, demandOf(node)]));
  let live = 0, lowerBound = 0;
  const expiring = new Map<number, Tensor[]>();
  for (const node of schedule) {
    const time = lastUse.get(node)!;
    expiring.set(time, [...expiring.get(time) ?? [], node]);
  }
  schedule.forEach((node, time) => {
    const demand = demands.get(node)!;
    slotOf.set(node, takeSlot(demand, free, slots));
    live += demand.bytes;
    lowerBound = Math.max(lowerBound, live);
    for (const expired of expiring.get(time) ?? []) {
      free.push(slotOf.get(expired)!);
      live -= demands.get(expired)!.bytes;
    }
  });
  return { slots, slotOf, lowerBound };
}

/** The free slot that wastes least; a too small one grows rather than that another is made. */
function takeSlot(demand: Slot, free: Slot[], slots: Slot[]): Slot {
  const candidates = free.filter(({ kind }) => kind === demand.kind);
  const large = candidates.filter(({ bytes }) => bytes >= demand.bytes).sort((a, b) => a.bytes - b.bytes)[0];
  const small = candidates.filter(({ bytes }) => bytes < demand.bytes).sort((a, b) => b.bytes - a.bytes)[0];
  const chosen = large ?? small;
  if (!chosen) {
    const slot = { ...demand };
    slots.push(slot);
    return slot;
  }
  free.splice(free.indexOf(chosen), 1);
  chosen.bytes = Math.max(chosen.bytes, demand.bytes);
  return chosen;
}
