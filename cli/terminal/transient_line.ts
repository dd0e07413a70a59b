/**
 * A line on stderr that changes.
 * @module
 */

import { shownText, takesEscapeCodes, writeUnlessClosed } from "./output.ts";

/** Milliseconds between two lines: on a terminal one line changes, elsewhere new ones follow. */
const intervals = { terminal: 250, lines: 10_000 };

/** Terminal and clock of a line. */
interface Surroundings {
  readonly isTerminal: boolean;
  write(text: string): void;
  now(): number;
}

/** A line that changes. */
export interface TransientLine {
  /** Shows a text, if the last one is old enough. */
  show(text: string): void;
  /** Removes the line from the terminal, and starts anew. */
  clear(): void;
  /** Ends the line on the terminal, and leaves it there. */
  end(): void;
}

/** Returns a line that changes four times a second at most; where stderr is no terminal, a new line every ten seconds. */
export function transientLine(surroundings: Partial<Surroundings> = {}): TransientLine {
  const {
    isTerminal = takesEscapeCodes(Deno.stderr),
    now = () => performance.now(),
    write = writeToTerminal,
  } = surroundings;
  let last: number | undefined, isShown = false;
  const finish = (text: string) => {
    if (isShown && isTerminal) write(text);
    last = undefined;
    isShown = false;
  };
  return {
    show(given) {
      const text = shownText(given);
      const time = now();
      last ??= time;
      if (time - last < (isTerminal ? intervals.terminal : intervals.lines)) return;
      last = time;
      isShown = true;
      write(isTerminal ? `\r${text}\x1b[K` : `${text}\n`);
    },
    clear: () => finish("\r\x1b[K"),
    end: () => finish("\n"),
  };
}

/** Writes on stderr, unless the terminal was closed. */
export function writeToTerminal(text: string): void {
  writeUnlessClosed(() => Deno.stderr.writeSync(new TextEncoder().encode(text)));
}
