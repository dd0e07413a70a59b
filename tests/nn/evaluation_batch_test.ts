/** The batch size of evaluation. */
import { chooseEvaluationBatchSize, findArchitecture } from "../../nn/mod.ts";
import { assertEquals } from "../assert.ts";

const network = (name: string, imageShape: readonly [number, number, number]) =>
  findArchitecture(name).build({
    imageShape,
    classCount: 10,
    headCount: 1,
    dropout: 0.5,
    inputNoise: 0.15,
    seed: null,
  });

Deno.test("chooseEvaluationBatchSize: no layer's result takes more than 32 MiB", () => {
  const small = network("convnet_small", [1, 28, 28]), large = network("convnet13", [3, 32, 32]);
  // The largest are the first results: 16 channels of 28×28, 128 of 32×32.
  assertEquals(chooseEvaluationBatchSize([small], [1, 28, 28]), Math.floor(2 ** 25 / (4 * 16 * 28 * 28)));
  assertEquals(chooseEvaluationBatchSize([large], [3, 32, 32]), 2 ** 25 / (4 * 128 * 32 * 32));
});

Deno.test("chooseEvaluationBatchSize: of several networks the largest counts, as do images before they are cropped", () => {
  const small = network("convnet_small", [3, 32, 32]), large = network("convnet13", [3, 32, 32]);
  assertEquals(
    chooseEvaluationBatchSize([small, large], [3, 32, 32]),
    chooseEvaluationBatchSize([large], [3, 32, 32]),
  );
  assertEquals(
    chooseEvaluationBatchSize([small], [3, 1024, 1024], [3, 32, 32]),
    Math.floor(2 ** 25 / (4 * 3 * 1024 * 1024)),
  );
  assertEquals(chooseEvaluationBatchSize([small], [3, 8192, 8192], [3, 32, 32]), 1);
});
