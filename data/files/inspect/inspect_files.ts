/** Inspection of all images of a folder, for files that are not images and for equal files. */

import { pause } from "../../internal.ts";
import { DecodePool } from "../decode/decode_pool.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { inspectArchive } from "./inspect_archive.ts";
import { inspectAll, type Inspection, type InspectionRequest } from "./inspect_all.ts";

/** Number of files inspected at once. */
const PART = 1024;
/** Number of files from which workers are started at once; for fewer files, they do not save time. */
const MANY = 64 * PART;
/** Milliseconds per part above which the disk counts as slow, and more workers are started. */
const PATIENCE = 250;
/** Number of workers started for a slow disk. */
const MOST_WORKERS = 8;

/** Options of {@linkcode inspectFiles}. */
export interface InspectOptions {
  /** Milliseconds that 1024 files may take before more workers are started (default: 250). */
  readonly patience?: number | undefined;
  /** Running workers that help (default: none). */
  readonly decoder?: DecodePool | undefined;
  /** Signal that aborts the inspection. */
  readonly signal?: AbortSignal | undefined;
}

/** Inspects files. Workers help if there are many files or the disk is slow. */
export async function inspectFiles(
  request: InspectionRequest,
  { patience = PATIENCE, signal, decoder }: InspectOptions = {},
): Promise<Inspection> {
  const { names, directory } = request, whole = emptyInspection(names.length);
  if (names.length > 0 && isZip(directory) && await isFile(directory)) {
    return await inspectArchive(request, signal);
  }
  const requestOf = (start: number) => ({ ...request, names: names.slice(start, start + PART) });
  const parts = Array.from({ length: Math.ceil(names.length / PART) }, (_, i) => i * PART).values();
  const work: Promise<void>[] = [];
  const startHelp = (pool: DecodePool) => {
    for (const inspect of pool.inspectors) {
      const help = async () => {
        for (const start of parts) put(whole, start, await inspect(requestOf(start)));
      };
      const begun = help();
      // Errors are thrown by the final await.
      begun.catch(() => undefined);
      work.push(begun);
    }
  };
  using pools = new DisposableStack();
  // A few files are done before a worker has started.
  if (decoder && names.length > 2 * PART) startHelp(decoder);
  else if (names.length >= MANY) startHelp(pools.use(new DecodePool()));
  let canGrow = true;
  for (const start of parts) {
    const begun = performance.now();
    put(whole, start, await inspectAll(requestOf(start)));
    const isSlow = performance.now() - begun > patience;
    await pause(signal);
    if (isSlow && canGrow && names.length > start + 2 * PART) {
      startHelp(pools.use(new DecodePool(MOST_WORKERS)));
      canGrow = false;
    }
  }
  await Promise.all(work);
  return whole;
}

interface Growing extends Inspection {
  readonly problems: [number, string][];
  readonly mayBeDeep: number[];
  readonly digests: string[];
}

function emptyInspection(count: number): Growing {
  return {
    problems: [],
    keys: new Float64Array(count),
    contents: new Float64Array(count),
    mayBeDeep: [],
    digests: [],
  };
}

function put(whole: Growing, start: number, part: Inspection): void {
  whole.keys.set(part.keys, start);
  whole.contents.set(part.contents, start);
  for (const [place, problem] of part.problems) whole.problems.push([start + place, problem]);
  for (const place of part.mayBeDeep) whole.mayBeDeep.push(start + place);
  for (const [place, digest] of part.digests.entries()) whole.digests[start + place] = digest;
}
