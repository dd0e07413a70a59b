/** A look at some files, one after the other. */

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { inspectFile } from "./inspect_file.ts";

/** Files to be looked at. */
export interface InspectionRequest {
  readonly directory: string;
  /** Their paths below it. */
  readonly names: readonly string[];
  /** Whether all of each is read for a digest. */
  readonly wantsDigests: boolean;
}

/** What was found out about some files; places are those in the list of names. */
export interface Inspection {
  /** What is wrong with some. */
  readonly problems: readonly (readonly [place: number, problem: string])[];
  /** A number for each that files of equal bytes share, and others hardly; 0 for those with a problem `[N]`. */
  readonly keys: Float64Array;
  /** Those whose numbers may have 16 bits. */
  readonly mayBeDeep: readonly number[];
  /** SHA-256 of each; empty where it cannot be read, or was not asked for and the file is large. */
  readonly digests: readonly string[];
}

/** Looks at files. */
export function inspectAll({ directory, names, wantsDigests }: InspectionRequest): Inspection {
  const problems: [number, string][] = [], mayBeDeep: number[] = [], digests: string[] = [];
  const keys = new Float64Array(names.length);
  if (wantsDigests) {
    return { problems, keys, mayBeDeep, digests: names.map((name) => digestOf(`${directory}/${name}`)) };
  }
  for (const [place, name] of names.entries()) {
    const found = inspectFile(`${directory}/${name}`);
    keys[place] = found.key;
    digests.push(found.digest);
    if (found.problem !== null) problems.push([place, found.problem]);
    if (found.mayBeDeep) mayBeDeep.push(place);
  }
  return { problems, keys, mayBeDeep, digests };
}

const buffer = new Uint8Array(2 ** 18);

/** SHA-256 of a file, of which a part is in memory at a time; empty where it cannot be read. */
function digestOf(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const hash = createHash("sha256");
    for (let read = 1; read > 0;) {
      read = readSync(file, buffer, 0, buffer.length, null);
      hash.update(buffer.subarray(0, read));
    }
    return hash.digest("hex");
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
