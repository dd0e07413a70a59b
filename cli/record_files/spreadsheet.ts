/**
 * Cells of tables for spreadsheets.
 * @module
 */

/** Returns a text that spreadsheets do not compute: texts that begin like a formula get an apostrophe. */
export function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
