/**
 * The GPU: one {@linkcode Device} per process, on which Programs are compiled and variables live.
 * @module
 */
import type { HostArray, Tensor } from "./tensor.ts";
import { hostArray, sizeOf } from "./tensor.ts";
import type { Variable } from "./ops/leaf.ts";
import { subgroupSize } from "./workgroups.ts";

/** No usable GPU adapter. The message says what to install. */
export class GpuUnavailableError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuUnavailableError";
}

/** The GPU reported an error or was lost; what it computed since cannot be trusted. */
export class GpuError extends Error {
  /** The error's name. */
  override readonly name: string = "GpuError";
}

/** A tensor is too large for the device's kernels to read or write. */
export class TensorSizeError extends RangeError {
  /** The error's name. */
  override readonly name: string = "TensorSizeError";

  /**
   * Says so.
   * @param tensor The tensor, in words.
   * @param bytes Its size …
   * @param limit … and the largest that the device takes.
   * @param device The device's name.
   */
  constructor(tensor: string, readonly bytes: number, readonly limit: number, device: string) {
    const [size, most] = [bytes, limit].map((count) => Math.ceil(count / 2 ** 20));
    super(
      `Cannot compute ${tensor} as a kernel on ${device} takes tensors of at most ${most} MiB: it has ${size}. Give smaller batches.`,
    );
  }
}

const adapterAdvice =
  `Cannot use a GPU as no WebGPU adapter was found. A driver for Vulkan, Metal or Direct3D 12 is needed:
  Debian, Ubuntu:  apt-get install mesa-vulkan-drivers    (works without a graphics card, on the processor)
  Fedora:          dnf install mesa-vulkan-drivers
  macOS, Windows:  present from macOS 11 and Windows 10 on; check that the session may use the graphics card
  NVIDIA on Linux: the driver's Vulkan part (libnvidia-gl) and the loader (libvulkan1)`;

/** What a binding of a kernel is. */
export type BindingKind = "read" | "write" | "texels";

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

/** Bytes of a storage buffer that holds `elements` 4-byte elements; at least a vector, as bindings may not be shorter. */
export function bufferBytes(elements: number): number {
  return Math.max(16, elements * 4);
}

/** A WebGPU device with its pipelines and the storage of its variables. */
export class Device {
  /** The adapter's own description, such as "NVIDIA H100 PCIe". */
  readonly name: string;
  /** Whether the adapter computes on the processor. */
  readonly isCpu: boolean;
  /** Whether kernels can read operands that are stored as textures; some browsers cannot yet. */
  readonly readsTexels: boolean;
  /** Whether kernels can pass values around in subgroups, and these are of as many invocations as kernels are written for. */
  readonly hasSubgroups: boolean;
  readonly #gpu: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #variables = new Map<Tensor, GPUBuffer>();
  #failure: GpuError | undefined;
  #destroyed = false;

