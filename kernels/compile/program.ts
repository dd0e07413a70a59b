/**
 * Compiled graph: a fixed list of dispatches over fixed buffers. A run is one submit, and creates no buffer,
 * pipeline or bind group.
 * @module
 */
import type { Device } from "../device.ts";
import type { Variable } from "../ops/leaf.ts";
import { type HostArray, hostArray, sizeOf, type Tensor } from "../tensor.ts";
import { type Command, encode } from "./encode.ts";
import { type Exchange, ExchangeBuffer, type RunPart, splitRun, type SumAcross } from "./exchange.ts";
import type { InputLayout, Storage } from "./storage.ts";
import { bufferUsage, mapMode } from "../usage.ts";

/** Most concurrent reads; further ones wait for the oldest. */
const ringSize = 4;

/** Parts of a {@linkcode Program}. */
export interface ProgramParts<O extends string, E> {
  readonly layout: InputLayout;
  readonly storage: Storage;
  readonly commands: readonly (Command | Exchange)[];
  /** Sums the exchanges over all processes. */
  readonly sumAcross: SumAcross | undefined;
  readonly updates: readonly { readonly variable: Variable; readonly source: Tensor }[];
  readonly outputs: readonly { readonly name: O; readonly node: Tensor }[];
  readonly lowerBound: number;
  readonly extras: E;
}

/** Input values of a run: a number for a scalar, otherwise the elements in row-major order. */
export type InputValues<I extends string> = { readonly [name in I]: number | ArrayLike<number> };

/** Output values of a run, in row-major order. */
export type OutputValues<O extends string> = { readonly [name in O]: HostArray };

/** Staging buffer for reading outputs. */
interface RingSlot {
  readonly buffer: GPUBuffer;
  busy: Promise<unknown> | undefined;
}

/** Compiled graph, which can be run any number of times; created by {@linkcode compile}. */
export class Program<I extends string = string, O extends string = string, E = unknown> {
  /** Bytes on the device, including all staging buffers but not the variables. */
  readonly bytes: number;
  /** Peak bytes of intermediate results in use at the same time: no memory plan can take less. */
  readonly lowerBound: number;
  /** Extras that were returned with the graph. */
  readonly extras: E;
  readonly #device: Device;
  readonly #parts: ProgramParts<O, E>;
  readonly #staging: ArrayBuffer;
  /** One staging buffer per concurrent read; none if nothing is read. */
  readonly #ring: RingSlot[] = [];
  readonly #outputs: readonly { readonly name: O; readonly node: Tensor; readonly offset: number }[];
  readonly #outputBytes: number;
  readonly #runParts: readonly RunPart<Command>[];
  readonly #exchanges: ExchangeBuffer | undefined;
  /** End of the last run with exchanges: such runs do not overlap. */
  #lastRun: Promise<unknown> = Promise.resolve();

