/** What arrays are for, by their names. */

import { type SetName, someOf } from "../../mod.ts";
import { purposeOf, wordsOf } from "./set_names.ts";

/** An array that lies somewhere, by what it is called. */
export interface NamedArray {
  /** As messages name it: `x_train.npy`, or `x_train of mnist.npz`. */
  readonly name: string;
  /** What it is called without endings, and of an archive's array what the archive is called. */
  readonly stems: readonly string[];
}

/** Two arrays that belong together. */
export interface Pair<A> {
  readonly images: A;
  readonly labels: A;
}

/** Arrays by what they are for. */
export interface ArrayRoles<A> {
  readonly train: Pair<A>;
  readonly test: Pair<A> | undefined;
  readonly unlabeled: A | undefined;
}

/** Words for images and for labels, the likeliest first. */
const IMAGES = ["images", "image", "imgs", "img", "x", "pictures", "pixels", "data"];
const LABELS = ["labels", "label", "y", "targets", "target", "classes"];
/** Sets to test on; the first that is there is used. */
const TESTS: readonly SetName[] = ["test", "val"];

/** What the name of an array says. */
interface Said<A> {
  readonly array: A;
  /** Its place among the words for images, or for labels; −1 = it has none. */
  readonly images: number;
  readonly labels: number;
  readonly purpose: SetName | undefined;
  /** All other words. */
  readonly rest: string;
}

/** Names that are written as one word: `Xtrain`, `testlabels`. */
const GLUED = [
  /^(x|y|images?|imgs?|labels?|targets?)(train|test|val|valid)$/i,
  /^(train|test|val|valid)(x|y|images?|imgs?|labels?|targets?)$/i,
];

/** The words of a name; `t10k` is MNIST's test set. */
function wordsIn(stem: string): string[] {
  const glued = GLUED.map((pattern) => pattern.exec(stem)).find((match) => match !== null);
  return glued ? glued.slice(1).map((word) => word.toLowerCase()) : wordsOf(stem.replace(/t10k/i, "test"));
}

function saidBy<A extends NamedArray>(array: A): Said<A> {
  // An archive's own name counts where that of its array says nothing.
  const said = array.stems.map(wordsIn).map((words) => ({
    labels: LABELS.findIndex((word) => words.includes(word)),
    images: IMAGES.findIndex((word) => words.includes(word)),
    purpose: words.map(purposeOf).find((purpose) => purpose !== undefined),
    rest: words.filter((word) => !purposeOf(word) && !IMAGES.includes(word) && !LABELS.includes(word)),
  }));
  const kind = said.find(({ images, labels }) => images >= 0 || labels >= 0);
  const labels = kind?.labels ?? -1;
  return {
    array,
    labels,
    // Labels of images are labels.
    images: labels < 0 ? kind?.images ?? -1 : -1,
    purpose: said.map(({ purpose }) => purpose).find((purpose) => purpose !== undefined),
    rest: said.flatMap(({ rest }) => rest).join(" "),
  };
}

/**
 * Tells images and labels to train with, those to test on and images without labels by their names: `images` and
 * `labels`, `x_train` and `y_train`, `train-images` and `train-labels` and so on.
 *
 * @returns nothing where no images and labels belong together.
 * @throws {RangeError} when several do.
 */
export function rolesByName<A extends NamedArray>(
  arrays: readonly A[],
  directory: string,
): ArrayRoles<A> | undefined {
  const said = arrays.map(saidBy);
  const pairs = (purpose: SetName | undefined) => pairsOf(said.filter((each) => each.purpose === purpose));
  const named = pairs("train"), all = named.length > 0 ? named : pairs(undefined);
  const [first] = all;
  if (!first) return undefined;
  if (all.length > 1) {
    throw new RangeError(
      `Cannot tell which arrays of ${directory} to train with as there must be one pair: there are ${
        someOf(all.map(({ images, labels }) => `${images.name} with ${labels.name}`))
      }. Put each into a folder of its own.`,
    );
  }
  const test = TESTS.flatMap(pairs).find(({ rest }) => rest === first.rest);
  const unlabeled = said.find(({ purpose, labels }) => purpose === "unlabeled" && labels < 0)?.array;
  return { train: first, test, unlabeled };
}

/** Images with their labels: of equal other words, those of the likeliest names. */
function pairsOf<A>(said: readonly Said<A>[]): (Pair<A> & { readonly rest: string })[] {
  const likeliest = (kind: "images" | "labels", rest: string) =>
    said.filter((each) => each.rest === rest && each[kind] >= 0)
      .sort((a, b) => a[kind] - b[kind])[0]?.array;
  return [...new Set(said.map(({ rest }) => rest))].flatMap((rest) => {
    const images = likeliest("images", rest), labels = likeliest("labels", rest);
    return images === undefined || labels === undefined ? [] : [{ images, labels, rest }];
  });
}

/** Arrays that hold images by their names, in the order train, without a label, other sets. */
export function imagesByName<A extends NamedArray>(
  arrays: readonly A[],
): { readonly array: A; readonly purpose: SetName | undefined }[] {
  return arrays.map(saidBy)
    .filter(({ images, labels, purpose }) => labels < 0 && (images >= 0 || purpose === "unlabeled"))
    .map(({ array, purpose }) => ({ array, purpose }));
}
