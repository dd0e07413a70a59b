/**
 * Settings to be tried in all combinations: `--grid lr=0.01,0.03,consistency=10,100`.
 * @module
 */
import { isTrainingOption } from "../command/options.ts";
import { flagOf } from "../command/options.ts";
import { suggestion } from "../command/nearest.ts";
import type { Rows } from "../command/rows.ts";
import { valueOf } from "../command/values.ts";
import type { TrainingOptions } from "../../semisup/mod.ts";

/** One combination of settings. */
export interface Combination {
  /** Options of training. */
  readonly training: Partial<TrainingOptions>;
  /** The settings as in the argument, such as `lr=0.01`. */
  readonly words: readonly string[];
}

/**
 * Returns all combinations of the settings of `--grid`; one without settings if there are none.
 * @param parts The argument, split at commas: a part with "=" begins a setting, the others are its further values.
 * @param rows Rows of the options of training.
 * @throws {RangeError} if a setting is unknown, given twice, or has an invalid value.
 */
export function combine(parts: readonly string[], rows: Rows): readonly Combination[] {
  let combinations: readonly Combination[] = [{ training: {}, words: [] }];
  for (const [name, texts] of settingsIn(parts)) {
    const option = optionNamed(name, rows), values = new Map<string, readonly [string, unknown]>();
    for (const text of texts) {
      const value = readValue(name, rows[option], text), key = JSON.stringify(value);
      // Of 0.1 and 0.10, the first one is trained.
      if (!values.has(key)) values.set(key, [`${name}=${text}`, value]);
    }
    combinations = combinations.flatMap(({ training, words }) =>
      [...values.values()].map(([word, value]) => ({
        training: { ...training, [option]: value },
        words: [...words, word],
      }))
    );
  }
  return combinations;
}

/** Returns the texts of the values of each setting, in order. */
function settingsIn(parts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const part of parts) {
    const at = part.indexOf("="), name = part.slice(0, Math.max(0, at)), value = part.slice(at + 1);
    if (at >= 0) {
      if (settings.has(name)) {
        throw new RangeError(`--grid must have each setting once, but has ${name} twice`);
      }
      settings.set(name, values = []);
    }
    if (!values || value === "") {
      throw new RangeError(`--grid must be NAME=VALUE,VALUE,…, such as lr=0.01,0.03, but has "${part}"`);
    }
    values.push(value);
  }
  return settings;
}

/** Lists of `experiment` that vary runs besides `--grid`, by names that users may try there. */
const lists: ReadonlyMap<string, string> = new Map([
  ["seed", "--seeds"],
  ["seeds", "--seeds"],
  ["labels-per-class", "--labels-per-class"],
  ["preset", "--preset"],
]);

/** Returns the option of a name such as `lr` or `--lr`. @throws {RangeError} if there is none. */
function optionNamed(name: string, rows: Rows): string {
  const known = new Map(
    Object.keys(rows).filter((option) => isTrainingOption(option) && option !== "seed")
      .map((option) => [flagOf(option).slice(2), option]),
  );
  const flag = name.replace(/^--/, ""), option = known.get(flag), list = lists.get(flag);
  if (option !== undefined) return option;
  if (list !== undefined) {
    throw new RangeError(`Unknown setting ${name} in --grid. Use the option ${list} with a list instead.`);
  }
  const near = suggestion(name, [...known.keys()], (near) => near);
  throw new RangeError(`Unknown setting ${name} in --grid${near || "; options of training are accepted"}`);
}

function readValue(name: string, row: Rows[string] | undefined, text: string): unknown {
  if (row?.kind === "numbers" || row?.kind === "weights" && text !== "balanced") {
    throw new RangeError(
      `--grid cannot vary ${name}: its values contain commas themselves. Use an experiment for each of them.`,
    );
  }
  if (row?.kind !== "switch") return row && valueOf(`--grid ${name}`, row, text);
  if (text === "true" || text === "false") return text === "true";
  throw new RangeError(`--grid ${name} must be true or false, but it is "${text}"`);
}
