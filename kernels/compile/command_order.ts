/**
 * The order of commands: operands before their users, and a variable's new value after all who read the old one.
 * @module
 */
import { isVariable } from "../ops/leaf.ts";
import type { Tensor } from "../tensor.ts";

/** A command, as far as its place in the order depends on it. */
export interface Unit {
  /** Nodes that it computes. */
  readonly results: readonly Tensor[];
  /** Stored nodes and leaves that it reads. */
  readonly reads: readonly Tensor[];
  /** Stored nodes or variables that it writes. */
  readonly writes: readonly Tensor[];
}

/** An order, or the unit that has none: it overwrites a variable that is needed again afterwards. */
export type Order<U extends Unit> = { readonly order: readonly U[] } | { readonly impossible: U };

/**
 * Orders units. What a short chain of commands leads to comes first: what a gradient is computed from is then let go of
 * soon after it was made.
 */
export function ordered<U extends Unit>(units: readonly U[]): Order<U> {
  const needs = predecessors(units);
  const depths = depthsOf(units, needs);
  if ("impossible" in depths) return depths;
  const needed = new Set([...needs.values()].flatMap((others) => [...others]));
  const ends = units.filter((unit) => !needed.has(unit));
  const order = new Set<U>();
  for (const end of ends.sort((a, b) => depths.get(a)! - depths.get(b)!)) {
    const stack = [end];
    while (stack.length > 0) {
      const next = needs.get(stack.at(-1)!)!.find((other) => !order.has(other));
      if (next) stack.push(next);
      else order.add(stack.pop()!);
    }
  }
  return { order: [...order] };
}

/** The units that must come before each. */
function predecessors<U extends Unit>(units: readonly U[]): Map<U, readonly U[]> {
  const makers = new Map<Tensor, U>();
  const readers = new Map<Tensor, U[]>();
  for (const unit of units) {
    unit.results.forEach((result) => makers.set(result, unit));
    for (const read of new Set(unit.reads)) readers.set(read, [...readers.get(read) ?? [], unit]);
  }
  return new Map(units.map((unit) => {
    const makersOfReads = unit.reads.flatMap((read) => makers.get(read) ?? []);
    const formerReaders = unit.writes.filter(isVariable).flatMap((variable) => readers.get(variable) ?? []);
    const others = new Set([...makersOfReads, ...formerReaders]);
    others.delete(unit);
    return [unit, [...others]];
  }));
}

/** For each unit the length of the longest chain of others that it needs. */
function depthsOf<U extends Unit>(
  units: readonly U[],
  needs: ReadonlyMap<U, readonly U[]>,
): Map<U, number> | { readonly impossible: U } {
  const depths = new Map<U, number>();
  const path = new Set<U>();
  for (const unit of units) {
    const stack = [unit];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const others = needs.get(top)!;
      const missing = depths.has(top) ? [] : others.filter((other) => !depths.has(other));
      if (missing.length > 0) {
        path.add(top);
        const again = missing.find((other) => path.has(other));
        if (again) {
          const circle = [...path].slice([...path].indexOf(again));
          return { impossible: circle.find(({ writes }) => writes.some(isVariable))! };
        }
        stack.push(...missing);
        continue;
      }
      stack.pop();
      path.delete(top);
      depths.set(top, others.reduce((depth, other) => Math.max(depth, depths.get(other)! + 1), 0));
    }
  }
  return depths;
}
