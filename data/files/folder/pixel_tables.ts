/** Tables of pixels in a user's folder, as sources of arrays. */

import { basename, dirname, join } from "node:path";
import {
  type ChannelOrder,
  createMissingTest,
  decompress,
  describeImplausible,
  findTableColumns,
  isPlausible,
  messageOf,
  someOf,
  splitPieces,
  type TableLayout,
} from "../../internal.ts";
import { type PixelTable, readPixelTable, type TablePart } from "../../mod.ts";
import { splitArchivedPath, streamAnyFile } from "../archive.ts";
import { checkRegular } from "../disk.ts";
import type { ArraySource } from "./array_sources.ts";
import type { Folder } from "./folder_tree.ts";

const TABLE = /\.(csv|tsv|tab|tra|tes)(\.gz)?$/i;

/** Options for reading tables. */
export interface ReadTablesOptions {
  /** Order of colour values (default: neighbouring values of each pixel). */
  readonly channels?: ChannelOrder | undefined;
}

/** Returns the names that may be those of tables of pixels. */
export function tablesAmong(names: readonly string[]): string[] {
  return names.filter((name) => TABLE.test(name));
}

/**
 * Returns whether a file is a table of pixels, by its name and first lines.
 *
 * @throws as `readAnyFile` does.
 */
export async function isPixelTable(path: string): Promise<boolean> {
  if (!TABLE.test(path)) return false;
  try {
    return await findTableColumns(streamTable(path), path) !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * Lists the images and labels of the tables of pixels in a folder, in its only sub-folder, or in its several
 * sub-folders.
 *
 * @param chain The folder and its chain of only sub-folders.
 * @throws {SyntaxError} naming the file when the only table has columns of pixels that cannot be read.
 */
export async function tablesIn(
  chain: readonly Folder[],
  directory: string,
  options: ReadTablesOptions,
): Promise<ArraySource[]> {
  const groups = [
    ...chain.map(({ path, others }) => ({ path, names: others })),
    ...chain.slice(-1).map(({ path, folders }) => ({
      path,
      names: folders.flatMap(({ name, others }) => others.map((other) => `${name}/${other}`)),
    })),
  ];
  for (const { path, names } of groups) {
    const sources = await tableSources(names, join(directory, path), options);
    if (sources.length > 0) return sources;
  }
  return [];
}

/** A table whose columns are known. */
interface FoundTable {
  readonly name: string;
  readonly path: string;
  readonly layout: TableLayout;
}

/**
 * Lists the images and labels of tables of pixels; none if no file is such a table.
 *
 * @throws {SyntaxError} naming the file when the only table has columns of pixels that cannot be read.
 */
export async function tableSources(
  names: readonly string[],
  directory: string,
  options: ReadTablesOptions,
): Promise<ArraySource[]> {
  const tables: FoundTable[] = [], others: string[] = [], faults: SyntaxError[] = [];
  for (const name of tablesAmong(names)) {
    const path = join(directory, name);
    try {
      const layout = await findTableColumns(streamTable(path), path);
      if (layout) tables.push({ name, path, layout });
      else others.push(name);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      faults.push(error);
    }
  }
  const [fault] = faults;
  if (tables.length === 0 && fault) throw fault;
  const notes = [
    ...(others.length === 0 ? [] : [`${someOf(others)} ${others.length === 1 ? "is" : "are"} ignored`]),
    ...faults.map((error) => `a file is ignored: ${messageOf(error)}`),
  ];
  const sources: ArraySource[] = [];
  for (const table of tables) sources.push(...await sourcesOf(table, tables.length === 1, options));
  return sources.map((source, i) =>
    i > 0 ? source : { ...source, notes: () => [...notes, ...source.notes?.() ?? []] }
  );
}

/** Lists the images and labels of a table, of each set if it has a column of sets. */
async function sourcesOf(
  { name, path, layout }: FoundTable,
  isOnly: boolean,
  options: ReadTablesOptions,
): Promise<ArraySource[]> {
  let reading: Promise<PixelTable> | undefined, notes: readonly string[] = [];
  const read = async (signal?: AbortSignal) => {
    const table = await (reading ??= readTable(path, options, signal));
    notes = table.notes.map((note) => `${name}: ${note}`);
    return table;
  };
  // The name of the only table may be that of any set.
  const stems = isOnly ? [] : [stemOf(name), ...(dirname(name) === "." ? [] : [dirname(name)])];
  const { label, set, names } = layout;
  const column = label === null || label === "first or last"
    ? "labels"
    : names?.[label] || `column ${label + 1}`;
  const describe = (part: Pick<TablePart, "set">, hasLabels: boolean): ArraySource[] => {
    const own = part.set === undefined ? [] : [part.set],
      title = `${name}${own.map((word) => ` (${word})`).join("")}`;
    const partOf = async (signal?: AbortSignal) =>
      (await read(signal)).parts.find((each) => each.set === part.set);
    const unlabeled = hasLabels || part.set !== undefined && part.set !== "train" ? [] : ["unlabeled"];
    return [
      {
        name: title,
        stems: ["images", ...unlabeled, ...own, ...stems],
        read: async (signal) => (await partOf(signal))?.images ?? none,
        notes: () => notes,
      },
      ...(hasLabels
        ? [{
          name: `${column} of ${title}`,
          stems: ["labels", ...own, ...stems],
          read: async (signal?: AbortSignal) => {
            const values = [...(await partOf(signal))?.labels ?? []];
            return { shape: [values.length], values, dtype: "U" };
          },
        }]
        : []),
    ];
  };
  if (set === null) return describe({ set: undefined }, label !== null);
  const isMissing = createMissingTest();
  return (await read()).parts.flatMap((part) =>
    describe(part, part.set !== "unlabeled" && (part.labels ?? []).some((text) => !isMissing(text)))
  );
}

const none = { shape: [0], values: new Uint8Array(), dtype: "decimal" };

/** Removes the endings of a table's name; those of UCI mean sets. */
function stemOf(name: string): string {
  return basename(name).replace(/\.gz$/i, "").replace(/\.tra$/i, " train").replace(/\.tes$/i, " test")
    .replace(/\.\w+$/, "");
}

async function readTable(
  path: string,
  options: ReadTablesOptions,
  signal: AbortSignal | undefined,
): Promise<PixelTable> {
  const isWhole = !/\.gz$/i.test(path) && !await splitArchivedPath(path);
  const size = isWhole ? await checkRegular(path) : undefined;
  return await readPixelTable(streamTable(path, signal), path, { ...options, size });
}

/**
 * Yields the text of a table piece by piece, unpacked if its name ends with `.gz`.
 *
 * @throws as `readAnyFile` does. @throws {SyntaxError} when packed data are damaged or grow implausibly.
 */
async function* streamTable(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!/\.gz$/i.test(path)) {
    for await (const piece of streamAnyFile(path, signal)) {
      signal?.throwIfAborted();
      yield piece;
    }
    return;
  }
  let packed = 0, unpacked = 0;
  const pieces = async function* () {
    for await (const piece of streamAnyFile(path, signal)) {
      packed += piece.length;
      yield* splitPieces(piece);
    }
  };
  try {
    for await (const piece of decompress(pieces(), "gzip", signal)) {
      unpacked += piece.length;
      if (!isPlausible(unpacked, packed)) {
        throw new SyntaxError(`Cannot decompress ${path} (gzip): ${describeImplausible(unpacked, packed)}`);
      }
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(
      `Cannot decompress ${path}: the gzip data are damaged or incomplete (${
        messageOf(error)
      }). Download the file again.`,
      { cause: error },
    );
  }
}
