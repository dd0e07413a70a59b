/** Labels that lists give to the images of a user's folder. */

import { resolve } from "node:path";
import {
  fileFinder,
  type LabelTable,
  type LabelTableOptions,
  NO_LABEL,
  quoteOf,
  someOf,
  sortedClasses,
} from "../../mod.ts";
import type { Labelling, ListedFiles } from "./class_folders.ts";
import type { Folder } from "./folder_tree.ts";
import { divide, divideByFolders, type Division, setsOfFolders } from "./listed_sets.ts";
import { type Finder, type Matches, matchRows } from "./matched_rows.ts";
import { readLabelTable } from "./read_list.ts";

/** A label list, and what it is called in messages. */
export interface NamedList {
  readonly path: string;
  readonly source: string;
  /** The folder that it lies in, from that of the images on, with a `/` at the end; its names may start from there. */
  readonly folder: string;
}

/** Where images lie, and how lists are read. */
export interface ListedOptions extends Omit<LabelTableOptions, "isFile"> {
  /** The folder of the images. */
  readonly directory: string;
  /** The folders below it, which may say sets. */
  readonly tree?: Folder | undefined;
  /** What sub-folders say where they name classes: their test set stays one, whatever is listed. */
  readonly folders?: Labelling | undefined;
}

/** What lists say of images. */
interface Listed {
  readonly names: readonly string[];
  readonly tables: readonly LabelTable[];
  /** What all lists are called. */
  readonly source: string;
}

/**
 * Gives images the labels of lists, of which later ones add to what earlier ones say. Whatever no list names has no label,
 * and neither has what is named with two classes. Lines that name no image are passed over, unless all do.
 *
 * @param names Paths of all images, below the folder.
 * @throws {RangeError} when no line names an image, there are fewer than two classes, or the test set has another.
 * @throws as `readLabelTable`
 */
export async function labelsFromLists(
  names: readonly string[],
  lists: readonly NamedList[],
  { directory, tree, folders, ...options }: ListedOptions,
): Promise<Labelling> {
  const findAnywhere = fileFinder(names, resolve(directory)), finders = new Map<LabelTable, Finder>();
  for (const { path, source, folder } of lists) {
    const find = finderFrom(folder, findAnywhere);
    const isFile = (name: string) => find(name) !== undefined;
    finders.set(await readLabelTable(path, { ...options, isFile }, source), find);
  }
  const tables = [...finders.keys()];
  const { namesAny, classOf, setOf, suggested, notes } = matchRows(names, finders);
  const listed = { names, tables, source: lists.map(({ source }) => source).join(", ") };
  if (!namesAny) throw noneFound(listed);
  const { division, said } = divideListed(listed, { classOf, setOf }, { tree, folders });
  return {
    ...assemble(listed, division, classOf),
    suggested,
    origin: originOf(listed),
    notes: [...said, ...tables.flatMap((table) => table.notes), ...notes],
  };
}

/** Finds what a list says in the folder that it lies in, or else anywhere. */
function finderFrom(folder: string, find: Finder): Finder {
  if (folder === "") return find;
  return (name) => {
    const beside = find(`${folder}${name}`);
    return beside?.folders === "" && beside.index !== "several" ? beside : find(name);
  };
}

/** What divides images: a column of sets, or else the test set of class folders, or else folders of sets. */
function divideListed(
  { names, tables }: Listed,
  { classOf, setOf }: Pick<Matches, "classOf" | "setOf">,
  { tree, folders }: Pick<ListedOptions, "tree" | "folders">,
): { readonly division: Division; readonly said: readonly string[] } {
  const own = tables.find(({ columns }) => columns?.set !== undefined);
  const saidBy = (origin: string, division: Division) => ({
    division,
    said: [`${origin} the sets: ${division.text}`],
  });
  if (own) {
    const origin = `column ${quoteOf(own.columns?.set ?? "")} of ${own.source} says`;
    return saidBy(origin, divide(names, classOf, (index) => setOf.get(index)));
  }
  const division = folders && divideByFolders(folders, classOf);
  if (division) return { division, said: division.text === "" ? [] : [division.text] };
  const ofFolders = tree && setsOfFolders(names, classOf, tree);
  if (ofFolders) return saidBy("folders say", divide(names, classOf, ofFolders));
  return { division: { train: names, test: null, text: "" }, said: [] };
}

function assemble(
  { tables, source }: Listed,
  { train, test }: Division,
  classOf: ReadonlyMap<string, string>,
): Pick<Labelling, "classes" | "train" | "test"> {
  const classes = sortedClasses(train.flatMap((name) => classOf.get(name) ?? []));
  if (classes.length < 2) throw tooFewClasses(source, classes, tables);
  const known = new Set(classes);
  const unknown = new Set(
    test?.names.map((name) => classOf.get(name) ?? "").filter((each) => !known.has(each)),
  );
  if (test && unknown.size > 0) {
    throw new RangeError(
      `Cannot use ${source} as classes of ${test.name} must be among those to train with: ${
        someOf([...unknown].map(quoteOf))
      } ${unknown.size === 1 ? "is" : "are"} not`,
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
  if (!first?.columns || tables.length > 1) return `labels are those of ${source}`;
  const { file, label } = first.columns;
  const columns = label === null
    ? `column ${quoteOf(file)}, and one for each class`
    : `columns ${quoteOf(file)} and ${quoteOf(label)}`;
  return `labels are those of ${source} (${columns})`;
}

function noneFound({ source, names, tables }: Listed): RangeError {
  const written = tables.flatMap(({ rows }) => rows.slice(0, 3)).map(({ name }) => quoteOf(name));
  return new RangeError(
    `Cannot use ${source} as it must name images of the folder: ${
      written.length === 0 ? "it has no lines" : `it names ${someOf(written, 3)}`
    }; the images are ${someOf(names, 3)}`,
  );
}

function tooFewClasses(
  source: string,
  classes: readonly string[],
  tables: readonly LabelTable[],
): RangeError {
  return new RangeError(
    `Cannot use ${source} as it must give labels of two classes or more: ${
      [`it gives ${someOf(classes.map(quoteOf))}`, ...tables.flatMap(({ notes }) => notes)].join("; ")
    }`,
  );
}
