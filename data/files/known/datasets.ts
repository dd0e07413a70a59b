/** The datasets known by name: a new one is a file of its own and a line here. */

import { cifar10 } from "./cifar10.ts";
import { cifar100 } from "./cifar100.ts";
import type { DatasetDefinition } from "./dataset_definition.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { imageFolder } from "../folder/image_folder.ts";
import { mnist } from "./mnist.ts";
import { svhn, svhnExtra } from "./svhn.ts";

/** Every dataset that can be asked for by name. */
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
 * The dataset of a name.
 *
 * @throws {RangeError} naming the known ones when it is none of them.
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
    throw new RangeError(`Cannot find dataset "${name}" as it must be one of ${known}: it is none of them`);
  }
  return definition;
}
