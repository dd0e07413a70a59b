/** The model that a run leaves: calibrated on labels that were held out, and on nothing else. */
import { join } from "node:path";
import { describeCalibration } from "../../cli/run/trained_model.ts";
import { decodeImage } from "../../data/files/mod.ts";
import { SUGGESTED } from "../../data/internal.ts";
import { parseLabelList } from "../../data/mod.ts";
import { Model, readModel } from "../../nn/mod.ts";
import { calibrateTemperature } from "../../semisup/mod.ts";
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "../assert.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, jsonIn, linesIn, run, train } from "./command.ts";

Deno.test("a model's calibration is described in words", () => {
  const calibration = { temperature: 1.23456, examples: 24, costBefore: 0.5, costAfter: 0.25 };
  const wordsOf = (changes: Partial<Parameters<typeof describeCalibration>[0]> = {}) =>
    describeCalibration({ ...calibration, ...changes });
  assertEquals(
    describeCalibration(undefined),
    "are not calibrated (temperature 1), because no labels were held out",
  );
  const words = "are calibrated on 24 held-out labels (temperature 1.23, cross-entropy 0.5000 → 0.2500)";
  assertEquals(wordsOf(), words);
  assertEquals(wordsOf({ limit: "chance" }), `${words}; its predictions are hardly better than chance`);
  assertEquals(
    wordsOf({ limit: "separable", temperature: 1, examples: 1 }),
    "are not calibrated (temperature 1), because the teacher makes no error on 1 held-out label",
  );
});

gpuTest(
  "train: the teacher's probabilities are calibrated on the held-out labels of a folder",
  async (device) => {
    // Every fourth picture has the other class, so that something is wrong.
    const files = Object.fromEntries(
      Array.from({ length: 140 }, (_, i) => {
        const isBright = i % 2 === 0, name = isBright !== (i % 8 < 2) ? "bright" : "dark";
        const file = png(
          8,
          8,
          numbered(i, (x, y, c) => (isBright ? 150 : 20) + (x * 5 + y * 3 + c * 11 + i * 7) % 80),
        );
        return [`photos/${i < 120 ? name : "unlabeled"}/${i}.png`, file];
      }),
    );
    await withFiles(files, async (directory) => {
      const options = ["--data=photos", "--batch-size=20", "--labeled-batch-size=10", "--arch=convnet_small"];
      const ending = await train(directory, [
        ...options,
        "--steps=12",
        "--checkpoint-epochs=0",
        "--output=a",
      ]);
      assertEnded(ending, 0);
      const folder = join(directory, "a");
      const { calibration } = await jsonIn(folder, "summary.json");
      assertStringIncludes(
        ending.stdout,
        `usually makes fewer errors). Its probabilities ${describeCalibration(calibration)}\n`,
      );
      assertEquals(calibration.examples, 28);

      const contents = readModel(await Deno.readFile(join(folder, "model.safetensors")));
      assertEquals(contents.about["calibratedOn"], "28");
      assert(Object.values(contents.about).every((text) => !text.includes(directory)));
      const model = await Model.create(contents, { device });
      const [channels, height, width] = contents.imageShape;
      const list = parseLabelList(await Deno.readTextFile(join(folder, "held-out.txt")));
      const logits: number[] = [], labels: number[] = [];
      for (const [name, className] of list) {
        const planes = new Uint8Array(channels * height * width);
        const bytes = await Deno.readFile(join(directory, "photos", name));
        await decodeImage(bytes, [height, width], planes, channels as 1 | 3);
        const [prediction] = await model.predictPlanes(planes);
        logits.push(...prediction!.logits);
        labels.push(contents.classes.indexOf(className));
      }
      model[Symbol.dispose]();
      const { temperature, costAfter } = calibrateTemperature(logits, labels, 2);
      assertClose([contents.temperature, calibration.costAfter], [temperature, costAfter], {
        rtol: 1e-3,
        atol: 0,
      });
      assertEquals(contents.temperature, calibration.temperature);
      assertNotEquals(contents.temperature, 1);

      // Suggestions are of the pictures without a label: not of those that were held out either.
      assertEnded(await run([...commandOf("suggest"), "a", "--count=5"], directory), 0);
      const [mark, ...lines] = await linesIn(folder, "suggestions.txt");
      assertEquals(mark, SUGGESTED);
      assertEquals(lines.length, 5);
      assert(lines.every((line) => /^unlabeled\/1[23]\d\.png \?$/.test(line)), `${lines}`);
    });
  },
);
