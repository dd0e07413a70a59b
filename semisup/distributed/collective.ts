/**
 * The interface of processes that train one run together, and transfers built on it.
 * @module
 */

/**
 * Processes that train one run together, as one of them sees them. Every process calls the same functions in the same
 * order.
 */
export interface Collective {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  /**
   * Replaces values by their sums over all processes, added in the same order in each run, so that all processes get
   * the same bits.
   */
  sum(values: Float32Array<ArrayBuffer>): Promise<void>;
}

/**
 * Returns numbers of every process, in the order of the processes.
 * @param own Whole numbers of this process, as many as in the others, below 2²⁴ in magnitude.
 */
export async function gather(
  { rank, ranks, sum }: Collective,
  own: readonly number[],
): Promise<readonly (readonly number[])[]> {
  const { length } = own, all = new Float32Array(ranks * length);
  all.set(own, rank * length);
  await sum(all);
  return Array.from({ length: ranks }, (_, i) => [...all.subarray(i * length, (i + 1) * length)]);
}

/**
 * Returns the bytes of process 0, exactly.
 * @param own Bytes of this process, of which only those of process 0 count.
 */
export async function broadcast(collective: Collective, own: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const [sizes = []] = await gather(collective, [own.length % 2 ** 16, Math.floor(own.length / 2 ** 16)]);
  const [low = 0, high = 0] = sizes, length = high * 2 ** 16 + low;
  const bytes = new Uint8Array(length), values = new Float32Array(Math.min(length, broadcastLength));
  for (let start = 0; start < length; start += values.length) {
    const part = values.subarray(0, Math.min(values.length, length - start));
    part.fill(0);
    if (collective.rank === 0) part.set(own.subarray(start, start + part.length));
    await collective.sum(part);
    bytes.set(part, start);
  }
  return bytes;
}

/** Bytes per sum, each a number of its own: sums of one byte and zeros are exact. */
const broadcastLength = 2 ** 22;
