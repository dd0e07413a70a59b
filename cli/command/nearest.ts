/**
 * The nearest of some names to a mistyped one.
 * @module
 */

/** Returns the number of insertions, deletions, replacements and swaps of neighbours between two texts. */
function distance(a: string, b: string): number {
  let older: number[] = [], old = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1], isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (old[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (old[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (older[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [older, old] = [old, row];
  }
  return old[b.length] ?? 0;
}

/** Returns the name that a mistyped one most likely stands for; `undefined` if none is near. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const text = typed.toLowerCase();
  const [best] = names.map((name) => ({ name, edits: distance(text, name.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  if (best && best.edits <= Math.max(1, Math.floor(Math.min(text.length, best.name.length) / 3))) {
    return best.name;
  }
  return text.length < 3 ? undefined : names.find((name) => name.toLowerCase().startsWith(text));
}

/** Returns the tail of an error with the nearest name, such as `; did you mean --folds?`; empty if none is near. */
export function suggestion(
  typed: string,
  names: readonly string[],
  show: (name: string) => string = (name) => `"${name}"`,
): string {
  const name = nearest(typed, names);
  return name === undefined ? "" : `; did you mean ${show(name)}?`;
}
