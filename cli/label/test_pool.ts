/**
 * The pictures that measure the error: a fifth of all, drawn by their names.
 *
 * Pictures that the network is unsure of would overestimate the error, and pictures that were trained with, or whose
 * weights a run starts from, underestimate it. A picture is therefore in the pool or not from the start on, and the
 * labels of the pool are never trained with.
 * @module
 */
import { createHash } from "node:crypto";

/** Share of the pictures in the pool. */
const share = 1 / 5;

/** Smallest number of test labels with which an error is measured. */
export const enoughTests = 5;

/** Returns a number from 0 to 1 that is determined by a picture's name. */
export function placeOf(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE(0) / 2 ** 32;
}

/** Returns whether a picture is in the pool. */
export function isInTestPool(name: string): boolean {
  return placeOf(name) < share;
}

/** Returns names in an order that looks random, but is always the same. */
export function shuffle(names: readonly string[]): string[] {
  const places = new Map(names.map((name) => [name, placeOf(name)]));
  return [...names].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
