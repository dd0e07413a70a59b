/**
 * Exchanges of a run: tensors that the host sums over processes, between two parts of the run. All tensors of a round
 * travel in one buffer.
 * @module
 */
import type { Device } from "../device.ts";
import { bufferUsage, mapMode } from "../usage.ts";
import type { Traffic } from "./commands.ts";

/**
 * Replaces values by their sums over all processes. Each process calls it equally often, with as many values, and all
 * get the same bits.
 */
export type SumAcross = (values: Float32Array<ArrayBuffer>) => Promise<void>;

/** Exchange of one tensor. */
export interface Exchange extends Traffic {
  /** Name for timelines: op and shape. */
  readonly label: string;
  /** Buffer of the tensor of this process. */
  readonly source: GPUBuffer;
  /** Offset of the tensor in its buffer, in bytes. */
  readonly sourceOffset: number;
  /** Buffer that receives the sum. */
  readonly target: GPUBuffer;
  /** Number of elements. */
  readonly length: number;
}

/** Part of a run: commands, and the exchanges after them; the last part has none. */
export interface RunPart<C> {
  readonly commands: readonly C[];
  readonly exchanges: readonly Exchange[];
}

/** Splits commands at the exchanges that follow each other. */
export function splitRun<C>(commands: readonly (C | Exchange)[]): RunPart<C>[] {
  const parts: { commands: C[]; exchanges: Exchange[] }[] = [{ commands: [], exchanges: [] }];
  for (const command of commands) {
    let part = parts.at(-1)!;
    if (isExchangeCommand(command)) part.exchanges.push(command);
    else {
      if (part.exchanges.length > 0) parts.push(part = { commands: [], exchanges: [] });
      part.commands.push(command);
    }
  }
  if (parts.at(-1)!.exchanges.length > 0) parts.push({ commands: [], exchanges: [] });
  return parts;
}

/** Returns whether a command is an exchange. */
export function isExchangeCommand<C>(command: C | Exchange): command is Exchange {
  return (command as Exchange).kind === "exchange";
}

/** Transfer of the exchanges of a Program, which reuses one buffer on the device and one on the host. */
export class ExchangeBuffer implements Disposable {
  /** Bytes on the device. */
  readonly bytes: number;
  readonly #device: Device;
  readonly #sum: SumAcross;
  readonly #staging: GPUBuffer;
  readonly #values: Float32Array<ArrayBuffer>;

  /** Creates the buffers. @param rounds Exchanges of each round. */
  constructor(device: Device, rounds: readonly (readonly Exchange[])[], sum: SumAcross) {
    const length = Math.max(1, ...rounds.map((round) => round.reduce((all, each) => all + each.length, 0)));
    this.bytes = 4 * length;
    this.#device = device;
    this.#sum = sum;
    this.#values = new Float32Array(length);
    this.#staging = device.gpu.createBuffer({
      size: this.bytes,
      usage: bufferUsage.MAP_READ | bufferUsage.COPY_DST,
    });
  }

  /** Encodes the copies of a round's tensors into one buffer. */
  encode(encoder: GPUCommandEncoder, round: readonly Exchange[]): void {
    let offset = 0;
    for (const { source, sourceOffset, length } of round) {
      encoder.copyBufferToBuffer(source, sourceOffset, this.#staging, offset, 4 * length);
      offset += 4 * length;
    }
  }

  /**
   * Waits for the copies, sums them over the processes, and writes the sums to the device.
   * @throws {GpuError} if the GPU failed. @throws the error of the sum.
   */
  async exchange(round: readonly Exchange[]): Promise<void> {
    const length = round.reduce((all, each) => all + each.length, 0);
    const values = this.#values.subarray(0, length);
    await this.#device.settle(this.#staging.mapAsync(mapMode.READ, 0, 4 * length));
    this.#device.check();
    values.set(new Float32Array(this.#staging.getMappedRange(0, 4 * length)));
    this.#staging.unmap();
    await this.#sum(values);
    this.#device.check();
    let offset = 0;
    for (const { target, length } of round) {
      this.#device.gpu.queue.writeBuffer(target, 0, values, offset, length);
      offset += length;
    }
  }

  /** Frees the buffer on the device. */
  [Symbol.dispose](): void {
    this.#staging.destroy();
  }
}
