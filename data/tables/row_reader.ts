/** Reading of the lines of a table of pixels. */

import { counted, quoteOf } from "../text.ts";
import type { PixelValues } from "./pixel_rows.ts";
import { splitFields, unquote } from "./split_fields.ts";
import type { TableLayout } from "./table_layout.ts";
import { isLineEnd } from "./whole_lines.ts";

const LINE_FEED = 10, CARRIAGE_RETURN = 13, BLANK = 32, QUOTE = 34, POINT = 46, ZERO = 48, NINE = 57;
/** Largest value of a pixel. */
const MOST = 255;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const decoder = new TextDecoder();

/** Receives the pixels of a line, valid during the call only, and the texts of all other columns. */
export type TakeRow = (pixels: PixelValues, texts: readonly string[], line: number) => void;

/** A reader of blocks of whole lines. Blank lines are skipped. */
export class RowReader {
  readonly #layout: TableLayout;
  readonly #source: string;
  readonly #take: TakeRow;
  readonly #separator: number;
  readonly #pixelSeparator: number;
  readonly #count: number;
  readonly #texts: string[] = [];
  #pixels: PixelValues;
  #headLines: number;
  #line = 1;
  #last = 0;
  /** Place of the end of the number read last. */
  #end = 0;

  /**
   * Creates a reader.
   *
   * @param source The file's name, for errors.
   */
  constructor(layout: TableLayout, source: string, take: TakeRow) {
    const [height, width, channels] = layout.shape;
    this.#layout = layout;
    this.#source = source;
    this.#take = take;
    this.#separator = layout.separator.charCodeAt(0);
    this.#pixelSeparator = layout.pixelSeparator.charCodeAt(0);
    // One pixel is outside of these columns if the labels may be first or last.
    this.#count = height * width * channels - (layout.label === "first or last" ? 1 : 0);
    this.#pixels = new Uint8Array(this.#count);
    this.#headLines = layout.headLines;
  }

  /**
   * Reads a block of whole lines.
   *
   * @throws {SyntaxError} naming the file and the line when fields are missing or are no numbers.
   * @throws {RangeError} naming the file and the line when a number is no value of a pixel.
   */
  read(block: Uint8Array): void {
    for (let at = 0; at < block.length;) {
      const byte = block[at] ?? 0;
      if (isLineEnd(byte)) {
        if (byte !== LINE_FEED || this.#last !== CARRIAGE_RETURN) this.#line++;
        this.#last = byte;
        at++;
        continue;
      }
      this.#last = 0;
      if (this.#isEmpty(block, at)) at = findLineEnd(block, at);
      else if (this.#headLines > 0) {
        this.#headLines--;
        at = findLineEnd(block, at);
      } else at = this.#readRow(block, at);
    }
  }

  /** Returns whether a line has nothing but separators, blanks and quotes. */
  #isEmpty(block: Uint8Array, start: number): boolean {
    let at = start;
    for (let byte = block[at]; byte === this.#separator || byte === BLANK || byte === QUOTE;) {
      byte = block[++at];
    }
    return isLineEnd(block[at]);
  }

  #readRow(block: Uint8Array, start: number): number {
    const { firstPixel, pixelColumns, columns } = this.#layout;
    let at = start;
    for (let column = 0; column < firstPixel; column++) {
      at = this.#readText(block, at, column);
      if (block[at++] !== this.#separator) throw this.#countError(block, start);
    }
    at = this.#readPixels(block, at, start);
    for (let column = firstPixel + pixelColumns; column < columns; column++) {
      if (block[at] !== this.#separator) throw this.#countError(block, start);
      at = this.#readText(block, at + 1, column);
    }
    if (!isLineEnd(block[at])) throw this.#countError(block, start);
    this.#take(this.#pixels, this.#texts, this.#line);
    return at;
  }

  /** Reads a field of text; returns the place of its end. */
  #readText(block: Uint8Array, start: number, column: number): number {
    const { label, set } = this.#layout;
    let at = start;
    while (block[at] === BLANK) at++;
    while (block[at] === QUOTE) {
      for (at++; block[at] !== QUOTE;) {
        if (isLineEnd(block[at++])) throw this.#error("quotes must be closed", "has one that is not");
      }
      at++;
    }
    for (let byte = block[at]; byte !== this.#separator && !isLineEnd(byte);) byte = block[++at];
    if (column === label || column === set || label === "first or last") {
      this.#texts[column] = unquote(decoder.decode(block.subarray(start, at))).trim();
    }
    return at;
  }

  /** Reads the numbers of an image; returns the place of the end of the last. */
  #readPixels(block: Uint8Array, start: number, line: number): number {
    const count = this.#count, separator = this.#pixelSeparator, isList = separator !== this.#separator;
    let pixels = this.#pixels, at = isList ? skipQuotes(block, start) : start;
    for (let i = 0; i < count; i++) {
      const from = at;
      let byte = block[at] ?? 0, value = NaN;
      if (byte >= ZERO && byte <= NINE) {
        for (value = 0; byte >= ZERO && byte <= NINE; byte = block[++at] ?? 0) {
          value = 10 * value + byte - ZERO;
        }
        if (byte === POINT) {
          value = this.#readFraction(block, at, value);
          at = this.#end;
          byte = block[at] ?? 0;
        }
      }
      // So are the last number of a line, and forms of numbers that are rare.
      if (!(value <= MOST) || byte !== separator) {
        value = this.#readOther(block, from, i, line);
        at = this.#end;
      }
      if (value !== Math.floor(value)) pixels = this.#useFractions();
      pixels[i] = value;
      if (i === count - 1) break;
      at++;
      if (isList) { while (block[at] === BLANK) at++; }
    }
    return isList ? skipQuotes(block, at) : at;
  }

  /** Reads the digits after a decimal point, and sets their end. */
  #readFraction(block: Uint8Array, point: number, whole: number): number {
    let value = whole, scale = 1, at = point + 1;
    for (let byte = block[at] ?? 0; byte >= ZERO && byte <= NINE; byte = block[++at] ?? 0) {
      value = 10 * value + byte - ZERO;
      scale *= 10;
    }
    this.#end = at;
    return value / scale;
  }

