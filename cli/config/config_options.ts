/**
 * Options in a file: their names, types and ranges.
 * @module
 */
import { quoteOf } from "../../data/internal.ts";
import { dirname, resolve } from "node:path";
import { faultOf } from "../../semisup/mod.ts";
import { suggestion } from "../command/nearest.ts";
import { flagOf, isTrainingOption, trainRows } from "../command/options.ts";
import { absoluteLocation, type Row, type Rows } from "../command/rows.ts";
import { isObject } from "../command/json_values.ts";
import { type ConfigEntry, type ConfigFile, placeOf } from "./config_file.ts";

/** Options that only the command line has, as they belong to one call or to a checkpoint. */
export const ofCommandLine: ReadonlySet<string> = new Set([
  "config",
  "resume",
  "evaluate",
  "dashboard",
  "show",
  "debug",
  "json",
  "quiet",
]);

/** Keys that are no options: the address of the schema, and facts about the run that wrote the file. */
export const otherKeys = { schema: "$schema", about: "about" } as const;

/** Facts about a run that was not started from its options alone, and the way to repeat it. */
const origins: Readonly<Record<string, (path: string) => string>> = {
  resume: (path) => `its run was resumed from ${path}. Use --resume ${path}`,
  baselineOf: (path) => `its run is a baseline. Use the config of ${path} with --baseline`,
  foldOf: (path) => `its run is a part of a cross-validation. Use the config of ${path} with --folds`,
};

/** Options of a file. */
export interface ConfigOptions {
  /** Values by the name of the option; paths are absolute. */
  readonly chosen: Readonly<Record<string, unknown>>;
  /** Kernels that the run that wrote the file measured; none if absent. */
  readonly kernels: Readonly<Record<string, string>>;
}

/** Returns the rows of all options that a file may have. */
export function configRows(): Rows {
  return Object.fromEntries(Object.entries(trainRows()).filter(([option]) => !ofCommandLine.has(option)));
}

/**
 * Checks the options of a file. Relative paths start at the folder of the file.
 * @throws {RangeError} if an option is unknown, or out of its range. @throws {TypeError} if a value is of another kind.
 */
export function checkConfig({ path, entries }: ConfigFile): ConfigOptions {
  const rows = configRows(), folder = dirname(resolve(path));
  const chosen: Record<string, unknown> = {};
  let kernels: Readonly<Record<string, string>> = {};
  for (const { key, value, line } of entries) {
    const place = placeOf(path, line);
    if (key === otherKeys.schema) continue;
    if (key === otherKeys.about) {
      kernels = kernelsIn(value, place);
      continue;
    }
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
    if (!row) throw new RangeError(`Cannot use ${place}: ${unknownText(key, rows)}`);
    if (value === null && row.default === null) {
      // Without a value, an option of the command has its default; null is a value of some options of training.
      if (isTrainingOption(key)) chosen[key] = null;
      continue;
    }
    chosen[key] = valueOf({ key, value, line }, row, { place, folder });
  }
  return { chosen, kernels };
}

/** Returns the plugin that a file names; undefined if none. */
export function pluginOf({ path, entries }: ConfigFile): string | undefined {
  const value = entries.find(({ key }) => key === "plugin")?.value;
  return typeof value === "string" ? resolve(dirname(path), value) : undefined;
}

/** Returns the text about an unknown key, with the option of a similar name or flag. */
function unknownText(key: string, rows: Rows): string {
  if (ofCommandLine.has(key)) return `${flagOf(key)} works on the command line only`;
  const byName = new Map(
    Object.keys(rows).flatMap((option) => [
      [flagOf(option).slice(2), option] as const,
      [option, option] as const,
    ]),
  );
  const typed = key.replace(/^-+/, "");
  const near = byName.get(typed) !== undefined
    ? `; did you mean "${byName.get(typed)}"?`
    : suggestion(typed, [...byName.keys()], (name) => `"${byName.get(name) ?? name}"`);
  return `unknown option "${quoteOf(key)}"${
    near || "; train --help all lists all options, without dashes here"
  }`;
}

/** Place of a value in its file, and the folder at which its paths start. */
interface Place {
  readonly place: string;
  readonly folder: string;
}

/** Returns the value of an option. @throws {RangeError} or {TypeError} with the place, the option and the rule. */
function valueOf({ key, value, line }: ConfigEntry, row: Row, at: Place): unknown {
  if (row.kind === "list") {
    const parts = Array.isArray(value)
      ? value
      : typeof value === "string"
      ? value.split(",").map((part) => part.trim())
      : [value];
    if (parts.length === 0) throw fault(key, "must have a value or more", value, at);
    return parts.map((part) => valueOf({ key, value: part, line }, row.of, at));
  }
  if (row.kind === "path") {
    if (value === false && row.off !== undefined) return false;
    if (typeof value !== "string" || value === "") {
      throw fault(key, `must be a path${row.off === undefined ? "" : " or false"}`, value, at);
    }
    return resolve(at.folder, value);
  }
  if (row.kind === "text") {
    // A column of a list may be a number.
    if (typeof value === "string" || typeof value === "number") {
      return row.isLocation ? absoluteLocation(at.folder, `${value}`) : `${value}`;
    }
    throw fault(key, "must be a text", value, at);
  }
  const rule = row.kind === "name" ? nameRule(row, value) : faultOf(row, value);
  if (rule === undefined) return value;
  throw fault(
    key,
    rule,
    value,
    at,
    row.kind === "choice" ? row.choices : row.kind === "name" ? row.names : [],
  );
}

function nameRule(row: Row & { readonly kind: "name" }, value: unknown): string | undefined {
  if (row.names.some((name) => name === value)) return undefined;
  return `must be one of ${"known" in row && row.known !== undefined ? row.known : row.names.join(", ")}`;
}

function fault(
  key: string,
  rule: string,
  value: unknown,
  { place }: Place,
  names: readonly string[] = [],
): TypeError | RangeError {
  const isOtherKind = value === null || typeof value === "object" || typeof value === "boolean" ||
    (typeof value === "string" && names.length === 0);
  const near = typeof value === "string" ? suggestion(value, names) : "";
  const shown = typeof value === "number" ? `${value}` : quoteOf(JSON.stringify(value));
  const message = `Cannot use ${place}: ${key} ${rule}, but is ${shown}${near}`;
  return isOtherKind ? new TypeError(message) : new RangeError(message);
}

/** Returns the kernels among the facts about a run. @throws {RangeError} if its options alone cannot repeat the run. */
function kernelsIn(about: unknown, place: string): Readonly<Record<string, string>> {
  if (!isObject(about)) {
    throw new TypeError(`Cannot use ${place}: ${otherKeys.about} must hold facts by name`);
  }
  for (const [name, describe] of Object.entries(origins)) {
    const { [name]: origin } = about;
    if (typeof origin === "string") throw new RangeError(`Cannot repeat ${place}: ${describe(origin)}.`);
  }
  const { kernels = {} } = about;
  if (isObject(kernels) && Object.values(kernels).every((kernel) => typeof kernel === "string")) {
    return kernels as Readonly<Record<string, string>>;
  }
  throw new TypeError(`Cannot use ${place}: kernels must be names by op and shape`);
}
