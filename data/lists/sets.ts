/** Names of sets in label lists, such as train and test. */

/** Name of a set. */
export type SetName = "train" | "val" | "test" | "unlabeled";

const WORDS: Readonly<Record<SetName, readonly string[]>> = {
  train: ["train", "training", "trainval", "trn"],
  val: ["val", "valid", "validation", "validate", "dev", "development", "eval", "evaluation"],
  test: ["test", "testing", "tst", "holdout", "heldout"],
  unlabeled: ["unlabeled", "unlabelled", "unsup", "unsupervised"],
};
/** Maximum number of characters of a word that names a set. */
const LONGEST_WORD = 100;
const SETS = new Map(
  (Object.keys(WORDS) as SetName[]).flatMap((set) => WORDS[set].map((word) => [word, set] as const)),
);

/**
 * Returns the set that a word means, in any case and with `set`, `data` or a number appended: `Validation`,
 * `test_set`, `train2017`. Returns undefined for other words.
 */
export function findSetName(word: string): SetName | undefined {
  // The pattern below takes quadratic time, and cells may have a million characters.
  if (word.length > LONGEST_WORD) return undefined;
  const plain = word.toLowerCase().replaceAll(/[\s_.-]/g, "").replace(/(set|data|images|split)?\d*$/, "");
  return SETS.get(plain);
}
