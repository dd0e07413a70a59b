/** Labels of a user's images from label lists. */

import { dirname, resolve } from "node:path";
import {
  fileFinder,
  type LabelTable,
  type LabelTableOptions,
  quoteOf,
  type SetName,
  someOf,
  sortClasses,
} from "../../internal.ts";
import { exampleName, NO_LABEL } from "../../mod.ts";
import type { Labelling, ListedFiles } from "./class_folders.ts";
import type { Folder } from "./folder_tree.ts";
import { divide, divideByFolders, type Division, findSetsOfFolders } from "./listed_sets.ts";
import { type Finder, type Matches, matchRows } from "./matched_rows.ts";
import { readNameLabels } from "../names/label_pattern.ts";
import { readLabelTable } from "./read_list.ts";

/** A label list. */
export interface NamedList {
  readonly path: string;
  /** Name for messages. */
  readonly source: string;
  /**
   * Folder of the list relative to that of the images, with a trailing `/`; names in the list may start
   * there.
   */
  readonly folder: string;
  /** Set of the lines that name none, as told by the list's name. */
  readonly set?: SetName | undefined;
}

/** Options of {@linkcode labelsFromLists}. */
export interface ListedOptions extends Omit<LabelTableOptions, "isFile"> {
  /** Folder of the images. */
  readonly directory: string;
  /** Tree of its sub-folders, which may be named like sets. */
  readonly tree?: Folder | undefined;
  /** Labels from sub-folders, if these are classes; their test set is kept. */
  readonly folders?: Labelling | undefined;
  /** True if sets in the tree mean nothing, except those of `folders` (default: false). */
  readonly ignoreSetFolders?: boolean | undefined;
  /** True if the images are those of arrays, which all number them from 0 (default: false). */
  readonly areArrays?: boolean | undefined;
  /** Regular expression that captures classes in the images' names, which count as a first list; undefined = none. */
  readonly labelPattern?: string | undefined;
}

/** Images and lists. */
interface Listed {
  readonly names: readonly string[];
  readonly tables: readonly LabelTable[];
  /** True if the names of the lists are those of sets. */
  readonly areOfSets: boolean;
  /** Names of all lists, for messages. */
  readonly source: string;
}

/** Returns whether a name has folders other than that of the training images of arrays. */
function isOfOtherArray(name: string): boolean {
  const [number, folder] = name.split(/[\\/]/).reverse();
  return number !== undefined && folder !== undefined && folder !== dirname(exampleName(0));
}

/**
 * Labels images by one or several lists. Images that are not listed, or listed with two classes, are
 * unlabelled. Lines that match no image are skipped.
 *
 * @param names Paths of all images relative to the folder.
 * @throws {RangeError} when no line matches an image, there are fewer than two classes, or the test set has a
 * class that does not occur in training.
 * @throws as `readLabelTable`
 */
export async function labelsFromLists(
  names: readonly string[],
  lists: readonly NamedList[],
  { directory, tree, folders, ignoreSetFolders = false, areArrays = false, labelPattern, ...options }:
    ListedOptions,
): Promise<Labelling> {
  const findFile = fileFinder(names, resolve(directory)), finders = new Map<LabelTable, Finder>();
  const findAnywhere: Finder = (name) => areArrays && isOfOtherArray(name) ? undefined : findFile(name);
  if (labelPattern !== undefined) {
    finders.set(readNameLabels(names, labelPattern, options), createExactFinder(names));
  }
  for (const { path, source, folder, set } of lists) {
    const find = createFinder(folder, findAnywhere);
    // Classes that are numbers match images of arrays, too, if zeros before them are added.
    const isFile = (name: string) => (!areArrays || /\d{5}\s*$/.test(name)) && find(name) !== undefined;
    const table = await readLabelTable(path, { ...options, isFile }, source);
    const rows = set === undefined ? table.rows : table.rows.map((row) => ({ set, ...row }));
    finders.set({ ...table, rows }, find);
  }
  const tables = [...finders.keys()];
  const { matchesAny, classOf, setOf, suggested, withdrawn, notes } = matchRows(names, finders);
  const areOfSets = lists.some(({ set }) => set !== undefined);
  const listed = { names, tables, areOfSets, source: tables.map(({ source }) => source).join(", ") };
  if (!matchesAny) throw noMatchError(listed);
  const { division, setNotes } = divideListed(listed, { classOf, setOf, suggested }, {
    tree: ignoreSetFolders ? undefined : tree,
    folders,
  });
  return {
    ...assemble(listed, division, classOf),
    suggested,
    withdrawn,
    origin: originOf(listed),
    notes: [...setNotes, ...tables.flatMap((table) => table.notes), ...notes],
  };
}

