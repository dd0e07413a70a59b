/** Recognition of columns of pixels by their names, such as `pixel0`, `pixel1` … or `1x1`, `1x2` … */

/** Neighbouring columns whose names count pixels. */
export interface PixelRun {
  /** Index of the first column. */
  readonly first: number;
  /** Number of columns. */
  readonly count: number;
  /** Height and width, if the names have rows and columns. */
  readonly size?: readonly [height: number, width: number];
}

/** A name that ends with a number, or with the numbers of a row and a column. */
interface CountedName {
  readonly prefix: string;
  readonly numbers: readonly number[];
}

const NUMBERED = /^(\D*|.*\D)(\d{1,9})$/;
const PLACED = /^(\D*|.*?\D)(\d{1,9})\D{1,20}(\d{1,9})$/;
/** Maximum number of characters of a name that counts pixels. */
const LONGEST_NAME = 100;

/**
 * Finds the longest run of columns whose names have one beginning and count up by one: from any number, or
 * row by row through a grid.
 */
export function findPixelRun(names: readonly string[]): PixelRun {
  const numbered = longestRun(names, NUMBERED, follows);
  const placed = longestRun(names, PLACED, followsInGrid);
  if (placed.count < numbered.count || placed.count === 0) return numbered;
  const numbersOf = (at: number) => parseName(names[at] ?? "", PLACED)?.numbers ?? [];
  const [top = 0, left = 0] = numbersOf(placed.first);
  const [bottom = 0, right = 0] = numbersOf(placed.first + placed.count - 1);
  const height = bottom - top + 1, width = right - left + 1;
  return height > 1 && height * width === placed.count ? { ...placed, size: [height, width] } : numbered;
}

type Follows = (name: CountedName, before: CountedName, first: CountedName) => boolean;

const follows: Follows = ({ prefix, numbers: [number = 0] }, before) =>
  prefix === before.prefix && number === (before.numbers[0] ?? 0) + 1;

/** Returns whether a name is that of the next column, or of the first column of the next row. */
const followsInGrid: Follows = ({ prefix, numbers: [row = 0, column = 0] }, before, first) => {
  if (prefix !== before.prefix) return false;
  const [previousRow = 0, previousColumn = 0] = before.numbers;
  return row === previousRow
    ? column === previousColumn + 1
    : row === previousRow + 1 && column === first.numbers[1];
};

function parseName(name: string, pattern: RegExp): CountedName | undefined {
  const [, prefix, ...numbers] = name.length > LONGEST_NAME ? [] : pattern.exec(name) ?? [];
  return prefix === undefined ? undefined : { prefix, numbers: numbers.map(Number) };
}

function longestRun(names: readonly string[], pattern: RegExp, follows: Follows): PixelRun {
  let best: PixelRun = { first: 0, count: 0 }, start = 0;
  let first: CountedName | undefined, before: CountedName | undefined;
  for (const [at, name] of names.entries()) {
    const parsed = parseName(name, pattern);
    if (!parsed || !before || !first || !follows(parsed, before, first)) {
      start = at;
      first = parsed;
    }
    before = parsed;
    if (parsed && at + 1 - start > best.count) best = { first: start, count: at + 1 - start };
  }
  return best;
}

/**
 * Returns the first pair of names that count pixels out of order, such as `pixel1` and `pixel10`, if at least
 * so many names count pixels.
 */
export function findDisorder(
  names: readonly string[],
  least: number,
): readonly [before: string, after: string] | undefined {
  const prefixOf = (name: string) => parseName(name, NUMBERED)?.prefix;
  const groups = [...Map.groupBy(names.keys(), (at) => prefixOf(names[at] ?? ""))];
  const [, places] = groups.find(([prefix, { length }]) => prefix && length >= least) ?? [];
  const run = places?.map((at) => names[at] ?? "") ?? [];
  const at = run.findIndex((name, i) => {
    const [one, other] = [parseName(run[i - 1] ?? "", NUMBERED), parseName(name, NUMBERED)];
    return one !== undefined && other !== undefined && !follows(other, one, one);
  });
  return at < 0 ? undefined : [run[at - 1] ?? "", run[at] ?? ""];
}

/**
 * Returns whether names are those that pandas makes from a line of numbers: repeated ones have their count
 * appended, as in `0`, `0.1`, `255`, `0.2`.
 */
export function areRepeatedNames(names: readonly string[]): boolean {
  const counts = new Map<string, number>();
  let repeated = 0;
  for (const name of names) {
    const [, base, count] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(name) ?? [];
    if (base === undefined) return false;
    const before = counts.get(base) ?? 0;
    if ((count ?? "0") !== `${before}`) return false;
    counts.set(base, before + 1);
    if (before > 0) repeated++;
  }
  return repeated > 0;
}
