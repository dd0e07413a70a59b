/**
 * Cache of compiled shaders.
 * @module
 */
import { GpuError } from "./errors.ts";
import { shaderStage } from "./usage.ts";

/** Kind of a kernel's binding: a read-only, a uniform or a writable buffer, or a texture. */
export type BindingKind = "read" | "uniform" | "write" | "texels";

const bindingKinds: Readonly<Record<BindingKind, Partial<GPUBindGroupLayoutEntry>>> = {
  read: { buffer: { type: "read-only-storage" } },
  uniform: { buffer: { type: "uniform" } },
  write: { buffer: { type: "storage" } },
  texels: { storageTexture: { format: "rgba32float", access: "read-only" } },
};

/** Compute pipelines of a GPU, each compiled once, and the layouts of their bindings. */
export class Pipelines {
  readonly #gpu: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #compiled = 0;
  #requested = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** Callback for every shader that is requested or compiled; both counts restart at 0 once all are compiled. */
  onProgress: ((compiled: number, requested: number) => void) | undefined;

  /**
   * Creates an empty cache.
   * @param gpu Device that compiles the shaders.
   */
  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /**
   * Returns the pipeline of a shader, compiled on the first call.
   * @throws {GpuError} if the shader is invalid.
   */
  get(
    wgsl: string,
    constants: Readonly<Record<string, number>>,
    bindings: readonly BindingKind[],
  ): Promise<GPUComputePipeline> {
    const key = JSON.stringify([wgsl, constants, bindings]);
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      this.#pipelines.set(key, pipeline = this.#compile(wgsl, constants, bindings));
      this.#report(this.#compiled, this.#requested + 1);
      pipeline.then(
        () => this.#report(this.#compiled + 1, this.#requested),
        () => {
          this.#pipelines.delete(key);
          this.#report(this.#compiled, this.#requested - 1);
        },
      );
    }
    return pipeline;
  }

  #report(compiled: number, requested: number): void {
    this.onProgress?.(compiled, requested);
    const isDone = compiled === requested;
    [this.#compiled, this.#requested] = isDone ? [0, 0] : [compiled, requested];
  }

  async #compile(
    wgsl: string,
    constants: Readonly<Record<string, number>>,
    bindings: readonly BindingKind[],
  ): Promise<GPUComputePipeline> {
    if (this.onProgress) {
      // Deno compiles within the calls below: only with a turn of the event loop for each shader can progress be shown.
      await (this.#turn = this.#turn.then(() => new Promise((resolve) => setTimeout(resolve))));
    }
    const module = this.#gpu.createShaderModule({ code: wgsl });
    const faults = (await module.getCompilationInfo()).messages.filter(({ type }) => type === "error");
    if (faults.length > 0) {
      throw new GpuError(
        `Cannot compile a shader: ${faults.map(({ message }) => message).join("; ")}\n${wgsl}`,
      );
    }
    return await this.#gpu.createComputePipelineAsync({
      layout: this.#gpu.createPipelineLayout({ bindGroupLayouts: [this.layout(bindings)] }),
      compute: { module, entryPoint: "main", constants: { ...constants } },
    });
  }

  /** Returns the layout of bind group 0 for a kernel's bindings. */
  layout(bindings: readonly BindingKind[]): GPUBindGroupLayout {
    const key = bindings.join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      const entries = bindings.map((kind, binding) => ({
        binding,
        visibility: shaderStage.COMPUTE,
        ...bindingKinds[kind],
      }));
      this.#layouts.set(key, layout = this.#gpu.createBindGroupLayout({ entries }));
    }
    return layout;
  }
}
