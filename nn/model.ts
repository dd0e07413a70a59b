// deno-lint-ignore-file no-non-null-assertion -- outputs have these names by construction
/**
 * Prediction with a trained classifier, in Deno and in browsers.
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
import type { NetworkMaker } from "./architectures/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { chooseEvaluationBatchSize } from "./evaluation_batch.ts";
import { type ModelContents, type ModelDescription, readModel } from "./model_file.ts";
import { drawImage, type ModelImage } from "./model_images.ts";
import { buildNetwork } from "./model_network.ts";
import { compileModel, type ModelInput } from "./model_program.ts";
import { type ModelSource, readSource } from "./model_source.ts";
import { stateOf } from "./module.ts";
import { createPrediction, type Prediction } from "./prediction.ts";
import { loadState } from "./state_dict.ts";

/** Options of {@linkcode Model.predict}. */
export interface PredictOptions {
  /** True if predictions include features; default false. */
  readonly features?: boolean;
}

/** Options of {@linkcode loadModel}. */
export interface LoadModelOptions {
  /** Device that computes; if absent, the model requests a device and owns it. */
  readonly device?: Device;
  /** Largest number of images computed at once; default 128, or fewer if the images are large. */
  readonly batchSize?: number;
  /** Choice of kernels, by measurement or by rule; if absent, a fixed rule chooses them. */
  readonly tuning?: Tuning;
  /** Creates the network; needed if the model's network is custom, and not registered under a name. */
  readonly network?: NetworkMaker;
}

const defaultBatchSize = 128;

/**
 * Loads a model from a model file.
 *
 * @param source Bytes, a URL, or a path relative to the working directory; in browsers relative to the page.
 * @throws {SyntaxError} if the file is damaged, of a newer version, or not a model.
 * @throws {TypeError} if the file cannot be fetched. @throws {RangeError} if the weights do not fit the
 * network, its architecture is not registered, or it is custom and no maker is passed.
 * @throws {GpuUnavailableError} if there is no GPU.
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
  /** Architecture, classes, images and all other metadata of the file. */
  readonly description: ModelDescription;
  /** Largest number of images computed at once. */
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
   * Creates a model from the result of {@linkcode readModel}.
   * @param source Name of the model in error messages.
   * @throws {RangeError} if the weights do not fit the network, or `batchSize` is not a whole number ≥ 1.
   * @throws {GpuUnavailableError} if there is no GPU.
   */
  static async create(
    contents: ModelContents,
    options: LoadModelOptions = {},
    source = "the model",
  ): Promise<Model> {
    const network = buildNetwork(contents, options.network, source);
    const { imageShape } = contents;
    const fittingBatchSize = chooseEvaluationBatchSize([network], imageShape, viewShape(contents));
    const { batchSize = Math.min(defaultBatchSize, fittingBatchSize) } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `Cannot load a model: batchSize must be a whole number ≥ 1, but it is ${batchSize}`,
      );
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

  /** Class names, in the order of the probabilities. */
  get classes(): readonly string[] {
    return this.description.classes;
  }

  /**
   * Classifies pictures of any size. Each picture is resampled to the size of the model's images, as in
   * training. The result may differ from training by rounding, and for large JPEG files by the decoder's own
   * downscaling.
   * @returns One prediction per picture, in the same order.
   * @throws {RangeError} or {TypeError} if an image is not a picture. @throws {GpuError} if the GPU failed.
   */
  async predict(images: readonly ModelImage[], options: PredictOptions = {}): Promise<Prediction[]> {
    const { imageShape } = this.description;
    const size = sizeOf(imageShape);
    const predictions: Prediction[] = [];
    for (let start = 0; start < images.length; start += this.batchSize) {
      const batch = images.slice(start, start + this.batchSize);
      const planes = new Uint8Array(batch.length * size);
      const aspects: number[] = [];
      for (const [i, image] of batch.entries()) {
        aspects.push(await drawImage(image, imageShape, planes.subarray(i * size, (i + 1) * size)));
      }
      predictions.push(...await this.predictPlanes(planes, aspects, options));
    }
    return predictions;
  }

  /**
   * Classifies images that already have the model's image shape, as in a decoded dataset.
   * @param planes Bytes `[N, C, H, W]`, with the image shape of the description.
   * @param aspects Aspect ratios width / height `[N]` of the original pictures; by default the image shape's.
   * @returns One prediction per image, in the same order.
   * @throws {RangeError} if `planes` is not a whole number of images, or `aspects` differs from the images in
   * number.
   * @throws {GpuError} if the GPU failed.
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
        `Cannot classify images: planes must hold whole images of ${
          imageShape.join("×")
        } and aspects one number per image, but there are ${planes.length} bytes and ${
          aspects?.length ?? "no"
        } aspects`,
      );
    }
    const aspectList = aspects && Array.from(aspects);
    const predictions: Prediction[] = [];
    for (let start = 0; start < count; start += this.batchSize) {
      const end = Math.min(count, start + this.batchSize);
      const batch = planes.subarray(start * size, end * size);
      predictions.push(...await this.#predictBatch(batch, aspectList?.slice(start, end), options));
    }
    return predictions;
  }

  /** Frees the model's memory on the device, and the device itself if the model owns it. */
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

  async #predictBatch(
    planes: Uint8Array,
    aspects: readonly number[] | undefined,
    { features = false }: PredictOptions,
  ): Promise<Prediction[]> {
    const { imageShape } = this.description;
    const [, height, width] = imageShape;
    const count = planes.length / sizeOf(imageShape);
    // Each size needs its own program: rounding up to powers of two keeps them few.
    const size = Math.min(this.batchSize, 2 ** Math.ceil(Math.log2(count)));
    const program = await this.#getProgram(size, features);
    const bytes = new Uint8Array(4 * Math.ceil(size * sizeOf(imageShape) / 4));
    bytes.set(planes);
    const aspectInput = new Float32Array(size).fill(width / height);
    if (aspects) aspectInput.set(aspects);
    const outputs = await program.runAndRead({ pixels: new Uint32Array(bytes.buffer), aspects: aspectInput });
    const sliceRow = (values: ArrayLike<number>, i: number) => {
      const length = values.length / size;
      return (values as Float32Array).slice(i * length, (i + 1) * length);
    };
    return Array.from({ length: count }, (_, i) => ({
      ...createPrediction(sliceRow(outputs["logits"]!, i), this.description),
      ...(features && { features: sliceRow(outputs["features"]!, i) }),
    }));
  }

  #getProgram(size: number, features: boolean): Promise<Program> {
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
