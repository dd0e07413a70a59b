// @ts-check
/**
 * The keys of the classes.
 * @module
 */

/**
 * Returns a key for each class: the first letter or digit of its name that no earlier class has, otherwise any other
 * letter. Classes beyond these have none.
 * @param {readonly string[]} names
 * @returns {(string | null)[]}
 */
export function classKeys(names) {
  /** @type {Set<string>} */
  const taken = new Set();
  const spare = "1234567890abcdefghijklmnopqrstuvwxyz";
  return names.map((name) => {
    const own = [...name.toLowerCase().normalize("NFD")].filter((each) => /[\p{L}\p{N}]/u.test(each));
    const key = [...own, ...spare].find((each) => !taken.has(each)) ?? null;
    if (key !== null) taken.add(key);
    return key;
  });
}

/**
 * Returns the numbers of the first ten classes, as keys of digits that no class has as its own key.
 * @param {readonly (string | null)[]} keys Keys of the classes.
 * @returns {(string | null)[]}
 */
export function digitKeys(keys) {
  return keys.map((_, i) => {
    const digit = i < 10 ? `${(i + 1) % 10}` : null;
    return digit !== null && !keys.includes(digit) ? digit : null;
  });
}
