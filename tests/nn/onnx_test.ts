// deno-lint-ignore-file no-non-null-assertion -- indices of numeric loops are in range
/** Models exported to ONNX compute the same probabilities in ONNX Runtime. */
import protobuf from "npm:protobufjs@8.8.1";
import {
  add,
  concat,
  exp,
  expand,
  flip,
  full,
  globalAvgPool2d,
  greater,
  input,
  iota,
  log,
  matmul,
  max,
  maximum,
  mean,
  mul,
  neg,
  pad,
  relu,
  reshape,
  shakeShake,
  sigmoid,
  slice,
  softmax,
  sub,
  tanh,
  type Tensor,
  transpose,
  variable,
  where,
} from "../../kernels/mod.ts";
import {
  architectureNames,
  Classifier,
  evaluationContext,
  exportOnnx,
  findArchitecture,
  Linear,
  Model,
  type ModelContents,
  type NetworkMaker,
  StatelessLayer,
  stateOf,
} from "../../nn/mod.ts";
import { topologicalOrder } from "../../kernels/compile/fuse.ts";
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate, randomWords } from "../kernels/reference.ts";
import { madeUpModel } from "./made_up_model.ts";
import { runOnnx, runOnnxInBrowser } from "./onnx_runtime.ts";
import { findChromium } from "../chromium.ts";

const next = randomWords(11);

/** Draws bytes of images. */
function drawImages(count: number, shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, length) => product * length);
  return Uint8Array.from({ length: count * size }, () => next() % 256);
}

/** Computes the logits of one image in float64. */
function logitsOf(contents: ModelContents, image: Uint8Array): Float64Array {
  const { architecture, imageShape, channelStatistics: { mean, standardDeviation }, weights } = contents;
  const network = findArchitecture(architecture ?? "").build({
    imageShape,
    classCount: 3,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
  const x = input("x", [1, ...imageShape]), plane = imageShape[1] * imageShape[2];
  const values = new Map<Tensor, Float64Array>(
    Object.entries(stateOf(network)).map(([name, each]) => [
      each,
      new Float64Array(weights.get(name)?.data ?? []),
    ]),
  );
  values.set(
    x,
    Float64Array.from(image, (byte, i) => {
      const c = Math.floor(i / plane);
      return (byte / 255 - (mean[c] ?? NaN)) / (standardDeviation[c] ?? NaN);
    }),
  );
  const [logits] = network.forward(x, evaluationContext());
  for (const node of topologicalOrder([logits])) {
    const [images, weight] = node.inputs.map((each) => values.get(each));
    const isConvolution = node.op.name === "conv_2d" && images && weight;
    values.set(node, isConvolution ? convolve(node, images, weight) : evaluate(node, values));
  }
  return values.get(logits) ?? new Float64Array();
}

/** Convolves one square image: large networks have hundreds of millions of products. */
function convolve(
  { inputs: [image, kernels], attributes, shape }: Tensor,
  x: Float64Array,
  weight: Float64Array,
) {
  const [outputs = 0, inputs = 0, kernel = 0] = kernels!.shape, side = image!.shape[2]!, size = shape[2]!;
  const [stride, padding, groups] = ["stride", "padding", "groups"].map((name) => Number(attributes[name]));
  const taps = Array.from({ length: kernel }, (_, k) => ({
    first: Math.max(0, Math.ceil((padding! - k) / stride!)),
    end: Math.min(size, Math.ceil((side + padding! - k) / stride!)),
  }));
  const y = new Float64Array(outputs * size * size), perGroup = outputs / groups!, step = stride!;
  for (let o = 0, at = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      const plane = (Math.floor(o / perGroup) * inputs + c) * side;
      for (let top = 0; top < kernel; top++) {
        const { first: start, end: stop } = taps[top]!;
        for (let left = 0; left < kernel; left++, at++) {
          const { first, end } = taps[left]!, factor = weight[at]!;
          for (let row = start; row < stop; row++) {
            const from = (plane + row * step + top - padding!) * side + left - padding!;
            const to = (o * size + row) * size;
            for (let column = first; column < end; column++) {
              y[to + column]! += factor * x[from + column * step]!;
            }
          }
        }
      }
    }
  }
  return y;
}

/** Computes `softmax(logits / temperature)`. */
function probabilitiesOf(logits: Float64Array, temperature: number): Float64Array {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - largest) / temperature));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** Smallest images that each network accepts; others accept 8×8. */
const sides: Readonly<Record<string, number>> = {
  convnet13: 12,
  convnet13_bn: 12,
  cifar_shakeshake26: 4,
  ...Object.fromEntries(
    ["resnet18", "resnet34", "resnet50", "resnext50", "resnext152"].map((name) => [name, 32]),
  ),
};

