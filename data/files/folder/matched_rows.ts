/** Matching of label list lines with images. */

import {
  counted,
  type FoundName,
  type LabelRow,
  type LabelTable,
  quoteOf,
  type SetName,
  shownName,
  someOf,
} from "../../internal.ts";
import { IMAGE } from "./find_files.ts";

/** A line with the name of its list. */
interface Line extends LabelRow {
  readonly source: string;
}

/** A line that matches an image. */
interface Match {
  readonly line: Line;
  readonly found: FoundName & { readonly index: number };
}

/** Result of matching lines with images. */
export interface Matches {
  /** True if at least one line matches an image. */
  readonly matchesAny: boolean;
  /** Class of each labelled image, by its name. */
  readonly classOf: Map<string, string>;
  /** Set of each image that has one, by its index. */
  readonly setOf: ReadonlyMap<number, SetName>;
  /** Names of images that were suggested for labelling. */
  readonly suggested: ReadonlySet<string>;
  /** Names of images whose labels a correction removed. */
  readonly withdrawn: ReadonlySet<string>;
  /**
   * Sentences about lines that match no image, several images, or an image of another spelling; and
   * contradictions.
   */
  readonly notes: readonly string[];
}

/** Finds the file of a written name. */
export type Finder = (name: string) => FoundName | undefined;

/**
 * Matches the lines of lists with images.
 *
 * @param names Paths of all images.
 * @param finders Finder of each list.
 */
export function matchRows(names: readonly string[], finders: ReadonlyMap<LabelTable, Finder>): Matches {
  const missing: Line[] = [], unclear: Line[] = [], matches: Match[] = [];
  for (const [{ rows, columns, source }, find] of finders) {
    for (const [i, row] of rows.entries()) {
      const found = find(row.name), line = { ...row, source };
      // The first line may be a header even if its column names are unknown.
      if (found === undefined && i === 0 && columns === null && !IMAGE.test(row.name)) continue;
      if (found === undefined) missing.push(line);
      else if (found.index === "several") unclear.push(line);
      else matches.push({ line, found: { ...found, index: found.index } });
    }
  }
  const { kept, foreign } = removeForeign(matches);
  const { notes, ...combined } = combine(kept, names, [...finders.keys()]);
  return {
    matchesAny: kept.length > 0,
    ...combined,
    suggested: new Set(
      kept.filter(({ line }) => line.isSuggested).map(({ found: { index } }) => names[index] ?? ""),
    ),
    notes: [...describeUnmatched([...missing, ...foreign], unclear), ...describeForms(kept), ...notes],
  };
}

/**
 * Removes lines that only seem to match an image: if other lines show the path of the images' folder, a line
 * `test/1.jpg` does not mean `train/1.jpg`.
 */
function removeForeign(matches: readonly Match[]): { readonly kept: Match[]; readonly foreign: Line[] } {
  // A label from a name itself shows no folder.
  const roots = new Set(matches.flatMap(({ line, found }) => line.line === 0 ? [] : [found.folders]));
  const known = new Map<string, boolean>();
  const isForeign = (folders: string) => {
    const cached = known.get(folders);
    if (cached !== undefined) return cached;
    const isRelative = !/^([a-z][a-z\d+.-]*:|\/)/i.test(folders);
    let hasRoot = isRelative && roots.has("");
    for (let at = folders.lastIndexOf("/"); at > 0 && !hasRoot; at = folders.lastIndexOf("/", at - 1)) {
      hasRoot = roots.has(folders.slice(0, at));
    }
    known.set(folders, hasRoot);
    return hasRoot;
  };
  const kept: Match[] = [], foreign: Line[] = [];
  for (const match of matches) {
    const { foldersMatch, folders } = match.found;
    if (!foldersMatch && isForeign(folders)) foreign.push(match.line);
    else kept.push(match);
  }
  return { kept, foreign };
}

/**
 * Combines the lines of each image. Contradicting lines are dropped; a missing value contradicts nothing. Of an
 * image with corrections, the class is that of the last one, or none if the correction has none.
 */
