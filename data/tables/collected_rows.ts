/** Images and labels of a table of pixels, collected line by line. */

import { createMissingTest } from "../lists/missing.ts";
import { findSetName, type SetName } from "../lists/sets.ts";
import { quoteOf } from "../text.ts";
import { PixelRows, type PixelValues } from "./pixel_rows.ts";
import type { PixelTable, PixelTableOptions, TablePart } from "./pixel_table.ts";
import { RowReader } from "./row_reader.ts";
import type { TableLayout } from "./table_layout.ts";

/** Maximum number of values of the images of a set. */
const MOST_VALUES = 2 ** 32;
/** Maximum number of values for which memory is reserved at first, and the number of images if the size is unknown. */
const MOST_RESERVED = 2 ** 29, FEW_ROWS = 256;
const WHOLE = /^-?\d+(\.0*)?$/;

interface Part {
  readonly rows: PixelRows;
  readonly labels: string[];
}

/** Columns of a table without names, of which one has the labels. */
type Ends = readonly [first: string[], last: string[]];

/** Images and labels of a table. */
export class CollectedRows {
  readonly #layout: TableLayout;
  readonly #source: string;
  readonly #options: PixelTableOptions;
  readonly #reader: RowReader;
  readonly #length: number;
  readonly #parts = new Map<SetName | undefined, Part>();
  readonly #ends: Ends = [[], []];

  /** Creates an empty collection. */
  constructor(layout: TableLayout, source: string, options: PixelTableOptions) {
    const [height, width, channels] = layout.shape;
    this.#layout = layout;
    this.#source = source;
    this.#options = options;
    this.#length = height * width * channels;
    this.#reader = new RowReader(layout, source, (pixels, texts, line) => this.#add(pixels, texts, line));
  }

  /** Reads a block of whole lines. @throws as {@linkcode RowReader.read}, or if there are too many. */
  read(block: Uint8Array): void {
    this.#reader.read(block);
  }

  /** Returns the table. @throws {SyntaxError} if there are no images, or either of two columns may have the labels. */
  finish(): PixelTable {
    const { label, names, shape: [, , channels], notes } = this.#layout;
    if (this.#parts.size === 0) throw this.#error("it must have a line for each image, but it has none");
    const decided = label === "first or last" ? this.#decideLabels() : undefined;
    const column = decided?.column ?? (label === "first or last" ? null : label);
    return {
      labelColumn: column === null ? null : names?.[column] || `column ${column + 1}`,
      parts: [...this.#parts].map(([set, { rows, labels }]): TablePart => ({
        set,
        images: { shape: this.#shapeOf(rows.count), values: rows.values, dtype: "decimal" },
        labels: column === null ? null : withoutFractions(decided?.labels ?? labels),
      })),
      notes: [
        ...notes,
        ...(decided ? [`the ${column === 0 ? "first" : "last"} column is read as labels`] : []),
        ...(channels === 3 ? [this.#describeChannels()] : []),
      ],
    };
  }

  #add(pixels: PixelValues, texts: readonly string[], line: number): void {
    const { label, set, columns } = this.#layout;
    const word = set === null ? "" : texts[set] ?? "", name = word === "" ? "train" : findSetName(word);
    if (name === undefined) {
      throw this.#error(
        `sets must be train, val, test or unlabeled, but line ${line} has "${quoteOf(word)}"`,
      );
    }
    const key = set === null ? undefined : name, part = this.#parts.get(key) ?? this.#createPart();
    this.#parts.set(key, part);
    if ((part.rows.count + 1) * this.#length > MOST_VALUES) {
      throw new RangeError(
        `Cannot read ${this.#source}: it may have at most ${MOST_VALUES} pixels, but it has more`,
      );
    }
    part.rows.add(pixels);
    if (label === "first or last") {
      this.#ends[0].push(texts[0] ?? "");
      this.#ends[1].push(texts[columns - 1] ?? "");
    } else if (label !== null) part.labels.push(texts[label] ?? "");
  }

  #createPart(): Part {
    const { size } = this.#options, { set } = this.#layout;
    // A number and its separator take at least two bytes. Memory that is never written takes no space.
    const reserved = size === undefined || set !== null
      ? FEW_ROWS * this.#length
      : Math.min(size / 2, MOST_RESERVED) + this.#length;
    return { rows: new PixelRows(this.#length, Math.ceil(reserved / this.#length)), labels: [] };
  }

  #shapeOf(count: number): readonly number[] {
    const { shape: [height, width, channels] } = this.#layout;
    if (channels === 1) return [count, height, width];
    return this.#options.channels === "first" ? [count, 3, height, width] : [count, height, width, 3];
  }

  #describeChannels(): string {
    const { shape: [height, width] } = this.#layout;
    const sizes = `${height}×${width} pixels of three`;
    return this.#options.channels === "first"
      ? `the columns are read as three planes of ${height}×${width} pixels`
      : `the columns are read as ${sizes} neighbouring numbers; --channels first reads three planes`;
  }

  /** Decides which of the ends has the labels, and moves the other into the images. */
  #decideLabels(): { readonly column: number; readonly labels: readonly string[] } {
    const [first, last] = this.#ends, { columns } = this.#layout;
    const isFirst = areLabels(first) && arePixels(last), isLast = areLabels(last) && arePixels(first);
    if (isFirst === isLast) {
      const state = isFirst ? "both could be" : "neither is";
      throw this.#error(
        `without names, its first or its last column must be labels of at least two classes, but ${state}. Add a line ` +
          "of names, such as label,pixel0,pixel1 and so on",
      );
    }
    for (const { rows } of this.#parts.values()) rows.complete((isFirst ? last : first).map(Number), isFirst);
    return isFirst ? { column: 0, labels: first } : { column: columns - 1, labels: last };
  }

  #error(reason: string): SyntaxError {
    return new SyntaxError(`Cannot read ${this.#source} as a table of pixels: ${reason}`);
  }
}

/** Returns whether texts may be labels: whole numbers from −1 on, and at least two of them. */
function areLabels(texts: readonly string[]): boolean {
  return new Set(texts).size > 1 && texts.every((text) => WHOLE.test(text) && Number(text) >= -1);
}

function arePixels(texts: readonly string[]): boolean {
  return texts.every((text) => text !== "" && Number(text) >= 0 && Number(text) <= 255);
}

/** Removes `.0` if all labels are whole numbers: pandas writes so if some are missing. */
function withoutFractions(labels: readonly string[]): readonly string[] {
  const isMissing = createMissingTest();
  return labels.some((text) => text.includes(".")) &&
      labels.every((text) => WHOLE.test(text) || isMissing(text))
    ? labels.map((text) => isMissing(text) ? text : text.replace(/\.0*$/, ""))
    : labels;
}
