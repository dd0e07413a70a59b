/** The images of a folder that can be decoded, as far as their first and last bytes tell, and what is said of the others. */

import { counted, shownName, someOf } from "../../mod.ts";
import { inspectFiles, type InspectOptions } from "./inspect_files.ts";

/** Images of which the first and last bytes were looked at. */
export interface InspectedImages {
  /** Those with which nothing is wrong as far as was seen, in their order. */
  readonly images: readonly string[];
  /** A number for each of them that files of equal bytes share, and others hardly. */
  readonly keys: Float64Array;
  /** A number for each that follows from all its bytes; NaN for large files `[N]`. */
  readonly contents: Float64Array;
  /** Those of them whose numbers may have 16 bits. */
  readonly mayBeDeep: readonly string[];
  /** Sentences on files that are left out. */
  readonly notes: readonly string[];
}

/** Looks at images by their paths below a folder. */
export async function inspectImages(
  directory: string,
  names: readonly string[],
  options: InspectOptions = {},
): Promise<InspectedImages> {
  const { problems, keys, contents, mayBeDeep } = await inspectFiles(
    { directory, names, wantsDigests: false },
    options,
  );
  const areDeep = new Set(mayBeDeep), isLeftOut = new Set(problems.map(([place]) => place));
  const namesOf = (places: Iterable<number>) =>
    [...places].sort((a, b) => a - b).map((at) => names[at] ?? "");
  return {
    images: names.filter((_, at) => !isLeftOut.has(at)),
    keys: keys.filter((_, at) => !isLeftOut.has(at)),
    contents: contents.filter((_, at) => !isLeftOut.has(at)),
    mayBeDeep: namesOf(areDeep),
    notes: notesOn(problems.map(([at, problem]) => [names[at] ?? "", problem] as const)),
  };
}

/** Names that are given for each problem. */
const NAMED = 3;

function notesOn(problems: readonly (readonly [name: string, problem: string])[]): string[] {
  if (problems.length === 0) return [];
  const byProblem = Map.groupBy(problems, ([, problem]) => problem);
  const kinds = [...byProblem].sort(([, a], [, b]) => b.length - a.length).map(([problem, files]) =>
    `${someOf(files.map(([name]) => name).sort(), NAMED)} (${shownName(problem)})`
  );
  const are = problems.length === 1 ? "is" : "are";
  return [
    `${counted(problems.length, "file")} cannot be read as an image and ${are} left out: ${kinds.join("; ")}`,
  ];
}
