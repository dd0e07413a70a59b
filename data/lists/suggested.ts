/** Mark in label lists of examples that were suggested for labelling. */

/**
 * Line before the labels of suggested examples. A classifier is least certain about suggested examples, so an
 * error measured on them would be too high; they are used for training only.
 */
export const SUGGESTED = "# suggested: never held out";

/**
 * Blanks the marks in a text, and returns the line number of the first mark (from 1; Infinity if there is
 * none).
 */
export function blankSuggestedMarks(text: string): { readonly text: string; readonly suggestedFrom: number } {
  if (!text.includes(SUGGESTED)) return { text, suggestedFrom: Infinity };
  const lines = text.split(/\r\n|\n|\r/);
  const isMark = (line: string) => line.replace(/^\ufeff/, "").trim().replace(/[,;\t]+$/, "") === SUGGESTED;
  const first = lines.findIndex(isMark);
  return {
    text: lines.map((line) => isMark(line) ? "" : line).join("\n"),
    suggestedFrom: first < 0 ? Infinity : first + 1,
  };
}
