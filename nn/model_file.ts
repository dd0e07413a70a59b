/**
 * The model file: one safetensors file with everything needed for prediction.
 *
 * Its tensors are the network's parameters and buffers under PyTorch's names, and therefore a PyTorch state
 * dict. If images are whitened, `whitening.mean` `[D]` and `whitening.matrix` `[D, D]` are added. Its
 * metadata are
 *
 * | Key      | Value                                                                          |
 * | -------- | ------------------------------------------------------------------------------ |
 * | `format` | `mean-teacher model 1`; the number changes with every incompatible format      |
 * | `model`  | a JSON object with the fields of {@linkcode ModelDescription}                  |
 * | `checksums` | CRC-32 of `model`, `weights` and `whitening`; absent in files of older versions |
 *
 * @module
 */
import { formatShape, type Shape } from "../kernels/mod.ts";
import { type ChecksumParts, computeChecksums, findDamage } from "./checksums.ts";
import { isImageShape, mostImageValues } from "./image_shape.ts";
import { type HostTensor, readSafetensors, writeSafetensors } from "./safetensors/safetensors.ts";

const kind = "mean-teacher model";
const version = 1;
const format = `${kind} ${version}`;

/** Description of a model: its network, classes and images. */
export interface ModelDescription {
  /** Name of the network's architecture; null = a custom network, whose maker {@linkcode loadModel} needs. */
  readonly architecture: string | null;
  /** Number of heads that the architecture is built with; the first head classifies; null = custom network. */
  readonly headCount: 1 | 2 | null;
  /** Class names, in the order of the logits. */
  readonly classes: readonly string[];
  /** `[C, H, W]` of the resampled images; for pictures, C is 1 = grey or 3 = red, green, blue. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /**
   * Side of the square to which the images' centre is resampled, as in evaluation; null = the network sees
   * whole images.
   */
  readonly randomResizedCrop: number | null;
  /**
   * Normalisation before the channel statistics are applied: "channel" = none; "gcn-zca" = global contrast
   * normalisation to norm 55, then whitening; "per-image" = mean 0 and standard deviation 1 for each image.
   */
  readonly normalize: "channel" | "gcn-zca" | "per-image";
  /**
   * Statistics for `x ← (x − mean) / standardDeviation` per channel, where `x` is in [0, 1] or normalised as
   * above.
   */
  readonly channelStatistics: {
    /** Mean of each channel, `[C]`. */
    readonly mean: readonly number[];
    /** Standard deviation of each channel, `[C]`, above 0. */
    readonly standardDeviation: readonly number[];
  };
  /** Temperature of probabilities, `softmax(logits / temperature)`; 1 if the model was not calibrated. */
  readonly temperature: number;
  /** Informative texts by name, such as the model's origin; no computation depends on them. */
  readonly about: Readonly<Record<string, string>>;
}

/** Whitening `x ← matrix · (x − mean)` of an image's D = C·H·W values. */
export interface Whitening {
  /** Mean, `[D]`. */
  readonly mean: Float32Array;
  /** Symmetric matrix, `[D, D]`. */
  readonly matrix: Float32Array;
}

/** Contents of a model file. */
export interface ModelContents extends ModelDescription {
  /** Values of the network's parameters and buffers. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Whitening; defined if and only if `normalize` is `"gcn-zca"`. */
  readonly whitening?: Whitening;
}

const whiteningNames = { mean: "whitening.mean", matrix: "whitening.matrix" } as const;

/**
 * Encodes a model as the bytes of a model file.
 * @throws {RangeError} if {@linkcode readModel} would refuse the file.
 */
export function writeModel({ weights, whitening, ...description }: ModelContents): Uint8Array<ArrayBuffer> {
  const fault = findFault(description) ?? findWhiteningFault(description, whitening);
  if (fault) throw new RangeError(`Cannot write a model: ${fault}`);
  const size = whitening?.mean.length ?? 0;
  const floats = (shape: Shape, data: Float32Array): HostTensor => ({
    shape,
    dtype: "float32",
    data: new Float32Array(data),
  });
  const tensors = [
    ...weights,
    ...(whitening
      ? [
        [whiteningNames.mean, floats([size], whitening.mean)],
        [whiteningNames.matrix, floats([size, size], whitening.matrix)],
      ] as const
      : []),
  ];
  const model = JSON.stringify(description), checksums = computeChecksums(partsOf(tensors, model));
  return writeSafetensors(tensors, { format, model, checksums });
}

/** Returns the parts of a model file that have checksums. */
function partsOf(tensors: ChecksumParts["tensors"], model: string): ChecksumParts {
  const names: readonly string[] = Object.values(whiteningNames);
  return { tensors, texts: { model }, groupOf: (name) => names.includes(name) ? "whitening" : "weights" };
}

/**
 * Reads a model file. The network is built, and the weights compared with it, later, by {@linkcode loadModel}.
 * @param source Name of the file in error messages.
 * @throws {SyntaxError} if the file is damaged, of a newer version, or not a model file.
 */
