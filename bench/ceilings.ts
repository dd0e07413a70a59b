/**
 * Peak speeds of an adapter from WGSL: multiply-adds, copies, dispatches, read-backs.
 * @module
 */
import type { Device } from "../kernels/mod.ts";
import { measureMilliseconds, median, sampleInTurn, type Sampling, type Work } from "./timing.ts";

/** Peak speeds of an adapter. */
export interface Ceilings {
  /** Peak of fused multiply-adds in registers, in GFLOP/s. */
  readonly gflops: number;
  /** Peak of bytes read and written by the faster of a copying kernel and a buffer copy, in GB/s. */
  readonly gbps: number;
  /** Peak of bytes read and written by a copying kernel, in GB/s. */
  readonly kernelGbps: number;
  /** Duration of a dispatch of an empty kernel within a pass of many, in microseconds. */
  readonly dispatchMicroseconds: number;
  /** Time from a submit to its result on the host, in milliseconds. */
  readonly readBackMilliseconds: number;
}

/** The fastest work of a kind, to be measured beside each case. */
export interface CeilingWork {
  readonly work: Work;
  /** Operations or bytes of one repetition. */
  readonly amount: number;
}

/** Peak speeds of an adapter, and the works that reach them. */
export interface MeasuredCeilings {
  readonly ceilings: Ceilings;
  readonly multiplyAdds: CeilingWork;
  readonly copies: CeilingWork;
  /** Frees the works' memory. */
  destroy(): void;
}

/** A work and its milliseconds. */
interface TimedWork {
  readonly work: Work;
  readonly milliseconds: number;
}

async function findFastest(device: Device, works: readonly Work[], sampling: Sampling): Promise<TimedWork> {
  const samples = await sampleInTurn(device, works, sampling);
  const timed = works.map((work, i) => ({ work, milliseconds: median(samples[i] ?? []) }));
  return timed.reduce((best, each) => each.milliseconds < best.milliseconds ? each : best);
}

const chains = 8, iterations = 1024, unrolled = 4;

/**
 * Kernel of eight independent chains of vec4 multiply-adds, which hide latency; unrolling reduces the loop's
 * overhead.
 */
const fmaWgsl = `
override WORKGROUP: u32;
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(1.0 + f32(id.x) * 1e-9);
${Array.from({ length: chains }, (_, i) => `  var c${i} = vec4f(${i + 1}.0);`).join("\n")}
  for (var i = 0u; i < ${iterations}u; i++) {
${
  Array.from({ length: chains * unrolled }, (_, i) => `    c${i % chains} = fma(c${i % chains}, a, a);`).join(
    "\n",
  )
}
  }
  let sum = ${Array.from({ length: chains }, (_, i) => `c${i}`).join(" + ")};
  if (sum.x == 0.123) { result[0] = sum.y + sum.z + sum.w; }
}`;

const copyWgsl = `
override WORKGROUP: u32;
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * 32768u + group.x) * WORKGROUP + local;
  if (i < arrayLength(&source)) { result[i] = source[i]; }
}`;

const emptyWgsl = `
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@compute @workgroup_size(1) fn main() { if (result[0] == 0.123) { result[0] = 0.0; } }`;

/** Creates work that dispatches a kernel over buffers in one pass. */
async function createKernelWork(
  device: Device,
  wgsl: string,
  constants: Record<string, number>,
  buffers: readonly GPUBuffer[],
  workgroups: readonly [number, number],
): Promise<Work> {
  const kinds = buffers.map((_, i) => i < buffers.length - 1 ? "read" as const : "write" as const);
  const pipeline = await device.pipelines.get(wgsl, constants, kinds);
  const bindGroup = device.gpu.createBindGroup({
    layout: device.pipelines.layout(kinds),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return (times) => {
    const encoder = device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...workgroups);
    pass.end();
    device.gpu.queue.submit([encoder.finish()]);
  };
}

function createBuffer(device: Device, bytes: number): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return device.gpu.createBuffer({ size: bytes, usage });
}

/** Returns multiply-adds in registers, in workgroups of the fastest size, and their number of operations. */
async function measureMultiplyAdds(device: Device, buffer: GPUBuffer, sampling: Sampling) {
  const invocations = device.isCpu ? 1024 : 1 << 20;
  const works: Work[] = [];
  for (const size of [8, 64, 256]) {
    const groups = invocations / size, rows = Math.ceil(groups / 32768); // a dimension must have fewer than 65 536 workgroups
    const workgroups = [groups / rows, rows] as const;
    works.push(await createKernelWork(device, fmaWgsl, { WORKGROUP: size }, [buffer], workgroups));
  }
  const fastest = await findFastest(device, works, sampling);
  return { ...fastest, amount: invocations * iterations * unrolled * chains * 8 };
}

/** Returns the fastest copy of a buffer and the fastest copying kernel, and the bytes that each moves. */
async function measureCopies(
  device: Device,
  [source, target]: readonly [GPUBuffer, GPUBuffer],
  sampling: Sampling,
) {
  const bytes = source.size;
  const copy: Work = (times) => {
    const encoder = device.gpu.createCommandEncoder();
    for (let i = 0; i < times; i++) encoder.copyBufferToBuffer(source, 0, target, 0, bytes);
    device.gpu.queue.submit([encoder.finish()]);
  };
  const kernels: Work[] = [];
  for (const size of [64, 256]) {
    const groups = Math.ceil(bytes / 16 / size);
    const workgroups = [Math.min(groups, 32768), Math.ceil(groups / 32768)] as const;
    kernels.push(await createKernelWork(device, copyWgsl, { WORKGROUP: size }, [source, target], workgroups));
  }
  const kernel = await findFastest(device, kernels, sampling);
  return { fastest: await findFastest(device, [copy, kernel.work], sampling), kernel, amount: 2 * bytes };
}

async function measureReadBack(device: Device): Promise<number> {
  const source = createBuffer(device, 16);
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.gpu.createBuffer({ size: 16, usage });
  const samples: number[] = [];
  for (let i = 0; i < 11; i++) {
    const start = performance.now();
    const encoder = device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, staging, 0, 16);
    device.gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    staging.unmap();
    samples.push(performance.now() - start);
  }
  source.destroy();
  staging.destroy();
  return median(samples);
}

/** Measures the peak speeds of a device. */
export async function measureCeilings(device: Device, sampling: Sampling): Promise<MeasuredCeilings> {
  const small = createBuffer(device, 16);
  const largeBytes = Math.min(device.largestBinding, 64 * 2 ** 20);
  const large = [createBuffer(device, largeBytes), createBuffer(device, largeBytes)] as const;
  const empty = await createKernelWork(device, emptyWgsl, {}, [small], [1, 1]);
  const multiplyAdds = await measureMultiplyAdds(device, small, sampling);
  const copies = await measureCopies(device, large, sampling);
  return {
    ceilings: {
      gflops: multiplyAdds.amount / multiplyAdds.milliseconds / 1e6,
      gbps: copies.amount / copies.fastest.milliseconds / 1e6,
      kernelGbps: copies.amount / copies.kernel.milliseconds / 1e6,
      dispatchMicroseconds: 1000 * await measureMilliseconds(device, empty, sampling),
      readBackMilliseconds: await measureReadBack(device),
    },
    multiplyAdds,
    copies: { work: copies.fastest.work, amount: copies.amount },
    destroy: () => [small, ...large].forEach((buffer) => buffer.destroy()),
  };
}
