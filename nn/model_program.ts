/**
 * The compiled program of a model: from bytes of images to logits.
 * @module
 */
import {
  compile,
  type Device,
  div,
  greater,
  iota,
  matmul,
  mean,
  mul,
  plainView,
  type Program,
  reshape,
  sizeOf,
  sqrt,
  sub,
  sum,
  type Tensor,
  type Tuning,
  type Variable,
  where,
} from "../kernels/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import type { ModelDescription } from "./model_file.ts";
import { evaluationContext } from "./module.ts";

/** Preprocessing of a model's images. */
export interface ModelInput
  extends Pick<ModelDescription, "imageShape" | "randomResizedCrop" | "normalize" | "channelStatistics"> {
  /** Whitening; defined if `normalize` is `"gcn-zca"`. */
  readonly whitening?: { readonly mean: Variable; readonly matrix: Variable };
}

/**
 * Compiles a model for batches of `size` images. The inputs are `pixels`, the bytes of `[B, C, H, W]` packed
 * four to a word, and `aspects` `[B]`. The outputs are `logits` `[B, classes]` of the first head and, if
 * `features` is true, `features` `[B, D]`.
 */
export async function compileModel(
  device: Device,
  network: ClassifierNetwork,
  input: ModelInput,
  { size, features, tuning }: {
    readonly size: number;
    readonly features: boolean;
    readonly tuning: Tuning | undefined;
  },
): Promise<Program> {
  const words = Math.ceil(size * sizeOf(input.imageShape) / 4);
  const inputs = {
    pixels: { shape: [words], dtype: "uint32" },
    aspects: { shape: [size] },
  } as const;
  return await compile(device, inputs, ({ pixels, aspects }) => {
    const images = preprocess(pixels, aspects, size, input);
    const context = evaluationContext();
    const featureTensor = network.forwardFeatures(images, context);
    const [logits] = network.forwardHeads(featureTensor, context);
    const outputs: Record<string, Tensor> = features ? { logits, features: featureTensor } : { logits };
    return { outputs };
  }, { tuning });
}

/** Computes a network's input from pixels, as in evaluation. */
function preprocess(
  pixels: Tensor,
  aspects: Tensor,
  size: number,
  { imageShape, randomResizedCrop, normalize, channelStatistics, whitening }: ModelInput,
): Tensor {
  const batch = { pixels: [pixels], indices: iota(size), aspects };
  const view = { imageShape, randomResizedCrop, ...channelStatistics };
  if (normalize === "channel") return plainView(batch, view);
  const imageSize = sizeOf(imageShape);
  const plain = reshape(plainView(batch, { imageShape }), [size, imageSize]);
  const normalised = normalizeImages(plain, whitening);
  return plainView({ ...batch, pixels: [reshape(normalised, [size * imageSize])] }, view);
}

/**
 * Normalises the contrast of each image, rows of bytes / 255 `[B, D]`: with a whitening to norm 55, then
 * whitens; otherwise to mean 0 and standard deviation 1.
 */
export function normalizeImages(images: Tensor, whitening: ModelInput["whitening"]): Tensor {
  const [, imageSize = 1] = images.shape;
  return whitening
    ? matmul(sub(normalizeContrast(images, whiteningNorm), whitening.mean), whitening.matrix)
    : normalizeContrast(images, Math.sqrt(imageSize));
}

/** Norm of images before whitening, as in `preprocess` of data/. */
const whiteningNorm = 55;

/**
 * Threshold below which an image of bytes / 255 has one colour only: a single pixel that is one level
 * brighter gives a norm of at least √½ / 255.
 */
const minNorm = 0.5 / 255;

/**
 * Computes `norm · (x − mean(x)) / ‖x − mean(x)‖` of each row of `[B, D]`; 0 if an image has one colour only.
 */
function normalizeContrast(x: Tensor, norm: number): Tensor {
  const axes = [1], keep = { keepAxes: true };
  const difference = sub(x, mean(x, axes, keep));
  const currentNorm = sqrt(sum(mul(difference, difference), axes, keep));
  return mul(difference, where(greater(currentNorm, minNorm), div(norm, currentNorm), 0));
}
