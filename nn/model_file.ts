/**
 * The model file: one safetensors file with all that it takes to predict.
 *
 * Its tensors are the network's parameters and buffers under PyTorch's names, so that they are a state dict in PyTorch
 * too; and where images are whitened `whitening.mean` `[D]` and `whitening.matrix` `[D, D]`. Its metadata are
 *
 * | Key      | Value                                                                               |
 * | -------- | ----------------------------------------------------------------------------------- |
 * | `format` | `mean-teacher model 1`; whatever would be read wrongly by this version has another  |
 * | `model`  | a JSON object with what {@linkcode ModelDescription} says, under these names        |
 *
 * @module
 */
import { formatShape, type Shape, viewShape } from "../kernels/mod.ts";
import { architectures, findArchitecture } from "./architectures/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { type HostTensor, readSafetensors, writeSafetensors } from "./safetensors.ts";

const kind = "mean-teacher model";
const version = 1;
const format = `${kind} ${version}`;

/** What a model's images and its network are. */
export interface ModelDescription {
  /** Name of the network's architecture, one of {@linkcode architectures}. */
  readonly architecture: string;
  /** Heads of the network; the first classifies. */
  readonly headCount: 1 | 2;
  /** Class names, in the order of the logits. */
  readonly classes: readonly string[];
  /** `[C, H, W]` that images are resampled to; of pictures C is 1 = grey or 3 = red, green, blue. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Side of the square that their centre is then resampled to, as in evaluation; null = the network sees all of them. */
  readonly randomResizedCrop: number | null;
  /**
   * What is done with pixels before channel statistics: nothing; global contrast normalisation to norm 55 and whitening;
   * or each image to mean 0 and standard deviation 1.
   */
  readonly normalize: "channel" | "gcn-zca" | "per-image";
  /** `x ← (x − mean) / standardDeviation` per channel, of pixels scaled to [0, 1] or of what was made of them. */
  readonly channelStatistics: {
    /** `[C]` */
    readonly mean: readonly number[];
    /** `[C]`, above 0 */
    readonly standardDeviation: readonly number[];
  };
  /** Probabilities are `softmax(logits / temperature)`; 1 where the model was not calibrated. */
  readonly temperature: number;
  /** Texts that nothing depends on, such as where the model comes from. */
  readonly about: Readonly<Record<string, string>>;
}

/** `x ← matrix · (x − mean)` of all numbers of an image. */
export interface Whitening {
  /** `[D]`, D = C·H·W */
  readonly mean: Float32Array;
  /** Symmetric `[D, D]` */
  readonly matrix: Float32Array;
}

/** All that is in a model file. */
export interface ModelContents extends ModelDescription {
  /** Values of the network's parameters and buffers. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** There if and only if `normalize` is `"gcn-zca"`. */
  readonly whitening?: Whitening;
}

const whiteningNames = { mean: "whitening.mean", matrix: "whitening.matrix" } as const;

