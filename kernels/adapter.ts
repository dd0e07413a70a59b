/**
 * Request for a GPU, with all its limits and features.
 * @module
 */
import { GpuUnavailableError } from "./errors.ts";

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
}

/** Device and description of its adapter. */
export interface RequestedGpu {
  /** Device with the limits of its adapter. */
  readonly gpu: GPUDevice;
  /** Description of the adapter. */
  readonly info: GPUAdapterInfo;
  /** Name of the adapter, such as "NVIDIA H100 PCIe"; with "OpenGL" if that is used instead of a modern interface. */
  readonly name: string;
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
 * Requests a device, with subgroups if the shaders can use them. Deno grants subgroups without listing them,
 * and rejects the `enable` line, which browsers demand; the shaders have no such line, so subgroups are not
 * requested in browsers.
 */
async function requestDevice(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  if (adapter.features.has("subgroups")) return await adapter.requestDevice(descriptor);
  try {
    return await adapter.requestDevice({ ...descriptor, requiredFeatures: ["subgroups"] });
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

/** Requests a GPU. @throws {GpuUnavailableError} if there is no adapter. */
export async function requestGpu(implementation: WebGpu | undefined): Promise<RequestedGpu> {
  const adapter = await implementation?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new GpuUnavailableError(adapterAdvice);
  const { limits } = adapter;
  const gpu = await requestDevice(adapter, {
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxStorageTexturesPerShaderStage: limits.maxStorageTexturesPerShaderStage,
      maxTextureDimension2D: limits.maxTextureDimension2D,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  });
  const readsTexels = implementation?.wgslLanguageFeatures?.has("readonly_and_readwrite_storage_textures");
  return { gpu, info: adapter.info, name: nameAdapter(adapter), readsTexels: readsTexels ?? false };
}
