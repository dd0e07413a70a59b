/**
 * A compiled graph: a fixed list of dispatches over fixed buffers. Running it is one submit, and makes no
 * buffer, pipeline or bind group.
 * @module
 */
import type { Device } from "../device.ts";
import type { Variable } from "../ops/leaf.ts";
import { type HostArray, hostArray, sizeOf, type Tensor } from "../tensor.ts";
import type { InputLayout, Storage, TextureCopy } from "./storage.ts";

/** Read-backs that may be under way at once; more wait for the oldest. */
const ringSize = 4;

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

/** One step of a run: a kernel, or an operand's way into its texture. */
export type Command = Dispatch | { readonly label: string } & TextureCopy;

/** Encodes commands, as many as possible in one pass. */
function encode(encoder: GPUCommandEncoder, commands: Iterable<Command>): void {
  let pass: GPUComputePassEncoder | undefined;
  let pipeline: GPUComputePipeline | undefined;
  for (const command of commands) {
    if ("pipeline" in command) {
      pass ??= encoder.beginComputePass();
      if (pipeline !== command.pipeline) pass.setPipeline(pipeline = command.pipeline);
      pass.setBindGroup(0, command.bindGroup);
      pass.dispatchWorkgroups(...command.workgroups);
    } else {
      pass?.end();
      pass = pipeline = undefined;
      copyTexels(encoder, command);
    }
  }
  pass?.end();
}

function copyTexels(encoder: GPUCommandEncoder, copy: TextureCopy): void {
  const { buffer, offset, texture, rowTexels, texels } = copy;
  const bytesPerRow = rowTexels * 16;
  const rows = Math.floor(texels / rowTexels), rest = texels % rowTexels;
  if (rows > 0) encoder.copyBufferToTexture({ buffer, offset, bytesPerRow }, { texture }, [rowTexels, rows]);
  if (rest > 0) {
    const source = { buffer, offset: offset + rows * bytesPerRow, bytesPerRow };
    encoder.copyBufferToTexture(source, { texture, origin: [0, rows] }, [rest, 1]);
  }
}

/** What a {@linkcode Program} is made of. */
export interface ProgramParts<O extends string, E> {
  readonly layout: InputLayout;
  readonly storage: Storage;
  readonly commands: readonly Command[];
  readonly updates: readonly { readonly variable: Variable; readonly source: Tensor }[];
  readonly outputs: readonly { readonly name: O; readonly node: Tensor }[];
  readonly lowerBound: number;
  readonly extras: E;
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
export class Program<I extends string = string, O extends string = string, E = unknown> {
  /** Bytes on the device beside the variables, with as many results on their way to the host as there may be. */
  readonly bytes: number;
  /** Most bytes of intermediate results in use at once: no memory plan can take less. */
  readonly lowerBound: number;
  /** What else was found out while the graph was built. */
  readonly extras: E;
  readonly #device: Device;
  readonly #parts: ProgramParts<O, E>;
  readonly #staging: ArrayBuffer;
  /** Grows with the readings that are under way at once: who only runs needs none, who waits for each needs one. */
  readonly #ring: RingSlot[] = [];
  readonly #outputs: readonly { readonly name: O; readonly node: Tensor; readonly offset: number }[];
  readonly #outputBytes: number;

  /** Use {@linkcode compile}. */
  constructor(device: Device, parts: ProgramParts<O, E>) {
    this.#device = device;
    this.#parts = parts;
    this.#staging = new ArrayBuffer(parts.layout.bytes);
    let end = 0;
    this.#outputs = parts.outputs.map((output) => {
      const offset = end;
      end += sizeOf(output.node.shape) * 4;
      return { ...output, offset };
    });
    this.#outputBytes = Math.max(4, end);
    this.bytes = parts.storage.bytes + (parts.outputs.length > 0 ? this.#outputBytes * ringSize : 0);
    this.lowerBound = parts.lowerBound;
    this.extras = parts.extras;
  }

  /** What one run does, in order. */
  get commands(): readonly Command[] {
    return this.#parts.commands;
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
    if (this.#parts.outputs.length === 0) {
      this.#submit(values, undefined);
      return {} as OutputValues<O>;
    }
    let slot = this.#freeSlot();
    while (!slot) {
      await Promise.race(this.#ring.map(({ busy }) => busy));
      slot = this.#freeSlot();
    }
    this.#submit(values, slot.buffer);
    const reading = this.#read(slot.buffer);
    slot.busy = reading.catch(() => undefined).finally(() => slot.busy = undefined);
    return await reading;
  }

  /**
   * Runs one of its commands `times` times, to measure it: after a run, the commands one by one in their order find what
   * they found then. One that updates variables does so every time.
   * @throws {GpuError} if the GPU failed.
   */
  repeat(command: Command, times: number): void {
    this.#device.check();
    const encoder = this.#device.gpu.createCommandEncoder();
    encode(encoder, Array.from({ length: times }, () => command));
    this.#device.gpu.queue.submit([encoder.finish()]);
  }

  /** Frees its memory; variables stay. */
  [Symbol.dispose](): void {
    this.#parts.storage[Symbol.dispose]();
    for (const { buffer } of this.#ring) buffer.destroy();
  }

  /** A slot that nothing is under way in, if there is or may be one. */
  #freeSlot(): RingSlot | undefined {
    const free = this.#ring.find(({ busy }) => !busy);
    if (free || this.#ring.length === ringSize) return free;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const slot: RingSlot = {
      buffer: this.#device.gpu.createBuffer({ size: this.#outputBytes, usage }),
      busy: undefined,
    };
    this.#ring.push(slot);
    return slot;
  }

  #submit(values: InputValues<I>, target: GPUBuffer | undefined): void {
    this.#device.check();
    const { layout, storage, commands, updates } = this.#parts;
    const { queue } = this.#device.gpu;
    layout.fill(this.#staging, values);
    queue.writeBuffer(storage.inputs, 0, this.#staging);
    const encoder = this.#device.gpu.createCommandEncoder();
    encode(encoder, commands);
    if (target) {
      for (const { node, offset } of this.#outputs) this.#copy(encoder, node, target, offset);
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
    const bytes = buffer.getMappedRange(0, this.#outputBytes);
    const values = Object.fromEntries(this.#outputs.map(({ name, node, offset }) => [
      name,
      hostArray(node.dtype, bytes.slice(offset, offset + sizeOf(node.shape) * 4)),
    ]));
    buffer.unmap();
    return values as OutputValues<O>;
  }
}
