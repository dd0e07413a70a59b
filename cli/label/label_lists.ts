/**
 * The label lists that labelling writes: `labels.txt` to train with, `test.txt` to measure the error with.
 *
 * Every change is on disk before it counts: a list is replaced as a whole, so that a crash leaves either the old or the
 * new one. Lines that another program has written since are read again first.
 * @module
 */
import { join } from "node:path";
import { readLabelTable, writeAtomically } from "../../data/files/mod.ts";
import { blankMarks, buildLabelTable, parseRecords, SUGGESTED } from "../../data/internal.ts";
import { formatLabelList } from "../../data/mod.ts";
import { exists } from "../command/given_file.ts";
import { fileOfPart } from "../run_files/run_files.ts";

/** Names of the lists in the folder of the labelling. */
export const listNames = { train: "labels.txt", test: "test.txt" } as const;

/** One of the lists. */
export type ListKind = keyof typeof listNames;

/** Label of pictures that show none of the classes: they are no candidates any more, and have no label. */
export const NONE = "";

/** Word in the lists for {@linkcode NONE}; all readers of lists take it as no label. */
const noneWord = "none";

/** A label in a list. */
interface Entry {
  readonly label: string;
  /** True if the picture was suggested because the network is unsure of it. */
  readonly isSuggested: boolean;
}

/** A change of labels: by picture name the new label, null to remove it. */
export type LabelChange = ReadonlyMap<string, string | null>;

/** A label list in a file. */
export class LabelFile {
  /** Path of the file. */
  readonly path: string;
  readonly #isSuggesting: boolean;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #text = "";
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, isSuggesting: boolean) {
    this.path = path;
    this.#isSuggesting = isSuggesting;
  }

  /**
   * Opens a list. @param kind Labels of `train` are marked as suggested, so that none of them is tested on.
   * @throws {SyntaxError} if it is malformed.
   */
  static async open(folder: string, kind: ListKind): Promise<LabelFile> {
    const file = new LabelFile(join(folder, listNames[kind]), kind === "train");
    await file.#reload();
    return file;
  }

  /** Labels by picture name. */
  get labels(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#entries, ([name, { label }]) => [name, label]));
  }

  /** Reads the list again, if another program has written it. */
  async refresh(): Promise<void> {
    await this.#update(() => {});
  }

  /** Adds labels that were known before the labelling; a name that has a label keeps it. */
  async addKnown(labels: ReadonlyMap<string, string>): Promise<void> {
    await this.#update((entries) => {
      for (const [name, label] of labels) {
        if (!entries.has(name)) entries.set(name, { label, isSuggested: false });
      }
    });
  }

  /** Changes labels. The promise is fulfilled when they are on disk. */
  async change(change: LabelChange): Promise<void> {
    await this.#update((entries) => {
      for (const [name, label] of change) {
        if (label === null) entries.delete(name);
        else entries.set(name, { label, isSuggested: entries.get(name)?.isSuggested ?? this.#isSuggesting });
      }
    });
  }

  /** Applies changes one after another. */
  async #update(apply: (entries: Map<string, Entry>) => void): Promise<void> {
    const result = this.#queue.then(async () => {
      await this.#reload();
      const entries = new Map(this.#entries);
      apply(entries);
      const text = textOf(entries);
      if (text === this.#text) return;
      checkReading(entries, text, this.path);
      await writeAtomically(this.path, text);
      this.#entries = entries;
      this.#text = text;
    });
    this.#queue = result.catch(() => {});
    await result;
  }

  /** Reads the file, if it is not as it was left. */
  async #reload(): Promise<void> {
    const text = await exists(this.path) ? await Deno.readTextFile(this.path) : "";
    if (text === this.#text) return;
    const entries = new Map<string, Entry>();
    if (text.trim() !== "") {
      for (const { name, className, isSuggested = false } of (await readLabelTable(this.path)).rows) {
        entries.set(name, { label: className === "" ? NONE : className, isSuggested });
      }
    }
    this.#entries = entries;
    this.#text = text;
  }
}

/** Deletes the parts of lists that a killed process left. The caller must be the only one who writes to the folder. */
export async function removeListParts(folder: string): Promise<void> {
  const lists: readonly string[] = Object.values(listNames);
  for await (const { name } of Deno.readDir(folder)) {
    if (lists.includes(fileOfPart(name) ?? "")) await Deno.remove(join(folder, name));
  }
}

/** Returns whether lists with a class are read as they are written: not so `label`, `unlabeled` and `[1]`. */
export function isReadable(className: string): boolean {
  const entries = new Map([["a.png", { label: className, isSuggested: false }]]);
  try {
    checkReading(entries, textOf(entries), "");
    return true;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** @throws {RangeError} if the text would not be read as the labels that it was made from. */
function checkReading(entries: ReadonlyMap<string, Entry>, text: string, path: string): void {
  if (entries.size === 0) return;
  const { rows } = buildLabelTable(parseRecords(blankMarks(text).text, path), path);
  const read = new Map(rows.map(({ name, className }) => [name, className]));
  const different = [...entries].find(([name, { label }]) => read.get(name) !== label);
  if (read.size === entries.size && different === undefined) return;
  const [name = "", { label = "" } = {}] = different ?? [];
  throw new RangeError(`Cannot save ${path}: ${name} with the label “${label}” would be read differently.`);
}

/** Returns the text of a list: known labels first, then those of suggested pictures. */
function textOf(entries: ReadonlyMap<string, Entry>): string {
  const lines = (isSuggested: boolean) =>
    [...entries].filter(([, entry]) => entry.isSuggested === isSuggested).map(([name, { label }]) => {
      const line = formatLabelList([[name, label === NONE ? noneWord : label]]);
      // With a tab in every line, commas in names do not make a table of the list.
      return line.includes("\t") ? line : line.replace(" ", "\t");
    }).join("");
  const suggested = lines(true);
  return `${lines(false)}${suggested === "" ? "" : `${SUGGESTED}\n${suggested}`}`;
}
