/** Tables of pixels: text with a line for each image, as many datasets are shared. */

import type { ChannelOrder, RawArray } from "../pixels/planes.ts";
import type { SetName } from "../lists/sets.ts";
import { CollectedRows } from "./collected_rows.ts";
import { findTableLayout, type TableLayout } from "./table_layout.ts";
import { isLineEnd, wholeLines } from "./whole_lines.ts";

/** Images and labels of a set in a table. */
export interface TablePart {
  /** Set of the images; undefined if the table has no column of sets. */
  readonly set: SetName | undefined;
  /** Pixels `[N, H, W]`, `[N, H, W, 3]` or `[N, 3, H, W]`. */
  readonly images: RawArray;
  /** Label of each image as written, `1` for `1.0`; null if the table has no labels. */
  readonly labels: readonly string[] | null;
}

/** A table of pixels. */
export interface PixelTable {
  /** Name of the column of labels, such as `label` or `column 1`; null if the table has no labels. */
  readonly labelColumn: string | null;
  /** Images by their sets, in the order in which the sets appear. */
  readonly parts: readonly TablePart[];
  /** Sentences about decisions and ignored columns. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode readPixelTable}. */
export interface PixelTableOptions {
  /** Order of colour values: planes (`"first"`) or neighbouring values of each pixel (default: `"last"`). */
  readonly channels?: ChannelOrder | undefined;
  /** Number of bytes of the text, so that memory is reserved once (default: unknown). */
  readonly size?: number | undefined;
}

/** Maximum number of bytes of a line: enough for 256×256 pixels of three numbers. */
const LONGEST_LINE = 2 ** 22;
/** Number of lines that show the columns. */
const FIRST_LINES = 3;

/**
 * Reads a table of pixels: a line for each image, with a number for each pixel, from 0 to 1 or from 0 to 255,
 * and perhaps a label and the name of a set. The columns are found by their names, or by their number. Images
 * are square, grey or with three channels, unless columns are named by rows and columns, such as `28x32`; a
 * single column may have all pixels, with blanks between them.
 *
 * @param pieces The text, in pieces of any size; only its numbers are kept in memory.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file, and usually the line, when it is no such table.
 * @throws {RangeError} naming the file and the line of a number that is no value of a pixel.
 *
 * @example
 * ```ts
 * import { readPixelTable } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const names = Array.from({ length: 64 }, (_, i) => `pixel${i}`);
 * const text = ["label", ...names].join() + "\n7" + ",255".repeat(64);
 * const { parts: [part] } = await readPixelTable([new TextEncoder().encode(text)], "train.csv");
 * assertEquals([part?.images.shape, part?.labels], [[1, 8, 8], ["7"]]);
 * ```
 */
export async function readPixelTable(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  source: string,
  options: PixelTableOptions = {},
): Promise<PixelTable> {
  const blocks = linesOf(pieces, source), first: Uint8Array[] = [];
  try {
    const layout = findTableLayout(await readFirstLines(blocks, first), source);
    if (!layout) {
      throw new SyntaxError(
        `Cannot read ${source} as a table of pixels: it must have a column for each pixel, or a column of lists of ` +
          "pixels, but its first lines have neither",
      );
    }
    const collected = new CollectedRows(layout, source, options);
    for (const block of first) collected.read(block);
    for await (const block of blocks) collected.read(block);
    return collected.finish();
  } finally {
    await blocks.return(undefined);
  }
}

/**
 * Finds the columns of a table of pixels, and reads only its first lines.
 *
 * @returns The columns; undefined if the text is no table of pixels.
 * @throws {SyntaxError} naming the file when it has columns of pixels that cannot be read.
 */
export async function findTableColumns(
  pieces: AsyncIterable<Uint8Array>,
  source: string,
): Promise<TableLayout | undefined> {
  const blocks = linesOf(pieces, source);
  try {
    return findTableLayout(await readFirstLines(blocks, []), source);
  } finally {
    await blocks.return(undefined);
  }
}

function linesOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  source: string,
): AsyncGenerator<Uint8Array> {
  return wholeLines(pieces, LONGEST_LINE, (place) =>
    new SyntaxError(
      `Cannot read ${source} as a table of pixels: a line has at most ${LONGEST_LINE} bytes, but the one at byte ` +
        `${place} has more`,
    ));
}

/** Returns the first lines with text, and adds the blocks read to `blocks`. */
async function readFirstLines(lines: AsyncGenerator<Uint8Array>, blocks: Uint8Array[]): Promise<string[]> {
  const found: string[] = [], decoder = new TextDecoder();
  while (found.length < FIRST_LINES) {
    const { done, value: block } = await lines.next();
    if (done) break;
    blocks.push(block);
    for (let at = 0; at < block.length && found.length < FIRST_LINES;) {
      const start = at;
      while (!isLineEnd(block[at])) at++;
      const line = decoder.decode(block.subarray(start, at++));
      if (line.trim() !== "") found.push(line);
    }
  }
  return found;
}
