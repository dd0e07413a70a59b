/**
 * The Program of a model: from bytes of images to logits.
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

/** How a model's images reach its network. */
export interface ModelInput
  extends Pick<ModelDescription, "imageShape" | "randomResizedCrop" | "normalize" | "channelStatistics"> {
  /** There where `normalize` is `"gcn-zca"`. */
  readonly whitening?: { readonly mean: Variable; readonly matrix: Variable };
}

/**
 * Compiles a model for batches of a size. Inputs are `pixels`, bytes of `[B, C, H, W]` four to a word, and `aspects` `[B]`;
 * outputs `logits` `[B, classes]` of the first head and, where asked for, `features` `[B, D]`.
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
    const images = networkInput(pixels, aspects, size, input);
    const context = evaluationContext();
    const found = network.forwardFeatures(images, context);
    const [logits] = network.forwardHeads(found, context);
    const outputs: Record<string, Tensor> = features ? { logits, features: found } : { logits };
    return { outputs };
  }, { tuning });
}

/** Images as evaluation gives them to a network. */
function networkInput(
  pixels: Tensor,
  aspects: Tensor,
  size: number,
  { imageShape, randomResizedCrop, normalize, channelStatistics, whitening }: ModelInput,
): Tensor {
  const batch = { pixels: [pixels], indices: iota(size), aspects };
  const view = { imageShape, randomResizedCrop, ...channelStatistics };
  if (normalize === "channel") return plainView(batch, view);
  const numbers = sizeOf(imageShape);
  const plain = reshape(plainView(batch, { imageShape }), [size, numbers]);
  const normalised = whitening
    ? matmul(sub(contrastNormalised(plain, whiteningNorm), whitening.mean), whitening.matrix)
    : contrastNormalised(plain, Math.sqrt(numbers));
  return plainView({ ...batch, pixels: [reshape(normalised, [size * numbers])] }, view);
}

/** The norm of images before they are whitened, as in data/'s `preprocess`. */
const whiteningNorm = 55;

/**
 * Below this norm an image of bytes over 255 is of one colour: one pixel that is one level brighter has a norm of at
 * least √½ / 255.
 */
const leastNorm = 0.5 / 255;

/** `norm · (x − mean(x)) / ‖x − mean(x)‖` of each row of `[B, D]`; 0 where an image is of one colour. */
function contrastNormalised(x: Tensor, norm: number): Tensor {
  const axes = [1], keep = { keepAxes: true };
  const difference = sub(x, mean(x, axes, keep));
  const former = sqrt(sum(mul(difference, difference), axes, keep));
  return mul(difference, where(greater(former, leastNorm), div(norm, former), 0));
}