  private constructor(gpu: GPUDevice, info: GPUAdapterInfo) {
    this.#gpu = gpu;
    this.name = info.description || `${info.vendor} ${info.architecture}`.trim() || "unknown adapter";
    this.isCpu = info.isFallbackAdapter === true || /llvmpipe|swiftshader|basic render/i.test(this.name);
    // Browsers of before these features have no such list.
    this.readsTexels = navigator.gpu.wgslLanguageFeatures?.has("readonly_and_readwrite_storage_textures") ??
      false;
    this.hasSubgroups = gpu.features.has("subgroups") && info.subgroupMinSize === subgroupSize &&
      info.subgroupMaxSize === subgroupSize;
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#failure ??= new GpuError(
        `Cannot trust the GPU's results as it reported an error: ${event.error.message}`,
      );
    });
    gpu.lost.then((info) => {
      if (!this.#destroyed) {
        this.#failure ??= new GpuError(`Cannot go on as the GPU was lost: ${info.message || info.reason}`);
      }
    });
  }

  /**
   * Asks the system for its GPU, with all that its adapter can do.
   * @throws {GpuUnavailableError} if there is no adapter.
   * @example
   * ```ts
   * import { Device } from "./mod.ts";
   * const device = await Device.request();
   * console.log(device.name);
   * device.destroy();
   * ```
   */
  static async request(): Promise<Device> {
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
    return new Device(gpu, adapter.info);
  }

  /** The underlying WebGPU device. */
  get gpu(): GPUDevice {
    return this.#gpu;
  }

  /** Bytes that a kernel can read of one variable at most. */
  get largestBinding(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#gpu.limits;
    return Math.min(maxStorageBufferBindingSize, maxBufferSize);
  }

  /** Makes sure that results can be trusted. @throws {GpuError} if the GPU has reported an error or was lost, or this device was destroyed. */
  check(): void {
    if (this.#destroyed) throw new GpuError("Cannot use the device as it was destroyed");
    if (this.#failure) throw this.#failure;
  }

  /** Waits for all submitted work. @throws {GpuError} if any of it failed. */
  async finish(): Promise<void> {
    this.check();
    await this.#gpu.queue.onSubmittedWorkDone();
    this.check();
  }

  /** The compute pipeline of a shader, compiled once. @throws {GpuError} if the shader is not valid. */
  pipeline(
    wgsl: string,
    constants: Readonly<Record<string, number>>,
    bindings: readonly BindingKind[],
  ): Promise<GPUComputePipeline> {
    const key = JSON.stringify([wgsl, constants, bindings]);
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) this.#pipelines.set(key, pipeline = this.#createPipeline(wgsl, constants, bindings));
    return pipeline;
  }

  async #createPipeline(
    wgsl: string,
    constants: Readonly<Record<string, number>>,
    bindings: readonly BindingKind[],
  ): Promise<GPUComputePipeline> {
    const module = this.#gpu.createShaderModule({ code: wgsl });
    const faults = (await module.getCompilationInfo()).messages.filter(({ type }) => type === "error");
    if (faults.length > 0) {
      throw new GpuError(
        `Cannot compile a shader: ${faults.map(({ message }) => message).join("; ")}\n${wgsl}`,
      );
    }
    const layout = this.#gpu.createPipelineLayout({ bindGroupLayouts: [this.bindGroupLayout(bindings)] });
    return await this.#gpu.createComputePipelineAsync({
      layout,
      compute: { module, entryPoint: "main", constants: { ...constants } },
    });
  }

  /** The layout of bind group 0 for a kernel's bindings. */
  bindGroupLayout(bindings: readonly BindingKind[]): GPUBindGroupLayout {
    const key = bindings.join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      const kinds: Record<BindingKind, Partial<GPUBindGroupLayoutEntry>> = {
        read: { buffer: { type: "read-only-storage" } },
        write: { buffer: { type: "storage" } },
        texels: { storageTexture: { format: "rgba32float", access: "read-only" } },
      };
      const entries = bindings.map((kind, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        ...kinds[kind],
      }));
      this.#layouts.set(key, layout = this.#gpu.createBindGroupLayout({ entries }));
    }
    return layout;
  }

  /**
   * The buffer that holds a variable; made from its initial value at first use.
   * @throws {GpuError} if the GPU failed or has no room for it.
   */
  bufferOf(variable: Variable): GPUBuffer {
    let buffer = this.#variables.get(variable);
    if (!buffer) {
      this.check();
      const { initial } = variable;
      buffer = this.#gpu.createBuffer({
        label: variable.name,
        size: bufferBytes(sizeOf(variable.shape)),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        mappedAtCreation: initial.length > 0, // writing it by the queue would copy it once more
      });
      if (initial.length > 0) {
        const { byteLength } = initial;
        let mapped: ArrayBuffer;
        try {
          mapped = buffer.getMappedRange();
        } catch (cause) {
          const size = Math.ceil(byteLength / 2 ** 20);
          throw new GpuError(
            `Cannot make variable ${variable.name} of ${size} MiB on ${this.name} as there must be room for it: ${
              cause instanceof Error ? cause.message : cause
            }`,
            { cause },
          );
        }
        new Uint8Array(mapped).set(new Uint8Array(initial.buffer, initial.byteOffset, byteLength));
        buffer.unmap();
        this.#gpu.queue.submit([]); // so that the memory which was mapped is let go of soon
      }
      this.#variables.set(variable, buffer);
    }
    return buffer;
  }

  /** Replaces a variable's value. @throws {RangeError} if `data` has another number of elements. */
  write(variable: Variable, data: ArrayLike<number>): void {
    if (data.length !== sizeOf(variable.shape)) {
      throw new RangeError(
        `Cannot write variable ${variable.name} as the number of elements must stay: ${
          sizeOf(variable.shape)
        } ≠ ${data.length}`,
      );
    }
    this.check();
    if (data.length > 0) {
      this.#gpu.queue.writeBuffer(this.bufferOf(variable), 0, hostArray(variable.dtype, data));
    }
  }

  /** Copies the values of variables to the host, all in one transfer. @throws {GpuError} if the GPU failed. */
  async read(variables: readonly Variable[]): Promise<HostArray[]> {
    this.check();
    const sizes = variables.map(({ shape }) => sizeOf(shape) * 4);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const staging = this.#gpu.createBuffer({
      size: Math.max(4, total),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.#gpu.createCommandEncoder();
    let offset = 0;
    variables.forEach((variable, i) => {
      if (sizes[i]! > 0) encoder.copyBufferToBuffer(this.bufferOf(variable), 0, staging, offset, sizes[i]!);
      offset += sizes[i]!;
    });
    this.#gpu.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      this.check();
      const bytes = staging.getMappedRange().slice(0);
      offset = 0;
      return variables.map((variable, i) =>
        hostArray(variable.dtype, bytes.slice(offset, offset += sizes[i]!))
      );
    } finally {
      staging.destroy();
    }
  }

  /** Frees a variable's storage; its value is lost. */
  release(variable: Variable): void {
    this.#variables.get(variable)?.destroy();
    this.#variables.delete(variable);
  }

  /** Bytes that variables take on the device. */
  get variableBytes(): number {
    return [...this.#variables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Gives the GPU back. To be called once, after everything read from it has been used. */
  destroy(): void {
    this.#destroyed = true;
    this.#gpu.destroy();
  }

  /** As {@linkcode Device.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}
