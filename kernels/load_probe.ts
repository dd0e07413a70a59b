/**
 * A measurement of loads from buffers and from textures, which cost the same on some processors and ten times as
 * much from buffers on others, depending on the driver and its version.
 * @module
 */
import probeWgsl from "./load_probe.wgsl" with { type: "text" };
import bufferWgsl from "./ops/block_buffer.wgsl" with { type: "text" };
import texelsWgsl from "./ops/block_texels.wgsl" with { type: "text" };
import { type BindingKind, Pipelines } from "./pipelines.ts";
import { bufferUsage, textureUsage } from "./usage.ts";

/** Time of a load of a vector relative to one from a texture, from which copies into textures pay off. */
const worthwhileRatio = 1.5;
/** Vectors of the operand, as in the shader. */
const vectors = 65_536;
/** Loads per invocation, and invocations of the only workgroup: more would run on several cores. */
const loads = 4096, invocations = 32;
const dispatches = 16, samples = 3;
/** Ratio that noise does not cause: then one sample is enough. */
const clearRatio = 4;

/** Times of the same loads, in milliseconds. */
export interface LoadTimes {
  /** From a storage buffer. */
  readonly buffer: number;
  /** From a storage texture. */
  readonly texture: number;
}

/** Times of loads that were measured earlier, by adapter and driver. A `Map` with promises as results. */
export interface KnownLoads {
  /** Returns the times of an adapter; undefined if it was not measured. */
  get(adapter: string): Promise<LoadTimes | undefined>;
  /** Stores the times of an adapter. */
  set(adapter: string, times: LoadTimes): Promise<void>;
}

/** Returns whether operands in textures pay off, copies included. */
export function favourTextures({ buffer, texture }: LoadTimes): boolean {
  return buffer >= worthwhileRatio * texture;
}

/**
 * Measures loads on a device that can read storage textures: the fastest of up to three samples each, in turn, less
 * the time of an empty dispatch. Takes 0.1 to 0.5 s.
 */
export async function measureLoads(gpu: GPUDevice): Promise<LoadTimes> {
  const pipelines = new Pipelines(gpu);
  const result = gpu.createBuffer({ size: invocations * 16, usage: bufferUsage.STORAGE });
  const operand = gpu.createBuffer({ size: vectors * 16, usage: bufferUsage.STORAGE });
  const texture = gpu.createTexture({
    size: [2048, vectors / 2048],
    format: "rgba32float",
    usage: textureUsage.STORAGE_BINDING,
  });
  try {
    const createTimer = async (kind: BindingKind, loadWgsl: string, resource: GPUBindingResource) => {
      const bindings: readonly BindingKind[] = [kind, "write"];
      const pipeline = await pipelines.get(probeWgsl + loadWgsl, { LOADS: loads }, bindings);
      const layout = pipelines.layout(bindings);
      const entries = [{ binding: 0, resource }, { binding: 1, resource: { buffer: result } }];
      const bindGroup = gpu.createBindGroup({ layout, entries });
      return (workgroups: number) => timeKernel(gpu, pipeline, bindGroup, workgroups);
    };
    const timeBuffer = await createTimer("read", bufferWgsl, { buffer: operand });
    const timeTexture = await createTimer("texels", texelsWgsl, texture.createView());
    // The driver compiles at the first dispatch.
    await timeBuffer(1);
    await timeTexture(1);
    const best = { nothing: Infinity, buffer: Infinity, texture: Infinity };
    for (let sample = 0; sample < samples; sample++) {
      best.nothing = Math.min(best.nothing, await timeTexture(0));
      best.buffer = Math.min(best.buffer, await timeBuffer(1));
      best.texture = Math.min(best.texture, await timeTexture(1));
      if (best.buffer - best.nothing > clearRatio * (best.texture - best.nothing)) break;
    }
    return { buffer: best.buffer - best.nothing, texture: Math.max(0, best.texture - best.nothing) };
  } finally {
    result.destroy();
    operand.destroy();
    texture.destroy();
  }
}

/** Returns the milliseconds of some dispatches, from submitting them to the report that they are done. */
async function timeKernel(
  gpu: GPUDevice,
  pipeline: GPUComputePipeline,
  bindGroup: GPUBindGroup,
  workgroups: number,
): Promise<number> {
  const start = performance.now();
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(workgroups);
  pass.end();
  gpu.queue.submit([encoder.finish()]);
  await gpu.queue.onSubmittedWorkDone();
  return performance.now() - start;
}
