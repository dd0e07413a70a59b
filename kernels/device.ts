/**
 * The GPU: one {@linkcode Device} per process, which compiles Programs and stores variables.
 * @module
 */
import { type DeviceOptions, type RequestedGpu, requestGpu } from "./adapter.ts";
import { GpuError, GpuLostError, GpuMemoryError } from "./errors.ts";
import { favourTextures, type KnownLoads, measureLoads } from "./load_probe.ts";
import type { Variable } from "./ops/leaf.ts";
import { Pipelines } from "./pipelines.ts";
import { type HostArray, hostArray, sizeOf } from "./tensor.ts";
import { createVariableBuffer, readVariables } from "./variable_memory.ts";
import { subgroupSize } from "./workgroups.ts";

/** Longest time in milliseconds from a failed call to the report that the GPU was lost. */
const lossMilliseconds = 100;

/**
 * Returns whether fused kernels should read operands from textures. On GPUs the copies cost more than they save, so
 * only processors are measured.
 */
async function preferTexels(
  { gpu, name, driver, isCpu, readsTexels }: RequestedGpu,
  known: KnownLoads | undefined,
): Promise<boolean> {
  const { maxStorageTexturesPerShaderStage, maxStorageBuffersPerShaderStage } = gpu.limits;
  const isPossible = readsTexels && maxStorageTexturesPerShaderStage >= maxStorageBuffersPerShaderStage;
  if (!isCpu || !isPossible) return false;
  const adapter = `${name}, driver ${driver}`;
  const earlier = await known?.get(adapter);
  if (earlier) return favourTextures(earlier);
  const times = await measureLoads(gpu);
  await known?.set(adapter, times);
  return favourTextures(times);
}

/** WebGPU device with compiled pipelines and the buffers of variables. */
export class Device {
  /** Underlying WebGPU device. */
  readonly gpu: GPUDevice;
  /** Compiled shaders of the device. */
  readonly pipelines: Pipelines;
  /** Adapter's description, such as "NVIDIA H100 PCIe". */
  readonly name: string;
  /**
   * Digest of the adapter's limits and features, which stands for the driver's version: WebGPU does not report it.
   */
  readonly driver: string;
  /** True if the adapter is a software adapter, which computes on the processor. */
  readonly isCpu: boolean;
  /** True if kernels can read operands from storage textures; false in some browsers. */
  readonly readsTexels: boolean;
  /**
   * True if fused kernels read large operands from textures and small ones from uniform buffers: on processors
   * whose driver loads vectors from textures much faster than from storage buffers, as measured when the device is
   * requested.
   */
  readonly prefersTexels: boolean;
  /** True if kernels can exchange values within subgroups of 8 invocations. */
  readonly hasSubgroups: boolean;
  /** True if kernels can load and store float16. */
  readonly hasFloat16: boolean;
  readonly #variables = new Map<Variable, GPUBuffer>();
  #failure: GpuError | undefined;
  #destroyed = false;

