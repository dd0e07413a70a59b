/**
 * Warnings of the self-check, as printed on the command line.
 * @module
 */
import type { DiagnosticsRecord, Warning } from "../../semisup/mod.ts";

/** Tracks warnings, so that each is printed once while it lasts. */
export class WarningTracker {
  #active: ReadonlySet<string> = new Set();

  /** Returns a text for each warning that the previous record did not have. */
  newTexts({ step, warnings }: DiagnosticsRecord): string[] {
    const texts = warnings.filter(({ code }) => !this.#active.has(code)).map(({ code, message }) =>
      `Warning at step ${step} (${code}): ${message}`
    );
    this.#active = new Set(warnings.map(({ code }) => code));
    return texts;
  }
}

/** Returns the text of the warnings at the end of training. */
export function finalWarningsText(warnings: readonly Warning[]): string {
  const lines = warnings.map(({ code, message }) => `  ${code}: ${message}`);
  return `Self-check warnings at the end of training:\n${lines.join("\n")}`;
}
