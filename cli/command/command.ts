/**
 * Commands, declared: what each takes, and what it does.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import type { Rows } from "./rows.ts";
import { type CommandLine, type Operand, parseCommand, type Parsed } from "./parse.ts";
import { enterFolderOfCaller } from "./caller.ts";
import { type Outcome, runCommand } from "./process.ts";

/** A command as it is declared. */
export interface CommandDefinition<R extends Rows, O extends readonly Operand[]> extends CommandLine<R, O> {
  /** True where a signal ends the command at once, as there is nothing to save. */
  readonly stopsAtOnce?: boolean;
  /** Does what the arguments say, until the signal comes. */
  run(parsed: Parsed<R, O>, signal: AbortSignal): Outcome | Promise<Outcome>;
}

/** A command that can be run. */
export interface Command<R extends Rows, O extends readonly Operand[]> extends CommandDefinition<R, O> {
  /** Reads arguments. @throws as {@linkcode parseCommand} does. */
  parse(args: readonly string[]): Parsed<R, O>;
  /** Runs with arguments. @returns the exit code. */
  execute(args: readonly string[]): Promise<number>;
  /** Runs with the arguments of the process, whose paths are the caller's, and ends the process. */
  start(): Promise<never>;
}

/** Declares a command: its parser, `--help`, the types of its options, errors and exit codes follow. */
export function defineCommand<const R extends Rows, const O extends readonly Operand[]>(
  definition: CommandDefinition<R, O>,
): Command<R, O> {
  const parse = (args: readonly string[]) => parseCommand(definition, args, config.version);
  const execute = (args: readonly string[]) =>
    runCommand(args, async (signal) => await definition.run(parse(args), signal), definition);
  const start = async () => {
    enterFolderOfCaller();
    return Deno.exit(await execute(Deno.args));
  };
  return { ...definition, parse, execute, start };
}