  private constructor({ gpu, info, name, driver, isCpu, readsTexels }: RequestedGpu, prefersTexels: boolean) {
    this.gpu = gpu;
    this.pipelines = new Pipelines(gpu);
    this.name = name;
    this.driver = driver;
    this.isCpu = isCpu;
    this.readsTexels = readsTexels;
    this.prefersTexels = prefersTexels;
    this.hasSubgroups = gpu.features.has("subgroups") && info.subgroupMinSize === subgroupSize &&
      info.subgroupMaxSize === subgroupSize;
    this.hasFloat16 = gpu.features.has("shader-f16");
    // Deno's types lack the event's `error`.
    gpu.addEventListener("uncapturederror", (event: Event & { readonly error?: GPUError }) => {
      event.preventDefault();
      // Implementations of WebGPU in packages have classes of their own.
      const Failure = event.error?.constructor.name === "GPUOutOfMemoryError" ? GpuMemoryError : GpuError;
      this.#failure ??= new Failure(
        `Cannot trust the GPU's results: the GPU reported an error: ${event.error?.message}`,
      );
    });
    gpu.lost.then((info) => {
      if (!this.#destroyed) {
        this.#failure ??= new GpuLostError(
          `Cannot continue: the GPU was lost: ${info.message || info.reason}`,
        );
      }
    });
  }

  /**
   * Requests the system's GPU, with all limits and features of its adapter. The option `gpu` selects another
   * implementation of WebGPU, such as Dawn's in the npm package `webgpu`.
   * @throws {GpuUnavailableError} if there is no adapter.
   * @example
   * ```ts
   * import { Device } from "./mod.ts";
   * using device = await Device.request();
   * console.log(device.name);
   * ```
   */
  static async request(
    { gpu = globalThis.navigator?.gpu, knownLoads }: DeviceOptions = {},
  ): Promise<Device> {
    const requested = await requestGpu(gpu);
    return new Device(requested, await preferTexels(requested, knownLoads));
  }

  /** Largest tensor, in bytes, that a kernel can read or write. */
  get largestBinding(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.gpu.limits;
    return Math.min(maxStorageBufferBindingSize, maxBufferSize);
  }

  /**
   * Throws if the device cannot be used any more.
   * @throws {GpuError} if the GPU reported an error, was lost or was destroyed.
   */
  check(): void {
    if (this.#destroyed) throw new GpuError("Cannot use the device: it was destroyed");
    if (this.#failure) throw this.#failure;
  }

  /** True if the GPU was lost; every call throws then. */
  get isLost(): boolean {
    return this.#failure instanceof GpuLostError;
  }

  /** Waits for all submitted work. @throws {GpuError} if any of it failed. */
  async finish(): Promise<void> {
    this.check();
    await this.settle(this.gpu.queue.onSubmittedWorkDone());
    this.check();
  }

  /**
   * Returns the result of work of the GPU.
   * @throws {GpuError} with the cause, whatever error the implementation of WebGPU reports.
   */
  async settle<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      if (cause instanceof GpuError) throw cause;
      // The loss of a GPU is reported after the calls that it breaks.
      await Promise.race([this.gpu.lost, new Promise((resolve) => setTimeout(resolve, lossMilliseconds))]);
      this.check();
      throw new GpuError(
        `Cannot continue: the GPU failed: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    }
  }

  /**
   * Returns the buffer of a variable. The first call creates it with the initial value.
   * @throws {GpuError} if the GPU failed or its memory runs out.
   */
  bufferOf(variable: Variable): GPUBuffer {
    let buffer = this.#variables.get(variable);
    if (!buffer) {
      this.check();
      this.#variables.set(variable, buffer = createVariableBuffer(this, variable));
    }
    return buffer;
  }

  /** Replaces a variable's value. @throws {RangeError} if `data` has another number of elements. */
  write(variable: Variable, data: ArrayLike<number>): void {
    if (data.length !== sizeOf(variable.shape)) {
      throw new RangeError(
        `Cannot write variable ${variable.name}: it has ${
          sizeOf(variable.shape)
        } elements, but the data has ${data.length}`,
      );
    }
    this.check();
    if (data.length > 0) {
      this.gpu.queue.writeBuffer(this.bufferOf(variable), 0, hostArray(variable.dtype, data));
    }
  }

  /**
   * Copies the values of variables to the host, all in one transfer.
   * @throws {GpuError} if the GPU failed.
   */
  async read<const V extends readonly Variable[]>(variables: V): Promise<{ [K in keyof V]: HostArray }> {
    this.check();
    const values = await this.settle(
      readVariables(this.gpu, variables, (variable) => this.bufferOf(variable)),
    );
    this.check();
    return values as { [K in keyof V]: HostArray };
  }

  /** Frees a variable's storage; its value is lost. */
  release(variable: Variable): void {
    this.#variables.get(variable)?.destroy();
    this.#variables.delete(variable);
  }

  /** Variables that have a buffer on the device. */
  get variables(): Iterable<Variable> {
    return this.#variables.keys();
  }

  /** Bytes of all variables on the device. */
  get variableBytes(): number {
    return [...this.#variables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Destroys the device. Call this once, after all results have been read. */
  [Symbol.dispose](): void {
    this.#destroyed = true;
    this.gpu.destroy();
  }
}
