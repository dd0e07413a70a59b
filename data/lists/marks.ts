/** Marks in label lists: lines that say something about the labels below them, up to the next mark. */

import { withoutEnding } from "../text.ts";

/**
 * Line before the labels of suggested examples. A classifier is least certain about suggested examples, so an
 * error measured on them would be too high; they are used for training only.
 */
export const SUGGESTED = "# suggested: never held out";

/**
 * Line before corrected labels. They replace other labels of the same examples, in the same list and in other
 * lists; of two corrections, the later one counts.
 */
export const CORRECTED = "# corrected: replaces other labels";

/** A label list with its marks blanked, and the marks of its lines. */
export interface MarkedText {
  /** The text with empty lines instead of marks. */
  readonly text: string;
  /** Returns the last mark above a line, counted from 1; undefined if there is none. */
  readonly markOf: (line: number) => typeof SUGGESTED | typeof CORRECTED | undefined;
}

/** Blanks the marks in a text, so that they are not read as labels. */
export function blankMarks(text: string): MarkedText {
  if (!text.includes(SUGGESTED) && !text.includes(CORRECTED)) return { text, markOf: () => undefined };
  const marks = text.split(/\r\n|\n|\r/).map((line) => {
    const plain = withoutEnding(line.replace(/^\ufeff/, "").trim(), ",;\t");
    return { line, mark: ([SUGGESTED, CORRECTED] as const).find((mark) => mark === plain) };
  });
  let last: (typeof marks)[number]["mark"];
  const marksOfLines = marks.map(({ mark }) => last = mark ?? last);
  return {
    text: marks.map(({ line, mark }) => mark ? "" : line).join("\n"),
    markOf: (line) => marksOfLines[Math.min(line, marksOfLines.length) - 1],
  };
}
