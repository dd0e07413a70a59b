/**
 * The GPU: one {@linkcode Device} per process, on which Programs are compiled and variables live.
 * @module
 */
import { requestGpu } from "./adapter.ts";
import { GpuError } from "./errors.ts";
import type { Variable } from "./ops/leaf.ts";
import { Pipelines } from "./pipelines.ts";
import { type HostArray, hostArray, sizeOf } from "./tensor.ts";
import { createVariableBuffer, readVariables } from "./variable_memory.ts";
import { subgroupSize } from "./workgroups.ts";

/** A WebGPU device with its pipelines and the storage of its variables. */
export class Device {
  /** The underlying WebGPU device. */
  readonly gpu: GPUDevice;
  /** Its compiled shaders. */
  readonly pipelines: Pipelines;
  /** The adapter's own description, such as "NVIDIA H100 PCIe". */
  readonly name: string;
  /** Whether the adapter computes on the processor. */
  readonly isCpu: boolean;
  /** Whether kernels can read operands that are stored as textures; some browsers cannot yet. */
  readonly readsTexels: boolean;
  /** Whether kernels can pass values around in subgroups, and these are of as many invocations as kernels are written for. */
  readonly hasSubgroups: boolean;
  readonly #variables = new Map<Variable, GPUBuffer>();
  #failure: GpuError | undefined;
  #destroyed = false;

  private constructor(gpu: GPUDevice, info: GPUAdapterInfo) {
    this.gpu = gpu;
    this.pipelines = new Pipelines(gpu);
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
   * using device = await Device.request();
   * console.log(device.name);
   * ```
   */
  static async request(): Promise<Device> {
    const { gpu, info } = await requestGpu();
    return new Device(gpu, info);
  }

  /** Bytes that a kernel can read of one variable at most. */
  get largestBinding(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.gpu.limits;
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
    await this.gpu.queue.onSubmittedWorkDone();
    this.check();
  }

  /**
   * The buffer that holds a variable; made from its initial value at first use.
   * @throws {GpuError} if the GPU failed or has no room for it.
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
        `Cannot write variable ${variable.name} as the number of elements must stay: ${
          sizeOf(variable.shape)
        } ≠ ${data.length}`,
      );
    }
    this.check();
    if (data.length > 0) {
      this.gpu.queue.writeBuffer(this.bufferOf(variable), 0, hostArray(variable.dtype, data));
    }
  }

  /** Copies the values of variables to the host, all in one transfer. @throws {GpuError} if the GPU failed. */
  async read<const V extends readonly Variable[]>(variables: V): Promise<{ [K in keyof V]: HostArray }> {
    this.check();
    const values = await readVariables(this.gpu, variables, (variable) => this.bufferOf(variable));
    this.check();
    return values as { [K in keyof V]: HostArray };
  }

  /** Frees a variable's storage; its value is lost. */
  release(variable: Variable): void {
    this.#variables.get(variable)?.destroy();
    this.#variables.delete(variable);
  }

  /** The variables that have a buffer. */
  get variables(): Iterable<Variable> {
    return this.#variables.keys();
  }

  /** Bytes that variables take on the device. */
  get variableBytes(): number {
    return [...this.#variables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Gives the GPU back. To be called once, after everything read from it has been used. */
  [Symbol.dispose](): void {
    this.#destroyed = true;
    this.gpu.destroy();
  }
}
