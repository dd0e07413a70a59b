/**
 * `deno task readme`: brings the table of options in the README up to date.
 * @module
 */
import { optionsTable } from "./options.ts";

const begin = "<!-- options -->", end = "<!-- /options -->";

/** The README. */
export const readmePath: URL = new URL("../README.md", import.meta.url);

/** A text with the table of options between its two markers. @throws {SyntaxError} if it has not each once. */
export function withOptionsTable(text: string): string {
  const [before, between, ...tooMany] = text.split(begin);
  const [, after, ...more] = between?.split(end) ?? [];
  if (after === undefined || tooMany.length + more.length > 0) {
    throw new SyntaxError(
      `Cannot write the table of options as ${begin} and then ${end} must be there once each`,
    );
  }
  return `${before}${begin}\n\n${optionsTable()}\n\n${end}${after}`;
}

if (import.meta.main) {
  await Deno.writeTextFile(readmePath, withOptionsTable(await Deno.readTextFile(readmePath)));
}