/** Creates a finder of whole names. */
function createExactFinder(names: readonly string[]): Finder {
  const places = new Map(names.map((name, index) => [name, index]));
  return (name) => {
    const index = places.get(name);
    return index === undefined ? undefined : { index, folders: "", foldersMatch: true, despite: "nothing" };
  };
}

/** Creates a finder that looks in the list's folder first, then everywhere. */
function createFinder(folder: string, find: Finder): Finder {
  if (folder === "") return find;
  return (name) => {
    const beside = find(`${folder}${name}`);
    return beside?.folders === "" && beside.index !== "several" ? beside : find(name);
  };
}

/**
 * Divides images by a column of sets, otherwise by the test set of class folders, otherwise by folders of
 * sets.
 */
function divideListed(
  { names, tables, areOfSets }: Listed,
  { classOf, setOf, suggested }: Pick<Matches, "classOf" | "setOf" | "suggested">,
  { tree, folders }: Pick<ListedOptions, "tree" | "folders">,
): { readonly division: Division; readonly setNotes: readonly string[] } {
  const withSets = tables.find(({ columns }) => columns?.set !== undefined);
  const withNote = (origin: string, division: Division) => ({
    division,
    setNotes: [`sets are given by ${origin}: ${division.text}`],
  });
  if (withSets) {
    const origin = `column ${quoteOf(withSets.columns?.set ?? "")} of ${withSets.source}`;
    return withNote(origin, divide(names, classOf, (index) => setOf.get(index)));
  }
  if (areOfSets) {
    return withNote(
      "the names of the lists",
      divide(names, classOf, (index) => setOf.get(index)),
    );
  }
  const division = folders && divideByFolders(folders, classOf);
  if (division) return { division, setNotes: division.text === "" ? [] : [division.text] };
  const ofFolders = tree && findSetsOfFolders(names, { classOf, suggested }, tree);
  if (ofFolders) return withNote("folders", divide(names, classOf, ofFolders));
  return { division: { train: names, test: null, text: "" }, setNotes: [] };
}

function assemble(
  { tables, source }: Listed,
  { train, test }: Division,
  classOf: ReadonlyMap<string, string>,
): Pick<Labelling, "classes" | "train" | "test"> {
  const classes = sortClasses(train.flatMap((name) => classOf.get(name) ?? []));
  if (classes.length < 2) throw tooFewClassesError(source, classes, tables);
  const known = new Set(classes);
  const unknown = new Set(
    test?.names.map((name) => classOf.get(name) ?? "").filter((each) => !known.has(each)),
  );
  if (test && unknown.size > 0) {
    throw new RangeError(
      `Cannot use ${source}: ${unknown.size === 1 ? "class" : "classes"} ${
        someOf([...unknown].map(quoteOf))
      } of ${test.name} ${unknown.size === 1 ? "does" : "do"} not occur in the training images`,
    );
  }
  return {
    classes,
    train: listedFiles(train, classes, classOf),
    test: test ? { name: test.name, examples: listedFiles(test.names, classes, classOf) } : null,
  };
}

function listedFiles(
  names: readonly string[],
  classes: readonly string[],
  classOf: ReadonlyMap<string, string>,
): ListedFiles {
  const indices = new Map(classes.map((name, i) => [name, i]));
  return {
    names,
    labels: Int32Array.from(names, (name) => indices.get(classOf.get(name) ?? "") ?? NO_LABEL),
  };
}

function originOf({ tables, source }: Listed): string {
  const [first] = tables;
  if (!first?.columns || tables.length > 1) return `labels come from ${source}`;
  const { file, label } = first.columns;
  const columns = label === null
    ? `column ${quoteOf(file)} and one column for each class`
    : `columns ${quoteOf(file)} and ${quoteOf(label)}`;
  return `labels come from ${source} (${columns})`;
}

function noMatchError({ source, names, tables }: Listed): RangeError {
  const written = tables.flatMap(({ rows }) => rows.slice(0, 3)).map(({ name }) => quoteOf(name));
  return new RangeError(
    `Cannot use ${source}: none of its lines matches an image of the folder; ${
      written.length === 0 ? "it has no lines" : `it lists ${someOf(written, 3)}`
    }, and the images are ${someOf(names, 3)}`,
  );
}

function tooFewClassesError(
  source: string,
  classes: readonly string[],
  tables: readonly LabelTable[],
): RangeError {
  return new RangeError(
    `Cannot use ${source}: labels of at least two classes are needed, but ${
      [`it has ${someOf(classes.map(quoteOf))}`, ...tables.flatMap(({ notes }) => notes)].join("; ")
    }`,
  );
}
