/**
 * Rows of options: parser, help and type of an option follow from its row.
 * @module
 */
import { resolve } from "node:path";
import { datasetNames } from "../../data/files/mod.ts";
import {
  type ClassWeights,
  inGroup,
  type Length,
  type NameOption,
  type NumberOption,
  type OptionBase,
  type OptionGroup,
  type OptionRow,
  type SwitchOption,
  type TextOption,
} from "../../semisup/mod.ts";
import { knownPresets, presets } from "../plan/presets/presets.ts";

/** A file or folder. */
interface PathRow extends OptionBase<null> {
  readonly kind: "path";
  readonly placeholder: "FILE" | "DIR" | "RUN|auto";
  /** Meaning of the `--no-` form; absent if there is no such form. */
  readonly off?: string;
}

/** One of many names. */
interface NameRow extends NameOption {
  /** The names in fewer words, for errors. */
  readonly known?: string;
}

/** Several values, separated by commas. */
interface ListRow extends OptionBase<null> {
  readonly kind: "list";
  readonly placeholder: string;
  readonly of: NumberOption | NameRow | PathRow | TextOption;
  /** True if the values of a repeated option are added; otherwise the last ones count. */
  readonly adds?: boolean;
}

/** An option of the command line. */
export type Row = Exclude<OptionRow, NameOption> | PathRow | NameRow | ListRow;

/** Rows by the names of their options, each with its group. */
export type Rows = Readonly<Record<string, Row & { readonly group: OptionGroup }>>;

/** Value of a row's option. */
type ValueOf<R extends Row> =
  | (R extends { readonly kind: "switch" } ? boolean
    : R extends { readonly kind: "list"; readonly of: infer E extends Row }
      ? readonly Exclude<ValueOf<E>, null>[]
    : R extends { readonly kind: "numbers" } ? readonly number[]
    : R extends { readonly kind: "weights" } ? ClassWeights
    : R extends { readonly kind: "length" } ? Length
    : R extends { readonly choices: readonly (infer Word)[] } ? Word
    : R extends { readonly names: readonly (infer Word)[] } ? Word
    : R extends { readonly kind: "path"; readonly off: string } ? string | false
    : R extends { readonly kind: "path" | "text" } ? string
    : number)
  | (R extends { readonly default: null } ? null : never);

/** Values of all options of rows. */
export type OptionsOf<R extends Rows> = { readonly [K in keyof R]: ValueOf<R[K]> };

/** `--channels`, of commands that read arrays. */
export const channelsRow = {
  kind: "choice",
  default: null,
  choices: ["first", "last"],
  help: "position of the channel axis in arrays (default: detected from the sizes)",
} as const satisfies Row;

/** Returns the row of a switch. */
export function switchRow(help: string, isOn = false): SwitchOption {
  return { kind: "switch", default: isOn, help };
}

/** A whole number from 1. */
export const countRow = { kind: "integer", default: null, minimum: 1, help: "" } as const satisfies Row;

/** Returns the row of a file or folder. */
export function pathRow(placeholder: PathRow["placeholder"], help: string): PathRow {
  return { kind: "path", default: null, placeholder, help };
}

/** Returns a path as an absolute one, and a URL as it is. @param folder Folder at which relative paths start. */
export function absoluteLocation(folder: string, location: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(location) ? location : resolve(folder, location);
}

/** Returns the row of any text. */
export function textRow(placeholder: string, help: string) {
  return { kind: "text", default: null, placeholder, help } as const;
}

/** Returns the row of several values. */
export function listRow<const R extends ListRow["of"]>(placeholder: string, of: R, help: string) {
  return { kind: "list", default: null, placeholder, of, help } as const;
}

/** `--preset`. */
export const presetRow = {
  kind: "name",
  default: null,
  names: presets.map(({ name }) => name),
  known: knownPresets,
  help: "settings of a known run; other options override them",
  common: true,
} as const satisfies Row;

/** `--labels`, of commands that train. */
export const labelsRow = {
  ...listRow(
    "FILE,…",
    pathRow("FILE", ""),
    'label lists ("name class" lines, CSV or JSON lines); only the listed examples have labels',
  ),
  common: true,
} as const;

/** `--label-pattern`, of commands that read folders of pictures. */
export const labelPatternRow = textRow(
  "REGEX",
  "regular expression whose first group, or the group label, captures the class in each file's path, such as ([a-z]+)_\\d+",
);

/** `--tune`, of commands that train. */
export const tuneRow = {
  kind: "choice",
  default: null,
  choices: ["off", "fast", "full"],
  help:
    "benchmark kernels before training: off, only the costliest for about ten seconds, or all; results are cached (default: fast, off on processors)",
} as const satisfies Row;

/** `--plugin`, of all commands that know networks or datasets by name. */
export const pluginRow = pathRow("FILE", "module that registers your own networks, datasets, …");

/** `--debug`, of all commands. */
export const debugRow = switchRow("print the stack of an error");

/** `--json` and `--quiet`, of all commands that run long. */
export const reportingRows = inGroup("output", {
  json: switchRow("print results as JSON lines on stdout, all other text on stderr"),
  quiet: switchRow("print only results, warnings and errors"),
});

/** `--data-dir`, of commands that read a dataset. */
export const dataDirRow = pathRow("DIR", "folder of the dataset's files (default: its package, or a cache)");

/** `--download`, of commands that read a dataset. */
export const downloadRow = switchRow("download missing dataset files from the official address");

/** `--dataset`. */
export const datasetRow = {
  kind: "choice",
  default: "mnist",
  choices: datasetNames,
  help: "dataset",
  common: true,
} as const satisfies Row;

/** A seed of random numbers. */
export const seedRow = {
  kind: "integer",
  default: null,
  minimum: 0,
  maximum: 2 ** 32 - 1,
  help: "",
} as const satisfies Row;

/** Returns the default value of every option. */
export function defaultsOf<R extends Rows>(rows: R): OptionsOf<R> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as OptionsOf<R>;
}

/** Returns the choices of a row if they are too many for its placeholder. */
export function manyChoices(row: Row): readonly string[] | undefined {
  return row.kind === "choice" && row.choices.join("|").length > 32 ? row.choices : undefined;
}

/** Returns the placeholder of the value in help; `undefined` for a switch. */
export function placeholderOf(row: Row): string | undefined {
  switch (row.kind) {
    case "switch":
      return undefined;
    case "choice":
      return manyChoices(row) ? "NAME" : row.choices.join("|");
    case "path":
    case "text":
    case "list":
      return row.placeholder;
    case "name":
      return "NAME";
    case "length":
      return "EPOCHS|Nsteps";
    case "weights":
      return "balanced|LIST";
    case "numbers":
      return Array.from({ length: row.count }, () => "N").join(",");
    default: {
      const unit = row.unit?.toUpperCase() ?? "N";
      return row.bare === undefined ? unit : `[${unit}]`;
    }
  }
}

/** Returns the text of an option in help: of a switch that is on by default, the meaning of its `--no-` form. */
export function helpOf(row: Row): string {
  return row.kind === "switch" && row.default ? row.off ?? `disable ${row.help}` : row.help;
}
