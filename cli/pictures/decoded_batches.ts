/**
 * Files decoded ahead of their use, a bounded number of them.
 * @module
 */
import type { ChannelCount, Decoder } from "../../data/files/mod.ts";

/** Images of some files that follow each other. */
export interface DecodedBatch {
  /** Files that could be decoded. */
  readonly files: readonly string[];
  /** Bytes `[N, C, H, W]` of them; valid until the next batch. */
  readonly planes: Uint8Array;
  /** width / height of each. */
  readonly aspects: readonly number[];
  /** Files that could not, and what is wrong with each, in words that follow its name. */
  readonly damaged: readonly { readonly name: string; readonly reason: string }[];
}

/** Batches in memory, the one in use included. */
const slots = 3;

/** Decodes files in their order, `batchSize` at a time, while earlier ones are used. @throws as {@linkcode Decoder.decode} */
export async function* decodedBatches(
  files: readonly string[],
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  batchSize: number,
  decoder: Decoder,
): AsyncGenerator<DecodedBatch> {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot decode files for the model as its images must have 1 or 3 channels: they have ${channels}`,
    );
  }
  const imageBytes = channels * height * width;
  const buffers = Array.from({ length: slots }, () => new SharedArrayBuffer(batchSize * imageBytes));
  const offsets = Array.from({ length: batchSize }, (_, i) => i * imageBytes);
  const decode = async (batch: number): Promise<DecodedBatch> => {
    const some = files.slice(batch * batchSize, (batch + 1) * batchSize);
    const buffer = buffers[batch % slots]!;
    const decoded = await decoder.decode(some, {
      canvas: [height, width],
      channels: channels satisfies ChannelCount,
      buffer,
      offsets: offsets.slice(0, some.length),
    });
    const bytes = new Uint8Array(buffer);
    const kept: string[] = [], aspects: number[] = [], damaged: { name: string; reason: string }[] = [];
    decoded.forEach((size, i) => {
      if (typeof size === "string") damaged.push({ name: some[i]!, reason: size });
      else {
        bytes.copyWithin(kept.length * imageBytes, i * imageBytes, (i + 1) * imageBytes);
        kept.push(some[i]!);
        aspects.push(size[1] / size[0]);
      }
    });
    return { files: kept, planes: bytes.subarray(0, kept.length * imageBytes), aspects, damaged };
  };
  const count = Math.ceil(files.length / batchSize);
  const pending: Promise<DecodedBatch>[] = [];
  for (let batch = 0; batch < count; batch++) {
    while (pending.length < slots && batch + pending.length < count) {
      const next = decode(batch + pending.length);
      next.catch(() => undefined); // Awaited later, where its failure is thrown.
      pending.push(next);
    }
    yield await pending.shift()!;
  }
}
