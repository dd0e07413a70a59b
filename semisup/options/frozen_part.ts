/**
 * Values of option `freeze`.
 * @module
 */
import type { FrozenPart } from "../../nn/mod.ts";

/** Returns the part of a network that a value of option `freeze` names; undefined if it names none. */
export function frozenPartOf(freeze: string): FrozenPart | undefined {
  if (freeze === "features") return freeze;
  return /^[1-9]\d*$/.test(freeze) ? Number(freeze) : undefined;
}
