/**
 * `mean-teacher COMMAND`: all commands of the project in one program.
 *
 * ```sh
 * deno install -gA -n mean-teacher cli/main.ts
 * ```
 * @module
 */
import { missingPermission } from "../data/internal.ts";
import { commandStart } from "./command/caller.ts";
import { completionScript, shells } from "./command/completions.ts";
import { exitCodes } from "./command/exit_codes.ts";
import { versionText } from "./command/help.ts";
import { suggestion } from "./command/nearest.ts";
import { paint, printError, printRaw } from "./terminal/output.ts";
import type { CommandLine } from "./command/parse.ts";

/** A command as it is started here. */
type Loaded = CommandLine & { start(args: readonly string[]): Promise<never> };

/** A command that is loaded when it is called. */
interface SubCommand {
  readonly summary: string;
  load(): Promise<Loaded>;
}

/** All commands by name, in the order of the help. */
export const subCommands: Readonly<Record<string, SubCommand>> = {
  train: {
    summary: "train a classifier from few labels",
    load: async () => (await import("./train.ts")).trainCommand,
  },
  predict: {
    summary: "classify images with a trained model",
    load: async () => (await import("./predict.ts")).predictCommand,
  },
  serve: {
    summary: "classify pictures that other programs send over HTTP",
    load: async () => (await import("./serve.ts")).serveCommand,
  },
  evaluate: {
    summary: "test a trained model",
    load: async () => (await import("./evaluate.ts")).evaluateCommand,
  },
  label: {
    summary: "label pictures in the browser, and train on them",
    load: async () => (await import("./label.ts")).labelCommand,
  },
  suggest: {
    summary: "suggest images to label next",
    load: async () => (await import("./suggest.ts")).suggestCommand,
  },
  report: {
    summary: "write an HTML page about runs",
    load: async () => (await import("./report.ts")).reportCommand,
  },
  dashboard: {
    summary: "show, compare and follow runs in the browser",
    load: async () => (await import("./dashboard.ts")).dashboardCommand,
  },
  export: {
    summary: "write a model as an ONNX file for other programs",
    load: async () => (await import("./export.ts")).exportCommand,
  },
  embed: {
    summary: "write the features of images, and test them",
    load: async () => (await import("./embed.ts")).embedCommand,
  },
  labels: {
    summary: "draw labels and write them as a list",
    load: async () => (await import("./labels.ts")).labelsCommand,
  },
  networks: {
    summary: "list networks and their parameters",
    load: async () => (await import("./networks.ts")).networksCommand,
  },
  experiment: {
    summary: "run presets with several seeds and tabulate the errors",
    load: async () => (await import("./experiment.ts")).experimentCommand,
  },
};

function usageText(): string {
  const start = commandStart();
  const lines = [
    ...Object.entries(subCommands).map(([name, { summary }]) => [name, summary] as const),
    ["completions", `print completions for ${shells.join(", ")}`] as const,
  ];
  const heading = (text: string) => paint(text, "bold", Deno.stdout);
  return [
    `${heading("Usage:")} ${start} COMMAND [ARGUMENTS]`,
    "",
    "Trains image classifiers from few labels with Mean Teacher, and uses them.",
    "",
    heading("Commands:"),
    ...lines.map(([name, summary]) => `  ${name.padEnd(12)} ${summary}`),
    "",
    "COMMAND --help explains a command; --version shows versions and GPU.",
  ].join("\n");
}

/** Returns the completion script of a shell. @throws {RangeError} if the shell is not known. */
async function completionsOf([shell = "", ...rest]: readonly string[]): Promise<string> {
  const known = shells.find((each) => each === shell);
  if (!known || rest.length > 0) {
    throw new RangeError(
      `completions needs the name of a shell: ${shells.join(", ")}${suggestion(shell, shells)}`,
    );
  }
  const lines = await Promise.all(Object.values(subCommands).map(({ load }) => load()));
  return completionScript(
    known,
    lines,
    Object.keys(subCommands).map((name) => [name, subCommands[name]?.summary ?? ""]),
  );
}

/** Returns the text that arguments without a command ask for. @throws {RangeError} if there is none. */
async function textOf(name: string, args: readonly string[]): Promise<string> {
  if (["-h", "--help", "help"].includes(name)) return usageText();
  if (name === "--version") return await versionText();
  if (name === "completions") return await completionsOf(args);
  const names = [...Object.keys(subCommands), "completions"];
  const near = suggestion(name, names, (each) => each);
  throw new RangeError(`Unknown command ${name}${near || `; known commands: ${names.join(", ")}`}`);
}

/** Runs the command that arguments name; it ends the process itself. @returns the exit code of any other text. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = "--help", ...rest] = args;
  const command = Object.hasOwn(subCommands, name) ? subCommands[name] : undefined;
  if (command) return await (await command.load()).start(rest);
  try {
    printRaw(await textOf(name, rest));
    return exitCodes.finished.code;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof Deno.errors.NotCapable)) throw error;
    printError(missingPermission(error.message) ?? error.message);
    return exitCodes.failed.code;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
