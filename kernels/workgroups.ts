/**
 * Conventions shared by the compiler and the shaders: a kernel with one invocation per element computes
 * element `(workgroup.y * 32768 + workgroup.x) * 64 + local`, and texel `t` of an operand in a texture is at
 * `(t % 2048, t / 2048)`. Long sums are split into chunks, so that no invocation loops for long.
 * @module
 */

/** Invocations per workgroup of kernels with one invocation per element. */
export const linearWorkgroupSize = 64;

/** Invocations per subgroup that subgroup kernels are written for: 8, as in llvmpipe with 256-bit vectors. */
export const subgroupSize = 8;

/** Workgroups along x; further ones extend along y, as WebGPU allows 65 535 per dimension. */
export const workgroupsPerRow = 32_768;

/** Returns a dispatch of at least `groups` workgroups. */
export function workgroupRows(groups: number): readonly [number, number, number] {
  return [Math.min(groups, workgroupsPerRow), Math.ceil(groups / workgroupsPerRow), 1];
}

/** Returns a dispatch of at least `invocations` invocations. */
export function linearWorkgroups(invocations: number): readonly [number, number, number] {
  return workgroupRows(Math.ceil(invocations / linearWorkgroupSize));
}

/** Default number of texels per row of operands in textures. */
export const texelsPerRow = 2048;

/**
 * Returns the width of a texture with `rowTexels` texels per row, padded: with rows of 2ⁿ bytes, the rows of
 * a matrix would compete for a few lines of a processor's cache.
 */
export function textureWidth(rowTexels: number): number {
  return rowTexels + 4;
}

/**
 * Returns the height of a texture with `rows` rows: one more if the number is a power of two, for which Mesa
 * would compile all shaders that read the texture once more.
 */
export function textureHeight(rows: number): number {
  const padded = (rows & (rows - 1)) === 0 ? Math.max(rows, 2) + 1 : rows;
  return rows < mostTextureSize ? padded : rows;
}

/** Largest texture width and height that every WebGPU device supports. */
export const mostTextureSize = 8192;

/**
 * Loop iterations per invocation, over all loops including nested ones, after which llvmpipe in Mesa 22.3
 * silently stops looping and continues with the wrong sum.
 */
export const longestLoop = 65_535;

/** Loop iterations available to a long loop; the rest is reserved for the short loops around the long one. */
export const mostIterations = 0.75 * (longestLoop + 1);

/** Extent of the sum behind each result of a kernel: `rows` rows of `length` elements. */
export interface SumExtent {
  /** Number of rows. */
  readonly rows: number;
  /** Elements of a row. */
  readonly length: number;
  /** Loop iterations per element; 1 if absent. */
  readonly iterations?: number;
  /** Approximate elements per invocation; 16 384 if absent, as longer float32 sums lose precision. */
  readonly chunkElements?: number;
}

/** Split of a sum, as constants of the shader, which returns `[CHUNKS, …]` partial sums. */
export type Chunks = {
  /** Number of partial sums, each computed by one invocation. */
  readonly CHUNKS: number;
  /** Rows per partial sum. */
  readonly ROWS: number;
  /** Elements per row; longer rows are split into several. */
  readonly LENGTH: number;
};

/** Returns a single chunk with the whole sum. */
export function oneChunk({ rows, length }: SumExtent): Chunks {
  return { CHUNKS: 1, ROWS: rows, LENGTH: length };
}

/** Splits a sum so that each invocation takes at most `longest` loop iterations. */
export function chunksOf(extent: SumExtent, longest: number): Chunks {
  const { rows, length, iterations = 1, chunkElements = 16_384 } = extent;
  if (rows * length === 0) return oneChunk(extent);
  const segments = Math.ceil(length / Math.max(1, Math.min(Math.floor(longest / iterations), chunkElements)));
  const LENGTH = Math.ceil(length / segments);
  // The loop over the rows counts too.
  const ROWS = Math.max(1, Math.floor(Math.min(longest / (1 + LENGTH * iterations), chunkElements / LENGTH)));
  const CHUNKS = Math.ceil(rows * segments / ROWS);
  return { CHUNKS, ROWS: Math.ceil(rows * segments / CHUNKS), LENGTH };
}