function combine(
  matches: readonly Match[],
  names: readonly string[],
  tables: readonly LabelTable[],
): Pick<Matches, "classOf" | "setOf" | "withdrawn" | "notes"> {
  const where = ({ line, source }: Line) =>
    line === 0 ? "its name" : tables.length === 1 ? `line ${line}` : `line ${line} of ${source}`;
  const sources = tables.map(({ source }) => source).join(", ");
  const notes: string[] = [], isConflict = new Set<number>();
  const corrections = new Map(
    matches.flatMap(({ line, found: { index } }) => line.isCorrection ? [[index, line] as const] : []),
  );
  const withoutReplaced = matches.filter(({ line, found: { index } }) =>
    (corrections.get(index) ?? line) === line
  );
  const agree = <T extends string>(
    what: string,
    lines: readonly Match[],
    wordOf: (line: Line) => T | undefined,
  ) => {
    const first = new Map<number, Line>(), conflicts = new Map<number, string>();
    for (const { line, found: { index } } of lines) {
      const earlier = first.get(index), word = wordOf(line);
      if (word === undefined) continue;
      if (!earlier) first.set(index, line);
      else if (wordOf(earlier) !== word) {
        const both = [earlier, line].map((each) => `${where(each)} ${quoteOf(wordOf(each) ?? "")}`).join(
          ", ",
        );
        conflicts.set(index, `${shownName(names[index] ?? "")} (${both})`);
        isConflict.add(index);
      }
    }
    const examples = someOf([...conflicts.values()]);
    if (conflicts.size > 0) {
      notes.push(
        `${sources} ${tables.length === 1 ? "gives" : "give"} different ${what} for ${
          counted(conflicts.size, "image")
        }, which ${conflicts.size === 1 ? "is" : "are"} left unlabelled: ${examples}`,
      );
    }
    return [...first].map(([index, line]) => [index, wordOf(line)] as const);
  };
  const classes = agree("classes", withoutReplaced, ({ className }) => className || undefined);
  const sets = agree("sets", matches, ({ set }) => set);
  const known = <T>([index, word]: readonly [number, T | undefined]) =>
    word === undefined || isConflict.has(index) ? [] : [[index, word] as const];
  return {
    classOf: new Map(classes.flatMap(known).map(([index, className]) => [names[index] ?? "", className])),
    setOf: new Map(sets.flatMap(known)),
    withdrawn: new Set(
      [...corrections].flatMap(([index, { className }]) => className === "" ? [names[index] ?? ""] : []),
    ),
    notes,
  };
}

/** Creates a sentence for each list; its subject is such as `"2 lines of labels.csv"`. */
function describeLines(
  lines: readonly Line[],
  text: (subject: string, lines: Line[], isOne: boolean) => string,
) {
  return [...Map.groupBy(lines, ({ source }) => source)].map(([source, own]) =>
    text(`${counted(own.length, "line")} of ${source}`, own, own.length === 1)
  );
}

function formatLines(lines: readonly Line[]): string {
  return someOf(lines.map(({ name, line }) => `line ${line} (${quoteOf(name) || "empty"})`));
}

function describeUnmatched(missing: readonly Line[], unclear: readonly Line[]): string[] {
  return [
    ...describeLines(
      missing,
      (subject, lines, isOne) => `${subject} ${isOne ? "matches" : "match"} no image: ${formatLines(lines)}`,
    ),
    ...describeLines(
      unclear,
      (subject, lines) =>
        `${subject} may mean several images, and none of these is labelled: ${
          formatLines(lines)
        }. Write more of their paths`,
    ),
  ];
}

/** Describes lines that match an image despite another spelling. */
function describeForms(matches: readonly Match[]): string[] {
  const byEnd = matches.filter(({ found }) => !found.foldersMatch);
  const folders = someOf([...new Set(byEnd.map(({ found }) => quoteOf(found.folders)))]);
  const despite = (what: FoundName["despite"]) =>
    matches.filter(({ found }) => found.despite === what).map(({ line }) => line);
  const inAnother = (what: Exclude<FoundName["despite"], "nothing">) =>
    describeLines(
      despite(what),
      (subject, lines, isOne) =>
        `${subject} ${isOne ? "matches an image" : "match images"} despite another ${what}: ${
          formatLines(lines)
        }`,
    );
  return [
    ...describeLines(
      byEnd.map(({ line }) => line),
      (subject, _, isOne) =>
        `${subject} ${isOne ? "matches an image" : "match images"} by the end of ${
          isOne ? "its path" : "their paths"
        }; the beginning, ${folders}, is ignored`,
    ),
    ...inAnother("Unicode form"),
    ...inAnother("case"),
    ...inAnother("file ending"),
    ...inAnother("number of zeros"),
  ];
}
