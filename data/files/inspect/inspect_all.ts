/** A look at some files, one after the other. */

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
  /** A number for each that follows from all its bytes; NaN for large files if digests are not wanted `[N]`. */
  readonly contents: Float64Array;
  /** Those whose numbers may have 16 bits. */
  readonly mayBeDeep: readonly number[];
  /** SHA-256 of each, if digests are wanted: empty for a file that cannot be read. */
  readonly digests: readonly string[];
}

/** Looks at files. */
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
