/**
 * The table of training methods.
 * @module
 */
import type { OptionRow } from "../options/option_rows.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import { fixMatch } from "./fixmatch.ts";
import { ict } from "./ict.ts";
import { meanTeacher, piModel } from "./mean_teacher.ts";
import { type Method, type OwnName, ownRowsOf } from "./method.ts";
import { supervised } from "./supervised.ts";
import { vat } from "./vat.ts";

const table: Method[] = [
  meanTeacher,
  piModel,
  supervised,
  fixMatch,
  vat,
  ict,
];

const names = table.map(({ name }) => name);

/** Names of all methods; grows as methods are registered. */
export const methodNames: readonly string[] = names;

/** Returns all methods, built-in ones first. */
export function knownMethods(): readonly Method[] {
  return table;
}

/**
 * Adds a method, which options, command line and files then know by its name.
 * @throws {RangeError} if the name is taken, or has other characters than lower-case letters, digits and dashes.
 */
export function registerMethod(method: Method): void {
  const { name } = method;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new RangeError(
      `Cannot register method "${name}": a name must have lower-case letters, digits and dashes only`,
    );
  }
  if (names.includes(name)) {
    throw new RangeError(`Cannot register method "${name}": there is one of this name`);
  }
  table.push(method);
  names.push(name);
}

/** Returns the method of a name. @throws {RangeError} if there is none. */
export function findMethod(name: string): Method {
  const method = table.find((each) => each.name === name);
  if (method) return method;
  throw new RangeError(`Unknown method "${name}"; known methods: ${names.join(", ")}`);
}

/** Returns the method that options choose; with `excludeUnlabeled`, supervised training. */
export function methodOf(
  { algorithm, excludeUnlabeled }: Pick<TrainingOptions, "algorithm" | "excludeUnlabeled">,
): Method {
  return excludeUnlabeled ? supervised : findMethod(algorithm);
}

/** Returns the network of a run that is saved as its model. */
export function evaluatedOf(options: Parameters<typeof methodOf>[0]): "student" | "teacher" {
  return methodOf(options).evaluated ?? "teacher";
}

/** Returns a method's defaults of shared options; none if no method has the name. */
export function methodDefaults(name: string | undefined): Partial<TrainingOptions> {
  return table.find((each) => each.name === name)?.defaults ?? {};
}

/** Returns the rows of all methods' own options, by their names in {@linkcode TrainingOptions}. */
export function ownOptionRows(): Readonly<Record<OwnName, OptionRow & { readonly group: "costs" }>> {
  const rows = table.flatMap((method) => Object.entries(ownRowsOf(method)));
  return Object.fromEntries(rows.map(([name, row]) => [name, { ...row, group: "costs" as const }]));
}
