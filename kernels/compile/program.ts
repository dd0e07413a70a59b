/**
 * A compiled graph: a fixed list of dispatches over fixed buffers. Running it is one submit, and makes no
 * buffer, pipeline or bind group.
 * @module
 */
import { bufferBytes, type Device } from "../device.ts";
import { isVariable, type Variable } from "../ops/leaf.ts";
import { type DType, type HostArray, hostArray, sizeOf, type Tensor } from "../tensor.ts";
import { aliasOf } from "./fuse.ts";
import { texelsPerRow } from "../workgroups.ts";
import type { MemoryPlan, Slot } from "./plan.ts";

/** Read-backs that may be under way at once; more wait for the oldest. */
const ringSize = 4;
/** WebGPU's largest allowed demand on the alignment of a binding's offset. */
const bindingAlignment = 256;

/** One kernel, ready to be encoded. */
export interface Dispatch {
  /** What it computes, for timelines. */
  readonly label: string;
  /** Compiled shader. */
  readonly pipeline: GPUComputePipeline;
  /** Its buffers and textures. */
  readonly bindGroup: GPUBindGroup;
  /** Workgroups along x, y, z. */
  readonly workgroups: readonly [number, number, number];
}

/** Where each input of a run is in the one buffer that holds them all. */
export class InputLayout {
  /** Bytes of the buffer. */
  readonly bytes: number;
  readonly #places = new Map<
    string,
    { readonly offset: number; readonly length: number; readonly dtype: DType }
  >();

  /** @param inputs The input leaves of a Program. */
  constructor(inputs: readonly Tensor[]) {
    let offset = 0;
    for (const { attributes, shape, dtype } of inputs) {
      const length = sizeOf(shape);
      this.#places.set(String(attributes.name), { offset, length, dtype });
      offset += Math.ceil(bufferBytes(length) / bindingAlignment) * bindingAlignment;
    }
    this.bytes = Math.max(4, offset);
  }

  /** Byte range of an input. */
  range(name: string): { readonly offset: number; readonly size: number } {
    const { offset, length } = this.#places.get(name)!;
    return { offset, size: bufferBytes(length) };
  }

  /**
   * Writes the values of a run into host memory of the buffer's layout.
   * @throws {RangeError} if a value is missing, superfluous or of the wrong length.
   */
  fill(target: ArrayBuffer, values: Readonly<Record<string, number | ArrayLike<number>>>): void {
    for (const name of Object.keys(values)) {
      if (!this.#places.has(name)) {
        throw new RangeError(
          `Cannot run program as it has no input ${name}: its inputs are ${
            [...this.#places.keys()].join(", ") || "none"
          }`,
        );
      }
    }
    for (const [name, { offset, length, dtype }] of this.#places) {
      const value = values[name];
      if (value === undefined) {
        throw new RangeError(`Cannot run program as every input needs a value: ${name} has none`);
      }
      const elements = typeof value === "number" ? [value] : value;
      if (elements.length !== length) {
        throw new RangeError(
          `Cannot run program as input ${name} must have ${length} elements: it has ${elements.length}`,
        );
      }
      const views = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
      new views[dtype](target, offset, length).set(elements);
    }
  }
}

/** The memory of a Program. */
export class Storage {
  /** Bytes on the device, variables not counted. */
  readonly bytes: number;
  /** The buffer that holds the inputs of a run. */
  readonly inputs: GPUBuffer;
  readonly #device: Device;
  readonly #layout: InputLayout;
  readonly #plan: MemoryPlan;
  readonly #memory = new Map<Slot, GPUBuffer | GPUTexture>();
  readonly #empty: GPUBuffer;

