/**
 * The network of a model.
 * @module
 */
import { viewShape } from "../kernels/mod.ts";
import { findArchitecture, type NetworkMaker } from "./architectures/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { Initializer } from "./initializer.ts";
import type { ModelDescription } from "./model_file.ts";

/**
 * Builds the network of a model, with zeros as weights.
 * @param maker Creates the network, instead of the architecture that the model names.
 * @param source Name of the model in error messages.
 * @throws {RangeError} if the network cannot take such images, its architecture is not registered, or a
 * custom network has no maker.
 */
export function buildNetwork(
  { architecture, headCount, classes, imageShape, randomResizedCrop }: ModelDescription,
  maker: NetworkMaker | undefined,
  source: string,
): ClassifierNetwork {
  if (maker) return maker(new Initializer(null));
  if (architecture === null || headCount === null) {
    throw new RangeError(
      `Cannot load ${source}: its network is custom and has no name. Pass its maker as { network }.`,
    );
  }
  return findArchitecture(architecture).build({
    imageShape: viewShape({ imageShape, randomResizedCrop }),
    classCount: classes.length,
    headCount,
    // Evaluation ignores dropout and noise.
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
}
