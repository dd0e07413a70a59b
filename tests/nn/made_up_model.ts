/** Models with random weights. */
import { findArchitecture, type ModelContents, stateOf } from "../../nn/mod.ts";
import { randomValues } from "../kernels/reference.ts";

/** Returns a model of an architecture with random weights and running statistics. */
export function madeUpModel(
  architecture: string,
  description: Partial<ModelContents> & Pick<ModelContents, "imageShape">,
): ModelContents {
  const { imageShape, headCount = 1, classes = ["a", "b", "c"], randomResizedCrop = null } = description;
  const [channels] = imageShape;
  const network = findArchitecture(architecture).build({
    imageShape: randomResizedCrop === null ? imageShape : [channels, randomResizedCrop, randomResizedCrop],
    classCount: classes.length,
    headCount: headCount ?? 1,
    dropout: 0.5,
    inputNoise: 0.5,
    seed: 7,
  });
  for (const [name, { initial }] of Object.entries(network.buffers)) {
    initial.set(randomValues(name.length, initial.length, [0.5, 2], "float32"));
  }
  return {
    architecture,
    headCount,
    classes,
    randomResizedCrop,
    normalize: "channel",
    channelStatistics: {
      mean: Array.from({ length: channels }, (_, c) => 0.4 + 0.1 * c),
      standardDeviation: Array.from({ length: channels }, (_, c) => 0.2 + 0.05 * c),
    },
    temperature: 1,
    about: {},
    weights: new Map(
      Object.entries(stateOf(network)).map(([name, { shape, initial }]) => [
        name,
        { shape, dtype: "float32", data: initial },
      ]),
    ),
    ...description,
  };
}
