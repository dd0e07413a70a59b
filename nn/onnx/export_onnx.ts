/**
 * Export of models to ONNX.
 * @module
 */
import {
  div,
  input,
  mul,
  perChannel,
  reshape,
  sizeOf,
  sub,
  type Tensor,
  variable,
  viewShape,
} from "../../kernels/mod.ts";
import type { NetworkMaker } from "../architectures/mod.ts";
import type { ModelContents } from "../model_file.ts";
import { buildNetwork } from "../model_network.ts";
import { normalizeImages } from "../model_program.ts";
import { evaluationContext, stateOf } from "../module.ts";
import { matchState } from "../state_dict.ts";
import { tracedBatch } from "./constants.ts";
import { type Constant, GraphBuilder, type Precision } from "./graph_builder.ts";
import { layerTranslations } from "./layer_translations.ts";
import { elementTypes, encodeModel } from "./messages.ts";
import { pointwiseTranslations } from "./pointwise_translations.ts";
import { Translator } from "./translator.ts";
import { viewTranslations } from "./view_translations.ts";

/** Options of {@linkcode exportOnnx}. */
export interface ExportOptions {
  /** True if the network computes in float16, which halves the file; default false. Input and output stay. */
  readonly half?: boolean;
  /** Licence of the weights, for the metadata, such as `CC-BY-4.0`; default "not stated". */
  readonly license?: string;
  /** Creates the network; needed if the model's network is custom, and not registered under a name. */
  readonly network?: NetworkMaker;
  /** Name of the model in error messages; default "the model". */
  readonly source?: string;
}

const translations = { ...pointwiseTranslations, ...viewTranslations, ...layerTranslations };

/** Names of input and output in the ONNX graph. */
const inputName = "images", outputName = "probabilities";

/** Version of ONNX's operators that are used. */
const opset = 17;

/**
 * Exports a model as the bytes of an ONNX file (opset 17), which other programs run.
 *
 * The graph has one input and one output, both with any batch size N:
 *
 * - `images`: uint8 `[N, C, H, W]`, the bytes of the pixels, already resized to the size that the network sees;
 * - `probabilities`: float32 `[N, classes]`, `softmax(logits / temperature)`.
 *
 * Normalisation is part of the graph, resizing is not. The graph is that of the network's forward pass in
 * evaluation mode, so that custom networks are exported as well; affine functions per channel, such as batch
 * normalisation, are folded into the convolution or matrix product before them.
 *
 * The metadata are `classes`, `imageShape` and `license`, as well as `temperature`, `architecture` and the
 * texts about the model with the prefix `about.`; lists are JSON.
 *
 * @throws {RangeError} if the weights do not fit the network, ONNX has no operator for an op of the network
 * (the message names the op), the images are normalised before they are cropped, or a weight is beyond
 * float16 and `half` is true.
 *
 * @example
 * ```ts
 * import { exportOnnx, findArchitecture, stateOf } from "../../mod.ts";
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
 * const bytes = exportOnnx({
 *   architecture: "convnet_small",
 *   headCount: 1,
 *   classes: ["dark", "bright"],
 *   imageShape,
 *   randomResizedCrop: null,
 *   normalize: "channel",
 *   channelStatistics: { mean: [0.5], standardDeviation: [0.25] },
 *   temperature: 1,
 *   about: {},
 *   weights: new Map(
 *     Object.entries(stateOf(network)).map(([name, { shape, initial }]) => [
 *       name,
 *       { shape, dtype: "float32", data: initial },
 *     ]),
 *   ),
 * });
 * console.log(bytes.length); // the size of the file
 * ```
 */
