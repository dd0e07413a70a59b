/** Lines of label lists, and the images that they name. */

import {
  counted,
  type FoundName,
  type LabelRow,
  type LabelTable,
  quoteOf,
  type SetName,
  shownName,
  someOf,
} from "../../mod.ts";
import { IMAGE } from "./find_files.ts";

/** A line, and the list that it is in. */
interface Line extends LabelRow {
  readonly source: string;
}

/** A line that names an image. */
interface Match {
  readonly line: Line;
  readonly found: FoundName & { readonly index: number };
}

/** What the lines of lists name. */
export interface Matches {
  /** Whether they name any image. */
  readonly namesAny: boolean;
  /** The class of each image of which lines say one, by its name. */
  readonly classOf: Map<string, string>;
  /** The set of each image of which lines say one, by its index. */
  readonly setOf: ReadonlyMap<number, SetName>;
  /** Names of images that were suggested to be labelled. */
  readonly suggested: ReadonlySet<string>;
  /** Sentences on lines that name no image, or several, or one in other words, and on those that contradict others. */
  readonly notes: readonly string[];
}

/** Finds the file that a written name means. */
export type Finder = (name: string) => FoundName | undefined;

/** Finds the images that the lines of lists name. @param names Paths of all images. @param finders That of each list. */
export function matchRows(names: readonly string[], finders: ReadonlyMap<LabelTable, Finder>): Matches {
  const missing: Line[] = [], unclear: Line[] = [], matches: Match[] = [];
  for (const [{ rows, columns, source }, find] of finders) {
    for (const [i, row] of rows.entries()) {
      const found = find(row.name), line = { ...row, source };
      // Without known names of columns, the first line may still be one of names.
      if (found === undefined && i === 0 && columns === null && !IMAGE.test(row.name)) continue;
      if (found === undefined) missing.push(line);
      else if (found.index === "several") unclear.push(line);
      else matches.push({ line, found: { ...found, index: found.index } });
    }
  }
  const { kept, foreign } = withoutStrangers(matches);
  const { notes, ...said } = combine(kept, names, [...finders.keys()]);
  return {
    namesAny: kept.length > 0,
    ...said,
    suggested: new Set(
      kept.filter(({ line }) => line.isSuggested).map(({ found: { index } }) => names[index] ?? ""),
    ),
    notes: [...describeUnmatched([...missing, ...foreign], unclear), ...describeForms(kept), ...notes],
  };
}

/**
 * Leaves out lines that only seem to name an image: where other lines show what stands for the folder of the images,
 * `train/1.jpg` is not what a line means by `test/1.jpg`.
 */
function withoutStrangers(matches: readonly Match[]): { readonly kept: Match[]; readonly foreign: Line[] } {
  const roots = new Set(matches.map(({ found }) => found.folders));
  const known = new Map<string, boolean>();
  const isStranger = (folders: string) => {
    const before = known.get(folders);
    if (before !== undefined) return before;
    const isRelative = !/^([a-z][a-z\d+.-]*:|\/)/i.test(folders);
    let isIt = isRelative && roots.has("");
    for (let at = folders.lastIndexOf("/"); at > 0 && !isIt; at = folders.lastIndexOf("/", at - 1)) {
      isIt = roots.has(folders.slice(0, at));
    }
    known.set(folders, isIt);
    return isIt;
  };
  const kept: Match[] = [], foreign: Line[] = [];
  for (const match of matches) {
    const { isThere, folders } = match.found;
    if (!isThere && isStranger(folders)) foreign.push(match.line);
    else kept.push(match);
  }
  return { kept, foreign };
}

/** What lines say of each image, which is nothing where they say several; saying nothing contradicts nothing. */
function combine(
  matches: readonly Match[],
  names: readonly string[],
  tables: readonly LabelTable[],
): Pick<Matches, "classOf" | "setOf" | "notes"> {
  const where = ({ line, source }: Line) =>
    tables.length === 1 ? `line ${line}` : `line ${line} of ${source}`;
  const say = `${tables.map(({ source }) => source).join(", ")} ${tables.length === 1 ? "says" : "say"}`;
  const notes: string[] = [], isConflict = new Set<number>();
  const agree = <T extends string>(what: string, wordOf: (line: Line) => T | undefined) => {
    const first = new Map<number, Line>(), conflicts = new Map<number, string>();
    for (const { line, found: { index } } of matches) {
      const former = first.get(index), word = wordOf(line);
      if (word === undefined) continue;
      if (!former) first.set(index, line);
      else if (wordOf(former) !== word) {
        const both = [former, line].map((each) => `${where(each)} ${quoteOf(wordOf(each) ?? "")}`).join(", ");
        conflicts.set(index, `${shownName(names[index] ?? "")} (${both})`);
        isConflict.add(index);
      }
    }
    const examples = someOf([...conflicts.values()]);
    if (conflicts.size > 0) {
      notes.push(
        `${say} different ${what} of ${counted(conflicts.size, "image")}, left without a label: ${examples}`,
      );
    }
    return [...first].map(([index, line]) => [index, wordOf(line)] as const);
  };
  const classes = agree("classes", ({ className }) => className || undefined);
  const sets = agree("sets", ({ set }) => set);
  const known = <T>([index, word]: readonly [number, T | undefined]) =>
    word === undefined || isConflict.has(index) ? [] : [[index, word] as const];
  return {
    classOf: new Map(classes.flatMap(known).map(([index, className]) => [names[index] ?? "", className])),
    setOf: new Map(sets.flatMap(known)),
    notes,
  };
}

/** `"2 lines of labels.csv name"`, for each list that has some. */
function describeLines(
  lines: readonly Line[],
  text: (subject: string, lines: Line[], isOne: boolean) => string,
) {
  return [...Map.groupBy(lines, ({ source }) => source)].map(([source, own]) =>
    text(`${counted(own.length, "line")} of ${source}`, own, own.length === 1)
  );
}

function shownLines(lines: readonly Line[]): string {
  return someOf(lines.map(({ name, line }) => `line ${line} (${quoteOf(name) || "empty"})`));
}

function describeUnmatched(missing: readonly Line[], unclear: readonly Line[]): string[] {
  return [
    ...describeLines(
      missing,
      (subject, lines, isOne) =>
        `${subject} ${isOne ? "names" : "name"} no image that is there: ${shownLines(lines)}`,
    ),
    ...describeLines(
      unclear,
      (subject, lines) =>
        `${subject} may mean several images, and none gets the label: ${
          shownLines(lines)
        }. Give more of their paths`,
    ),
  ];
}

/** Sentences on images that are named in other words than their own. */
function describeForms(matches: readonly Match[]): string[] {
  const byEnd = matches.filter(({ found }) => !found.isThere);
  const folders = someOf([...new Set(byEnd.map(({ found }) => quoteOf(found.folders)))]);
  const despite = (what: FoundName["despite"]) =>
    matches.filter(({ found }) => found.despite === what).map(({ line }) => line);
  const inAnother = (what: "Unicode form" | "case") =>
    describeLines(
      despite(what),
      (subject, lines, isOne) =>
        `${subject} ${isOne ? "names an image" : "name images"} in another ${what}: ${shownLines(lines)}`,
    );
  return [
    ...describeLines(
      byEnd.map(({ line }) => line),
      (subject, _, isOne) =>
        `${subject} ${isOne ? "names an image" : "name images"} by the end of ${
          isOne ? "its path" : "their paths"
        }: what stands before it, ${folders}, is not looked at`,
    ),
    ...inAnother("Unicode form"),
    ...inAnother("case"),
  ];
}
