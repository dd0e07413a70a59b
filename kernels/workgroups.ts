/**
 * How a kernel with one invocation per element is dispatched. Shaders find their element by
 * `(workgroup.y * 32768 + workgroup.x) * 64 + local`.
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