  /** Reads a number in any form, and sets its end. */
  #readOther(block: Uint8Array, start: number, index: number, line: number): number {
    const isList = this.#pixelSeparator !== this.#separator;
    let at = start;
    for (let byte = block[at]; byte !== this.#separator && !isLineEnd(byte); byte = block[++at]) {
      if (isList && (byte === BLANK || byte === QUOTE)) break;
    }
    this.#end = at;
    const text = unquote(decoder.decode(block.subarray(start, at))).trim(), value = Number(text);
    const isLast = index === this.#count - 1, isCut = !isLast && block[at] !== this.#pixelSeparator;
    if (text === "" && (isList || isCut)) throw this.#countError(block, line);
    const place = isList ? `number ${index + 1}` : `column ${
      quoteOf(
        this.#layout.names?.[this.#layout.firstPixel + index] || `${this.#layout.firstPixel + index + 1}`,
      )
    }`;
    if (!NUMBER.test(text)) {
      throw this.#error(
        "pixels must be numbers",
        `has ${text === "" ? "nothing" : `"${quoteOf(text)}"`} in ${place}`,
      );
    }
    if (!(value >= 0 && value <= MOST)) {
      throw new RangeError(
        this.#error(`pixels must range from 0 to 1 or from 0 to ${MOST}`, `has ${quoteOf(text)} in ${place}`)
          .message,
      );
    }
    if (isCut) throw this.#countError(block, line);
    return value;
  }

  #useFractions(): PixelValues {
    if (this.#pixels instanceof Uint8Array) this.#pixels = Float32Array.from(this.#pixels);
    return this.#pixels;
  }

  /** Creates the error for a line, given its place, with another number of fields or of numbers in its list. */
  #countError(block: Uint8Array, start: number): SyntaxError {
    const { columns, separator, firstPixel } = this.#layout;
    const fields = splitFields(decoder.decode(block.subarray(start, findLineEnd(block, start))), separator);
    if (fields.length !== columns) {
      return this.#error(`each line must have ${counted(columns, "field")}`, `has ${fields.length}`);
    }
    const count = fields[firstPixel]?.split(/\s+/).filter((word) => word !== "").length;
    return this.#error(`each image must have ${this.#count} numbers`, `has ${count}`);
  }

  #error(rule: string, state: string): SyntaxError {
    return new SyntaxError(
      `Cannot read ${this.#source} as a table of pixels: ${rule}, but line ${this.#line} ${state}`,
    );
  }
}

function findLineEnd(block: Uint8Array, start: number): number {
  let at = start;
  while (!isLineEnd(block[at])) at++;
  return at;
}

function skipQuotes(block: Uint8Array, start: number): number {
  let at = start;
  while (block[at] === BLANK || block[at] === QUOTE) at++;
  return at;
}
