/**
 * The texts of `--help`, `--help all` and `--version`.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { commandStart } from "./caller.ts";
import { adapterName, silenceDriver } from "./device.ts";
import { flagOf, type NamedRow, optionGroups } from "./options.ts";
import { paint } from "../terminal/output.ts";
import type { CommandLine } from "./parse.ts";
import { permissionFlags } from "./permissions.ts";
import { helpOf, manyChoices, placeholderOf } from "./rows.ts";

/** Columns of the text. */
const width = 80;
/** Widest column of flags; longer flags have a line of their own. */
const widestFlag = 26;
/** Most options that the short help lists without choosing the common ones. */
const fewOptions = 15;
/** Most characters of choices that the short help lists. */
const shortChoices = 75;

/** Returns the help of a command: the common options, or all of them. */
export function helpText(line: CommandLine, isAll: boolean): string {
  const count = Object.keys(line.rows).length;
  const isShort = !isAll && count > fewOptions;
  const entries = optionGroups(line.rows).map(({ title, rows }) => ({
    title,
    cells: rows.filter(([, row]) => !isShort || row.common).flatMap((row) => cellsOf(row, isShort)),
  })).filter(({ cells }) => cells.length > 0);
  const operands = line.operands.map(({ name, help }): Cells => [name, help]);
  const sections = [...(operands.length > 0 ? [{ title: "Arguments", cells: operands }] : []), ...entries];
  const flags = sections.flatMap(({ cells }) => cells.map(([flag]) => flag.length));
  const indent = Math.min(widestFlag, Math.max(...flags)) + 4;
  return [
    `${heading("Usage:")} ${usage(line)}`,
    "",
    ...wrapped(line.description, width),
    "",
    ...sections.flatMap(({ title, cells }) => [heading(`${title}:`), ...cells.flatMap(rowLines(indent))]),
    ...exampleLines(line),
    "",
    isShort
      ? `--help all lists ${count} options, and the permissions that the command needs.`
      : "-h is --help; --version shows versions and GPU.",
    ...(isShort ? [] : permissionLines(line)),
  ].join("\n");
}

/** Returns the line of the permissions that Deno must give to a command. */
function permissionLines({ permissions }: CommandLine): string[] {
  return permissions ? wrapped(`Permissions: ${permissionFlags(permissions)} (-A gives all).`, width) : [];
}

/** A flag or operand with its placeholder, and its meaning. */
type Cells = readonly [usage: string, help: string];

function usage({ name, operands }: CommandLine): string {
  const names = operands.map(({ name, isMany, isOptional }) =>
    `${isOptional ? `[${name}]` : name}${isMany ? "…" : ""}`
  );
  return [commandStart(name), ...names, "[OPTIONS]"].join(" ");
}

function cellsOf([option, row]: NamedRow, isShort: boolean): Cells[] {
  const flag = flagOf(option), off = flag.replace("--", "--no-");
  if (row.kind === "switch") return [[row.default ? off : flag, helpOf(row)]];
  const choices = manyChoices(row)?.join(", ") ?? "";
  const listed = choices === "" || (isShort && choices.length > shortChoices) ? "" : `: ${choices}`;
  const value = row.default === null ? "" : ` (default: ${row.default})`;
  const cells: Cells = [`${flag} ${placeholderOf(row)}`, `${row.help}${value}${listed}`];
  return row.kind === "path" && row.off !== undefined ? [cells, [off, row.off]] : [cells];
}

function rowLines(indent: number): (cells: Cells) => string[] {
  return ([flag, help]) => {
    const lines = wrapped(help, width - indent), [first = "", ...others] = lines;
    const rest = others.map((line) => " ".repeat(indent) + line);
    return flag.length + 4 <= indent
      ? [`  ${flag.padEnd(indent - 2)}${first}`, ...rest]
      : [`  ${flag}`, " ".repeat(indent) + first, ...rest];
  };
}

/** Returns the examples as lines, their effects beside them in one column where there is room. */
function exampleLines({ name, examples = [] }: CommandLine): string[] {
  if (examples.length === 0) return [];
  const start = commandStart(name);
  const commands = examples.map(([args]) => `  ${start} ${args}`.trimEnd());
  const longest = Math.max(...commands.map(({ length }) => length));
  return [
    heading("Examples:"),
    ...examples.map(([, effect], i) => {
      const line = `${(commands[i] ?? "").padEnd(longest)}  # ${effect}`;
      return line.length <= width ? line : commands[i] ?? "";
    }),
  ];
}

function heading(text: string): string {
  return paint(text, "bold", Deno.stdout);
}

/** Returns a text as lines of at most so many characters, broken at blanks. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Returns the versions of the project and of Deno, and the name of the GPU. */
export async function versionText(): Promise<string> {
  silenceDriver();
  return [
    `mean-teacher ${config.version}`,
    `deno ${Deno.version.deno} (${Deno.build.target})`,
    `adapter ${await adapterName() ?? "none: WebGPU finds no GPU and no software renderer"}`,
  ].join("\n");
}
