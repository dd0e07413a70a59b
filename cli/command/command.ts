/**
 * Commands, declared by their arguments and work.
 * @module
 */
import type { OptionsOf, Rows } from "./rows.ts";
import { readConfigFile } from "../config/config_file.ts";
import { pluginOf } from "../config/config_options.ts";
import { lastValueIn, loadPlugin } from "../plan/plugin.ts";
import { type CommandLine, type Operand, parseCommand, type Parsed } from "./parse.ts";
import { enterFolderOfCaller } from "./caller.ts";
import { configureOutput, type OutputOptions } from "../terminal/output.ts";
import { type Outcome, runCommand, type Stopper } from "./process.ts";

/** Declaration of a command. */
export interface CommandDefinition<R extends Rows, O extends readonly Operand[]> extends CommandLine<R, O> {
  /** True if a signal ends the command at once, as there is nothing to save; it may depend on the options. */
  readonly stopsAtOnce?: boolean | ((options: OptionsOf<R>) => boolean);
  /** Text that is printed at the first signal (default: that a checkpoint is saved). */
  readonly stopNotice?: string;
  /** Runs with parsed arguments, until the end or the signal. */
  run(parsed: Parsed<R, O>, signal: AbortSignal): Outcome | Promise<Outcome>;
}

/** A command that can be run. */
export interface Command<R extends Rows, O extends readonly Operand[]> extends CommandDefinition<R, O> {
  /** Parses arguments. @throws as {@linkcode parseCommand} does. */
  parse(args: readonly string[]): Parsed<R, O>;
  /** Runs with arguments. @returns the exit code. */
  execute(args: readonly string[]): Promise<number>;
  /** Runs with arguments, by default those of the process, and ends the process; paths start at the caller's folder. */
  start(args?: readonly string[]): Promise<never>;
}

/** Returns the plugin that arguments name, or the config that they name; undefined if none. */
async function pluginFor(rows: Rows, args: readonly string[]): Promise<string | undefined> {
  const plugin = "plugin" in rows ? lastValueIn(args, "--plugin") : undefined;
  const config = "config" in rows ? lastValueIn(args, "--config") : undefined;
  return plugin ?? (config === undefined ? undefined : pluginOf(await readConfigFile(config)));
}

/** Declares a command; its parser, help, option types, errors and exit codes follow from the definition. */
export function defineCommand<const R extends Rows, const O extends readonly Operand[]>(
  definition: CommandDefinition<R, O>,
): Command<R, O> {
  const parse = (args: readonly string[]) => parseCommand(definition, args);
  const { stopsAtOnce = false, stopNotice } = definition;
  const run = async (args: readonly string[], stopper: Stopper) => {
    // Before options are parsed, as the names that a plugin registers are values of options.
    const plugin = await pluginFor(definition.rows, args);
    if (plugin !== undefined) await loadPlugin(plugin);
    const parsed = parse(args);
    configureOutput(parsed.options as Partial<OutputOptions>);
    const isDone = typeof stopsAtOnce === "function" ? stopsAtOnce(parsed.options) : stopsAtOnce;
    if (!isDone) stopper.listen(stopNotice);
    return await definition.run(parsed, stopper.signal);
  };
  const execute = (args: readonly string[]) => runCommand(args, (stopper) => run(args, stopper), definition);
  const start = async (args: readonly string[] = Deno.args) =>
    Deno.exit(
      await runCommand(args, async (stopper) => {
        enterFolderOfCaller();
        return await run(args, stopper);
      }, definition),
    );
  return { ...definition, parse, execute, start };
}
