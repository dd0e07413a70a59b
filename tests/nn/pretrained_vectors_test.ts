/**
 * Features of networks with weights under torchvision's and timm's names, compared with PyTorch's
 * (tests/vectors/make_pretrained.py).
 */
import { compile, type Device, variable } from "../../kernels/mod.ts";
import {
  evaluationContext,
  findArchitecture,
  type HostTensor,
  loadMatch,
  matchWeights,
  readPretrained,
  readSafetensors,
  writeSafetensors,
} from "../../nn/mod.ts";
import { assertEquals, assertLess } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { fillImages, fillStateDict } from "./filled_weights.ts";

const file = new URL("../vectors/pretrained.safetensors", import.meta.url);
const { tensors, metadata } = readSafetensors(Deno.readFileSync(file));
const shapes = JSON.parse(metadata["state_dicts"] ?? "") as Record<string, Record<string, number[]>>;
const images = JSON.parse(metadata["images"] ?? "") as [number, number, number, number];

for (const [name, expected] of tensors) {
  gpuTest(`pretrained: ${name} has PyTorch's features within 1e-4`, async (device) => {
    const bytes = writeSafetensors(fillStateDict(shapes[name] ?? {}), { format: "pt" });
    const init = readPretrained(bytes, { source: name });
    assertEquals(init.architecture, name.split("/")[1]!);
    assertEquals(init.channelStatistics?.mean, [0.485, 0.456, 0.406]);
    assertEquals(init.imageSize, [224, 224]);
    const features = await featuresOf(device, init);
    const { data } = expected as HostTensor;
    const largest = features.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (data[i] ?? NaN))),
      0,
    );
    console.log(`${name}: largest difference of ${data.length} features ${largest.toExponential(1)}`);
    assertEquals(features.length, data.length);
    assertLess(largest, 1e-4);
  });
}

async function featuresOf(device: Device, init: ReturnType<typeof readPretrained>): Promise<Float32Array> {
  const [, ...imageShape] = images;
  const network = findArchitecture(init.architecture ?? "").build({
    imageShape,
    classCount: 3,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
  const match = matchWeights(network, init, { imageShape, classes: ["a", "b", "c"] });
  assertEquals(match.drawnHeads.map(({ name }) => name), ["fc"]);
  assertEquals(match.unused, ["fc.weight", "fc.bias"]);
  const x = variable(images, fillImages(images));
  loadMatch(device, network, match);
  const outputs = () => ({ outputs: { features: network.forwardFeatures(x, evaluationContext()) } });
  // The direct kernels compile in a fraction of the time of the fast ones, which other tests cover.
  using program = await compile(device, {}, outputs, { variant: "direct" });
  const { features } = await program.runAndRead({});
  for (const each of [x, ...Object.values(network.parameters), ...Object.values(network.buffers)]) {
    device.release(each);
  }
  return features as Float32Array;
}
