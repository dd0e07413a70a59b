/**
 * Comparison of a file's values with the variables of a network.
 * @module
 */
import { formatShape, sameShape, type Shape, type Variable } from "../../kernels/mod.ts";
import type { HostTensor } from "../safetensors/safetensors.ts";
import { otherDesigns } from "./published.ts";
import { firstPart, type RenamedWeights, renameWeights } from "./renamed_weights.ts";

/** Fit of a file's values to the features of a network. */
export interface WeightFit {
  /** Values under the network's names; undefined if no name is the network's. */
  readonly renamed: RenamedWeights | undefined;
  /** Variables of the features without a value. */
  readonly missing: readonly string[];
  /** Variables of the features whose values have another shape or dtype. */
  readonly different: readonly { readonly name: string; readonly here: Shape; readonly there: HostTensor }[];
  /** Names in the file of values inside of the features that the network does not have. */
  readonly surplus: readonly string[];
}

/** Compares the values of a file with the variables of a network's features. */
export function fitWeights(
  weights: ReadonlyMap<string, HostTensor>,
  features: ReadonlyMap<string, Pick<Variable, "shape" | "dtype">>,
): WeightFit {
  const names = [...features.keys()], renamed = renameWeights(weights, names);
  const parts = new Set(names.map(firstPart));
  const different = [...features].flatMap(([name, { shape, dtype }]) => {
    const there = renamed?.values.get(name);
    const isEqual = !there || (sameShape(there.shape, shape) && there.dtype === dtype);
    return isEqual ? [] : [{ name, here: shape, there }];
  });
  const inside = [...renamed?.values.keys() ?? []].filter((name) =>
    !features.has(name) && !isBatchCounter(name) && parts.has(firstPart(name))
  );
  return {
    renamed,
    missing: names.filter((name) => !renamed?.values.has(name)),
    different,
    surplus: inside.map((name) => renamed?.origins.get(name) ?? name),
  };
}

/** Returns whether a name is that of a batch counter of PyTorch, which has no use here. */
export function isBatchCounter(name: string): boolean {
  return name.split(".").at(-1) === "num_batches_tracked";
}

/** Describes all that does not fit, as parts of a sentence; empty if all fits. */
export function describeMisfit({ missing, different, surplus }: WeightFit): readonly string[] {
  const list = (items: readonly string[]) =>
    items.slice(0, 5).join(", ") + (items.length > 5 ? ` and ${items.length - 5} more` : "");
  return [
    different.length > 0 &&
    `shapes differ: ${
      list(different.map(({ name, here, there }) =>
        `${name} is ${there.dtype === "float32" ? "" : `${there.dtype} `}${
          formatShape(there.shape)
        } in the file and ${formatShape(here)} in the network`
      ))
    }`,
    missing.length > 0 && `the file lacks ${list(missing)}`,
    surplus.length > 0 && `the network lacks ${list(surplus)}`,
  ].filter((part) => part !== false);
}

/** Names the design that the names of a file suggest; undefined if it is not known. */
export function describeDesign(names: Iterable<string>): string | undefined {
  const all = [...names];
  return otherDesigns.find(([pattern]) => all.some((name) => pattern.test(name)))?.[1];
}