/** The network of a model, with zeros for weights. @throws {RangeError} if there is none for such images. */
export function networkOf(
  { architecture, headCount, classes, imageShape, randomResizedCrop }: ModelDescription,
): ClassifierNetwork {
  return findArchitecture(architecture).build({
    imageShape: viewShape({ imageShape, randomResizedCrop }),
    classCount: classes.length,
    headCount,
    // Without effect in evaluation.
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
}

/**
 * A model as the bytes of a file.
 * @throws {RangeError} if {@linkcode readModel} would refuse it.
 */
export function writeModel({ weights, whitening, ...description }: ModelContents): Uint8Array<ArrayBuffer> {
  const fault = faultOf(description) ?? whiteningFault(description, whitening);
  if (fault) throw new RangeError(`Cannot write a model as ${fault}`);
  const size = whitening?.mean.length ?? 0;
  const floats = (shape: Shape, data: Float32Array): HostTensor => ({
    shape,
    dtype: "float32",
    data: new Float32Array(data),
  });
  return writeSafetensors([
    ...weights,
    ...(whitening
      ? [
        [whiteningNames.mean, floats([size], whitening.mean)],
        [whiteningNames.matrix, floats([size, size], whitening.matrix)],
      ] as const
      : []),
  ], { format, model: JSON.stringify(description) });
}

/**
 * Reads a model file. Whether the weights are those of its architecture is seen when they are loaded.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} if the bytes are damaged, of a newer version, or no model file.
 */
export function readModel(bytes: Uint8Array, source = "the model"): ModelContents {
  const { tensors, metadata } = readSafetensors(bytes, { source });
  const refuse = (state: string) => new SyntaxError(`Cannot read ${source} as it must be a model: ${state}`);
  if (metadata["format"] !== format) throw refuse(otherFormat(metadata["format"]));
  const description = parseDescription(metadata["model"], refuse);
  const weights = new Map(tensors);
  const [mean, matrix] = (["mean", "matrix"] as const).map((name) => {
    const { data } = weights.get(whiteningNames[name]) ?? {};
    weights.delete(whiteningNames[name]);
    return data instanceof Float32Array ? data : undefined;
  });
  const whitening = mean && matrix ? { mean, matrix } : undefined;
  const fault = whiteningFault(description, whitening);
  if (fault) throw refuse(fault);
  return { ...description, weights, ...(whitening && { whitening }) };
}

/** Whether a safetensors file says that it is a model of any version. */
export function isModelFormat(name: string | undefined): boolean {
  return name?.startsWith(`${kind} `) ?? false;
}

function otherFormat(name: string | undefined): string {
  if (name === undefined) return "it is a safetensors file of another kind";
  const isNewer = isModelFormat(name) && Number(name.slice(kind.length)) > version;
  return `its format is ${JSON.stringify(name)}${
    isNewer ? `, which a newer version of this program reads: this one reads "${format}"` : ""
  }`;
}

function parseDescription(
  text: string | undefined,
  refuse: (state: string) => SyntaxError,
): ModelDescription {
  let said: unknown;
  try {
    said = JSON.parse(text ?? "");
  } catch {
    throw refuse("what it says of itself is no JSON");
  }
  if (typeof said !== "object" || said === null) throw refuse("what it says of itself is no object");
  const fault = faultOf(said as ModelDescription);
  if (fault) throw refuse(fault);
  const { architecture, headCount, classes, imageShape, randomResizedCrop, ...rest } =
    said as ModelDescription;
  const { normalize, channelStatistics: { mean, standardDeviation }, temperature, about } = rest;
  return {
    architecture,
    headCount,
    classes,
    imageShape,
    randomResizedCrop,
    normalize,
    channelStatistics: { mean, standardDeviation },
    temperature,
    about,
  };
}

type Unknown = { readonly [K in keyof ModelDescription]?: unknown };

/** What is wrong with a description of unknown origin, as "must be …: it is …". */
function faultOf(description: Unknown): string | undefined {
  const { architecture, headCount, classes, imageShape, randomResizedCrop, normalize } = description;
  const { channelStatistics, temperature, about } = description;
  const isSize = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
  const isText = (value: unknown) => typeof value === "string";
  const hasNumbers = (value: unknown, isRight: (value: number) => boolean) =>
    Array.isArray(value) && value.length === (imageShape as number[])[0] &&
    value.every((each) => Number.isFinite(each) && isRight(each));
  const { mean, standardDeviation } = (channelStatistics ?? {}) as Record<string, unknown>;
  // In this order, as later rules rely on earlier ones.
  const rules: readonly (readonly [rule: string, () => boolean, value: unknown])[] = [
    [
      `its architecture must be one of ${architectures.map(({ name }) => name).join(", ")}`,
      () => architectures.some(({ name }) => name === architecture),
      architecture,
    ],
    ["its heads must be 1 or 2", () => headCount === 1 || headCount === 2, headCount],
    [
      "its classes must be two names or more",
      () => Array.isArray(classes) && classes.length > 1 && classes.every(isText),
      classes,
    ],
    [
      "its images must have channels, a height and a width",
      () => Array.isArray(imageShape) && imageShape.length === 3 && imageShape.every(isSize),
      imageShape,
    ],
    [
      "its crop must be a size or null",
      () => randomResizedCrop === null || isSize(randomResizedCrop),
      randomResizedCrop,
    ],
    [
      "its normalisation must be channel, gcn-zca or per-image",
      () => ["channel", "gcn-zca", "per-image"].includes(normalize as string),
      normalize,
    ],
    [
      "its channels must have a mean and a standard deviation above 0 each",
      () => hasNumbers(mean, () => true) && hasNumbers(standardDeviation, (value) => value > 0),
      channelStatistics,
    ],
    [
      "its temperature must be above 0",
      () => Number.isFinite(temperature) && (temperature as number) > 0,
      temperature,
    ],
    [
      "what it says about itself must be texts",
      () => typeof about === "object" && about !== null && Object.values(about).every(isText),
      about,
    ],
  ];
  const broken = rules.find(([, isKept]) => !isKept());
  return broken && `${broken[0]}: it has ${show(broken[2])}`;
}

function whiteningFault(
  { normalize, imageShape }: ModelDescription,
  whitening: Whitening | undefined,
): string | undefined {
  const size = imageShape.reduce((product, length) => product * length);
  const isNeeded = normalize === "gcn-zca";
  if (isNeeded !== (whitening !== undefined)) {
    return `a whitening must be there if its images are whitened, and only then: it has ${
      whitening ? "one" : "none"
    }`;
  }
  if (!whitening || (whitening.mean.length === size && whitening.matrix.length === size * size)) {
    return undefined;
  }
  return `its whitening must be of images of ${
    formatShape(imageShape)
  }: it is of ${whitening.mean.length} numbers`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) return "none";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
