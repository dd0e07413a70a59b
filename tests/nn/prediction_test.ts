/** Predictions from logits. */
import { createPrediction } from "../../nn/prediction.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const classes = ["a", "b", "c"];

Deno.test("probabilities are the softmax of logits over the temperature, even of very large logits", () => {
  const { probabilities, probability, className, classIndex } = createPrediction(Float32Array.of(1, 3, 0), {
    classes,
    temperature: 2,
  });
  const sum = Math.exp(0.5) + Math.exp(1.5) + 1;
  assertClose(probabilities, [Math.exp(0.5) / sum, Math.exp(1.5) / sum, 1 / sum], { rtol: 1e-14, atol: 0 });
  assertEquals([probability, className, classIndex], [probabilities[1], "b", 1]);
  const large = createPrediction(Float32Array.of(1e30, -1e30, 0), { classes, temperature: 1 });
  assertEquals([...large.probabilities], [1, 0, 0]);
});

Deno.test("the first class wins a tie, and logits that are not finite are refused", () => {
  assertEquals(createPrediction(Float32Array.of(0, 2, 2), { classes, temperature: 1 }).classIndex, 1);
  for (const logits of [[NaN, 0, 0], [Infinity, 0, 0], [0, -Infinity, Infinity]]) {
    const predict = () => createPrediction(Float32Array.from(logits), { classes, temperature: 1 });
    assertThrows(predict, RangeError, "Cannot classify an image: logits must be finite");
  }
});