for (const name of [...architectureNames]) {
  Deno.test(`onnx: ${name} has the same probabilities within 1e-4`, async () => {
    const side = sides[name] ?? 8, imageShape = [3, side, side] as const;
    const image = drawImages(1, imageShape), contents = madeUpModel(name, { imageShape });
    const logits = logitsOf(contents, image);
    // A temperature at which no probability is near 0 or 1, which would hide differences.
    const temperature = Math.max(...logits.map(Math.abs));
    const found = await runOnnx(exportOnnx({ ...contents, temperature }), image, imageShape);
    const want = probabilitiesOf(logits, temperature);
    assertLess(Math.max(...want), 0.9);
    assertClose(found, want, { rtol: 0, atol: 1e-4, what: name });
    if (name !== "resnet18") return;
    const half = exportOnnx({ ...contents, temperature }, { half: true });
    assertClose(await runOnnx(half, image, imageShape), want, {
      rtol: 0,
      atol: 0.01,
      what: `${name} in float16`,
    });
  });
}

const whitened = {
  mean: Float32Array.from({ length: 192 }, () => next() / 2 ** 31 - 1),
  matrix: Float32Array.from({ length: 192 * 192 }, (_, i) => (i % 193 === 0 ? 0.2 : next() / 2 ** 37)),
};
const kinds: Readonly<Record<string, Partial<ModelContents>>> = {
  "colours, two heads": { headCount: 2 },
  grey: { imageShape: [1, 8, 8] },
  "images of another height and width": { imageShape: [3, 8, 13] },
  "each image normalised": { normalize: "per-image" },
  whitened: { normalize: "gcn-zca", whitening: whitened },
};

for (const [kind, parts] of Object.entries(kinds)) {
  gpuTest(`onnx: batches of any size have the probabilities of predict: ${kind}`, async (device) => {
    const contents = madeUpModel("convnet_small", { imageShape: [3, 8, 8], temperature: 1.7, ...parts });
    const { imageShape } = contents, images = drawImages(5, imageShape);
    // An image of one colour has no contrast to normalise.
    images.fill(77, 0, images.length / 5);
    using model = await Model.create(contents, { device });
    const want = (await model.predictPlanes(images)).flatMap(({ probabilities }) => [...probabilities]);
    const file = exportOnnx(contents), half = exportOnnx(contents, { half: true });
    assertClose(await runOnnx(file, images, imageShape), want, { rtol: 0, atol: 1e-4 });
    const first = images.subarray(0, images.length / 5);
    assertClose(await runOnnx(file, first, imageShape), want.slice(0, 3), { rtol: 0, atol: 1e-4 });
    assertClose(await runOnnx(half, images, imageShape), want, { rtol: 0, atol: 0.01 });
    assertGreater(Math.max(...want) - Math.min(...want), 0.1);
    if (kind !== "whitened") assertLess(half.length, 0.6 * file.length);
  });
}

const chromium = await findChromium();

Deno.test({
  name: "onnx: headless Chromium has the same probabilities within 1e-4",
  ignore: chromium === null,
  fn: async () => {
    const imageShape = [3, 8, 8] as const, image = drawImages(1, imageShape);
    const contents = madeUpModel("convnet_small", { imageShape }), logits = logitsOf(contents, image);
    const temperature = Math.max(...logits.map(Math.abs));
    const found = await runOnnxInBrowser(
      exportOnnx({ ...contents, temperature }),
      image,
      imageShape,
      chromium ?? "",
    );
    assertClose(found, probabilitiesOf(logits, temperature), { rtol: 0, atol: 1e-4 });
  },
});

