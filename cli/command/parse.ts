/**
 * From arguments to options.
 * @module
 */
import { Command, CommanderError, Option } from "npm:commander@15.1.0";
import { faultOf } from "../../semisup/mod.ts";
import { flagOf, helpOf, manyChoices, placeholderOf } from "./options.ts";
import { defaultsOf, type OptionsOf, type Row, type Rows } from "./rows.ts";

/** The text of `--help` or `--version`: it was asked for instead of work. */
export class HelpRequested extends Error {
  override readonly name: string = "HelpRequested";
}

/** What a command takes without a name. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  /** Whether it takes one or more; only the last operand can. */
  readonly isMany?: boolean;
  /** Whether it may be left out; only the last operand can. */
  readonly isOptional?: boolean;
}

/** What a command is and takes. */
export interface CommandLine<R extends Rows = Rows, O extends readonly Operand[] = readonly Operand[]> {
  readonly name: string;
  /** What it does. */
  readonly description: string;
  readonly rows: R;
  readonly operands: O;
}

/** What the arguments of a command say. */
export interface Parsed<R extends Rows, O extends readonly Operand[]> {
  /** The value of each option: its default where none is given. */
  readonly options: OptionsOf<R>;
  /** Options that are given. */
  readonly chosen: Partial<OptionsOf<R>>;
  readonly operands: {
    readonly [I in keyof O]: O[I] extends { readonly isMany: true } ? readonly [string, ...string[]]
      : O[I] extends { readonly isOptional: true } ? string | undefined
      : string;
  };
}

/**
 * Reads the arguments of a command.
 * @throws {RangeError} if they cannot be. @throws {HelpRequested} with the text that was asked for.
 */
export function parseCommand<R extends Rows, O extends readonly Operand[]>(
  line: CommandLine<R, O>,
  args: readonly string[],
  version: string,
): Parsed<R, O> {
  let help = "";
  const command = new Command(line.name)
    .description(line.description)
    .version(version, "--version", "show the version")
    .helpOption("--help", "show this text")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => help += text,
      writeErr: () => undefined,
      getOutHelpWidth: () => 100,
    });
  for (const { name, help, isMany, isOptional } of line.operands) {
    const [open, close] = isOptional ? "[]" : "<>";
    command.argument(`${open}${name}${isMany ? "..." : ""}${close}`, help);
  }
  const optionOf = new Map<string, string>();
  for (const [option, row] of Object.entries(line.rows)) {
    for (const each of commandOptions(flagOf(option), row)) {
      command.addOption(each);
      optionOf.set(each.attributeName(), option);
    }
  }
  try {
    command.parse(args.flatMap(withoutEquals), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new HelpRequested(help.trimEnd());
    throw new RangeError(`Cannot use the arguments: ${usageMessage(error)}. --help lists all options.`);
  }
  // The rows say what their values are: valueOf made them so.
  const chosen: Partial<OptionsOf<R>> = Object.fromEntries(
    Object.entries(command.opts()).map(([name, value]) => [optionOf.get(name), value]),
  );
  return {
    options: { ...defaultsOf(line.rows), ...chosen },
    chosen,
    operands: command.processedArgs as Parsed<R, O>["operands"],
  };
}

/** `--name=value` as two arguments: the parser suggests other names for a name alone. */
function withoutEquals(argument: string): string[] {
  const [, ...parts] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
  return parts.length === 0 ? [argument] : parts;
}

/** The options of a row. A switch can be said both ways, and `--help` shows the way that changes something. */
function commandOptions(flag: string, row: Row): Option[] {
  if (row.kind === "switch") {
    return [
      new Option(flag, row.help).hideHelp(row.default),
      new Option(flag.replace("--", "--no-"), helpOf(row)).hideHelp(!row.default),
    ];
  }
  const choices = manyChoices(row);
  const help = (row.default === null ? row.help : `${row.help} (default: ${row.default})`) +
    (choices ? `; one of ${choices.join(", ")}` : "");
  const off = row.kind === "path" && row.off ? [new Option(flag.replace("--", "--no-"), row.off)] : [];
  return [
    ...off,
    new Option(`${flag} <${placeholderOf(row)}>`, help).argParser((text: string) => valueOf(flag, row, text)),
  ];
}

function valueOf(
  flag: string,
  row: Exclude<Row, { readonly kind: "switch" }>,
  text: string,
): string | number | (string | number)[] {
  if (row.kind === "list") {
    return text.split(",").map((part) => valueOf(flag, row.of, part.trim()) as string | number);
  }
  if (row.kind === "name") {
    if (row.names.includes(text)) return text;
    throw new RangeError(
      `Cannot use ${flag} as it must be one of ${row.known ?? row.names.join(", ")}: it is "${text}"`,
    );
  }
  if (row.kind === "text") return text;
  if (row.kind === "path") {
    if (text === "") throw new RangeError(`Cannot use ${flag} as it must be a path: it is empty`);
    if (text.startsWith("-")) { // More likely a forgotten path than one of this name.
      throw new RangeError(`Cannot use ${flag} as a path must not begin with "-": it is "${text}"`);
    }
    return text;
  }
  const value = row.kind === "choice"
    ? text
    : row.kind === "numbers"
    ? text.split(",").map(numberIn)
    : row.kind === "length" && text.endsWith("steps")
    ? text
    : numberIn(text);
  const fault = faultOf(row, value);
  if (fault) throw new RangeError(`Cannot use ${flag} as it ${fault}: it is "${text}"`);
  return value;
}

/** A number, which an empty text is not. */
function numberIn(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

/** The parser's message as part of a line: without "error: ", line breaks and full stop. */
function usageMessage({ message }: CommanderError): string {
  return message.replace(/^error: /, "").replace(/\s+/g, " ").replace(/\.$/, "");
}
