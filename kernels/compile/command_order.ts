/**
 * Order of commands: operands before their users, and a variable's new value after all readers of the old
 * one.
 * @module
 */
import { isVariable } from "../ops/leaf.ts";
import type { Tensor } from "../tensor.ts";

/** Dependencies of a command. */
export interface Unit {
  /** Nodes that the command computes. */
  readonly results: readonly Tensor[];
  /** Stored nodes and leaves that the command reads. */
  readonly reads: readonly Tensor[];
  /** Stored nodes or variables that the command writes. */
  readonly writes: readonly Tensor[];
}

/** Valid order of units or, if none exists, a unit that overwrites a variable which is still needed. */
export type Order<U extends Unit> = { readonly order: readonly U[] } | { readonly overwriter: U };

/** Unit and the places that must come before. */
interface Place<U extends Unit> {
  readonly unit: U;
  readonly needs: Place<U>[];
  depth: number | undefined;
}

/**
 * Sorts units so that the ends of short dependency chains come first: operands of a gradient are then freed
 * soon after the gradient is computed.
 */
export function sortUnits<U extends Unit>(units: readonly U[]): Order<U> {
  const places = buildPlaces(units);
  const cyclic = places.find(({ depth }) => depth === undefined);
  if (cyclic) return { overwriter: findOverwriter(cyclic) };
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

/**
 * Sorts units that are in a valid order by rounds: each round ends with all exchanges that need no other exchange of
 * the same round or of a later one, so that as few rounds as possible suffice.
 * @param orderOf Returns the place of an exchange among those of its round; undefined for other units.
 */
export function sortByRounds<U extends Unit>(
  units: readonly U[],
  orderOf: (unit: U) => number | undefined,
): readonly U[] {
  const rounds = new Map<Place<U>, number>();
  const places = buildPlaces(units).map((place) => {
    const round = Math.max(
      0,
      ...place.needs.map((other) => (rounds.get(other) ?? 0) + (orderOf(other.unit) === undefined ? 0 : 1)),
    );
    rounds.set(place, round);
    return { unit: place.unit, round, order: orderOf(place.unit) ?? -1 };
  });
  return places.sort((a, b) => a.round - b.round || a.order - b.order).map(({ unit }) => unit);
}

/** Returns the length of the longest dependency chain of each unit; undefined if the chain has a cycle. */
export function measureDepths(units: readonly Unit[]): (number | undefined)[] {
  return buildPlaces(units).map(({ depth }) => depth);
}

function buildPlaces<U extends Unit>(units: readonly U[]): Place<U>[] {
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
    const dependencies = new Set([...makersOfReads, ...formerReaders]);
    dependencies.delete(place);
    place.needs.push(...dependencies);
  }
  for (let depth = 0, rest = places, ready = places; ready.length > 0; depth++) {
    ready = rest.filter(({ needs }) => needs.every((other) => other.depth !== undefined));
    for (const place of ready) place.depth = depth;
    rest = rest.filter((place) => place.depth === undefined);
  }
  return places;
}

/** Returns a unit that overwrites a variable, from the dependency cycle behind a unit without depth. */
function findOverwriter<U extends Unit>(start: Place<U>): U {
  const path = new Set<Place<U>>();
  let place = start;
  for (; !path.has(place); place = place.needs.find(({ depth }) => depth === undefined)!) path.add(place);
  const cycle = [...path].slice([...path].indexOf(place));
  return cycle.find(({ unit }) => unit.writes.some(isVariable))!.unit;
}