gpuTest("onnx: a model of random resized crops takes the crop that the network sees", async (device) => {
  const contents = madeUpModel("convnet_small", { imageShape: [3, 16, 16], randomResizedCrop: 14 });
  const images = drawImages(2, [3, 16, 16]);
  // The centre of 16 × 224/256 = 14 pixels is not resampled.
  const crops = Uint8Array.from({ length: 2 * 3 * 14 * 14 }, (_, i) => {
    const plane = Math.floor(i / 196), row = Math.floor(i / 14) % 14 + 1, column = i % 14 + 1;
    return images[(plane * 16 + row) * 16 + column] ?? NaN;
  });
  using model = await Model.create(contents, { device });
  const want = (await model.predictPlanes(images)).flatMap(({ probabilities }) => [...probabilities]);
  assertClose(await runOnnx(exportOnnx(contents), crops, [3, 14, 14]), want, { rtol: 0, atol: 1e-4 });
  assertThrows(
    () => exportOnnx({ ...contents, normalize: "per-image" }, { source: "a.safetensors" }),
    RangeError,
    "Cannot export a.safetensors: resizing is not exported",
  );
});

/** A layer of a function. */
class Apply extends StatelessLayer {
  constructor(readonly compute: (x: Tensor) => Tensor) {
    super();
  }
  override forward(x: Tensor): Tensor {
    return this.compute(x);
  }
}

/** Returns a custom model that computes features `[N, 4]` of images `[N, 2, 4, 6]` by a function. */
function customModel(compute: (x: Tensor) => Tensor) {
  const network: NetworkMaker = (initializer) =>
    new Classifier(new Apply(compute), [new Linear(4, 3, initializer)]);
  const drawn = (length: number) => Float32Array.from({ length }, () => next() / 2 ** 31 - 1);
  const contents: ModelContents = {
    ...madeUpModel("convnet_small", { imageShape: [2, 8, 8] }),
    architecture: null,
    headCount: null,
    imageShape: [2, 4, 6],
    weights: new Map([
      ["heads.0.weight", { shape: [3, 4], dtype: "float32", data: drawn(12) }],
      ["heads.0.bias", { shape: [3], dtype: "float32", data: drawn(3) }],
    ]),
  };
  return { contents, network };
}

/** Sums what is left of images to `[N, 4]`. */
function toFeatures(x: Tensor): Tensor {
  const [n = 1] = x.shape, flat = reshape(x, [n, -1]), [, size = 1] = flat.shape;
  const mixing = variable([size, 4], Array.from({ length: 4 * size }, (_, i) => Math.cos(i)));
  return mul(matmul(flat, mixing), 0.1);
}

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "functions of elements": (x) => {
    const y = add(exp(neg(sigmoid(x))), tanh(sub(1, x)));
    return toFeatures(where(greater(y, 0.9), log(maximum(y, 0.5)), mul(y, y)));
  },
  "moved elements": (x) => {
    const [n = 1, c = 1] = x.shape;
    const turned = transpose(flip(x, [1, 3]), [0, 2, 3, 1]);
    const part = slice(turned, [0, 1, 0, 0], [n, 2, 3, c], [1, 1, 2, 1]);
    const framed = pad(x, [0, 0, 1, 0], [0, 0, 0, 2]);
    return add(toFeatures(part), toFeatures(concat([relu(framed), framed], 1)));
  },
  "a mean per image, and the largest value": (x) =>
    toFeatures(concat([globalAvgPool2d(x), reshape(max(x, [1, 2]), [x.shape[0] ?? 1, 6])], 1)),
  "a constant as large as the batch": (x) => {
    const [n = 1] = x.shape, ones = full([n, 3], 0.5);
    return add(toFeatures(x), matmul(add(ones, ones), variable([3, 4], [...Array(12).keys()].map(Math.sin))));
  },
  "a value used twice": (x) => {
    const doubled = add(mul(toFeatures(x), 2), 1);
    return mul(softmax(doubled), doubled);
  },
  "an op that stands for others": (x) => {
    const [n = 1] = x.shape, half = expand(variable([1], [0.5]), [n]), y = toFeatures(x);
    return shakeShake(y, mul(y, y), half, half);
  },
};

