/**
 * The table of augmentations that options choose by name.
 * @module
 */
import { cutoutAugmentation } from "./cutout.ts";
import type { NamedAugmentation } from "./named_augmentation.ts";
import { randAugmentation } from "./rand_augment.ts";

const table: NamedAugmentation[] = [
  randAugmentation,
  cutoutAugmentation,
];

const names = ["none", ...table.map(({ name }) => name)];

/** Names of all augmentations, and `none`; grows as augmentations are registered. */
export const augmentationNames: readonly string[] = names;

/**
 * Adds an augmentation, which options and the command line then know by its name.
 * @throws {RangeError} if the name is taken, or has other characters than lower-case letters, digits and
 * dashes.
 * @example
 * ```ts
 * import { registerAugmentation } from "../mod.ts";
 * import { sub } from "../../kernels/mod.ts";
 * registerAugmentation({ name: "negative", title: "negative", create: () => (images) => sub(1, images) });
 * // Trainer.create(device, data, { strongAugment: "negative" })
 * ```
 */
export function registerAugmentation(augmentation: NamedAugmentation): void {
  const { name } = augmentation;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new RangeError(
      `Cannot register augmentation "${name}": a name must have lower-case letters, digits and dashes only`,
    );
  }
  if (names.includes(name)) throw new RangeError(`Cannot register augmentation "${name}": the name is taken`);
  table.push(augmentation);
  names.push(name);
}

/** Returns the augmentation of a name; undefined for `none`. @throws {RangeError} if the name is unknown. */
export function findAugmentation(name: string): NamedAugmentation | undefined {
  if (names.includes(name)) return table.find((each) => each.name === name);
  throw new RangeError(`Unknown augmentation "${name}"; known augmentations: ${names.join(", ")}`);
}
