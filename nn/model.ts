// deno-lint-ignore-file no-non-null-assertion -- outputs have these names by construction
/**
 * A trained classifier that predicts, in Deno and in browsers.
 * @module
 */
import {
  Device,
  type Program,
  sizeOf,
  type Tuning,
  type Variable,
  variable,
  viewShape,
} from "../kernels/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { evaluationBatch } from "./evaluation_batch.ts";
import { type ModelContents, type ModelDescription, networkOf, readModel } from "./model_file.ts";
import { drawImage, type ModelImage } from "./model_images.ts";
import { compileModel, type ModelInput } from "./model_program.ts";
import { type ModelSource, readSource } from "./model_source.ts";
import { stateOf } from "./module.ts";
import { type Prediction, predictionOf } from "./prediction.ts";
import { loadState } from "./state_dict.ts";

/** What is to be predicted. */
export interface PredictOptions {
  /** Whether predictions have features (default: false). */
  readonly features?: boolean;
}

/** How to load a model. */
export interface LoadModelOptions {
  /** The device that computes; one of its own where absent. */
  readonly device?: Device;
  /** Images that are computed at once, at most (default: 128, fewer where they are large). */
  readonly batchSize?: number;
  /** Which kernels to take, and whether to find out which are fastest; by rule where absent. */
  readonly tuning?: Tuning;
}

const usualBatch = 128;

/**
 * Loads a model from a model file.
 *
 * @param source Bytes, a URL, or a path relative to the working directory, in a browser to the page.
 * @throws {SyntaxError} if the file is damaged, of a newer version, or none of a model.
 * @throws {TypeError} if it cannot be fetched. @throws {RangeError} if the weights are not those of its network.
 * @throws {GpuUnavailableError} if there is no GPU to predict on.
 *
 * @example
 * ```ts
 * import { Device, findArchitecture, loadModel, readState, stateOf, writeModel } from "../mod.ts";
 *
 * const imageShape = [1, 8, 8] as const;
 * const network = findArchitecture("convnet_small").build({
 *   imageShape,
 *   classCount: 2,
 *   headCount: 1,
 *   dropout: 0,
 *   inputNoise: 0,
 *   seed: 1,
 * });
 * using device = await Device.request();
 * const file = writeModel({
 *   architecture: "convnet_small",
 *   headCount: 1,
 *   classes: ["dark", "bright"],
 *   imageShape,
 *   randomResizedCrop: null,
 *   normalize: "channel",
 *   channelStatistics: { mean: [0.5], standardDeviation: [0.25] },
 *   temperature: 1,
 *   about: {},
 *   weights: await readState(device, stateOf(network)),
 * });
 *
 * using model = await loadModel(file, { device });
 * const [prediction] = await model.predict([{ planes: new Uint8Array(64), width: 8, height: 8 }]);
 * console.log(prediction!.className, prediction!.probability);
 * ```
 */
export async function loadModel(source: ModelSource, options: LoadModelOptions = {}): Promise<Model> {
  const { bytes, name } = await readSource(source);
  return await Model.create(readModel(bytes, name), options, name);
}

/** A trained classifier; {@linkcode loadModel} loads one. */
export class Model {
  /** Architecture, classes, images and whatever else the file says. */
  readonly description: ModelDescription;
  /** Images that are computed at once, at most. */
  readonly batchSize: number;
  readonly #device: Device;
  readonly #ownsDevice: boolean;
  readonly #network: ClassifierNetwork;
  readonly #input: ModelInput;
  readonly #tuning: Tuning | undefined;
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(
    contents: ModelContents,
    parts: {
      readonly device: Device;
      readonly ownsDevice: boolean;
      readonly network: ClassifierNetwork;
      readonly batchSize: number;
      readonly tuning: Tuning | undefined;
    },
  ) {
    const { weights: _, whitening, ...description } = contents;
    this.description = description;
    this.batchSize = parts.batchSize;
    this.#device = parts.device;
    this.#ownsDevice = parts.ownsDevice;
    this.#network = parts.network;
    this.#tuning = parts.tuning;
    const center = whitening && variable([whitening.mean.length], whitening.mean, { name: "whitening.mean" });
    const matrix = whitening && variable(
      [whitening.mean.length, whitening.mean.length],
      whitening.matrix,
      { name: "whitening.matrix" },
    );
    this.#input = { ...description, ...(center && matrix && { whitening: { mean: center, matrix } }) };
  }

