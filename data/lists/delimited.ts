/** Text with fields between separators: CSV and its kin (RFC 4180), as people write it. */

import type { ListRecord } from "./records.ts";

/** Letters of a line at most, with all lines that its quoted fields go on for. */
export const LONGEST_LINE: number = 2 ** 20;

/**
 * Reads lines of fields. A field in quotes may have separators, line breaks, and quotes that are doubled; blanks around it
 * do not count. Quotes that are anything else are letters. Line breaks may be of any kind, and lines of blanks do not count.
 *
 * @throws {SyntaxError} saying which line has a quote that is never closed, or is too long.
 */
export function parseDelimited(text: string, separator: string): ListRecord[] {
  return new DelimitedReader(text, separator).records();
}

class DelimitedReader {
  #at = 0;
  #line = 1;
  #start = 0;
  readonly #plain: RegExp;

  constructor(readonly text: string, readonly separator: string) {
    this.#plain = new RegExp(`[^\\r\\n${separator}]*`, "y");
  }

  records(): ListRecord[] {
    const records: ListRecord[] = [];
    while (this.#at < this.text.length) {
      const line = this.#line, fields: string[] = [];
      this.#start = this.#at;
      do fields.push(this.#field()); while (this.#passSeparator());
      this.#passLineBreak();
      if (fields.length > 1 || fields[0]?.trim() !== "") records.push({ fields, line });
    }
    return records;
  }

  #passSeparator(): boolean {
    if (this.text[this.#at] !== this.separator) return false;
    this.#at++;
    return true;
  }

  #passLineBreak(): void {
    if (this.text.startsWith("\r\n", this.#at)) this.#at++;
    this.#at++;
    this.#line++;
  }

  #field(): string {
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    this.#plain.lastIndex = this.#at;
    const [field = ""] = this.#plain.exec(this.text) ?? [];
    this.#at += field.length;
    return field;
  }

  /** The field, if it is one in quotes and nothing but blanks around. */
  #quoted(): string | undefined {
    const opening = this.#afterBlanks(this.#at);
    if (this.text[opening] !== '"') return undefined;
    let value = "", from = opening + 1;
    for (;;) {
      const closing = this.text.indexOf('"', from);
      if (closing < 0) throw new SyntaxError(`line ${this.#line} has a quote that is never closed`);
      if (closing - this.#start > LONGEST_LINE) {
        throw new SyntaxError(`line ${this.#line} goes on for more than ${LONGEST_LINE} letters in quotes`);
      }
      value += this.text.slice(from, closing);
      from = closing + 1;
      if (this.text[from] !== '"') break;
      value += '"';
      from++;
    }
    const end = this.#afterBlanks(from), next = this.text[end];
    if (next !== undefined && next !== this.separator && next !== "\n" && next !== "\r") return undefined;
    this.#at = end;
    this.#line += value.match(/\r\n|\n|\r/g)?.length ?? 0;
    return value;
  }

  #afterBlanks(at: number): number {
    while (this.text[at] === " ") at++;
    return at;
  }
}
