/** Models with random weights. */
import type { HostArray, Shape } from "../../kernels/mod.ts";
import { findArchitecture, type ModelContents, stateOf } from "../../nn/mod.ts";
import { randomWords } from "../kernels/reference.ts";

const next = randomWords(5);
/** Numbers in [−1, 1): large networks are filled from them, because drawing millions takes seconds. */
const drawn = Float32Array.from({ length: 4099 }, () => next() / 2 ** 31 - 1);

/** Fills a variable with values that keep the size of activations about the same from layer to layer. */
function fill(name: string, values: HostArray, shape: Shape): void {
  const isMatrix = shape.length > 1 && !name.endsWith("weight_g");
  const isPositive = /(^|\.)(running_var|weight|weight_g)$/.test(name) && !isMatrix;
  const bound = isMatrix ? Math.sqrt(6 * (shape[0] ?? 1) / values.length) : 0.5;
  const offset = isPositive ? 1 : 0, shift = next() % drawn.length;
  for (let i = 0; i < values.length; i++) {
    values[i] = offset + bound * (drawn[(i + shift) % drawn.length] ?? NaN);
  }
}

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
    seed: null,
  });
  for (const [name, { initial, shape }] of Object.entries(stateOf(network))) fill(name, initial, shape);
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
