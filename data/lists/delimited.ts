/** Text with separated fields: CSV (RFC 4180) and its variants found in practice. */

import type { ListRecord } from "./records.ts";

/** Maximum number of characters of a record, including the line breaks in its quoted fields. */
export const LONGEST_LINE: number = 2 ** 20;

/** Maximum number of fields of a record. */
export const MOST_FIELDS = 10_000;

/**
 * Parses lines of fields. A quoted field may contain separators, line breaks and doubled quotes, and may be
 * surrounded by spaces. Other quotes are ordinary characters. All kinds of line breaks are accepted, and
 * lines without any text are skipped.
 *
 * @throws {SyntaxError} naming the line with an unclosed quote, or with a field that is too long.
 */
export function parseDelimited(text: string, separator: string): ListRecord[] {
  return new DelimitedReader(text, separator).readAll();
}

class DelimitedReader {
  #at = 0;
  #line = 1;
  #start = 0;
  readonly #plain: RegExp;

  constructor(readonly text: string, readonly separator: string) {
    this.#plain = new RegExp(`[^\\r\\n${separator}]*`, "y");
  }

  readAll(): ListRecord[] {
    const records: ListRecord[] = [];
    while (this.#at < this.text.length) {
      const line = this.#line, fields: string[] = [];
      this.#start = this.#at;
      do fields.push(this.#readField()); while (this.#skipSeparator() && fields.length <= MOST_FIELDS);
      if (fields.length > MOST_FIELDS) {
        throw new SyntaxError(`line ${line} has more than ${MOST_FIELDS} fields`);
      }
      this.#skipLineBreak();
      if (fields.some((field) => field.trim() !== "")) records.push({ fields, line });
    }
    return records;
  }

  #skipSeparator(): boolean {
    if (this.text[this.#at] !== this.separator) return false;
    this.#at++;
    return true;
  }

  #skipLineBreak(): void {
    if (this.text.startsWith("\r\n", this.#at)) this.#at++;
    this.#at++;
    this.#line++;
  }

  #readField(): string {
    const quoted = this.#readQuoted();
    if (quoted !== undefined) return quoted;
    this.#plain.lastIndex = this.#at;
    const [field = ""] = this.#plain.exec(this.text) ?? [];
    this.#at += field.length;
    return field;
  }

  /** Reads a quoted field surrounded by nothing but spaces; undefined if there is none here. */
  #readQuoted(): string | undefined {
    const opening = this.#skipSpaces(this.#at);
    if (this.text[opening] !== '"') return undefined;
    let value = "", from = opening + 1;
    for (;;) {
      const closing = this.text.indexOf('"', from);
      if (closing < 0) throw new SyntaxError(`line ${this.#line} has an unclosed quote`);
      if (closing - this.#start > LONGEST_LINE) {
        throw new SyntaxError(
          `line ${this.#line} has a quoted field of more than ${LONGEST_LINE} characters`,
        );
      }
      value += this.text.slice(from, closing);
      from = closing + 1;
      if (this.text[from] !== '"') break;
      value += '"';
      from++;
    }
    const end = this.#skipSpaces(from), next = this.text[end];
    if (next !== undefined && next !== this.separator && next !== "\n" && next !== "\r") return undefined;
    this.#at = end;
    this.#line += value.match(/\r\n|\n|\r/g)?.length ?? 0;
    return value;
  }

  #skipSpaces(at: number): number {
    while (this.text[at] === " ") at++;
    return at;
  }
}
