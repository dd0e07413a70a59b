/** Tables of a network's parameters. */
import {
  BatchNorm2d,
  convNetSmall,
  Initializer,
  Linear,
  parameterCount,
  parameterTable,
  Sequential,
} from "../../nn/mod.ts";
import { assertEquals } from "../assert.ts";

Deno.test("parameterTable names parameters, not running statistics, with shape, count and total, in columns", () => {
  const initializer = new Initializer(null);
  const network = new Sequential([new BatchNorm2d(7, initializer), new Linear(123_456, 10, initializer)]);
  assertEquals(
    parameterTable(network),
    [
      "parameter  shape             count",
      "0.weight   [7]                   7",
      "0.bias     [7]                   7",
      "1.weight   [10, 123456]  1 234 560",
      "1.bias     [10]                 10",
      "total                    1 234 584",
    ].join("\n"),
  );
});

Deno.test("parameterTable has a line for each parameter of a network, and its count", () => {
  const network = convNetSmall({
    imageShape: [1, 28, 28],
    classCount: 10,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
  const lines = parameterTable(network).split("\n");
  assertEquals(lines.length, Object.keys(network.parameters).length + 2);
  assertEquals(lines.at(-1)!.replace(/^total/, "").trim().replaceAll(" ", ""), `${parameterCount(network)}`);
  assertEquals(new Set(lines.map((line) => line.length)).size, 1);
});

Deno.test("parameterTable of nothing has a total of 0", () => {
  assertEquals(parameterTable(new Sequential([])), "parameter  shape  count\ntotal                 0");
});
