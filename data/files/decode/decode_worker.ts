/**
 * The worker that reads and decodes image files, one after the other; {@linkcode DecodePool} starts it.
 * @module
 */

import { type ChannelCount, checkDecoder, decodeImage, imageSize, type Size } from "./decode_image.ts";
import { readPicture } from "../archive.ts";
import { messageOf } from "../../mod.ts";

/** Files to decode. */
export interface DecodeRequest {
  /** Comes back with the answer. */
  readonly id: number;
  /** The files. */
  readonly paths: readonly string[];
  /** Where they go; nowhere if only their sizes are asked for. */
  readonly target: DecodeTarget | null;
}

/** Where decoded images go. */
export interface DecodeTarget {
  /** What they are resampled to. */
  readonly canvas: Size;
  /** Planes of each: 1 for grey, 3 for RGB. */
  readonly channels: ChannelCount;
  /** Whether an image that has colour counts as one that cannot be decoded (default: false). */
  readonly mustBeGrey?: boolean;
  /** Memory that they are written to, shared with whoever asked. */
  readonly buffer: SharedArrayBuffer;
  /** The byte at which each begins there. */
  readonly offsets: readonly number[];
}

/** A file's own height and width, or what is wrong with it. */
export type Decoded = Size | string;

/** What became of a request. */
export type DecodeReply =
  | { readonly id: number; readonly decoded: readonly Decoded[] }
  | { readonly id: number; readonly error: Error };

/** What this global object is, where types know only that of a window. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<DecodeRequest>) => void;
  postMessage(reply: DecodeReply): void;
};

async function decodeFile(path: string, target: DecodeTarget | null, i: number): Promise<Decoded> {
  try {
    const bytes = await readPicture(path);
    if (!target) return await imageSize(bytes);
    const { canvas, channels, buffer, offsets, mustBeGrey = false } = target;
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const planes = new Uint8Array(buffer, offsets[i]!, channels * canvas[0] * canvas[1]);
    return await decodeImage(bytes, canvas, planes, channels, { mustBeGrey });
  } catch (error) {
    return messageOf(error);
  }
}

async function answer({ id, paths, target }: DecodeRequest): Promise<DecodeReply> {
  try {
    await checkDecoder();
  } catch (error) {
    return { id, error: error as Error };
  }
  const decoded: Decoded[] = [];
  for (const [i, path] of paths.entries()) decoded.push(await decodeFile(path, target, i));
  return { id, decoded };
}

// One request after the other: memory is that of one image, and the first that was asked for is ready first.
let last = Promise.resolve();
scope.onmessage = ({ data }) => last = last.then(async () => scope.postMessage(await answer(data)));
