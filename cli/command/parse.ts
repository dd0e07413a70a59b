/**
 * The parser of arguments.
 * @module
 */
import { suggestion } from "./nearest.ts";
import { flagOf } from "./options.ts";
import type { Permissions } from "./permissions.ts";
import { defaultsOf, type OptionsOf, placeholderOf, type Row, type Rows } from "./rows.ts";
import { valueOf } from "./values.ts";

/** Thrown if the arguments ask for help or the version instead of work. */
export class InfoRequest extends Error {
  override readonly name: string = "InfoRequest";

  /** @param topic The text asked for. */
  constructor(readonly topic: "help" | "all help" | "version") {
    super(`The arguments ask for: ${topic}`);
  }
}

/** An argument without a flag. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  /** True if one or more values are accepted; only for the last operand. */
  readonly isMany?: boolean;
  /** True if the operand may be absent; only for the last operand. */
  readonly isOptional?: boolean;
}

/** Name, description and arguments of a command. */
export interface CommandLine<R extends Rows = Rows, O extends readonly Operand[] = readonly Operand[]> {
  /** Name of the sub-command and of its file in the folder `cli`. */
  readonly name: string;
  /** One or two sentences. */
  readonly description: string;
  readonly rows: R;
  readonly operands: O;
  /** Permissions of Deno that the command needs (default: none). */
  readonly permissions?: Permissions;
  /** Arguments and their effect, for the end of the help. */
  readonly examples?: readonly (readonly [args: string, effect: string])[];
}

/** Parsed arguments. */
export interface Parsed<R extends Rows, O extends readonly Operand[]> {
  /** Value of every option: the default if not set. */
  readonly options: OptionsOf<R>;
  /** Options set by the user. */
  readonly chosen: Partial<OptionsOf<R>>;
  readonly operands: {
    readonly [I in keyof O]: O[I] extends { readonly isMany: true } ? readonly [string, ...string[]]
      : O[I] extends { readonly isOptional: true } ? string | undefined
      : string;
  };
}

/**
 * Parses the arguments of a command.
 * @throws {RangeError} naming the argument that is not valid. @throws {InfoRequest} if help or version is asked for.
 */
export function parseCommand<R extends Rows, O extends readonly Operand[]>(
  line: CommandLine<R, O>,
  args: readonly string[],
): Parsed<R, O> {
  checkInfoRequest(args);
  const { chosen, rest } = readOptions(line, args);
  const operands = readOperands(line, rest) as Parsed<R, O>["operands"];
  return {
    options: { ...defaultsOf(line.rows), ...chosen } as OptionsOf<R>,
    chosen: chosen as Partial<OptionsOf<R>>,
    operands,
  };
}

/** @throws {InfoRequest} if any argument asks for help or the version. */
export function checkInfoRequest(args: readonly string[]): void {
  const end = args.indexOf("--"), own = end < 0 ? args : args.slice(0, end);
  const help = own.findIndex((each) => /^(-h|--help(=.*)?)$/.test(each));
  if (help >= 0) {
    throw new InfoRequest(own[help] === "--help=all" || own[help + 1] === "all" ? "all help" : "help");
  }
  if (own.includes("--version")) throw new InfoRequest("version");
}

/** A flag as the parser knows it. */
interface Flag {
  readonly option: string;
  readonly row: Row;
  /** True for the `--no-` form. */
  readonly isOff: boolean;
}

function flagsOf(rows: Rows): Map<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const [option, row] of Object.entries(rows)) {
    const flag = flagOf(option);
    flags.set(flag, { option, row, isOff: false });
    if (row.kind === "switch" || (row.kind === "path" && row.off !== undefined)) {
      flags.set(flag.replace("--", "--no-"), { option, row, isOff: true });
    }
  }
  return flags;
}

/** Separates options from operands, and reads the options. */
function readOptions({ rows }: CommandLine, args: readonly string[]): {
  readonly chosen: Readonly<Record<string, unknown>>;
  readonly rest: readonly string[];
} {
  const flags = flagsOf(rows), chosen: Record<string, unknown> = {}, rest: string[] = [];
  const waiting = [...args];
  for (let argument = waiting.shift(); argument !== undefined; argument = waiting.shift()) {
    if (argument === "--") return { chosen, rest: [...rest, ...waiting] };
    if (!/^-./s.test(argument)) {
      rest.push(argument);
      continue;
    }
    const [, name = "", inline] = /^([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const flag = flags.get(name);
    if (!flag) throw unknownOption(name, flags);
    const { option, row, isOff } = flag;
    if (isOff || row.kind === "switch") {
      if (inline !== undefined) throw new RangeError(`${name} takes no value, but has "${inline}"`);
      chosen[option] = !isOff;
    } else {
      const value = bareValue(row, inline, waiting) ??
        valueOf(name, row, inline ?? nextValue(name, row, waiting));
      chosen[option] = row.kind === "list" && row.adds ? [chosen[option] ?? [], value].flat() : value;
    }
  }
  return { chosen, rest };
}

/** Returns the value of an option that is set without one; undefined if the option needs one, or a number follows. */
function bareValue(row: Row, inline: string | undefined, [next = ""]: readonly string[]): number | undefined {
  const isBare = inline === undefined && !/^\d+$/.test(next);
  return row.kind === "integer" && isBare ? row.bare : undefined;
}

/** @throws {RangeError} if there is no argument left, or only another option. */
function nextValue(flag: string, row: Row, waiting: string[]): string {
  const [next] = waiting;
  if (next === undefined || next.startsWith("--")) {
    throw new RangeError(`${flag} needs a value: ${flag} ${placeholderOf(row)}`);
  }
  waiting.shift();
  return next;
}

/** Suggests a flag that is spelled alike, or that of an option of this name. */
function unknownOption(name: string, flags: ReadonlyMap<string, Flag>): RangeError {
  const byName = new Map([...flags].map(([flag, { option, isOff }]) => {
    const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return [`${isOff ? "no-" : ""}${kebab}`, flag];
  }));
  for (const flag of flags.keys()) byName.set(flag.slice(2), flag);
  const near = suggestion(name.replace(/^-+/, ""), [...byName.keys()], (near) => byName.get(near) ?? near);
  return new RangeError(`Unknown option ${name}${near || "; --help all lists all options"}`);
}

function readOperands(
  { operands }: CommandLine,
  values: readonly string[],
): (string | readonly string[] | undefined)[] {
  const missing = operands.find(({ isOptional }, i) => !isOptional && i >= values.length);
  if (missing) throw new RangeError(`${missing.name} is missing: ${missing.help}`);
  if (values.length > operands.length && !operands.at(-1)?.isMany) {
    const names = operands.map(({ name }) => name).join(" and ");
    const state = names === ""
      ? ": there are only options"
      : ` after ${names}; a path with spaces needs quotes`;
    throw new RangeError(`Unexpected argument "${values[operands.length]}"${state}`);
  }
  return operands.map(({ isMany }, i) => isMany ? values.slice(i) : values[i]);
}