  /** Makes the buffers and textures of a plan. */
  constructor(device: Device, layout: InputLayout, plan: MemoryPlan) {
    this.#device = device;
    this.#layout = layout;
    this.#plan = plan;
    const { gpu } = device;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    this.inputs = gpu.createBuffer({ size: layout.bytes, usage: storage | GPUBufferUsage.COPY_DST });
    this.#empty = gpu.createBuffer({ size: 4, usage: storage });
    for (const slot of plan.slots) {
      this.#memory.set(
        slot,
        slot.kind === "buffer" ? gpu.createBuffer({ size: slot.bytes, usage: storage }) : gpu.createTexture({
          size: [texelsPerRow, slot.bytes / 16 / texelsPerRow],
          format: "rgba32float",
          usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.STORAGE_BINDING,
        }),
      );
    }
    this.bytes = layout.bytes + plan.slots.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What to bind for a stored tensor or leaf. */
  resource(tensor: Tensor): GPUBindingResource {
    const slot = this.#plan.slotOf.get(aliasOf(tensor));
    if (slot?.kind === "texels") return (this.#memory.get(slot) as GPUTexture).createView();
    const { buffer, offset, size } = this.range(tensor);
    return { buffer, offset, size };
  }

  /** Where a stored tensor or leaf lies. */
  range(tensor: Tensor): { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number } {
    const node = aliasOf(tensor);
    const size = bufferBytes(sizeOf(node.shape));
    if (isVariable(node)) return { buffer: this.#device.bufferOf(node), offset: 0, size };
    if (node.op.kind === "leaf") {
      return { buffer: this.inputs, ...this.#layout.range(String(node.attributes.name)) };
    }
    const slot = this.#plan.slotOf.get(node);
    // A tensor without elements has no kernel and no slot.
    return { buffer: slot ? this.#memory.get(slot) as GPUBuffer : this.#empty, offset: 0, size };
  }

  /** Frees all of it. */
  destroy(): void {
    for (const memory of this.#memory.values()) memory.destroy();
    this.inputs.destroy();
    this.#empty.destroy();
  }
}

/** What a {@linkcode Program} is made of. */
export interface ProgramParts<O extends string> {
  readonly layout: InputLayout;
  readonly storage: Storage;
  readonly dispatches: readonly Dispatch[];
  readonly updates: readonly { readonly variable: Variable; readonly source: Tensor }[];
  readonly outputs: readonly { readonly name: O; readonly node: Tensor }[];
  readonly lowerBound: number;
}

/** Values of the inputs of a run: a number for a scalar, else the elements in row-major order. */
export type InputValues<I extends string> = { readonly [name in I]: number | ArrayLike<number> };

/** Values that a run gives back, in row-major order. */
export type OutputValues<O extends string> = { readonly [name in O]: HostArray };

/** A copy from the device on its way to the host. */
interface RingSlot {
  readonly buffer: GPUBuffer;
  busy: Promise<unknown> | undefined;
}

/** A compiled graph, to be run any number of times; made by {@linkcode compile}. */
export class Program<I extends string = string, O extends string = string> {
  /** Bytes on the device beside the variables. */
  readonly bytes: number;
  /** Most bytes of intermediate results in use at once: no memory plan can take less. */
  readonly lowerBound: number;
  readonly #device: Device;
  readonly #parts: ProgramParts<O>;
  readonly #staging: ArrayBuffer;
  readonly #ring: readonly RingSlot[];
  readonly #outputOffsets: readonly number[];
  readonly #outputBytes: number;

  /** Use {@linkcode compile}. */
  constructor(device: Device, parts: ProgramParts<O>) {
    this.#device = device;
    this.#parts = parts;
    this.#staging = new ArrayBuffer(parts.layout.bytes);
    let end = 0;
    this.#outputOffsets = parts.outputs.map(({ node }) =>
      (end += sizeOf(node.shape) * 4) - sizeOf(node.shape) * 4
    );
    this.#outputBytes = Math.max(4, end);
    this.#ring = Array.from({ length: parts.outputs.length > 0 ? ringSize : 0 }, () => ({
      buffer: device.gpu.createBuffer({
        size: this.#outputBytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
      busy: undefined,
    }));
    this.bytes = parts.storage.bytes + this.#outputBytes * this.#ring.length;
    this.lowerBound = parts.lowerBound;
  }

  /** What one run dispatches, in order. */
  get dispatches(): readonly Dispatch[] {
    return this.#parts.dispatches;
  }

  /**
   * Runs it once: writes the inputs, submits all of its work and returns without waiting.
   * @throws {RangeError} if an input is missing or has the wrong length, {@linkcode GpuError} if the GPU failed.
   */
  run(values: InputValues<I>): void {
    this.#submit(values, undefined);
  }

  /**
   * Runs it once and brings its outputs to the host. Several may be under way; results come in order.
   * @throws as {@linkcode Program.run}
   */
  async runAndRead(values: InputValues<I>): Promise<OutputValues<O>> {
    let slot = this.#ring.find(({ busy }) => !busy);
    while (!slot && this.#ring.length > 0) {
      await Promise.race(this.#ring.map(({ busy }) => busy));
      slot = this.#ring.find(({ busy }) => !busy);
    }
    this.#submit(values, slot?.buffer);
    if (!slot) return {} as OutputValues<O>;
    const reading = this.#read(slot.buffer);
    slot.busy = reading.catch(() => undefined).finally(() => slot.busy = undefined);
    return await reading;
  }

  /** Frees its memory; variables stay. */
  destroy(): void {
    this.#parts.storage.destroy();
    for (const { buffer } of this.#ring) buffer.destroy();
  }

  #submit(values: InputValues<I>, target: GPUBuffer | undefined): void {
    this.#device.check();
    const { layout, storage, dispatches, updates, outputs } = this.#parts;
    const { queue } = this.#device.gpu;
    layout.fill(this.#staging, values);
    queue.writeBuffer(storage.inputs, 0, this.#staging);
    const encoder = this.#device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, bindGroup, workgroups } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
    if (target) {
      outputs.forEach(({ node }, i) => this.#copy(encoder, node, target, this.#outputOffsets[i]!));
    }
    for (const { variable, source } of updates) {
      this.#copy(encoder, source, this.#device.bufferOf(variable), 0);
    }
    queue.submit([encoder.finish()]);
  }

  #copy(encoder: GPUCommandEncoder, source: Tensor, target: GPUBuffer, targetOffset: number): void {
    const { buffer, offset } = this.#parts.storage.range(source);
    const bytes = sizeOf(source.shape) * 4;
    if (bytes > 0) encoder.copyBufferToBuffer(buffer, offset, target, targetOffset, bytes);
  }

  async #read(buffer: GPUBuffer): Promise<OutputValues<O>> {
    await buffer.mapAsync(GPUMapMode.READ, 0, this.#outputBytes);
    this.#device.check();
    const bytes = buffer.getMappedRange(0, this.#outputBytes).slice(0);
    buffer.unmap();
    return Object.fromEntries(this.#parts.outputs.map(({ name, node }, i) => {
      const offset = this.#outputOffsets[i]!;
      return [name, hostArray(node.dtype, bytes.slice(offset, offset + sizeOf(node.shape) * 4))];
    })) as OutputValues<O>;
  }
}
