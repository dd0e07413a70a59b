/**
 * The register tiles of convolutions: how many results an invocation computes, who shares what, and when
 * each should win.
 * @module
 */
import type { DeviceTraits, Variant } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { subgroupSize } from "../workgroups.ts";
import { blocksPerGroup, texture } from "./texels.ts";

/** Which results an invocation of the texel kernels computes, in blocks of four. */
interface TileSizes {
  /** Of a convolution: positions and outputs. */
  readonly forward: { readonly p: number; readonly o: number };
  /** Of a weight's gradient: outputs and channels. */
  readonly gradient: { readonly o: number; readonly c: number };
}

/**
 * What fits into the registers of a GPU's thread, and more, for processors, which keep the sums in their cache anyway; with
 * subgroups, whose invocations share one operand, more of that and less of the other.
 */
export const tiles = {
  narrow: { forward: { p: 3, o: 4 }, gradient: { o: 4, c: 2 } },
  wide: { forward: { p: 3, o: 8 }, gradient: { o: 4, c: 4 } },
  subgroup: { forward: { p: 2, o: 8 }, gradient: { o: 8, c: 2 } },
} as const satisfies Record<string, TileSizes>;

/** Name of a tile: an invocation's own, or one of 64 × 64 results whose operands a workgroup shares. */
export type Tile = keyof typeof tiles | "workgroup";

/** An operand `[…, 4]` where kernels with a tile read it: in a buffer, or in a texture. */
export function operandOf(tile: Tile, x: Tensor): Tensor {
  return tile === "workgroup" ? x : texture(x);
}

/** Names of the tiles, the first that wins by rule first. */
export const tileNames = ["workgroup", "subgroup", "wide", "narrow"] as const satisfies readonly Tile[];

const needs = {
  workgroup: ["gpu"],
  subgroup: ["texels", "subgroups"],
  wide: ["texels", "processor"],
  narrow: ["texels"],
} as const satisfies Record<Tile, Variant["needs"]>;

/** What all variants with a tile have in common. */
export function tileTraits(algorithm: string, tile: Tile): Pick<Variant, "name" | "needs"> {
  return { name: tile === "narrow" ? algorithm : `${algorithm}-${tile}`, needs: needs[tile] };
}

/** Whether a tile should be expected to win, where there are so many outputs. */
export function tileWins(tile: Tile, outputs: number, { isCpu }: DeviceTraits): boolean {
  if (tile === "workgroup") return !isCpu;
  if (tile === "subgroup") return isCpu && outputs >= 4 * tiles.subgroup.forward.o;
  return (tile === "wide") === (isCpu && outputs >= 4 * tiles.wide.forward.o);
}

/** As {@linkcode tileWins}, of the gradient of a weight `[outputs, channels, …]` with so many `taps`. */
export function gradientTileWins(
  tile: Tile,
  { outputs, channels, taps }: { readonly outputs: number; readonly channels: number; readonly taps: number },
  device: DeviceTraits,
): boolean {
  // Fewer would leave invocations of a subgroup without anything to do.
  const isFilled = taps * Math.ceil(blocksPerGroup(channels) / tiles.subgroup.gradient.c) >= subgroupSize;
  return (tile !== "subgroup" || isFilled) && tileWins(tile, outputs, device);
}

/** Invocations per workgroup of the texel kernels. */
export const workgroup = 32;