  /** Creates a Program from its parts; callers use {@linkcode compile}. */
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
    this.#runParts = splitRun<Command>(parts.commands);
    this.#exchanges = parts.sumAcross && this.rounds.length > 0
      ? new ExchangeBuffer(device, this.rounds, parts.sumAcross)
      : undefined;
    this.bytes = parts.storage.bytes + (parts.outputs.length > 0 ? this.#outputBytes * ringSize : 0) +
      (this.#exchanges?.bytes ?? 0);
    this.lowerBound = parts.lowerBound;
    this.extras = parts.extras;
  }

  /** Commands of one run, in order. */
  get commands(): readonly Command[] {
    return this.#runParts.flatMap(({ commands }) => commands);
  }

  /** Exchanges of one run by round: the tensors that are summed over processes in one transfer. */
  get rounds(): readonly (readonly Exchange[])[] {
    return this.#runParts.map(({ exchanges }) => exchanges).filter(({ length }) => length > 0);
  }

  /**
   * Runs the Program once: writes the inputs, submits all commands and returns without waiting. With sums over
   * processes, returns a promise of the submission of the last command.
   * @throws {RangeError} if an input is missing or has the wrong length, {@linkcode GpuError} if the GPU
   * failed.
   */
  run(values: InputValues<I>): Promise<void> | undefined {
    return this.#submit(values, undefined);
  }

  /**
   * Runs the Program once and reads the outputs. Several reads may be pending; results arrive in order.
   * @throws as {@linkcode Program.run}
   */
  async runAndRead(values: InputValues<I>): Promise<OutputValues<O>> {
    if (this.#parts.outputs.length === 0) {
      await this.#submit(values, undefined);
      return {} as OutputValues<O>;
    }
    let slot = this.#freeSlot();
    while (!slot) {
      await Promise.race(this.#ring.map(({ busy }) => busy));
      slot = this.#freeSlot();
    }
    const submitted = this.#submit(values, slot.buffer);
    const reading = submitted ? submitted.then(() => this.#read(slot.buffer)) : this.#read(slot.buffer);
    slot.busy = reading.catch(() => undefined).finally(() => slot.busy = undefined);
    return await reading;
  }

  /**
   * Runs one command `times` times, to measure it. After a run, repeating each command in order uses the same
   * operands as that run; a command that updates variables updates them every time.
   * @throws {GpuError} if the GPU failed.
   */
  repeat(command: Command, times: number): void {
    this.#device.check();
    const encoder = this.#device.gpu.createCommandEncoder();
    encode(encoder, Array.from({ length: times }, () => command));
    this.#device.gpu.queue.submit([encoder.finish()]);
  }

  /** Frees the memory of the Program; variables remain. */
  [Symbol.dispose](): void {
    this.#parts.storage[Symbol.dispose]();
    this.#exchanges?.[Symbol.dispose]();
    for (const { buffer } of this.#ring) buffer.destroy();
  }

  /** Returns a staging buffer without a pending read, newly created if allowed; undefined if all are busy. */
  #freeSlot(): RingSlot | undefined {
    const free = this.#ring.find(({ busy }) => !busy);
    if (free || this.#ring.length === ringSize) return free;
    const usage = bufferUsage.MAP_READ | bufferUsage.COPY_DST;
    const slot: RingSlot = {
      buffer: this.#device.gpu.createBuffer({ size: this.#outputBytes, usage }),
      busy: undefined,
    };
    this.#ring.push(slot);
    return slot;
  }

  #submit(values: InputValues<I>, target: GPUBuffer | undefined): Promise<void> | undefined {
    const [first] = this.#runParts, exchanges = this.#exchanges;
    if (exchanges) {
      const run = this.#lastRun.then(() => this.#submitParts(values, target, exchanges));
      this.#lastRun = run.catch(() => undefined);
      return run;
    }
    this.#writeInputs(values);
    this.#submitLast(first?.commands ?? [], target);
    return undefined;
  }

  /** Submits the parts of a run, each after the exchanges before it. */
  async #submitParts(
    values: InputValues<I>,
    target: GPUBuffer | undefined,
    exchanges: ExchangeBuffer,
  ): Promise<void> {
    this.#writeInputs(values);
    for (const { commands, exchanges: round } of this.#runParts) {
      if (round.length === 0) return this.#submitLast(commands, target);
      const encoder = this.#device.gpu.createCommandEncoder();
      encode(encoder, commands);
      exchanges.encode(encoder, round);
      this.#device.gpu.queue.submit([encoder.finish()]);
      await exchanges.exchange(round);
    }
  }

  #writeInputs(values: InputValues<I>): void {
    this.#device.check();
    const { layout, storage } = this.#parts;
    layout.fill(this.#staging, values);
    this.#device.gpu.queue.writeBuffer(storage.inputs, 0, this.#staging);
  }

  /** Submits the last commands of a run, and the copies of its results. */
  #submitLast(commands: readonly Command[], target: GPUBuffer | undefined): void {
    const { updates } = this.#parts;
    const encoder = this.#device.gpu.createCommandEncoder();
    encode(encoder, commands);
    if (target) {
      for (const { node, offset } of this.#outputs) this.#copy(encoder, node, target, offset);
    }
    for (const { variable, source } of updates) {
      this.#copy(encoder, source, this.#device.bufferOf(variable), 0);
    }
    this.#device.gpu.queue.submit([encoder.finish()]);
  }

  #copy(encoder: GPUCommandEncoder, source: Tensor, target: GPUBuffer, targetOffset: number): void {
    const { buffer, offset } = this.#parts.storage.range(source);
    const bytes = sizeOf(source.shape) * 4;
    if (bytes > 0) encoder.copyBufferToBuffer(buffer, offset, target, targetOffset, bytes);
  }

  async #read(buffer: GPUBuffer): Promise<OutputValues<O>> {
    await this.#device.settle(buffer.mapAsync(mapMode.READ, 0, this.#outputBytes));
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
