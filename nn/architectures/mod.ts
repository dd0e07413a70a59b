/**
 * The registry of networks. A new network needs its own file and one line here, or
 * {@linkcode registerArchitecture}.
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { cifarShakeShake26Architecture } from "./cifar_shakeshake26.ts";
import { convNet13Architecture, convNet13BatchNormArchitecture } from "./convnet13.ts";
import { convNetMediumArchitecture, convNetSmallArchitecture } from "./convnet_small.ts";
import { resNetArchitectures } from "./resnet.ts";

export type { Architecture, ArchitectureOptions, NetworkMaker } from "./architecture.ts";
export { cifarShakeShake26 } from "./cifar_shakeshake26.ts";
export { convNet13, convNet13BatchNorm } from "./convnet13.ts";
export { convNetMedium, convNetSmall } from "./convnet_small.ts";
export { resNet, type ResNetPlan } from "./resnet.ts";

const registered: Architecture[] = [
  convNetSmallArchitecture,
  convNetMediumArchitecture,
  convNet13Architecture,
  convNet13BatchNormArchitecture,
  cifarShakeShake26Architecture,
  ...resNetArchitectures,
];
const registeredNames = registered.map(({ name }) => name);

/** All networks that {@linkcode findArchitecture} finds, registered ones last. */
export const architectures: readonly Architecture[] = registered;

/** The names of {@linkcode architectures}, in the same order; grows with {@linkcode registerArchitecture}. */
export const architectureNames: readonly string[] = registeredNames;

/**
 * Adds a network, which can then be named in the options of a run and on the command line, and is named in
 * checkpoints and model files. Each program that reads such a file must register the network first.
 * @throws {RangeError} if the name is empty or taken.
 * @example
 * ```ts
 * import { Classifier, Flatten, Initializer, Linear, registerArchitecture, Sequential } from "../mod.ts";
 *
 * registerArchitecture({
 *   name: "linear",
 *   summary: "a linear classifier of pixels",
 *   build({ imageShape: [channels, height, width], classCount, seed }) {
 *     const head = new Linear(channels * height * width, classCount, new Initializer(seed));
 *     return new Classifier(new Sequential([new Flatten()]), [head]);
 *   },
 * });
 * ```
 */
export function registerArchitecture(architecture: Architecture): void {
  const { name } = architecture;
  if (name === "") throw new RangeError("Cannot register an architecture: its name must not be empty");
  if (registeredNames.includes(name)) {
    throw new RangeError(`Cannot register architecture "${name}": the name is taken`);
  }
  registered.push(architecture);
  registeredNames.push(name);
}

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
    const known = architectureNames.join(", ");
    throw new RangeError(
      `Unknown architecture "${name}"; known architectures: ${known}. Register your own with registerArchitecture, in a command by --plugin.`,
    );
  }
  return architecture;
}
