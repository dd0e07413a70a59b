/** A look at all images of a folder: what some are that are no images, and which are equal. */

import { pause } from "../../mod.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { inspectArchive } from "./inspect_archive.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "./inspect_all.ts";

/** Files that are looked at in one go. */
const PART = 1024;
/** So many are worth the start of workers. */
const MANY = 8 * PART;
/** Workers at most: more do not make a disk faster. */
const MOST_WORKERS = 8;

/** Where files are looked at. */
export interface InspectOptions {
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/** Looks at files: {@linkcode Inspection}. Workers do where there are many. */
export async function inspectFiles(
  request: InspectionRequest,
  { signal }: InspectOptions = {},
): Promise<Inspection> {
  const { names, directory } = request;
  if (names.length > 0 && isZip(directory) && await isFile(directory)) {
    return await inspectArchive(request, signal);
  }
  const parts = Array.from({ length: Math.ceil(names.length / PART) }, (_, i) => i * PART);
  const whole = emptyInspection(names.length);
  const requestOf = (start: number) => ({ ...request, names: names.slice(start, start + PART) });
  if (names.length < MANY) {
    for (const start of parts) {
      put(whole, start, inspectAll(requestOf(start)));
      await pause(signal);
    }
    return whole;
  }
  const workers = Array.from(
    { length: Math.min(MOST_WORKERS, Math.max(2, navigator.hardwareConcurrency)) },
    () => new Worker(new URL("./inspect_worker.ts", import.meta.url), { type: "module" }),
  );
  try {
    const queue = parts.values();
    await Promise.all(workers.map(async (worker) => {
      for (const start of queue) {
        put(whole, start, await ask(worker, requestOf(start)));
        signal?.throwIfAborted();
      }
    }));
    return whole;
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

interface Growing extends Inspection {
  readonly problems: [number, string][];
  readonly mayBeDeep: number[];
  readonly digests: string[];
}

function emptyInspection(count: number): Growing {
  return { problems: [], keys: new Float64Array(count), mayBeDeep: [], digests: [] };
}

function put(whole: Growing, start: number, part: Inspection): void {
  whole.keys.set(part.keys, start);
  for (const [place, problem] of part.problems) whole.problems.push([start + place, problem]);
  for (const place of part.mayBeDeep) whole.mayBeDeep.push(start + place);
  for (const [place, digest] of part.digests.entries()) whole.digests[start + place] = digest;
}

function ask(worker: Worker, request: InspectionRequest): Promise<Inspection> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Inspection>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot look at ${request.directory} as its worker must run: ${event.message}`));
    };
    worker.postMessage(request);
  });
}
