/**
 * Helpers for tests of layers and costs, such as gradients against finite differences, in float64 on the
 * host.
 */
import { sizeOf, type Tensor, type Variable, variable, vjp } from "../../kernels/mod.ts";
import type { NamedVariables } from "../../nn/mod.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate, randomValues } from "../kernels/reference.ts";

/** Values that replace those of tensors in one evaluation. */
export type Values = ReadonlyMap<Tensor, Float64Array>;

/** Creates a float32 variable of random values in a range. */
export function randomTensor(
  seed: number,
  shape: readonly number[],
  range: readonly [number, number] = [-1, 1],
): Variable {
  return variable(shape, randomValues(seed, sizeOf(shape), range, "float32"));
}

/** Returns the shapes of variables by name. */
export function shapesOf(variables: NamedVariables): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(variables).map(([name, { shape }]) => [name, shape]));
}

/** Largest number of elements of a tensor for which finite differences are computed. */
const probes = 12;

/**
 * Throws unless the gradient of `Σ result · cotangent`, with a random cotangent, equals central differences
 * for each of `inputs`. `at` replaces the initial values of inputs or other variables.
 */
export function assertGradients(
  result: Tensor,
  inputs: Readonly<Record<string, Tensor>>,
  { seed = 1, at = new Map() }: { seed?: number; at?: Values } = {},
): void {
  const cotangent = randomTensor(seed, result.shape);
  const weights = evaluate(cotangent);
  const gradients = vjp(result, cotangent, Object.values(inputs));
  Object.entries(inputs).forEach(([name, input], k) => {
    const gradient = evaluate(gradients[k]!, at);
    const centre = at.get(input) ?? evaluate(input);
    const valueWith = (values: Float64Array) =>
      evaluate(result, new Map([...at, [input, values]])).reduce((sum, y, i) => sum + y * weights[i]!, 0);
    const count = Math.min(probes, centre.length);
    const places = Array.from({ length: count }, (_, probe) => Math.floor(probe * centre.length / count));
    const differences = places.map((i) => {
      const h = 1e-5 * Math.max(1, Math.abs(centre[i]!));
      return (valueWith(centre.with(i, centre[i]! + h)) - valueWith(centre.with(i, centre[i]! - h))) /
        (2 * h);
    });
    const got = places.map((i) => gradient[i]!);
    assertClose(got, differences, { rtol: 1e-5, atol: 1e-7, what: `gradient of ${name}` });
    // An unused input would pass with a gradient of 0.
    if (differences.every((difference) => difference === 0)) {
      throw new Error(`the result does not depend on ${name}`);
    }
  });
}
