/** Inspection of files, one after the other. */

import { inspectFile } from "./inspect_file.ts";

/** Files to be inspected. */
export interface InspectionRequest {
  /** Folder or archive. */
  readonly directory: string;
  /** Paths relative to the folder. */
  readonly names: readonly string[];
  /** True to read files completely and compute only their digests. */
  readonly wantsDigests: boolean;
}

/** Results of an inspection; places are indices into the list of names. */
export interface Inspection {
  /** Problems of files, as clauses that follow their names. */
  readonly problems: readonly (readonly [place: number, problem: string])[];
  /** A key for each file, equal for equal bytes and rarely otherwise; 0 for files with a problem `[N]`. */
  readonly keys: Float64Array;
  /**
   * A number for each file computed from all its bytes; NaN for large files unless digests are requested
   * `[N]`.
   */
  readonly contents: Float64Array;
  /** Places of files that may have 16 bits per channel. */
  readonly mayBeDeep: readonly number[];
  /** SHA-256 of each file if digests are requested; empty for unreadable files. */
  readonly digests: readonly string[];
}

/** Inspects files. */
export async function inspectAll({ directory, names, wantsDigests }: InspectionRequest): Promise<Inspection> {
  const problems: [number, string][] = [], mayBeDeep: number[] = [];
  const keys = new Float64Array(names.length), contents = new Float64Array(names.length).fill(NaN);
  const found = { problems, keys, contents, mayBeDeep };
  if (wantsDigests) {
    const { digestFile } = await import("./digest_files.ts");
    const digests = names.map((name, place) => {
      const { sha256, content } = digestFile(`${directory}/${name}`);
      contents[place] = content;
      return sha256;
    });
    return { ...found, digests };
  }
  for (const [place, name] of names.entries()) {
    const file = inspectFile(`${directory}/${name}`);
    keys[place] = file.key;
    contents[place] = file.fingerprint;
    if (file.problem !== null) problems.push([place, file.problem]);
    if (file.mayBeDeep) mayBeDeep.push(place);
  }
  return { ...found, digests: [] };
}
