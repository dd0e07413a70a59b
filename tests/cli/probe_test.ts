/** The estimate of a run's error where nothing is tested on. */
import { describeProbe, probeModel } from "../../cli/run/probe.ts";
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { findArchitecture, Model, readState, stateOf } from "../../nn/mod.ts";
import { probeError } from "../../semisup/mod.ts";
import { assertEquals, assertLess, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { randomWords } from "../kernels/reference.ts";

/** Images of three classes, of different brightness, the labels of some; and a network with drawn weights. */
async function madeUp(device: Device, count: number) {
  const next = randomWords(count), imageShape = [1, 10, 10] as const, classes = ["a", "b", "c"];
  const of = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from(
    { length: count * 100 },
    (_, i) => 70 * of[Math.floor(i / 100)]! + next() % 90,
  );
  const channelStatistics = { mean: [0.4], standardDeviation: [0.3], source: "these" };
  const train = { images, labels: of, imageShape };
  const dataset: Dataset = { name: "made up", classes, channelStatistics, train, test: train };
  const network = findArchitecture("convnet_small").build({
    imageShape,
    classCount: 3,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: 4,
  });
  const weights = await readState(device, stateOf(network));
  Object.values(stateOf(network)).forEach((each) => device.release(each));
  const contents = {
    architecture: "convnet_small",
    headCount: 1 as const,
    classes,
    imageShape,
    randomResizedCrop: null,
    normalize: "channel" as const,
    channelStatistics,
    temperature: 1,
    about: {},
    weights,
  };
  return { contents, dataset, of, images };
}

gpuTest("probe: it is that of the model's features of the labelled images", async (device) => {
  const { contents, dataset, of, images } = await madeUp(device, 90);
  const labels = of.map((label, i) => i % 4 === 1 ? label : -1);
  const probe = await probeModel(contents, { device, dataset, labels });
  using model = await Model.create(contents, { device });
  const predictions = await model.predictPlanes(images, undefined, { features: true });
  const chosen = [...labels.keys()].filter((i) => labels[i] !== -1);
  const { error } = probeError({
    features: chosen.map((i) => predictions[i]!.features!),
    labels: chosen.map((i) => of[i]!),
    classCount: 3,
  });
  assertEquals(probe, { testError: error, examples: 23 });
  assertLess(error, 0.5);
});

gpuTest(
  "probe: of many labels 300 are looked at, from first to last, and one label tells nothing",
  async (device) => {
    const { contents, dataset, of } = await madeUp(device, 400);
    const probe = await probeModel(contents, { device, dataset, labels: of });
    assertEquals(probe?.examples, 300);
    const one = of.map((label, i) => i === 5 ? label : -1);
    assertEquals(await probeModel(contents, { device, dataset, labels: one }), null);
  },
);

Deno.test("probe: what it says is called what it is", () => {
  const text = describeProbe({ testError: 0.1, examples: 20 });
  assertStringIncludes(
    text,
    "Estimated error: 10.0 % (2.8 to 30.1 %), by a linear probe on the teacher's features, leave-one-out over 20 labelled images",
  );
  assertStringIncludes(text, "It may be too low, because the features were trained with these labels");
});
