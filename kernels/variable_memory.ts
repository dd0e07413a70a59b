/**
 * Transfer of variables between the host and the GPU.
 * @module
 */
import { GpuMemoryError } from "./errors.ts";
import type { Variable } from "./ops/leaf.ts";
import { type HostArray, hostArray, sizeOf } from "./tensor.ts";
import { bufferUsage, kernelBufferUsage, mapMode } from "./usage.ts";

/** Returns the bytes of a storage buffer for 4-byte elements; at least 16, the shortest binding. */
export function bufferBytes(elements: number): number {
  return Math.max(16, elements * 4);
}

/**
 * Creates a buffer with a variable's initial value.
 * @throws {GpuMemoryError} if memory runs out.
 */
export function createVariableBuffer(
  { gpu, name: deviceName }: { readonly gpu: GPUDevice; readonly name: string },
  { name, shape, initial }: Variable,
): GPUBuffer {
  const buffer = gpu.createBuffer({
    label: name,
    size: bufferBytes(sizeOf(shape)),
    usage: kernelBufferUsage | bufferUsage.COPY_DST,
    mappedAtCreation: initial.length > 0, // writeBuffer would copy the value once more
  });
  if (initial.length === 0) return buffer;
  const { byteLength } = initial;
  try {
    new Uint8Array(buffer.getMappedRange()).set(
      new Uint8Array(initial.buffer, initial.byteOffset, byteLength),
    );
  } catch (cause) {
    buffer.destroy();
    const size = Math.ceil(byteLength / 2 ** 20), reason = cause instanceof Error ? cause.message : cause;
    throw new GpuMemoryError(
      `Cannot allocate variable ${name} (${size} MiB) on ${deviceName}: ${reason}`,
      { cause },
    );
  }
  buffer.unmap();
  gpu.queue.submit([]); // frees the mapped memory soon
  return buffer;
}

/** Copies the values of variables to the host, all in one transfer. */
export async function readVariables(
  gpu: GPUDevice,
  variables: readonly Variable[],
  bufferOf: (variable: Variable) => GPUBuffer,
): Promise<HostArray[]> {
  let total = 0;
  const parts = variables.map((variable) => {
    const start = total;
    return { variable, start, end: total += sizeOf(variable.shape) * 4 };
  });
  const usage = bufferUsage.MAP_READ | bufferUsage.COPY_DST;
  const staging = gpu.createBuffer({ size: Math.max(4, total), usage });
  try {
    const encoder = gpu.createCommandEncoder();
    for (const { variable, start, end } of parts) {
      if (end > start) encoder.copyBufferToBuffer(bufferOf(variable), 0, staging, start, end - start);
    }
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapMode.READ);
    const bytes = staging.getMappedRange();
    return parts.map(({ variable, start, end }) => hostArray(variable.dtype, bytes.slice(start, end)));
  } finally {
    staging.destroy();
  }
}