export function readModel(bytes: Uint8Array, source = "the model"): ModelContents {
  const { tensors, metadata } = readSafetensors(bytes, { source });
  const createError = (reason: string) => new SyntaxError(`Cannot read ${source}: ${reason}`);
  if (metadata["format"] !== format) throw createError(explainFormat(metadata["format"]));
  const damaged = findDamage(partsOf(tensors, metadata["model"] ?? ""), metadata["checksums"]);
  if (damaged !== undefined) {
    throw createError(`the file is damaged: the checksum of its ${damaged} is wrong`);
  }
  const description = parseDescription(metadata["model"], createError);
  const weights = new Map(tensors);
  const [mean, matrix] = (["mean", "matrix"] as const).map((name) => {
    const { data } = weights.get(whiteningNames[name]) ?? {};
    weights.delete(whiteningNames[name]);
    return data instanceof Float32Array ? data : undefined;
  });
  const whitening = mean && matrix ? { mean, matrix } : undefined;
  const fault = findWhiteningFault(description, whitening);
  if (fault) throw createError(fault);
  return { ...description, weights, ...(whitening && { whitening }) };
}

/** Returns whether the `format` of a safetensors file is a model's, of any version. */
export function isModelFormat(name: string | undefined): boolean {
  return name?.startsWith(`${kind} `) ?? false;
}

/** Returns why a file whose `format` is not the supported one cannot be read. */
function explainFormat(name: string | undefined): string {
  if (name === undefined) return "it is a safetensors file, but not a model";
  const isNewer = isModelFormat(name) && Number(name.slice(kind.length)) > version;
  const state = `its format is ${JSON.stringify(name)}`;
  return isNewer
    ? `${state}, but this version reads only "${format}". Use a newer version of Mean Teacher.`
    : `it must be a model, but ${state}`;
}

function parseDescription(
  text: string | undefined,
  createError: (reason: string) => SyntaxError,
): ModelDescription {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "");
  } catch {
    throw createError("its metadata entry `model` must be a JSON object, but it is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null) {
    throw createError("its metadata entry `model` must be a JSON object, but it is not an object");
  }
  const fault = findFault(parsed as ModelDescription);
  if (fault) throw createError(fault);
  const { architecture, headCount, classes, imageShape, randomResizedCrop, ...rest } =
    parsed as ModelDescription;
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

/**
 * Returns what is wrong with a description of unknown origin, as "… must be …, but it is …"; undefined if
 * nothing is.
 */
function findFault(description: Unknown): string | undefined {
  const { architecture, headCount, classes, imageShape, randomResizedCrop, normalize } = description;
  const { channelStatistics, temperature, about } = description;
  const channels: unknown = Array.isArray(imageShape) ? imageShape[0] : undefined;
  const isText = (value: unknown) => typeof value === "string";
  const hasNumbers = (value: unknown, isRight: (value: number) => boolean) =>
    Array.isArray(value) && value.length === channels &&
    value.every((each) => Number.isFinite(each) && isRight(each));
  const { mean, standardDeviation } = (channelStatistics ?? {}) as Record<string, unknown>;
  // The order matters: later rules rely on earlier ones.
  const rules: readonly (readonly [rule: string, () => boolean, value: unknown])[] = [
    [
      "architecture must be a name or null",
      () => isText(architecture) || architecture === null,
      architecture,
    ],
    [
      `headCount must be ${architecture === null ? "null" : "1 or 2"}`,
      () => architecture === null ? headCount === null : headCount === 1 || headCount === 2,
      headCount,
    ],
    [
      "classes must be an array of at least two names",
      () => Array.isArray(classes) && classes.length > 1 && classes.every(isText),
      classes,
    ],
    [
      `imageShape must be [channels, height, width] of at most ${mostImageValues} values`,
      () => isImageShape(imageShape),
      imageShape,
    ],
    [
      `randomResizedCrop must be null, or a size in pixels with at most ${mostImageValues} values`,
      () => randomResizedCrop === null || isImageShape([channels, randomResizedCrop, randomResizedCrop]),
      randomResizedCrop,
    ],
    [
      "normalize must be channel, gcn-zca or per-image",
      () => ["channel", "gcn-zca", "per-image"].includes(normalize as string),
      normalize,
    ],
    [
      "channelStatistics must have a mean and a standard deviation above 0 for each channel",
      () => hasNumbers(mean, () => true) && hasNumbers(standardDeviation, (value) => value > 0),
      channelStatistics,
    ],
    [
      "temperature must be above 0",
      () => Number.isFinite(temperature) && (temperature as number) > 0,
      temperature,
    ],
    [
      "about must map names to texts",
      () => typeof about === "object" && about !== null && Object.values(about).every(isText),
      about,
    ],
  ];
  const broken = rules.find(([, isKept]) => !isKept());
  return broken && `${broken[0]}, but it is ${show(broken[2])}`;
}

/** Returns what is wrong with the whitening of a model; undefined if nothing is. */
function findWhiteningFault(
  { normalize, imageShape }: ModelDescription,
  whitening: Whitening | undefined,
): string | undefined {
  const size = imageShape.reduce((product, length) => product * length);
  const isNeeded = normalize === "gcn-zca";
  if (isNeeded !== (whitening !== undefined)) {
    return isNeeded
      ? 'normalize is "gcn-zca", but the whitening is missing'
      : `normalize is "${normalize}", but there is a whitening`;
  }
  if (!whitening || (whitening.mean.length === size && whitening.matrix.length === size * size)) {
    return undefined;
  }
  return `the whitening must fit images of ${
    formatShape(imageShape)
  }, but its mean has ${whitening.mean.length} values and its matrix ${whitening.matrix.length}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(flatten(value, 3));
  if (text === undefined) return "missing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Replaces values nested more deeply than `depth`; `JSON.stringify` fails for thousands of levels. */
function flatten(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.slice(0, 100).map((each) => flatten(each, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, flatten(each, depth - 1)]));
}
