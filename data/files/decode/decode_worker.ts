/**
 * Worker that reads image files, one after the other, to inspect or decode them; started by
 * {@linkcode DecodePool}.
 * @module
 */

import {
  type ChannelCount,
  checkDecoder,
  decodeImage,
  type DecodeOptions,
  findLargestValue,
  imageSize,
  type Size,
} from "./decode_image.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "../inspect/inspect_all.ts";
import { readPicture } from "./read_picture.ts";

/** Files to decode. */
export interface DecodeRequest {
  /** Number that is repeated in the reply. */
  readonly id: number;
  /** Paths of the files. */
  readonly paths: readonly string[];
  /** Destination of the images, or the only property to be determined. */
  readonly target: DecodeTarget | "sizes" | "largest values";
}

/** Request to a worker: to decode, to inspect, or to load the decoder before it is needed. */
export type WorkerRequest =
  | DecodeRequest
  | { readonly id: number; readonly inspection: InspectionRequest }
  | "load";

/** Destination and format of decoded images. */
export interface DecodeTarget extends DecodeOptions {
  /** Height and width to which images are resampled. */
  readonly canvas: Size;
  /** Number of planes per image: 1 for grey, 3 for RGB. */
  readonly channels: ChannelCount;
  /** Memory for the images. */
  readonly buffer: SharedArrayBuffer;
  /** Offset of each image in the buffer. */
  readonly offsets: readonly number[];
}

/** Original height and width of an image, or the reason it could not be decoded. */
export type Decoded = Size | string;
/** Largest value of a 16-bit image (0 for others), or the reason it could not be decoded. */
export type LargestValue = number | string;

/** Result of a request: an answer for each file to decode, or the inspection. */
export type WorkerReply =
  | { readonly id: number; readonly result: readonly (Decoded | LargestValue)[] | Inspection }
  | { readonly id: number; readonly error: Error };

/** The worker's global object; the default types describe a window. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(reply: WorkerReply): void;
};

async function processFile(
  path: string,
  target: DecodeRequest["target"],
  i: number,
): Promise<Decoded | LargestValue> {
  try {
    const bytes = await readPicture(path);
    if (target === "sizes") return await imageSize(bytes);
    if (target === "largest values") return await findLargestValue(bytes);
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
  for (const [i, path] of paths.entries()) answers.push(await processFile(path, target, i));
  return { id, result: answers };
}

// Requests are processed in order, so memory is needed for one image only.
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
