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
  depth: number | undefined;
}

/**
 * Orders units. What a short chain of commands leads to comes first: what a gradient is computed from is then let go of
 * soon after it was made.
 */
export function ordered<U extends Unit>(units: readonly U[]): Order<U> {
  const places = placesOf(units);
  const endless = places.find(({ depth }) => depth === undefined);
  if (endless) return { impossible: overwriterIn(endless) };
  const needed = new Set(places.flatMap(({ needs }) => needs));
  const ends = places.filter((place) => !needed.has(place));
  const order = new Set<Place<U>>();
  for (const end of ends.sort(({ depth: a = 0 }, { depth: b = 0 }) => a - b)) {
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

/** For each unit the length of the longest chain of others that it needs; none where there is a circle in the chain. */
export function depthsOf(units: readonly Unit[]): (number | undefined)[] {
  return placesOf(units).map(({ depth }) => depth);
}

function placesOf<U extends Unit>(units: readonly U[]): Place<U>[] {
  const places = units.map((unit): Place<U> => ({ unit, needs: [], depth: undefined }));
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
  for (let depth = 0, rest = places, ready = places; ready.length > 0; depth++) {
    ready = rest.filter(({ needs }) => needs.every((other) => other.depth !== undefined));
    for (const place of ready) place.depth = depth;
    rest = rest.filter((place) => place.depth === undefined);
  }
  return places;
}

/** A unit that overwrites a variable, of the circle that a unit without depth leads to. */
function overwriterIn<U extends Unit>(start: Place<U>): U {
  const path = new Set<Place<U>>();
  let place = start;
  for (; !path.has(place); place = place.needs.find(({ depth }) => depth === undefined)!) path.add(place);
  const circle = [...path].slice([...path].indexOf(place));
  return circle.find(({ unit }) => unit.writes.some(isVariable))!.unit;
}
