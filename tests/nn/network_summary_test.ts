/** Summaries of networks, and the record of calls behind them. */
import { variable } from "../../kernels/mod.ts";
import {
  architectures,
  BatchNorm2d,
  Classifier,
  Conv2d,
  evaluationContext,
  GlobalAvgPool2d,
  groupDigits,
  Initializer,
  Linear,
  parameterCount,
  recordLayerCalls,
  ReLU,
  Sequential,
  summarizeNetwork,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const initializer = new Initializer(null);

Deno.test("summarizeNetwork lists layers with output shapes and parameters, and shared layers once", () => {
  const shared = new Conv2d(4, 4, 3, initializer, { padding: 1 });
  const features = new Sequential([
    new Conv2d(1, 4, 3, initializer, { padding: 1, stride: 2 }),
    new BatchNorm2d(4, initializer),
    shared,
    new ReLU(),
    shared,
    new GlobalAvgPool2d(),
  ]);
  const network = new Classifier(features, [new Linear(4, 10, initializer), new Linear(4, 10, initializer)]);
  assertEquals(
    summarizeNetwork(network, [2, 1, 8, 8]),
    `\
layer               type             output shape      parameters
network             Classifier       [2, 10], [2, 10]
features            Sequential       [2, 4]
features.0          Conv2d           [2, 4, 4, 4]              40
features.1          BatchNorm2d      [2, 4, 4, 4]               8
features.2          Conv2d           [2, 4, 4, 4]             148
features.3          ReLU             [2, 4, 4, 4]
features.2          Conv2d           [2, 4, 4, 4]          shared
features.5          GlobalAvgPool2d  [2, 4]
heads.0             Linear           [2, 10]                   50
heads.1             Linear           [2, 10]                   50
total                                                         296
running statistics                                              8`,
  );
});

for (const { name, build } of architectures) {
  Deno.test(`summarizeNetwork counts all parameters of ${name} in rows of its layers`, () => {
    const network = build({
      imageShape: [3, 32, 32],
      classCount: 10,
      headCount: 2,
      dropout: 0.5,
      inputNoise: 0.1,
      seed: null,
    });
    const rows = summarizeNetwork(network, [2, 3, 32, 32]).split("\n").slice(1);
    const counts = rows.map((row) => / {2,}([\d ]+)$/.exec(row)?.[1]?.replaceAll(" ", "") ?? "0").map(Number);
    const [total, statistics] = counts.splice(-2);
    assertEquals(total, parameterCount(network));
    assertEquals(counts.reduce((sum, count) => sum + count, 0), total, groupDigits(total ?? 0));
    assert((statistics ?? 0) >= 0 && rows.length > 10, name);
  });
}

Deno.test("recordLayerCalls leaves the layers as they were, also if the function throws", () => {
  const layer = new ReLU();
  const network = new Sequential([layer]);
  assertThrows(() =>
    recordLayerCalls(network, () => {
      throw new RangeError("stop");
    }), RangeError);
  const { calls } = recordLayerCalls(network, () => undefined);
  network.forward(variable([1], [1]), evaluationContext());
  assertEquals(calls, []);
  assertEquals([network, layer].map((each) => Object.hasOwn(each, "forward")), [false, false]);
});
