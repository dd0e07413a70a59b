/**
 * Request for a GPU, with all its limits and features.
 * @module
 */
import { GpuUnavailableError } from "./errors.ts";
import type { KnownLoads } from "./load_probe.ts";

/** Implementation of WebGPU: `navigator.gpu`, or an object with the same methods, such as Dawn's for Node. */
export interface WebGpu {
  /** Returns an adapter, or null if there is none. */
  requestAdapter(options?: GPURequestAdapterOptions): Promise<GPUAdapter | null>;
  /** Features of the shading language; older browsers lack the property. */
  readonly wgslLanguageFeatures?: { has(feature: string): boolean };
}

/** Options of {@linkcode Device.request}. */
export interface DeviceOptions {
  /** Implementation of WebGPU; `navigator.gpu` if absent. */
  readonly gpu?: WebGpu;
  /** Measurements of processors, instead of repeating them at each start; each device is measured if absent. */
  readonly knownLoads?: KnownLoads;
}

/** Device and description of its adapter. */
export interface RequestedGpu {
  /** Device with the limits of its adapter. */
  readonly gpu: GPUDevice;
  /** Description of the adapter. */
  readonly info: GPUAdapterInfo;
  /** Name of the adapter, such as "NVIDIA H100 PCIe"; with "OpenGL" if that is used instead of a modern interface. */
  readonly name: string;
  /**
   * Digest of the adapter's limits and features. Drivers do not report their version, but most versions differ in a
   * limit.
   */
  readonly driver: string;
  /** True if the adapter computes on the processor. */
  readonly isCpu: boolean;
  /** True if shaders can read storage textures. */
  readonly readsTexels: boolean;
}

const adapterAdvice =
  `Cannot use a GPU: no WebGPU adapter was found. Install a driver for Vulkan, Metal or Direct3D 12:
  Debian, Ubuntu:  apt-get install mesa-vulkan-drivers    (also runs on the processor, without a graphics card)
  Fedora:          dnf install mesa-vulkan-drivers
  macOS, Windows:  included since macOS 11 and Windows 10; check that the session has access to the graphics card
  NVIDIA on Linux: the driver's Vulkan part (libnvidia-gl) and the loader (libvulkan1)`;

/**
 * Requests a device, with float16 if the adapter has it, and with subgroups if the shaders can use them. Deno grants subgroups without listing them,
 * and rejects the `enable` line, which browsers demand; the shaders have no such line, so subgroups are not
 * requested in browsers.
 */
async function requestDevice(
  adapter: GPUAdapter,
  requiredLimits: NonNullable<GPUDeviceDescriptor["requiredLimits"]>,
): Promise<GPUDevice> {
  const requiredFeatures: GPUFeatureName[] = adapter.features.has("shader-f16") ? ["shader-f16"] : [];
  const descriptor = { requiredLimits, requiredFeatures };
  if (adapter.features.has("subgroups")) return await adapter.requestDevice(descriptor);
  try {
    return await adapter.requestDevice({
      requiredLimits,
      requiredFeatures: [...requiredFeatures, "subgroups"],
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // The specification's error for unsupported features.
    return await adapter.requestDevice(descriptor);
  }
}

/**
 * Returns the name of an adapter. Through OpenGL the same chip computes more slowly and rounds differently than
 * through Vulkan, so that both must not have one name. The interface is not reported, but only OpenGL has no limit
 * of bindings.
 */
function nameAdapter({ info, limits }: GPUAdapter): string {
  const name = info.description || `${info.vendor} ${info.architecture}`.trim() || "unknown adapter";
  return limits.maxBindingsPerBindGroup === 2 ** 32 - 1 ? `${name}, OpenGL` : name;
}

/** Returns eight hexadecimal digits that depend on the limits and features of an adapter. */
async function digestAdapter({ limits, features }: GPUAdapter): Promise<string> {
  const numbers: [string, number][] = [];
  // The limits are getters of the prototype.
  for (const name in limits) numbers.push([name, Number(limits[name as keyof GPUSupportedLimits])]);
  const text = JSON.stringify([numbers.sort(), [...features].sort()]);
  const digest = new DataView(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return digest.getUint32(0).toString(16).padStart(8, "0");
}

/** Requests a GPU. @throws {GpuUnavailableError} if there is no adapter. */
export async function requestGpu(implementation: WebGpu | undefined): Promise<RequestedGpu> {
  const adapter = await implementation?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new GpuUnavailableError(adapterAdvice);
  const { limits } = adapter;
  const gpu = await requestDevice(adapter, {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxStorageTexturesPerShaderStage: limits.maxStorageTexturesPerShaderStage,
    maxTextureDimension2D: limits.maxTextureDimension2D,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  });
  const readsTexels = implementation?.wgslLanguageFeatures?.has("readonly_and_readwrite_storage_textures");
  const name = nameAdapter(adapter), { info } = adapter;
  // Some implementations do not report that an adapter is a fallback.
  const isCpu = info.isFallbackAdapter === true || /llvmpipe|swiftshader|basic render/i.test(name);
  const driver = await digestAdapter(adapter);
  return { gpu, info, name, driver, isCpu, readsTexels: readsTexels ?? false };
}
