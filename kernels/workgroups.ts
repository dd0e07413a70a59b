/**
 * Conventions that the compiler and the shaders share: a kernel with one invocation per element finds its
 * element at `(workgroup.y * 32768 + workgroup.x) * 64 + local`, and texel `t` of a texture that holds an
 * operand is at `(t % 2048, t / 2048)`. No invocation loops for long: sums are split into chunks.
 * @module
 */

/** Invocations per workgroup of such kernels. */
export const linearWorkgroupSize = 64;

/** Invocations of the subgroups that kernels with subgroups are written for: those of llvmpipe with vectors of 256 bits. */
export const subgroupSize = 8;

/** Workgroups along x; WebGPU allows 65 535 per dimension, so more go to y. */
export const workgroupsPerRow = 32_768;

/** The dispatch that gives at least `groups` workgroups. */
export function workgroupRows(groups: number): readonly [number, number, number] {
  return [Math.min(groups, workgroupsPerRow), Math.ceil(groups / workgroupsPerRow), 1];
}

/** The dispatch that gives at least `invocations`. */
export function linearWorkgroups(invocations: number): readonly [number, number, number] {
  return workgroupRows(Math.ceil(invocations / linearWorkgroupSize));
}

/** Texels per row of textures that hold operands, where they are not asked to have their own rows. */
export const texelsPerRow = 2048;

/**
 * Width of a texture with so many texels per row. Rows of a power of two of bytes would put what lies a power of two
 * apart, as rows of matrices do, in the same few lines of a processor's cache.
 */
export function textureWidth(rowTexels: number): number {
  return rowTexels + 4;
}

/** Largest width and height of a texture that every WebGPU device can make. */
export const mostTextureSize = 8192;

/**
 * Loop iterations of one invocation, all of its loops together and inner ones too, at which llvmpipe of Mesa 22.3 stops
 * and goes on with the wrong sum, silently.
 */
export const longestLoop = 65_535;

/** Loop iterations that a long loop may take: the rest is for short loops before and after it. */
export const mostIterations = 0.75 * (longestLoop + 1);

/** The sum that each result of a kernel is: over `rows` of `length` elements. */
export interface SumExtent {
  /** Number of rows. */
  readonly rows: number;
  /** Elements of a row. */
  readonly length: number;
  /** Loop iterations that an element takes; 1 where absent. */
  readonly iterations?: number;
  /** Elements that one invocation should add up, about; 16 384 where absent, as float32 sums of more lose digits. */
  readonly wanted?: number;
}

/** How such a sum is split: constants of the shader, which gives `[CHUNKS, …]` partial sums. */
export type Chunks = {
  /** Partial sums, one invocation each. */
  readonly CHUNKS: number;
  /** Rows per partial sum. */
  readonly ROWS: number;
  /** Elements per row; a longer row counts as several. */
  readonly LENGTH: number;
};

/** The whole sum as one chunk. */
export function oneChunk({ rows, length }: SumExtent): Chunks {
  return { CHUNKS: 1, ROWS: rows, LENGTH: length };
}

/** Splits a sum so that no invocation takes more than `longest` loop iterations. */
export function chunksOf(extent: SumExtent, longest: number): Chunks {
  const { rows, length, iterations = 1, wanted = 16_384 } = extent;
  if (rows * length === 0) return oneChunk(extent);
  const segments = Math.ceil(length / Math.max(1, Math.min(Math.floor(longest / iterations), wanted)));
  const LENGTH = Math.ceil(length / segments);
  // The loop over the rows counts too.
  const ROWS = Math.max(1, Math.floor(Math.min(longest / (1 + LENGTH * iterations), wanted / LENGTH)));
  const CHUNKS = Math.ceil(rows * segments / ROWS);
  return { CHUNKS, ROWS: Math.ceil(rows * segments / CHUNKS), LENGTH };
}