for (const [what, compute] of Object.entries(functions)) {
  gpuTest(`onnx: custom networks are exported: ${what}`, async (device) => {
    const { contents, network } = customModel(compute), images = drawImages(3, [2, 4, 6]);
    using model = await Model.create(contents, { device, network });
    const want = (await model.predictPlanes(images)).flatMap(({ probabilities }) => [...probabilities]);
    const found = await runOnnx(exportOnnx(contents, { network }), images, [2, 4, 6]);
    assertClose(found, want, { rtol: 0, atol: 1e-4 });
    assertGreater(new Set(want).size, 3);
  });
}

Deno.test("onnx: ops without an operator, and ops that mix the images of a batch, are refused by name", () => {
  const refuse = (compute: (x: Tensor) => Tensor, message: string) => {
    const { contents, network } = customModel(compute);
    assertThrows(() => exportOnnx(contents, { network }), RangeError, message);
  };
  refuse(
    (x) => add(toFeatures(x), reshape(iota(x.shape[0] ?? 1, "float32"), [-1, 1])),
    "ONNX has no operator for its op iota",
  );
  refuse((x) => sub(toFeatures(x), mean(toFeatures(x), [0])), "but op sum combines them");
  refuse((x) => flip(toFeatures(x), [0]), "but op flip combines them");
  refuse((x) => toFeatures(pad(x, [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 2, 2])), "puts zeros between elements");
  const { contents } = customModel(toFeatures);
  assertThrows(() => exportOnnx(contents), RangeError, "its network is custom and has no name");
  const small = madeUpModel("convnet_small", { imageShape: [3, 8, 8] });
  assertThrows(
    () => exportOnnx({ ...small, headCount: 2 }),
    RangeError,
    "no values for these variables of the network: heads.1.weight",
  );
  small.weights.get("heads.0.bias")?.data.set([1e6]);
  assertThrows(() => exportOnnx(small, { half: true }), RangeError, "Cannot export heads.0.bias as float16");
});

/** The part of onnx.proto that the test reads. */
const schema = protobuf.parse(`syntax = "proto3"; package onnx;
  message Entry { string key = 1; string value = 2; }
  message Opset { string domain = 1; int64 version = 2; }
  message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; }
  message Graph { repeated Node node = 1; string name = 2; }
  message Model { int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated Opset opset_import = 8;
    repeated Entry metadata_props = 14; }`).root.lookupType("onnx.Model");

Deno.test("onnx: the file has opset 17, classes and licence, and batch normalisation folded into convolutions", () => {
  const contents = madeUpModel("convnet13_bn", {
    imageShape: [3, 16, 16],
    classes: ["käse", "ham, eggs", "c"],
    about: { dataset: "lunch" },
  });
  const model = schema.toObject(schema.decode(exportOnnx(contents, { license: "CC-BY-4.0" })), {
    longs: Number,
  });
  assertEquals([model.irVersion, model.opsetImport[0].version], [8, 17]);
  const metadata = Object.fromEntries(
    model.metadataProps.map(({ key, value }: Record<string, string>) => [key, value]),
  );
  assertEquals(metadata, {
    classes: '["käse","ham, eggs","c"]',
    imageShape: "[3,16,16]",
    license: "CC-BY-4.0",
    temperature: "1",
    architecture: "convnet13_bn",
    "about.dataset": "lunch",
  });
  const operators = model.graph.node.map((node: { opType: string }) => node.opType);
  assertEquals(operators.filter((name: string) => name === "Conv").length, 9);
  // Normalisation of the images, nine convolutions with their activation, two poolings, mean, head and softmax.
  assertEquals(operators.length, 3 + 18 + 2 + 2 + 2);
  assert(!operators.includes("BatchNormalization"));
  assertEquals(new Set(model.graph.node.map((node: { name: string }) => node.name)).size, operators.length);
});