export function exportOnnx(contents: ModelContents, options: ExportOptions = {}): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder(), shape = viewShape(contents);
  for (const name of [inputName, outputName]) graph.reserveName(name);
  writeGraph(graph, contents, options);
  const [channels, height, width] = shape, { classes } = contents;
  const size = `${width}×${height}`,
    kind = channels === 1 ? "grey" : channels === 3 ? "RGB" : `${channels}-channel`;
  return encodeModel({
    opset,
    producer: "Mean Teacher",
    description: `Image classifier of ${classes.length} classes for ${kind} images of ${size} pixels`,
    metadata: metadataOf(contents, options),
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [{
      name: inputName,
      type: "uint8",
      shape: ["N", ...shape],
      description: `pixels as bytes [N, channels, height, width] of ${kind} images, resized to ${size}`,
    }],
    outputs: [{
      name: outputName,
      type: "float32",
      shape: ["N", classes.length],
      description: "probability of each class",
    }],
  });
}

/** Writes normalisation, network and probabilities. */
function writeGraph(graph: GraphBuilder, contents: ModelContents, options: ExportOptions): void {
  const { source = "the model", half = false } = options;
  const network = buildNetwork(contents, options.network, source);
  const variables = new Map<Tensor, Constant>();
  for (const { name, variable, value } of matchState(stateOf(network), contents.weights, { source })) {
    variables.set(variable, { name, ...value });
  }
  const translate = (root: Tensor, operand: Tensor, name: string, precision: Precision) =>
    new Translator(root, {
      graph,
      translations,
      precision,
      variables,
      inputs: new Map([[operand, name]]),
      batchInput: inputName,
    }).nameOf(root);
  const castTo = (type: Precision, name: string) => graph.add("Cast", [name], { to: elementTypes[type] });
  // Only the network computes in float16: normalisation and softmax need the range of float32.
  const pixels = input("pixels", [tracedBatch, ...viewShape(contents)]);
  const normalised = normalisePixels(pixels, contents, source);
  const images = translate(normalised, pixels, castTo("float32", inputName), "float32");
  const image = input("image", pixels.shape), [logits] = network.forward(image, evaluationContext());
  const scores = translate(
    logits,
    image,
    half ? castTo("float16", images) : images,
    half ? "float16" : "float32",
  );
  const logit = input("logit", logits.shape), scaled = mul(logit, 1 / contents.temperature);
  const widened = half ? castTo("float32", scores) : scores;
  graph.addOutput("Softmax", [translate(scaled, logit, widened, "float32")], outputName, { axis: -1 });
}

/** Computes a network's input from the bytes of its images. */
function normalisePixels(pixels: Tensor, contents: ModelContents, source: string): Tensor {
  const { normalize, randomResizedCrop, channelStatistics, whitening } = contents;
  const unit = mul(pixels, 1 / 255);
  if (normalize === "channel") return standardise(unit, channelStatistics);
  if (randomResizedCrop !== null) {
    throw new RangeError(
      `Cannot export ${source}: resizing is not exported, but its images are normalised (${normalize}) before they are resized`,
    );
  }
  const [n = 1, ...rest] = pixels.shape, rows = reshape(unit, [n, sizeOf(rest)]);
  const variables = whitening && {
    mean: variable([whitening.mean.length], whitening.mean, { name: "whitening.mean" }),
    matrix: variable([whitening.mean.length, whitening.mean.length], whitening.matrix, {
      name: "whitening.matrix",
    }),
  };
  return standardise(reshape(normalizeImages(rows, variables), pixels.shape), channelStatistics);
}

/** Computes `(images − mean) / standardDeviation` per channel. */
function standardise(
  images: Tensor,
  { mean, standardDeviation }: ModelContents["channelStatistics"],
): Tensor {
  const perChannelOf = (values: readonly number[]) => perChannel(variable([values.length], values), images);
  return div(sub(images, perChannelOf(mean)), perChannelOf(standardDeviation));
}

/** Returns the metadata of a model: texts by name. */
function metadataOf(
  contents: ModelContents,
  { license = "not stated" }: ExportOptions,
): Record<string, string> {
  const { classes, temperature, architecture, about } = contents;
  return {
    classes: JSON.stringify(classes),
    imageShape: JSON.stringify(viewShape(contents)),
    license,
    temperature: `${temperature}`,
    ...(architecture !== null && { architecture }),
    ...Object.fromEntries(Object.entries(about).map(([name, text]) => [`about.${name}`, text])),
  };
}
