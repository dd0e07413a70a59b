/** A look at all images of a folder: what some are that are no images, and which are equal. */

import { pause } from "../../mod.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { inspectArchive } from "./inspect_archive.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "./inspect_all.ts";

/** Files that are looked at in one go. */
const PART = 1024;
/** So many are worth the start of workers that use the other processors. */
const MANY = 8 * PART;
/** Milliseconds for a part: a disk that takes longer is waited for by as many workers as may be. */
const PATIENCE = 250;
/** Workers at most. */
const MOST_WORKERS = 8;

/** How files are looked at. */
export interface InspectOptions {
  /** Milliseconds that 1024 files may take before more workers help (default: 250). */
  readonly patience?: number | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/** Looks at files: {@linkcode Inspection}. Workers help where there are many, or the disk is slow. */
export async function inspectFiles(
  request: InspectionRequest,
  { patience = PATIENCE, signal }: InspectOptions = {},
): Promise<Inspection> {
  const { names, directory } = request, whole = emptyInspection(names.length);
  if (names.length > 0 && isZip(directory) && await isFile(directory)) {
    return await inspectArchive(request, signal);
  }
  const requestOf = (start: number) => ({ ...request, names: names.slice(start, start + PART) });
  const parts = Array.from({ length: Math.ceil(names.length / PART) }, (_, i) => i * PART).values();
  const workers: Worker[] = [], work: Promise<void>[] = [];
  const workAlong = async () => {
    const worker = new Worker(new URL("./inspect_worker.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    for (const start of parts) put(whole, start, await ask(worker, requestOf(start)));
  };
  const help = () => {
    const begun = workAlong();
    // It is waited for at the end.
    begun.catch(() => undefined);
    work.push(begun);
  };
  const helpers = names.length < MANY ? 0 : Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1);
  try {
    for (let i = 0; i < helpers; i++) help();
    for (const start of parts) {
      const begun = performance.now();
      put(whole, start, inspectAll(requestOf(start)));
      const isSlow = performance.now() - begun > patience;
      await pause(signal);
      while (isSlow && work.length < MOST_WORKERS && names.length > start + 2 * PART) help();
    }
    await Promise.all(work);
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