  /**
   * A model of what {@linkcode readModel} read.
   * @param source Its name, for errors.
   * @throws as {@linkcode loadModel}
   */
  static async create(
    contents: ModelContents,
    options: LoadModelOptions = {},
    source = "the model",
  ): Promise<Model> {
    const network = networkOf(contents);
    const { imageShape } = contents;
    const { batchSize = Math.min(usualBatch, evaluationBatch([network], imageShape, viewShape(contents))) } =
      options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`Cannot load a model as batchSize must be a whole number ≥ 1: it is ${batchSize}`);
    }
    const { tuning, device = await Device.request() } = options;
    const model = new Model(contents, { device, ownsDevice: !options.device, network, batchSize, tuning });
    try {
      loadState(device, stateOf(network), contents.weights, { source });
      return model;
    } catch (error) {
      model[Symbol.dispose]();
      throw error;
    }
  }

  /** Class names, in the order of probabilities. */
  get classes(): readonly string[] {
    return this.description.classes;
  }

  /**
   * Classifies pictures of any size: each is put onto the canvas of the model's images, as training put its own. Pictures that
   * have to be resampled come out as there but for rounding, and large JPEG files but for how the decoder shrinks them.
   * @returns A prediction for each, in their order.
   * @throws {RangeError} or {TypeError} if something is no picture, {@linkcode GpuError} if the GPU failed.
   */
  async predict(images: readonly ModelImage[], options: PredictOptions = {}): Promise<Prediction[]> {
    const { imageShape } = this.description;
    const size = sizeOf(imageShape);
    const predictions: Prediction[] = [];
    for (let start = 0; start < images.length; start += this.batchSize) {
      const some = images.slice(start, start + this.batchSize);
      const planes = new Uint8Array(some.length * size);
      const aspects: number[] = [];
      for (const [i, image] of some.entries()) {
        aspects.push(await drawImage(image, imageShape, planes.subarray(i * size, (i + 1) * size)));
      }
      predictions.push(...await this.predictPlanes(planes, aspects, options));
    }
    return predictions;
  }

  /**
   * Classifies images that are on the model's canvas already, as decoding or a dataset has them.
   * @param planes Bytes `[N, C, H, W]` of the description's image shape.
   * @param aspects width / height of each as it should be seen `[N]`; where absent, of the canvas.
   * @returns A prediction for each, in their order.
   * @throws {RangeError} if there is no whole number of images, or not an aspect for each. @throws {GpuError} if the GPU failed.
   */
  async predictPlanes(
    planes: Uint8Array,
    aspects?: ArrayLike<number>,
    options: PredictOptions = {},
  ): Promise<Prediction[]> {
    const { imageShape } = this.description;
    const size = sizeOf(imageShape), count = planes.length / size;
    if (!Number.isInteger(count) || (aspects && aspects.length !== count)) {
      throw new RangeError(
        `Cannot classify images as there must be a whole number of ${
          imageShape.join("×")
        } with an aspect each: there are ${planes.length} numbers and ${aspects?.length ?? "no"} aspects`,
      );
    }
    const all = aspects && Array.from(aspects);
    const predictions: Prediction[] = [];
    for (let start = 0; start < count; start += this.batchSize) {
      const end = Math.min(count, start + this.batchSize);
      const some = planes.subarray(start * size, end * size);
      predictions.push(...await this.#batch(some, all?.slice(start, end), options));
    }
    return predictions;
  }

  /** Frees everything on the device, and the device where it is its own. */
  [Symbol.dispose](): void {
    for (const program of this.#programs.values()) {
      program.then((each) => each[Symbol.dispose](), () => undefined);
    }
    this.#programs.clear();
    const { whitening } = this.#input;
    const variables: Variable[] = Object.values(stateOf(this.#network));
    if (whitening) variables.push(whitening.mean, whitening.matrix);
    for (const each of variables) this.#device.release(each);
    if (this.#ownsDevice) this.#device[Symbol.dispose]();
  }

  async #batch(
    planes: Uint8Array,
    aspects: readonly number[] | undefined,
    { features = false }: PredictOptions,
  ): Promise<Prediction[]> {
    const { imageShape } = this.description;
    const [, height, width] = imageShape;
    const count = planes.length / sizeOf(imageShape);
    // Few sizes, each a Program: the next power of two.
    const size = Math.min(this.batchSize, 2 ** Math.ceil(Math.log2(count)));
    const program = await this.#program(size, features);
    const bytes = new Uint8Array(4 * Math.ceil(size * sizeOf(imageShape) / 4));
    bytes.set(planes);
    const shown = new Float32Array(size).fill(width / height);
    if (aspects) shown.set(aspects);
    const outputs = await program.runAndRead({ pixels: new Uint32Array(bytes.buffer), aspects: shown });
    const row = (values: ArrayLike<number>, i: number) => {
      const length = values.length / size;
      return (values as Float32Array).slice(i * length, (i + 1) * length);
    };
    return Array.from({ length: count }, (_, i) => ({
      ...predictionOf(row(outputs["logits"]!, i), this.description),
      ...(features && { features: row(outputs["features"]!, i) }),
    }));
  }

  #program(size: number, features: boolean): Promise<Program> {
    const key = `${size} ${features}`;
    let program = this.#programs.get(key);
    if (!program) {
      const options = { size, features, tuning: this.#tuning };
      program = compileModel(this.#device, this.#network, this.#input, options);
      this.#programs.set(key, program);
    }
    return program;
  }
}
