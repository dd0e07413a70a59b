/**
 * Weights of classes in the classification cost.
 * @module
 */
import { someOf } from "../../data/internal.ts";
import { NO_LABEL } from "../../data/mod.ts";

/**
 * Weights of classes: `"balanced"`, a weight for each class in the order of classes, or weights by class name,
 * where all other classes have weight 1. Weights are at least 0.
 */
export type ClassWeights = "balanced" | readonly number[] | Readonly<Record<string, number>>;

/** Returns whether a value has a form of {@linkcode ClassWeights}: no weight is negative, and one is above 0. */
export function isClassWeights(value: unknown): value is ClassWeights {
  if (value === "balanced") return true;
  if (typeof value !== "object" || value === null) return false;
  const weights: unknown[] = Object.values(value);
  return weights.length > 0 &&
    weights.every((weight) => typeof weight === "number" && Number.isFinite(weight) && weight >= 0) &&
    (!Array.isArray(value) || weights.some((weight) => weight !== 0));
}

/**
 * Computes the weight of each class `[C]`.
 *
 * "balanced" is scikit-learn's definition: with n_c labels of class c and K classes that have labels,
 * `w_c = Σ n / (K · n_c)`, so that labels weigh 1 on average and all classes weigh the same in total. A class
 * without labels has weight 0.
 * @param labels Class index per training example, NO_LABEL (−1) = unlabelled, which has no influence.
 * @param nameOf Name of the option, for errors.
 * @throws {RangeError} if the weights do not fit the classes, or all labelled examples have weight 0.
 * @example
 * ```ts
 * import { classWeightsOf } from "../mod.ts";
 * const labels = Int32Array.of(0, 0, 0, 1, -1);
 * console.assert(classWeightsOf("balanced", labels, ["cat", "dog"]).join() === [4 / 6, 4 / 2].join());
 * ```
 */
export function classWeightsOf(
  weights: ClassWeights,
  labels: Int32Array,
  classes: readonly string[],
  nameOf = "classWeights",
): number[] {
  const counts = classes.map((_, c) => labels.reduce((count, label) => label === c ? count + 1 : count, 0));
  const resolved = weights === "balanced"
    ? balancedWeights(counts)
    : Array.isArray(weights)
    ? inOrder(weights, classes, nameOf)
    : byName(weights as Readonly<Record<string, number>>, classes, nameOf);
  const hasLabels = labels.some((label) => label !== NO_LABEL);
  if (!hasLabels || counts.some((count, c) => count > 0 && resolved[c] !== 0)) return resolved;
  throw new RangeError(
    `Cannot train: ${nameOf} must be above 0 for a class that has labels, but all such classes have weight 0`,
  );
}

function balancedWeights(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const classCount = counts.filter((count) => count > 0).length;
  return counts.map((count) => count === 0 ? 0 : total / (classCount * count));
}

function inOrder(weights: readonly number[], classes: readonly string[], nameOf: string): number[] {
  if (weights.length === classes.length) return [...weights];
  throw new RangeError(
    `Cannot train: ${nameOf} must have a number for each class, but there are ${weights.length} numbers and ${classes.length} classes: ${
      someOf(classes, 20)
    }`,
  );
}

function byName(
  weights: Readonly<Record<string, number>>,
  classes: readonly string[],
  nameOf: string,
): number[] {
  const unknown = Object.keys(weights).filter((name) => !classes.includes(name));
  if (unknown.length === 0) {
    return classes.map((name) => Object.hasOwn(weights, name) ? weights[name] ?? 1 : 1);
  }
  throw new RangeError(
    `Cannot train: ${nameOf} has unknown classes ${someOf(unknown)}. Known classes: ${someOf(classes, 20)}`,
  );
}
