/** Evaluation reports, against numbers computed by hand. */
import { ReportBuilder } from "../../semisup/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const exact = { rtol: 1e-12, atol: 1e-12 };

/** Returns logits of given probabilities. */
const logitsOf = (probabilities: readonly (readonly number[])[]) => probabilities.flat().map(Math.log);

Deno.test("a report of five examples of two classes matches hand computation", () => {
  const builder = new ReportBuilder(2);
  // In two batches, which must make no difference. The confidences .9, .78, .58, .9, .62 fall into the bins 13, 11, 8, 13, 9 of 15.
  builder.add(logitsOf([[0.9, 0.1], [0.78, 0.22], [0.42, 0.58]]), [0, 1, 1]);
  builder.add(logitsOf([[0.1, 0.9], [0.62, 0.38]]), [0, 0]);
  const report = builder.report();
  assertEquals([report.examples, report.testError, report.top5Error], [5, 2 / 5, null]);
  assertEquals(report.confusion, [[2, 1], [1, 1]]);
  assertEquals(report.classes, [{ examples: 3, accuracy: 2 / 3 }, { examples: 2, accuracy: 1 / 2 }]);
  // −(ln .9 + ln .22 + ln .58 + ln .1 + ln .62) / 5
  assertClose([report.testCost], [0.9889672635332639], { rtol: 1e-9, atol: 0 });
  // |1 − 1.8| of the bin of .9, .78 of .78, .42 of .58, .38 of .62: 2.38 / 5.
  assertClose([report.calibrationError], [0.476], exact);
  const bins = report.calibration.map(({ examples }) => examples);
  assertEquals(bins, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 2, 0]);
  assertEquals(report.calibration[0], { examples: 0, accuracy: null, confidence: null });
  assertEquals(report.calibration.slice(8).map(({ accuracy }) => accuracy), [
    1,
    1,
    null,
    0,
    null,
    1 / 2,
    null,
  ]);
  assertClose([report.calibration[9]!.confidence!, report.calibration[13]!.confidence!], [0.62, 0.9], exact);
});

Deno.test("top-5 error of six classes counts the last alone; with four classes it is null", () => {
  const row = [6, 5, 4, 3, 2, 1];
  const builder = new ReportBuilder(6);
  builder.add([...row, ...row, ...row], [0, 4, 5]);
  const { testError, top5Error, classes } = builder.report();
  assertEquals([testError, top5Error], [2 / 3, 1 / 3]);
  assertEquals(classes[1], { examples: 0, accuracy: null });
  for (const [count, want] of [[4, null], [5, 0]] as const) {
    const few = new ReportBuilder(count);
    few.add(row.slice(0, count), [count - 1]);
    assertEquals(few.report().top5Error, want);
  }
});

Deno.test("ties of logits go to the first class", () => {
  const builder = new ReportBuilder(6);
  builder.add(new Array(12).fill(0), [0, 5]);
  const { testError, top5Error, confusion } = builder.report();
  assertEquals([testError, top5Error], [1 / 2, 1 / 2]);
  assertEquals([confusion[0]![0], confusion[5]![0]], [1, 1]);
});

Deno.test("a confident network has no calibration error if correct, and the largest if wrong", () => {
  for (const [label, want] of [[0, 0], [1, 1]] as const) {
    const builder = new ReportBuilder(2);
    builder.add([800, -800], [label]);
    const { calibrationError, testCost } = builder.report();
    assertClose([calibrationError, testCost], [want, label * 1600], exact);
  }
});

Deno.test("a single class is always predicted, with certainty", () => {
  const builder = new ReportBuilder(1);
  builder.add([3, -3], [0, 0]);
  const { testError, testCost, calibrationError, confusion } = builder.report();
  assertEquals([testError, testCost, calibrationError, confusion], [0, 0, 0, [[2]]]);
});

Deno.test("rows beyond the labels are ignored", () => {
  const builder = new ReportBuilder(2);
  builder.add([1, 0, NaN, NaN], [0]);
  assertEquals(builder.report().examples, 1);
});

Deno.test("invalid logits, labels and numbers of classes are refused", () => {
  const refuse = (action: (builder: ReportBuilder) => void, message: string) =>
    assertThrows(() => action(new ReportBuilder(2)), RangeError, message);
  refuse((builder) => builder.add([1, NaN], [0]), "logits must be finite, but those of example 0 are 1, NaN");
  refuse((builder) => builder.add([1, Infinity], [0]), "logits must be finite");
  refuse((builder) => builder.add([1, 2], [2]), "labels must be 0 to 1, but the label of example 0 is 2");
  refuse((builder) => builder.add([1, 2], [-1]), "labels must be 0 to 1, but the label of example 0 is -1");
  refuse(
    (builder) => builder.add([1, 2, 3], [0, 0]),
    "must have 2 logits, but there are 3 logits for 2 examples",
  );
  refuse((builder) => builder.report(), "Cannot evaluate: there are no examples");
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => new ReportBuilder(count),
      RangeError,
      `the number of classes must be at least 1, but is ${count}`,
    );
  }
});
