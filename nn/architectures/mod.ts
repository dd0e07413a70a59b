/**
 * The registry of networks. A new network needs its own file and one line here.
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { cifarShakeShake26Architecture } from "./cifar_shakeshake26.ts";
import { convNet13Architecture, convNet13BatchNormArchitecture } from "./convnet13.ts";
import { convNetMediumArchitecture, convNetSmallArchitecture } from "./convnet_small.ts";
import { resNetArchitectures } from "./resnet.ts";

export type { Architecture, ArchitectureOptions } from "./architecture.ts";
export { cifarShakeShake26 } from "./cifar_shakeshake26.ts";
export { convNet13, convNet13BatchNorm } from "./convnet13.ts";
export { convNetMedium, convNetSmall } from "./convnet_small.ts";
export { resNet, type ResNetPlan } from "./resnet.ts";

/** All networks that {@linkcode findArchitecture} finds. */
export const architectures: readonly Architecture[] = [
  convNetSmallArchitecture,
  convNetMediumArchitecture,
  convNet13Architecture,
  convNet13BatchNormArchitecture,
  cifarShakeShake26Architecture,
  ...resNetArchitectures,
];

/**
 * Returns the architecture of this name.
 * @throws {RangeError} if there is no such architecture; the message lists the known names.
 * @example
 * ```ts
 * import { findArchitecture, parameterCount } from "../mod.ts";
 * const network = findArchitecture("convnet_small").build({
 *   imageShape: [1, 28, 28],
 *   classCount: 10,
 *   headCount: 1,
 *   dropout: 0.3,
 *   inputNoise: 0.15,
 *   seed: 1,
 * });
 * console.assert(parameterCount(network) === 29_178);
 * ```
 */
export function findArchitecture(name: string): Architecture {
  const architecture = architectures.find((candidate) => candidate.name === name);
  if (!architecture) {
    const known = architectures.map((candidate) => candidate.name).join(", ");
    throw new RangeError(`Unknown architecture "${name}"; known architectures: ${known}`);
  }
  return architecture;
}
