/**
 * Tables in files of the cache folder, which commands read and extend.
 * @module
 */
import { dirname, join } from "node:path";
import {
  cacheDirectory,
  checkRegular,
  createFolder,
  removeAbandoned,
  writeAtomically,
} from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { isObject } from "../command/json_values.ts";
import { printWarning } from "../terminal/output.ts";

/** Table of values by key in a file. Nothing depends on it but time: without it, values are measured again. */
export class CacheTable<T> {
  readonly #name: string;
  readonly #isValue: (value: unknown) => value is T;

  /**
   * Describes a table; the file may not exist yet.
   * @param name Name of the file in the cache folder.
   * @param isValue Returns whether the file's JSON has the form of a value.
   */
  constructor(name: string, isValue: (value: unknown) => value is T) {
    this.#name = name;
    this.#isValue = isValue;
  }

  get #path(): string {
    return join(cacheDirectory(), this.#name);
  }

  /** Returns all values. A damaged file is an empty table, with a warning. */
  async read(): Promise<Readonly<Record<string, T>>> {
    if (!await isAllowed("read")) return {};
    return await this.#parse((reason) =>
      printWarning(`Cannot use the cache ${this.#path}: ${reason}. It will be replaced.`)
    );
  }

  async #parse(onDamage: (reason: string) => void): Promise<Readonly<Record<string, T>>> {
    try {
      await checkRegular(this.#path);
      const table: unknown = JSON.parse(await Deno.readTextFile(this.#path));
      if (this.#isTable(table)) return table;
      onDamage("the file is not a table of measurements");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) onDamage(reasonOf(error));
    }
    return {};
  }

  #isTable(table: unknown): table is Record<string, T> {
    return isObject(table) && Object.values(table).every(this.#isValue);
  }

  /**
   * Replaces the value of a key; others stay, also those that other runs have written meanwhile. Prints a warning if
   * the file cannot be written; without the permission to write, which not all commands need, does nothing.
   * @param update Returns the new value; its argument is the present one, undefined if there is none.
   */
  async update(key: string, update: (present: T | undefined) => T): Promise<void> {
    if (!await isAllowed("write")) return;
    // Reading has warned of a damaged file.
    const known = await this.#parse(() => {});
    const table = { ...known, [key]: update(known[key]) };
    try {
      await createFolder(dirname(this.#path));
      await removeAbandoned(dirname(this.#path));
      await writeAtomically(this.#path, `${JSON.stringify(table, null, 2)}\n`);
    } catch (error) {
      printWarning(`${reasonOf(error)}. The next run will measure again.`);
    }
  }
}

/** Returns whether the cache folder may be read or written, without asking the user. */
async function isAllowed(name: "read" | "write"): Promise<boolean> {
  try {
    return (await Deno.permissions.query({ name, path: cacheDirectory() })).state === "granted";
  } catch (error) {
    // Without permissions not even the folder is known.
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}
