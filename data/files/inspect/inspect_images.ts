/**
 * Selection of the images of a folder that seem decodable by their first and last bytes, with notes on the
 * others.
 */

import { counted, shownName, someOf } from "../../internal.ts";
import { inspectFiles, type InspectOptions } from "./inspect_files.ts";

/** Images whose first and last bytes were inspected. */
export interface InspectedImages {
  /** Images without a visible problem, in their order. */
  readonly images: readonly string[];
  /** A key for each image, equal for equal bytes and rarely otherwise. */
  readonly keys: Float64Array;
  /** A number for each image computed from all its bytes; NaN for large files `[N]`. */
  readonly contents: Float64Array;
  /** Images that may have 16 bits per channel. */
  readonly mayBeDeep: readonly string[];
  /** Sentences about files that are left out. */
  readonly notes: readonly string[];
}

/** Inspects images. @param names Paths relative to the folder. */
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

/** Maximum number of names listed for each problem. */
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
