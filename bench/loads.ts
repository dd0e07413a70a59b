/**
 * `deno run -A bench/loads.ts`: CPU time of a load of a vector from a storage buffer and from a texture, which
 * decides if operands in textures pay off on an adapter that computes on the processor.
 * @module
 */
import process from "node:process";
import { Device } from "../kernels/mod.ts";

const vectors = 65_536, invocations = 8192, loads = 16, dispatches = 4, samples = 7;
const usage = { copyTarget: 0x8, storage: 0x80, textureCopyTarget: 0x2, storageTexture: 0x8 } as const;

/** Returns a shader whose invocations add up loads from different places. */
function shader(declaration: string, load: string): string {
  return `@group(0) @binding(0) ${declaration};
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3u) {
  var total = vec4f();
  for (var k = 0u; k < ${loads}u; k++) {
    let j = (id.x * 8u + k * 257u) & ${vectors - 1}u;
    total += ${load};
  }
  y[id.x] = total;
}`;
}

using device = await Device.request();
const { gpu } = device;
const buffer = gpu.createBuffer({ size: vectors * 16, usage: usage.storage | usage.copyTarget });
const result = gpu.createBuffer({ size: invocations * 16, usage: usage.storage });
const texture = gpu.createTexture({
  size: [2052, 33],
  format: "rgba32float",
  usage: usage.storageTexture | usage.textureCopyTarget,
});

/** Compiles a shader; returns a function that measures the CPU nanoseconds of a load by 8 lanes. */
async function createProbe(code: string, operand: GPUBindingResource): Promise<() => Promise<number>> {
  const module = gpu.createShaderModule({ code });
  const pipeline = await gpu.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const bindGroup = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: operand }, { binding: 1, resource: { buffer: result } }],
  });
  return async () => {
    const before = process.cpuUsage();
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(invocations / 32);
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    await device.finish();
    const { user, system } = process.cpuUsage(before);
    return (user + system) * 1000 / (dispatches * loads * invocations / 8);
  };
}

const probes = [
  await createProbe(shader("var<storage, read> x: array<vec4f>", "x[j]"), { buffer }),
  await createProbe(
    shader("var x: texture_storage_2d<rgba32float, read>", "textureLoad(x, vec2u(j & 2047u, j >> 11u))"),
    texture.createView(),
  ),
];
for (const probe of probes) await probe();
const best = probes.map(() => Infinity);
for (let sample = 0; sample < samples; sample++) {
  for (const [i, probe] of probes.entries()) best[i] = Math.min(best[i] ?? Infinity, await probe());
}
const [fromBuffer = NaN, fromTexture = NaN] = best;
console.log(
  `${device.name}: a load by 8 lanes takes ${fromBuffer.toFixed(0)} ns from a buffer, ` +
    `${fromTexture.toFixed(0)} from a texture, ratio ${(fromBuffer / fromTexture).toFixed(1)}`,
);
