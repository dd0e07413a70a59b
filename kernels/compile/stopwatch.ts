/**
 * Times on the device's own clock.
 * @module
 */
import { type Device, GpuError } from "../device.ts";

/** Queries that WebGPU allows in a set. */
const mostQueries = 4096;

/** Measures passes of one submit, each from its begin to its end. */
export class Stopwatch {
  readonly #device: Device;
  readonly #sets: readonly GPUQuerySet[];
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** Prepares to measure `count` passes. @throws {GpuError} if the adapter has no clock. */
  constructor(device: Device, count: number) {
    const { gpu } = device;
    if (!gpu.features.has("timestamp-query")) {
      throw new GpuError(
        `Cannot measure dispatches as the adapter must have a clock: ${device.name} has none`,
      );
    }
    this.#device = device;
    const queries = 2 * count;
    this.#sets = Array.from(
      { length: Math.ceil(queries / mostQueries) },
      (_, i) =>
        gpu.createQuerySet({ type: "timestamp", count: Math.min(mostQueries, queries - i * mostQueries) }),
    );
    const size = Math.max(8, 8 * queries);
    this.#resolved = gpu.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#staging = gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  /** What the i-th pass is begun with. */
  pass(i: number): GPUComputePassDescriptor {
    const first = 2 * i;
    return {
      timestampWrites: {
        querySet: this.#sets[Math.floor(first / mostQueries)]!,
        beginningOfPassWriteIndex: first % mostQueries,
        endOfPassWriteIndex: first % mostQueries + 1,
      },
    };
  }

  /** To be encoded behind the passes. */
  finish(encoder: GPUCommandEncoder): void {
    this.#sets.forEach((set, i) => {
      encoder.resolveQuerySet(set, 0, set.count, this.#resolved, i * mostQueries * 8);
    });
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
  }

  /** Nanoseconds that each pass took; to be called once, after the submit. */
  async read(): Promise<number[]> {
    await this.#staging.mapAsync(GPUMapMode.READ);
    this.#device.check();
    const times = new BigUint64Array(this.#staging.getMappedRange().slice(0));
    for (const each of [...this.#sets, this.#resolved, this.#staging]) each.destroy();
    return Array.from({ length: times.length / 2 }, (_, i) => Number(times[2 * i + 1]! - times[2 * i]!));
  }
}
