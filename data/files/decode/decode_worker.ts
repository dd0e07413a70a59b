/**
 * The worker that reads image files, one after the other, to inspect or decode them; {@linkcode DecodePool} starts it.
 * @module
 */

import {
  type ChannelCount,
  checkDecoder,
  decodeImage,
  type DecodeOptions,
  imageSize,
  largestDeepValue,
  type Size,
} from "./decode_image.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "../inspect/inspect_all.ts";
import { readPicture } from "./read_picture.ts";

/** Files to decode. */
export interface DecodeRequest {
  /** Comes back with the answer. */
  readonly id: number;
  /** The files. */
  readonly paths: readonly string[];
  /** Where they go; nowhere if only their sizes, or the largest values of those of 16 bits, are asked for. */
  readonly target: DecodeTarget | "sizes" | "largest values";
}

/** What a worker is asked: to decode, to inspect, or to load the decoder before it is needed. */
export type WorkerRequest =
  | DecodeRequest
  | { readonly id: number; readonly inspection: InspectionRequest }
  | "load";

/** Where decoded images go. */
export interface DecodeTarget extends DecodeOptions {
  /** What they are resampled to. */
  readonly canvas: Size;
  /** Planes of each: 1 for grey, 3 for RGB. */
  readonly channels: ChannelCount;
  /** Memory that they are written to, shared with whoever asked. */
  readonly buffer: SharedArrayBuffer;
  /** The byte at which each begins there. */
  readonly offsets: readonly number[];
}

/** A file's own height and width, or what is wrong with it. */
export type Decoded = Size | string;
/** The largest value of a file of 16 bits, 0 for others, or what is wrong with it. */
export type LargestValue = number | string;

/** Result of a request: an answer for each file to decode, or the inspection. */
export type WorkerReply =
  | { readonly id: number; readonly result: readonly (Decoded | LargestValue)[] | Inspection }
  | { readonly id: number; readonly error: Error };

/** What this global object is, where types know only that of a window. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(reply: WorkerReply): void;
};

async function answerFor(
  path: string,
  target: DecodeRequest["target"],
  i: number,
): Promise<Decoded | LargestValue> {
  try {
    const bytes = await readPicture(path);
    if (target === "sizes") return await imageSize(bytes);
    if (target === "largest values") return await largestDeepValue(bytes);
    const { canvas, channels, buffer, offsets, ...options } = target;
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const planes = new Uint8Array(buffer, offsets[i]!, channels * canvas[0] * canvas[1]);
    return await decodeImage(bytes, canvas, planes, channels, options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function answer({ id, paths, target }: DecodeRequest): Promise<WorkerReply> {
  try {
    await checkDecoder();
  } catch (error) {
    return { id, error: error as Error };
  }
  const answers: (Decoded | LargestValue)[] = [];
  for (const [i, path] of paths.entries()) answers.push(await answerFor(path, target, i));
  return { id, result: answers };
}

// One request after the other: memory is that of one image, and answers come in the order of requests.
let last = Promise.resolve();
scope.onmessage = ({ data }) => {
  if (data === "load") {
    // A failure is reported with the answer to the first request.
    checkDecoder().catch(() => undefined);
  } else if ("inspection" in data) {
    const { id, inspection } = data;
    last = last.then(async () => scope.postMessage({ id, result: await inspectAll(inspection) }));
  } else last = last.then(async () => scope.postMessage(await answer(data)));
};
