/**
 * From arguments to options.
 * @module
 */
import { Command, CommanderError, Option } from "npm:commander@15.1.0";
import { faultOf, type TrainingOptions } from "../../semisup/mod.ts";
import {
  flagOf,
  isTrainingOption,
  manyChoices,
  placeholderOf,
  type Row,
  rows,
  type RunOptions,
} from "./options.ts";

/** What the arguments say, and nothing that they do not say. */
export interface Arguments {
  readonly run: Partial<RunOptions>;
  readonly training: Partial<TrainingOptions>;
}

/** The text of `--help` or `--version`: it was asked for instead of work. */
export class HelpRequested extends Error {
  override readonly name: string = "HelpRequested";
}

/** What a command is and takes. */
export interface CommandLine {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** Its options. */
  readonly rows: readonly (readonly [option: string, row: Row])[];
  /** What it takes without a name, where it takes anything. */
  readonly operand?: { readonly name: string; readonly help: string; readonly isMany?: boolean };
  /** What it takes one or more of after that, where it does. */
  readonly rest?: { readonly name: string; readonly help: string };
}

/** What the arguments of a command say: values of options, and what has no name. */
export interface Said {
  readonly options: Readonly<Record<string, unknown>>;
  readonly operand?: string;
  /** All of them, in their order. */
  readonly operands: readonly string[];
}

/**
 * Reads the arguments of `train`.
 * @throws {RangeError} if they cannot be. @throws {HelpRequested} with the text that was asked for.
 */
export function parseArguments(args: readonly string[], version: string): Arguments {
  const { options } = parseCommand(
    {
      name: "cli/train.ts",
      description:
        "Trains an image classifier with Mean Teacher from few labels. With no option: MNIST with 100 labels.",
      rows,
    },
    args,
    version,
  );
  return argumentsOf(options);
}

/**
 * What is said of the program and of the training: a length of the run in epochs takes back one in steps.
 * @throws {RangeError} if both are said.
 */
export function argumentsOf(
  options: Said["options"],
): { readonly run: Said["options"]; readonly training: Partial<TrainingOptions> } {
  const { epochs, steps } = options;
  if (epochs !== undefined && steps !== undefined) {
    throw new RangeError("Cannot use --epochs and --steps together as they are one length");
  }
  const those = (ofTraining: boolean) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => isTrainingOption(name) === ofTraining));
  return { run: those(false), training: { ...those(true), ...(epochs !== undefined && { steps: null }) } };
}

/**
 * Reads the arguments of a command.
 * @throws {RangeError} if they cannot be. @throws {HelpRequested} with the text that was asked for.
 */
export function parseCommand(line: CommandLine, args: readonly string[], version: string): Said {
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
  if (line.operand) {
    const { name, help, isMany } = line.operand;
    command.argument(`<${name}${isMany ? "..." : ""}>`, help);
  }
  if (line.rest) command.argument(`<${line.rest.name}...>`, line.rest.help);
  const optionOf = new Map<string, string>();
  for (const [option, row] of line.rows) {
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
  const options = Object.fromEntries(
    Object.entries(command.opts()).map(([name, value]) => [optionOf.get(name)!, value] as const),
  );
  const operands = command.args, [operand] = operands;
  return { options, operands, ...(operand !== undefined && { operand }) };
}

/** `--name=value` as two arguments: the parser suggests other names for a name alone. */
function withoutEquals(argument: string): string[] {
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
  return name === undefined ? [argument] : [name, value!];
}

/** The options of a row. A switch can be said both ways, and `--help` shows the way that changes something. */
function commandOptions(flag: string, row: Row): Option[] {
  if (row.kind === "switch") {
    return [
      new Option(flag, row.help).hideHelp(row.default),
      new Option(flag.replace("--", "--no-"), `without ${row.help}`).hideHelp(!row.default),
    ];
  }
  const choices = manyChoices(row);
  const help = (row.default === null ? row.help : `${row.help} (default: ${row.default})`) +
    (choices ? `; one of ${choices.join(", ")}` : "");
  return [
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
