/**
 * Register tiles of convolutions: the number of results per invocation, the shared operands, and the rules by
 * which tiles are chosen.
 * @module
 */
import type { DeviceTraits, Kernel, Variant } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { subgroupSize } from "../workgroups.ts";
import { blocksPerGroup, copyToTexture } from "./texels.ts";

/** Results per invocation of the texel kernels, in blocks of four. */
interface TileSizes {
  /** Positions and outputs per invocation of a convolution. */
  readonly forward: { readonly p: number; readonly o: number };
  /** Outputs and channels per invocation of a weight's gradient. */
  readonly gradient: { readonly o: number; readonly c: number };
}

/**
 * Tiles by name. `narrow` fits into the registers of a GPU thread; `wide` is larger, for processors, which
 * keep the sums in cache. Invocations of a subgroup share one operand, so `subgroup` has more of that operand
 * and less of the other; its code must fit the processor's cache of decoded instructions.
 */
export const tiles = {
  narrow: { forward: { p: 3, o: 4 }, gradient: { o: 4, c: 2 } },
  wide: { forward: { p: 3, o: 8 }, gradient: { o: 4, c: 4 } },
  subgroup: { forward: { p: 2, o: 4 }, gradient: { o: 8, c: 1 } },
} as const satisfies Record<string, TileSizes>;

/** Name of a tile: a register tile, or "workgroup" for 64 × 64 results whose operands a workgroup shares. */
export type Tile = keyof typeof tiles | "workgroup";

/** Number of outputs from which large tiles are filled. */
const manyOutputs = 32;

/** Shader and constants of a tile, and its number of workgroups for a number of partial sums. */
export interface TileKernel extends Pick<Kernel, "wgsl" | "constants"> {
  /** Returns the number of workgroups. */
  readonly workgroups: (chunks: number) => number;
}

/** Stores an operand `[…, 4]` where kernels of a tile read it: in a buffer or in a texture. */
export function storeForTile(tile: Tile, x: Tensor): Tensor {
  return tile === "workgroup" ? x : copyToTexture(x);
}

/** Returns sizes as a shader gets them: shared shaders read them from a buffer on processors, others are constants. */
export function splitSizes(
  isShared: boolean,
  sizes: Readonly<Record<string, number>>,
  constants: Kernel["constants"],
): Pick<Kernel, "constants" | "sizes"> {
  return isShared ? { constants, sizes } : { constants: { ...sizes, ...constants } };
}

/** Names of the tiles, in the order in which rules are tried. */
export const tileNames = ["workgroup", "subgroup", "wide", "narrow"] as const satisfies readonly Tile[];

const needs = {
  workgroup: ["gpu"],
  subgroup: ["texels", "subgroups"],
  wide: ["texels", "processor"],
  narrow: ["texels"],
} as const satisfies Record<Tile, Variant["needs"]>;

/** Returns name and required features of a variant that uses a tile. */
export function tileTraits(algorithm: string, tile: Tile): Pick<Variant, "name" | "needs"> {
  return { name: tile === "narrow" ? algorithm : `${algorithm}-${tile}`, needs: needs[tile] };
}

/** Returns whether a tile is expected to be fastest for a number of outputs. */
export function tileWins(tile: Tile, outputs: number, { isCpu }: DeviceTraits): boolean {
  if (tile === "workgroup") return !isCpu;
  if (tile === "subgroup") return isCpu && outputs >= manyOutputs;
  return (tile === "wide") === (isCpu && outputs >= manyOutputs);
}

/** Returns whether a tile is expected to be fastest for the gradient of a weight. */
export function gradientTileWins(
  tile: Tile,
  { outputs, channels, taps }: { readonly outputs: number; readonly channels: number; readonly taps: number },
  device: DeviceTraits,
): boolean {
  // With fewer columns, some invocations of a subgroup would be idle.
  const isFilled = taps * Math.ceil(blocksPerGroup(channels) / tiles.subgroup.gradient.c) >= subgroupSize;
  return (tile !== "subgroup" || isFilled) && tileWins(tile, outputs, device);
}

/** Invocations per workgroup of the texel kernels. */
export const workgroupSize = 32;
