/** Registry of the datasets known by name. */

import { cifar10 } from "./cifar10.ts";
import { cifar100 } from "./cifar100.ts";
import type { DatasetDefinition } from "./dataset_definition.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { imageFolder } from "../folder/image_folder.ts";
import { mnist } from "./mnist.ts";
import { svhn, svhnExtra } from "./svhn.ts";

const registered: DatasetDefinition[] = [
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  svhn,
  svhnExtra,
  imageFolder,
];
const registeredNames = registered.map(({ name }) => name);

/** All datasets known by name, registered ones last. */
export const datasets: readonly DatasetDefinition[] = registered;

/** The names of {@linkcode datasets}, in the same order; grows with {@linkcode registerDataset}. */
export const datasetNames: readonly string[] = registeredNames;

/**
 * Adds a dataset, which {@linkcode findDataset} and the commands then know by its name.
 *
 * @throws {RangeError} if the name is empty or taken.
 */
export function registerDataset(definition: DatasetDefinition): void {
  const { name } = definition;
  if (name === "") throw new RangeError("Cannot register a dataset: its name must not be empty");
  if (registeredNames.includes(name)) {
    throw new RangeError(`Cannot register dataset "${name}": the name is taken`);
  }
  registered.push(definition);
  registeredNames.push(name);
}

/**
 * Returns the dataset of a name.
 *
 * @throws {RangeError} listing the known datasets when the name is unknown.
 *
 * @example
 * ```ts
 * import { findDataset } from "../mod.ts";
 * import { assertEquals } from "../../../tests/assert.ts";
 *
 * assertEquals(findDataset("cifar10").imageShape, [3, 32, 32]);
 * ```
 */
export function findDataset(name: string): DatasetDefinition {
  const definition = datasets.find((candidate) => candidate.name === name);
  if (!definition) {
    const known = datasets.map((candidate) => candidate.name).join(", ");
    throw new RangeError(`Unknown dataset "${name}"; known datasets: ${known}`);
  }
  return definition;
}
