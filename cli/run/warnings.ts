/**
 * What the self-check has to say, as it is said on the command line.
 * @module
 */
import type { DiagnosticsRecord, Warning } from "../../semisup/mod.ts";

/** Tells warnings that are new. */
export class WarningTeller {
  #standing: ReadonlySet<string> = new Set();

  /** The warnings of a record that did not stand at the one before, a text each. */
  news({ step, warnings }: DiagnosticsRecord): string[] {
    const texts = warnings.filter(({ code }) => !this.#standing.has(code)).map(({ code, message }) =>
      `Warning at step ${step} (${code}): ${message}`
    );
    this.#standing = new Set(warnings.map(({ code }) => code));
    return texts;
  }
}

/** The warnings that stand at the end. */
export function standingText(warnings: readonly Warning[]): string {
  const lines = warnings.map(({ code, message }) => `  ${code}: ${message}`);
  return `The method was not at work as it should be:\n${lines.join("\n")}`;
}
