/**
 * The system's GPU, with all that it can do.
 * @module
 */
import { GpuUnavailableError } from "./errors.ts";

const adapterAdvice =
  `Cannot use a GPU as no WebGPU adapter was found. A driver for Vulkan, Metal or Direct3D 12 is needed:
  Debian, Ubuntu:  apt-get install mesa-vulkan-drivers    (works without a graphics card, on the processor)
  Fedora:          dnf install mesa-vulkan-drivers
  macOS, Windows:  present from macOS 11 and Windows 10 on; check that the session may use the graphics card
  NVIDIA on Linux: the driver's Vulkan part (libnvidia-gl) and the loader (libvulkan1)`;

/**
 * A device, with subgroups where shaders can have them as they are written: Deno grants them without listing them, and
 * refuses the `enable` line that browsers, which list them, ask for.
 */
async function requestDevice(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  if (adapter.features.has("subgroups")) return await adapter.requestDevice(descriptor);
  try {
    return await adapter.requestDevice({ ...descriptor, requiredFeatures: ["subgroups"] });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // What a feature that is not there must be refused with.
    return await adapter.requestDevice(descriptor);
  }
}

/** Asks the system for its GPU. @throws {GpuUnavailableError} if there is no adapter. */
export async function requestGpu(): Promise<{ readonly gpu: GPUDevice; readonly info: GPUAdapterInfo }> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new GpuUnavailableError(adapterAdvice);
  const { limits } = adapter;
  const gpu = await requestDevice(adapter, {
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxTextureDimension2D: limits.maxTextureDimension2D,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  });
  return { gpu, info: adapter.info };
}
