/**
 * Output of all commands: text or JSON lines, with or without progress, with or without colours.
 * @module
 */

/** Options of the output. */
export interface OutputOptions {
  /** True if results are JSON lines on stdout and all text is on stderr. */
  readonly json: boolean;
  /** True if only results, warnings and errors are printed. */
  readonly quiet: boolean;
}

let options: OutputOptions = { json: false, quiet: false };

/** Sets the options of the output until the next call; absent options are off. */
export function configureOutput({ json = false, quiet = false }: Partial<OutputOptions>): void {
  options = { json, quiet };
}

/** Returns the options of the output. */
export function outputOptions(): OutputOptions {
  return options;
}

/** Prints a line; nothing if the terminal was closed, as a run must still save its state then. */
function print(stream: "log" | "error", text: string): void {
  try {
    console[stream](text);
  } catch (error) {
    // A closed terminal is none any more, and writing to it fails.
    if (!`${error}`.includes("(os error 5)")) throw error;
  }
}

/** Prints progress or an explanation on stdout; with `--json` on stderr, with `--quiet` nothing. */
export function printProgress(text: string): void {
  if (!options.quiet) print(options.json ? "error" : "log", text);
}

/** Prints a remark on stderr; with `--quiet` nothing. */
export function printNote(text: string): void {
  if (!options.quiet) print("error", text);
}

/** Prints a remark on stderr that is shown even with `--quiet`. */
export function printNotice(text: string): void {
  print("error", text);
}

/** Prints a warning on stderr. */
export function printWarning(text: string): void {
  print("error", paint(text, "yellow"));
}

/** Prints an error on stderr. */
export function printError(text: string): void {
  print("error", paint(text, "red"));
}

/**
 * Prints a result on stdout; with `--json` its record instead, and the text on stderr.
 * @param record The result as an object; none if earlier records contain it.
 */
export function printResult(text: string, record?: object): void {
  if (!options.json) return print("log", text);
  printNote(text);
  if (record) printRecord(record);
}

/** Prints an object as a JSON line on stdout; without `--json` nothing. */
export function printRecord(record: object): void {
  if (options.json) print("log", JSON.stringify(record));
}

const colours = { bold: 1, red: 31, yellow: 33 } as const;

/** Returns a text in a colour, if the stream is a terminal and NO_COLOR is not set. */
export function paint(
  text: string,
  colour: keyof typeof colours,
  stream: { isTerminal(): boolean } = Deno.stderr,
): string {
  return Deno.noColor || !stream.isTerminal() ? text : `\x1b[${colours[colour]}m${text}\x1b[0m`;
}
