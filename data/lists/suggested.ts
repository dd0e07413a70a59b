/** What a label list says of examples that were suggested to be labelled. */

/**
 * The line before labels of suggested examples. They are the ones that a classifier is least sure of: an error that is
 * measured on them too would be too high, so they are only trained with.
 */
export const SUGGESTED = "# suggested: never held out";

/** A text without such lines, which become empty, and the number of the first, counted from 1; Infinity where there is none. */
export function withoutMark(text: string): { readonly text: string; readonly suggestedFrom: number } {
  if (!text.includes(SUGGESTED)) return { text, suggestedFrom: Infinity };
  const lines = text.split(/\r\n|\n|\r/);
  const isMark = (line: string) => line.replace(/^\ufeff/, "").trim().replace(/[,;\t]+$/, "") === SUGGESTED;
  const first = lines.findIndex(isMark);
  return {
    text: lines.map((line) => isMark(line) ? "" : line).join("\n"),
    suggestedFrom: first < 0 ? Infinity : first + 1,
  };
}
