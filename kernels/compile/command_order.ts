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

/** A unit, and what must come before it. */
interface Place<U extends Unit> {
  readonly unit: U;
  readonly needs: Place<U>[];
  /** Length of the longest chain of others that it needs; −1 where it is not known yet. */
  depth: number;
}

/**
 * Orders units. What a short chain of commands leads to comes first: what a gradient is computed from is then let go of
 * soon after it was made.
 */
export function ordered<U extends Unit>(units: readonly U[]): Order<U> {
  const places = placesOf(units);
  const impossible = findDepths(places);
  if (impossible) return { impossible };
  const needed = new Set(places.flatMap(({ needs }) => needs));
  const order = new Set<Place<U>>();
  for (const end of places.filter((place) => !needed.has(place)).sort((a, b) => a.depth - b.depth)) {
    const stack = [end];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.needs.find((other) => !order.has(other));
      if (next) stack.push(next);
      else {
        order.add(top);
        stack.pop();
      }
    }
  }
  return { order: [...order].map(({ unit }) => unit) };
}

/** Units and those that must come before each. */
function placesOf<U extends Unit>(units: readonly U[]): Place<U>[] {
  const places = units.map((unit): Place<U> => ({ unit, needs: [], depth: -1 }));
  const makers = new Map<Tensor, Place<U>>();
  const readers = new Map<Tensor, Place<U>[]>();
  for (const place of places) {
    place.unit.results.forEach((result) => makers.set(result, place));
    for (const read of new Set(place.unit.reads)) readers.set(read, [...readers.get(read) ?? [], place]);
  }
  for (const place of places) {
    const makersOfReads = place.unit.reads.flatMap((read) => makers.get(read) ?? []);
    const formerReaders = place.unit.writes.filter(isVariable).flatMap((each) => readers.get(each) ?? []);
    const others = new Set([...makersOfReads, ...formerReaders]);
    others.delete(place);
    place.needs.push(...others);
  }
  return places;
}

/** Finds the depth of each unit. @returns a unit that has none, if there is one. */
function findDepths<U extends Unit>(places: readonly Place<U>[]): U | undefined {
  const path = new Set<Place<U>>();
  for (const place of places) {
    const stack = [place];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const missing = top.depth < 0 ? top.needs.filter(({ depth }) => depth < 0) : [];
      if (missing.length > 0) {
        path.add(top);
        const again = missing.find((other) => path.has(other));
        if (again) {
          const circle = [...path].slice([...path].indexOf(again));
          return circle.find(({ unit }) => unit.writes.some(isVariable))?.unit;
        }
        stack.push(...missing);
        continue;
      }
      stack.pop();
      path.delete(top);
      top.depth = Math.max(0, ...top.needs.map(({ depth }) => depth + 1));
    }
  }
  return undefined;
}
