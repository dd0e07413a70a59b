/**
 * The classes of a labelling.
 * @module
 */
import { createMissingTest, normalizeName } from "../../data/internal.ts";
import { isListable } from "../pictures/review_list.ts";
import { isReadable, NONE } from "./label_lists.ts";
import type { CountedClass } from "./session_state.ts";

/** Longest name of a class. */
const longestName = 100;

/** Class names in the order in which they became known. */
export class ClassNames {
  readonly #names: string[];
  readonly #takesMore: boolean;

  /** @param names Names that are known already. @param takesMore True if classes may be added. */
  constructor(names: readonly string[], takesMore: boolean) {
    this.#names = [...names];
    this.#takesMore = takesMore;
  }

  /**
   * Adds a class. @returns its name, or the name of a class that differs only in case, spaces or Unicode form.
   * @throws {RangeError} if lists cannot hold the name, or would read it as no label.
   */
  add(text: string): string {
    const name = text.trim().normalize();
    const known = this.#names.find((each) => normalizeName(each) === normalizeName(name));
    if (known !== undefined) return known;
    if (!this.#takesMore) throw new RangeError("The classes of these pictures are fixed.");
    if (name === "") throw new RangeError("A class needs a name.");
    if (name.length > longestName) throw new RangeError(`A name may have at most ${longestName} characters.`);
    if (!isListable(name)) throw new RangeError("A name must not have tabs or line breaks.");
    if (createMissingTest()(name)) {
      throw new RangeError(`“${name}” means no label in lists. Choose another name.`);
    }
    if (!isReadable(name)) {
      throw new RangeError(`“${name}” has another meaning in lists. Choose another name.`);
    }
    this.#names.push(name);
    return name;
  }

  /** Counts the labels of each class, in the order of the classes. Adds classes that occur in labels only. */
  count(labels: ReadonlyMap<string, string>, tests: ReadonlyMap<string, string>): CountedClass[] {
    const all = countValues(labels), tested = countValues(tests);
    for (const name of all.keys()) if (name !== NONE && !this.#names.includes(name)) this.#names.push(name);
    return this.#names.map((name) => ({ name, labels: all.get(name) ?? 0, tests: tested.get(name) ?? 0 }));
  }
}

function countValues(labels: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
