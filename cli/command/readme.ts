/**
 * `deno task readme`: brings the tables of options and presets in the README up to date.
 * @module
 */
import { optionsTable } from "./options.ts";
import { presets } from "../plan/presets.ts";
import { publishedText } from "../report/results.ts";
import { markdownTable } from "./table.ts";

/** The README. */
export const readmePath: URL = new URL("../../README.md", import.meta.url);

/** A text with a table between its two markers. @throws {SyntaxError} if it has not each once. */
function withTable(text: string, name: string, table: string): string {
  const begin = `<!-- ${name} -->`, end = `<!-- /${name} -->`;
  const [before, between, ...tooMany] = text.split(begin);
  const [, after, ...more] = between?.split(end) ?? [];
  if (after === undefined || tooMany.length + more.length > 0) {
    throw new SyntaxError(
      `Cannot write the table of ${name} as ${begin} and then ${end} must be there once each`,
    );
  }
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** A text with the table of options between its two markers. @throws {SyntaxError} if it has not each once. */
export function withOptionsTable(text: string): string {
  return withTable(text, "options", optionsTable());
}

/** A text with the table of presets between its two markers. @throws {SyntaxError} if it has not each once. */
export function withPresetsTable(text: string): string {
  return withTable(text, "presets", presetsTable());
}

/** Presets, a line for a run and its twins, with what was published of them. */
export function presetsTable(): string {
  const twins = /-(supervised|pi)$/;
  const errorOf = (name: string) =>
    publishedText(presets.find((preset) => preset.name === name)?.published ?? null);
  return markdownTable([
    ["Preset", "What it is", "Published error %", "`-supervised`", "`-pi`"],
    ...presets.filter(({ name }) => !twins.test(name)).map(({ name, summary }) => [
      `\`${name}\``,
      summary,
      ...["", "-supervised", "-pi"].map((suffix) => errorOf(name + suffix)),
    ]),
  ]);
}

if (import.meta.main) {
  const text = await Deno.readTextFile(readmePath);
  await Deno.writeTextFile(readmePath, withPresetsTable(withOptionsTable(text)));
}
