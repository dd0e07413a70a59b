/**
 * What an option of the command line is: one row, from which its parser, help and type follow.
 * @module
 */
import { datasets } from "../../data/files/mod.ts";
import type { Length, NameOption, NumberOption, OptionRow, SwitchOption } from "../../semisup/mod.ts";
import { knownPresets, presets } from "../plan/presets.ts";

/** A file or folder. */
interface PathRow {
  readonly kind: "path";
  readonly default: null;
  readonly help: string;
  readonly placeholder: "FILE" | "DIR";
  /** What it means to say `--no-` of it, where that can be said. */
  readonly off?: string;
}

/** One of many names. */
interface NameRow extends NameOption {
  /** The names in fewer words, for errors. */
  readonly known?: string;
}

/** Any words. */
interface TextRow {
  readonly kind: "text";
  readonly default: null;
  readonly help: string;
  readonly placeholder: string;
}

/** Several values, with commas between. */
interface ListRow {
  readonly kind: "list";
  readonly default: null;
  readonly help: string;
  readonly placeholder: string;
  readonly of: NumberOption | NameRow | PathRow | TextRow;
}

/** A row of the command line. */
export type Row = Exclude<OptionRow, NameOption> | PathRow | NameRow | TextRow | ListRow;

/** Rows by the names of their options. */
export type Rows = Readonly<Record<string, Row>>;

/** The value of a row's option. */
type ValueOf<R extends Row> =
  | (R extends { readonly kind: "switch" } ? boolean
    : R extends { readonly kind: "list"; readonly of: infer E extends Row }
      ? readonly Exclude<ValueOf<E>, null>[]
    : R extends { readonly kind: "numbers" } ? readonly number[]
    : R extends { readonly kind: "length" } ? Length
    : R extends { readonly choices: readonly (infer Word)[] } ? Word
    : R extends { readonly names: readonly (infer Word)[] } ? Word
    : R extends { readonly kind: "path"; readonly off: string } ? string | false
    : R extends { readonly kind: "path" | "text" } ? string
    : number)
  | (R extends { readonly default: null } ? null : never);

/** Values of the options of rows. */
export type OptionsOf<R extends Rows> = { readonly [K in keyof R]: ValueOf<R[K]> };

/** The option of commands that read arrays, of the order of their axes. */
export const channelsRow = {
  kind: "choice",
  default: null,
  choices: ["first", "last"],
  help: "where channels of arrays are among their axes (default: where sizes say)",
} as const satisfies Row;

/** The row of a switch. */
export function switchRow(help: string, isOn = false): SwitchOption {
  return { kind: "switch", default: isOn, help };
}

/** A number of things, at least one. */
export const countRow = { kind: "integer", default: null, minimum: 1, help: "" } as const satisfies Row;

/** The row of a file or folder. */
export function pathRow(placeholder: PathRow["placeholder"], help: string): PathRow {
  return { kind: "path", default: null, placeholder, help };
}

/** The row of any words. */
export function textRow(placeholder: string, help: string) {
  return { kind: "text", default: null, placeholder, help } as const;
}

/** The row of several values. */
export function listRow<const R extends ListRow["of"]>(placeholder: string, of: R, help: string) {
  return { kind: "list", default: null, placeholder, of, help } as const;
}

/** The option of all commands that asks for a preset by name. */
export const presetRow = {
  kind: "name",
  default: null,
  names: presets.map(({ name }) => name),
  known: knownPresets,
  help: "a run of the paper, or a small one, by name; other options override it",
} as const satisfies Row;

/** The option of commands that train, of which examples have labels. */
export const labelsRow = listRow(
  "FILE,…",
  pathRow("FILE", ""),
  'label lists, "name class" a line, CSV or JSON lines: only these examples have labels; later lists add to earlier ones',
);

/** The option of commands that train, of how kernels are chosen. */
export const tuneRow = {
  kind: "choice",
  default: null,
  choices: ["off", "fast", "full"],
  help:
    "measure which kernels are fastest here: none, the costliest for ten seconds, all; known ones are used again (default: fast, off on processors)",
} as const satisfies Row;

/** The option of all commands that shows more of an error. */
export const debugRow = switchRow("show where an error came from");

/** The option of commands that use a dataset, of where its files are. */
export const dataDirRow = pathRow("DIR", "folder with the dataset's files (default: its package or cache)");

/** The option of commands that use a dataset, of files that are missing. */
export const downloadRow = switchRow("fetch missing files of the dataset from their official address");

/** The option of commands that need a dataset. */
export const datasetRow = {
  kind: "choice",
  default: "mnist",
  choices: datasets.map(({ name }) => name),
  help: "what to train on",
} as const satisfies Row;

/** The option of commands that draw something. */
export const seedRow = {
  kind: "integer",
  default: null,
  minimum: 0,
  maximum: 2 ** 32 - 1,
  help: "",
} as const satisfies Row;

/** The value of each option where nothing is chosen. */
export function defaultsOf<R extends Rows>(rows: R): OptionsOf<R> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as OptionsOf<R>;
}
