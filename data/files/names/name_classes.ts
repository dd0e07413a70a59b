/** Detection of classes in the names of files, to propose a pattern; names never become labels unasked. */

import { createMissingTest, quoteOf, sortClasses } from "../../internal.ts";
import { isHardlyClass, splitWords } from "../folder/set_names.ts";

/** Classes that names seem to contain. */
export interface NameClasses {
  /** Value of `--label-pattern` that captures the classes. */
  readonly pattern: string;
  /** Number of pictures by class. */
  readonly counts: ReadonlyMap<string, number>;
}

/** A usual shape of names. Patterns are free of quotes, so that they can be quoted for any shell. */
interface Shape {
  readonly pattern: string;
  /** True if the classes are numbers. */
  readonly isNumber?: boolean;
}

const SHAPES: readonly Shape[] = [
  // cat.0.jpg, great_pyrenees_12.jpg, rose-001.png, cat_1_2.jpg
  { pattern: String.raw`([^/]+?)([ ._-]+\d+)+\.\w+$` },
  // type_1_0001.jpg
  { pattern: String.raw`([^/]+?[ ._-]\d+)[ ._-]+\d+\.\w+$` },
  // cat (1).jpg
  { pattern: String.raw`([^/]+?) *\(\d+\)\.\w+$` },
  // cat12.jpg
  { pattern: String.raw`(?:^|/)([^/\d]*\p{L})\d+\.\w+$` },
  // 0001_cat.jpg, 2021-05-01_great_pyrenees.jpg
  { pattern: String.raw`(?:^|/)(?:\d+[ ._-]+)+([^/]+?)\.\w+$` },
  // 3_00012.png
  { pattern: String.raw`(?:^|/)(\d{1,3})[ ._-]+\d+\.\w+$`, isNumber: true },
  // 00012_3.png
  { pattern: String.raw`(?:^|/)\d+[ ._-]+(\d{1,3})\.\w+$`, isNumber: true },
];

/** Names that are numbers, as unlabelled pictures have them. */
const NUMBER = /(^|\/)\d+\.\w+$/;
/** Words in names that cameras and programs give. */
const CAMERA =
  /^(img|imgp|imag|mvimg|dsc[nfs]?|cimg|pict|pano|pxl|mvi|mov|vid|gopr|dji|sam|wp|hpim|burst|screen|shot|screenshots?|captures?|snapshots?|webcam|frames?|videos?|scans?|scanned|pages?|wa|whatsapp|telegram|signal|received|downloads?|untitled|unnamed|copy|at|from|fotos?|bild|bilder|imagen|images?|photos?|pics?)$/;
/** Share of the pictures that must be in classes of two or more. */
const REPEATED = 0.8;

/**
 * Detects classes in names: most names, numbers aside, share a usual shape, whose classes repeat and are neither
 * words of cameras nor names of sets. Of several shapes, the one of most names counts, then that of fewest classes.
 *
 * @param names Paths relative to the folder, with `/`.
 */
export function findNameClasses(names: readonly string[]): NameClasses | undefined {
  const normalized = names.map((name) => name.normalize("NFC"));
  const named = normalized.filter((name) => !NUMBER.test(name)).length;
  const found = SHAPES.flatMap(({ pattern, isNumber = false }) => {
    const counts = countCaptures(normalized, new RegExp(pattern, "u"));
    const total = sumOf([...counts.values()]);
    return 2 * total > named && areClasses(counts, isNumber) ? [{ pattern, counts, total }] : [];
  });
  const [best] = found.sort((a, b) => b.total - a.total || a.counts.size - b.counts.size);
  return best;
}

function countCaptures(names: readonly string[], regex: RegExp): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(), isMissing = createMissingTest();
  for (const name of names) {
    const className = regex.exec(name)?.[1];
    if (className !== undefined && !isMissing(className)) {
      counts.set(className, (counts.get(className) ?? 0) + 1);
    }
  }
  return counts;
}

function areClasses(counts: ReadonlyMap<string, number>, isNumber: boolean): boolean {
  const classes = [...counts.keys()], repeated = [...counts.values()].filter((count) => count > 1);
  if (repeated.length < 2 || sumOf(repeated) < REPEATED * sumOf([...counts.values()])) return false;
  if (isNumber) return true;
  if (classes.some((name) => !/\p{L}/u.test(name) || isOfCamera(name))) return false;
  // A class of vehicles may be called train.
  return classes.filter((name) => !isHardlyClass(name)).length >= 2;
}

function isOfCamera(name: string): boolean {
  return splitWords(name).every((word) => CAMERA.test(word) || /^\d+$/.test(word));
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Maximum number of classes listed. */
const MOST_LISTED = 5;

/** Lists the classes with their numbers of pictures: `"cat (20), dog (20)"`. */
export function listNameClasses({ counts }: NameClasses): string {
  const classes = sortClasses([...counts.keys()]), rest = classes.length - MOST_LISTED;
  const shown = classes.slice(0, MOST_LISTED).map((name) => `${quoteOf(name)} (${counts.get(name)})`);
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Returns the option that uses the classes, quoted for a shell. */
export function optionFor({ pattern }: NameClasses): string {
  const quote = Deno.build.os === "windows" ? '"' : "'";
  return `--label-pattern ${quote}${pattern}${quote}`;
}
