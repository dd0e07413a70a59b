/** Registry of the datasets known by name. */

import { cifar10 } from "./cifar10.ts";
import { cifar100 } from "./cifar100.ts";
import type { DatasetDefinition } from "./dataset_definition.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { imageFolder } from "../folder/image_folder.ts";
import { mnist } from "./mnist.ts";
import { svhn, svhnExtra } from "./svhn.ts";

/** All datasets known by name. */
export const datasets: readonly DatasetDefinition[] = [
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  svhn,
  svhnExtra,
  imageFolder,
];

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
