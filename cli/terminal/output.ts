/**
 * Output of all commands: text or JSON lines, with or without progress, with or without colours.
 * @module
 */

import { shownName } from "../../data/internal.ts";

/** Options of the output. */
export interface OutputOptions {
  /** True if results are JSON lines on stdout and all text is on stderr. */
  readonly json: boolean;
  /** True if only results, warnings and errors are printed. */
  readonly quiet: boolean;
}

let options: OutputOptions = { json: false, quiet: false };
/** True if only errors are printed, as by all but one process of a run. */
let isSilent = false;

/** Prints nothing but errors from now on. */
export function silenceOutput(): void {
  isSilent = true;
}

/** Sets the options of the output until the next call; absent options are off. */
export function configureOutput({ json = false, quiet = false }: Partial<OutputOptions>): void {
  options = { json, quiet };
}

/** Returns the options of the output. */
export function outputOptions(): OutputOptions {
  return options;
}

/**
 * Returns a text as it may be shown on a terminal: control characters of file and class names, which could move
 * the cursor, hide text or change its direction, are escaped; line breaks and tabs stay.
 */
export function shownText(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  return lines.map((line) => line.split("\t").map(shownName).join("\t")).join("\n");
}

/** Writes to the terminal; does nothing if it was closed, as a run must still save its state then. */
export function writeUnlessClosed(write: () => void): void {
  try {
    write();
  } catch (error) {
    // A closed terminal is none any more, and writing to it fails.
    if (!`${error}`.includes("(os error 5)")) throw error;
  }
}

/** Prints a line. */
function print(stream: "log" | "error", text: string, isError = false): void {
  if (isSilent && !isError) return;
  writeUnlessClosed(() => console[stream](text));
}

/** Prints a text of the program itself on stdout, with its colours. */
export function printRaw(text: string): void {
  print("log", text);
}

/** Prints a text on stdout. */
export function printText(text: string): void {
  print("log", shownText(text));
}

/** Prints progress or an explanation on stdout; with `--json` on stderr, with `--quiet` nothing. */
export function printProgress(text: string): void {
  if (!options.quiet) print(options.json ? "error" : "log", shownText(text));
}

/** Prints a remark on stderr; with `--quiet` nothing. */
export function printNote(text: string): void {
  if (!options.quiet) printNotice(text);
}

/** Prints a remark on stderr that is shown even with `--quiet`. */
export function printNotice(text: string): void {
  print("error", shownText(text));
}

/** Prints a warning on stderr. */
export function printWarning(text: string): void {
  print("error", paint(shownText(text), "yellow"));
}

/** Prints an error on stderr. */
export function printError(text: string): void {
  print("error", paint(shownText(text), "red"), true);
}

/**
 * Prints a result on stdout; with `--json` its record instead, and the text on stderr.
 * @param record The result as an object; none if earlier records contain it.
 */
export function printResult(text: string, record?: object): void {
  if (!options.json) return printText(text);
  printNote(text);
  if (record) printRecord(record);
}

/** Prints an object as a JSON line on stdout; without `--json` nothing. */
export function printRecord(record: object): void {
  // In JSON an escaped character is the same character.
  if (options.json) print("log", shownName(JSON.stringify(record)));
}

const colours = { bold: 1, red: 31, yellow: 33 } as const;

/** Stream that may be a terminal. */
type Stream = { isTerminal(): boolean };

/** Returns whether a stream is a terminal that understands escape codes, unlike those with TERM=dumb. */
export function takesEscapeCodes(stream: Stream): boolean {
  if (!stream.isTerminal()) return false;
  // Without this permission the reason must still be printed.
  const mayAsk = Deno.permissions.querySync({ name: "env", variable: "TERM" }).state === "granted";
  return !mayAsk || Deno.env.get("TERM") !== "dumb";
}

/** Returns a text in a colour, if the stream takes escape codes and NO_COLOR is not set. */
export function paint(text: string, colour: keyof typeof colours, stream: Stream = Deno.stderr): string {
  return Deno.noColor || !takesEscapeCodes(stream) ? text : `\x1b[${colours[colour]}m${text}\x1b[0m`;
}
