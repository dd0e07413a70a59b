/**
 * Variables of a network's features, as opposed to its heads.
 * @module
 */
import { input, type Shape, type Tensor, type Variable } from "../../kernels/mod.ts";
import type { ClassifierNetwork } from "../classifier.ts";
import { evaluationContext, stateOf } from "../module.ts";

/**
 * Returns the variables that the features `[N, D]` depend on, by name: all that a head's own variables are not.
 * @param imageShape Shape `[C, H, W]` of the network's images.
 * @throws {RangeError} if the network cannot take images of this shape.
 */
export function featureVariables(
  network: ClassifierNetwork,
  imageShape: Shape,
): ReadonlyMap<string, Variable> {
  const features = network.forwardFeatures(input("images", [1, ...imageShape]), evaluationContext());
  const reached = reachableFrom(features);
  return new Map(Object.entries(stateOf(network)).filter(([, variable]) => reached.has(variable)));
}

function reachableFrom(result: Tensor): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>([result]);
  for (const node of seen) for (const each of node.inputs) seen.add(each);
  return seen;
}
