/** A look at all images of a folder: what some are that are no images, and which are equal. */

import { pause } from "../../pixels/pause.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "./inspect_all.ts";

/** Files that are looked at in one go. */
const PART = 1024;
/** Milliseconds for these: a disk that takes longer is waited for by several workers at a time. */
const PATIENCE = 250;
/** Workers at most. */
const MOST_WORKERS = 8;

/** How files are looked at. */
export interface InspectOptions {
  /** Milliseconds that 1024 files may take before workers help (default: 250). */
  readonly patience?: number | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at files: {@linkcode Inspection}. On a fast disk that takes a hundredth of a millisecond each, less than to tell a
 * worker of it; workers do it where the disk is slow.
 */
export async function inspectFiles(
  request: InspectionRequest,
  { patience = PATIENCE, signal }: InspectOptions = {},
): Promise<Inspection> {
  const { names } = request, whole = emptyInspection(names.length);
  const requestOf = (start: number) => ({ ...request, names: names.slice(start, start + PART) });
  const parts = Array.from({ length: Math.ceil(names.length / PART) }, (_, i) => i * PART).values();
  for (const start of parts) {
    const begun = performance.now();
    put(whole, start, inspectAll(requestOf(start)));
    const isSlow = performance.now() - begun > patience;
    await pause(signal);
    if (isSlow && names.length > start + 2 * PART) break;
  }
  await shareOut(parts, requestOf, whole, signal);
  return whole;
}

/** Lets workers look at the parts that are left. */
async function shareOut(
  parts: Iterator<number>,
  requestOf: (start: number) => InspectionRequest,
  whole: Growing,
  signal: AbortSignal | undefined,
): Promise<void> {
  const workers: Worker[] = [];
  const work = async (first: number) => {
    const worker = new Worker(new URL("./inspect_worker.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    for (let start: number | undefined = first; start !== undefined; start = parts.next().value) {
      put(whole, start, await ask(worker, requestOf(start)));
      signal?.throwIfAborted();
    }
  };
  const firsts = Array.from({ length: MOST_WORKERS }, () => parts.next().value).filter((start) =>
    start !== undefined
  );
  try {
    await Promise.all(firsts.map(work));
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
