/**
 * Conventions that the compiler and the shaders share: a kernel with one invocation per element finds its
 * element at `(workgroup.y * 32768 + workgroup.x) * 64 + local`, and texel `t` of a texture that holds an
 * operand is at `(t % 2048, t / 2048)`.
 * @module
 */

/** Invocations per workgroup of such kernels. */
export const linearWorkgroupSize = 64;

/** Workgroups along x; WebGPU allows 65 535 per dimension, so more go to y. */
export const workgroupsPerRow = 32_768;

/** The dispatch that gives at least `invocations`. */
export function linearWorkgroups(invocations: number): readonly [number, number, number] {
  const groups = Math.ceil(invocations / linearWorkgroupSize);
  return [Math.min(groups, workgroupsPerRow), Math.ceil(groups / workgroupsPerRow), 1];
}

/** Texels per row of textures that hold operands. */
export const texelsPerRow = 2048;
