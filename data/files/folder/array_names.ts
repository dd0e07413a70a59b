/** Roles of arrays, derived from their names. */

import { type SetName, someOf } from "../../internal.ts";
import { setOfWord, splitWords } from "./set_names.ts";

/** An array with its names. */
export interface NamedArray {
  /** Name for messages: `x_train.npy`, or `x_train of mnist.npz`. */
  readonly name: string;
  /** Name without extensions; for an array in an archive, also the name of the archive. */
  readonly stems: readonly string[];
}

/** An array of images and the array of their labels. */
export interface Pair<A> {
  readonly images: A;
  readonly labels: A;
}

/** Arrays by their roles. */
export interface ArrayRoles<A> {
  readonly train: Pair<A>;
  readonly test: Pair<A> | undefined;
  readonly unlabeled: A | undefined;
}

/** Usual words for images and for labels, the likeliest first. */
const IMAGES = ["images", "image", "imgs", "img", "x", "pictures", "pixels", "data"];
const LABELS = ["labels", "label", "y", "targets", "target", "classes"];
/** Sets for testing; the first one present is used. */
const TESTS: readonly SetName[] = ["test", "val"];

/** Information in the name of an array. */
interface ParsedName<A> {
  readonly array: A;
  /** Index of its word in `IMAGES`, or −1. */
  readonly images: number;
  /** Index of its word in `LABELS`, or −1. */
  readonly labels: number;
  readonly set: SetName | undefined;
  /** All other words. */
  readonly rest: string;
}

/** Names written as one word: `Xtrain`, `testlabels`. */
const GLUED = [
  /^(x|y|images?|imgs?|labels?|targets?)(train|test|val|valid)$/i,
  /^(train|test|val|valid)(x|y|images?|imgs?|labels?|targets?)$/i,
];

/** Splits a name into words; `t10k` is MNIST's test set. */
function splitArrayName(stem: string): string[] {
  const glued = GLUED.map((pattern) => pattern.exec(stem)).find((match) => match !== null);
  return glued ? glued.slice(1).map((word) => word.toLowerCase()) : splitWords(stem.replace(/t10k/i, "test"));
}

function parseArrayName<A extends NamedArray>(array: A): ParsedName<A> {
  // The archive's name is used if the array's name is uninformative.
  const parts = array.stems.map(splitArrayName).map((words) => ({
    labels: LABELS.findIndex((word) => words.includes(word)),
    images: IMAGES.findIndex((word) => words.includes(word)),
    set: words.map(setOfWord).find((set) => set !== undefined),
    rest: words.filter((word) => !setOfWord(word) && !IMAGES.includes(word) && !LABELS.includes(word)),
  }));
  const kind = parts.find(({ images, labels }) => images >= 0 || labels >= 0);
  const labels = kind?.labels ?? -1;
  return {
    array,
    labels,
    // A name such as image_labels denotes labels.
    images: labels < 0 ? kind?.images ?? -1 : -1,
    set: parts.map(({ set }) => set).find((set) => set !== undefined),
    rest: parts.flatMap(({ rest }) => rest).join(" "),
  };
}

/**
 * Finds images and labels for training and for testing, and unlabelled images, by their names: `images` and
 * `labels`, `x_train` and `y_train`, `train-images` and `train-labels` and so on.
 *
 * @returns The roles, or undefined if there is no pair of images and labels for training.
 * @throws {RangeError} when there are several such pairs.
 */
export function rolesByName<A extends NamedArray>(
  arrays: readonly A[],
  directory: string,
): ArrayRoles<A> | undefined {
  const parsed = arrays.map(parseArrayName);
  const pairs = (set: SetName | undefined) => findPairs(parsed.filter((each) => each.set === set));
  const named = pairs("train"), all = named.length > 0 ? named : pairs(undefined);
  const [first] = all;
  if (!first) return undefined;
  if (all.length > 1) {
    throw new RangeError(
      `Cannot choose the training arrays of ${directory}: ` +
        `there must be one pair of images and labels, but there are ${
          someOf(all.map(({ images, labels }) => `${images.name} with ${labels.name}`))
        }. Put each pair into its own folder, or pass a file that has both.`,
    );
  }
  const test = TESTS.flatMap(pairs).find(({ rest }) => rest === first.rest);
  const unlabeled = parsed.find(({ set, labels }) => set === "unlabeled" && labels < 0)?.array;
  return { train: first, test, unlabeled };
}

/** Pairs images and labels whose other words are equal; the likeliest names take precedence. */
function findPairs<A>(names: readonly ParsedName<A>[]): (Pair<A> & { readonly rest: string })[] {
  const likeliest = (kind: "images" | "labels", rest: string) =>
    names.filter((each) => each.rest === rest && each[kind] >= 0)
      .sort((a, b) => a[kind] - b[kind])[0]?.array;
  return [...new Set(names.map(({ rest }) => rest))].flatMap((rest) => {
    const images = likeliest("images", rest), labels = likeliest("labels", rest);
    return images === undefined || labels === undefined ? [] : [{ images, labels, rest }];
  });
}

/** Finds arrays of images by their names. */
export function imagesByName<A extends NamedArray>(
  arrays: readonly A[],
): { readonly array: A; readonly set: SetName | undefined }[] {
  return arrays.map(parseArrayName)
    .filter(({ images, labels, set }) => labels < 0 && (images >= 0 || set === "unlabeled"))
    .map(({ array, set }) => ({ array, set }));
}
