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

/** Returns a text with a table put between its two markers. @throws {SyntaxError} unless it has each marker once. */
function withTable(text: string, name: string, table: string): string {
  const begin = `<!-- ${name} -->`, end = `<!-- /${name} -->`;
  const [before, between, ...tooMany] = text.split(begin);
  const [, after, ...more] = between?.split(end) ?? [];
  if (after === undefined || tooMany.length + more.length > 0) {
    throw new SyntaxError(
      `Cannot write the table of ${name}: ${begin} and then ${end} must be in the text once each`,
    );
  }
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** Returns a text with the table of options put between its two markers. @throws {SyntaxError} unless it has each marker once. */
export function withOptionsTable(text: string): string {
  return withTable(text, "options", optionsTable());
}

/** Returns a text with the table of presets put between its two markers. @throws {SyntaxError} unless it has each marker once. */
export function withPresetsTable(text: string): string {
  return withTable(text, "presets", presetsTable());
}

/** Returns a Markdown table of presets with published errors: one line for a run, its supervised baseline and its Π model. */
export function presetsTable(): string {
  const twins = /-(supervised|pi)$/;
  const errorOf = (name: string) =>
    publishedText(presets.find((preset) => preset.name === name)?.published ?? null);
  return markdownTable([
    ["Preset", "Run", "Published error %", "`-supervised`", "`-pi`"],
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
