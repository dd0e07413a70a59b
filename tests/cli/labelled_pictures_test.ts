/** Networks tested on labelled pictures that their run knew nothing of. */
import { join } from "node:path";
import { FolderAccuracy } from "../../cli/pictures/folder_accuracy.ts";
import type { Prediction } from "../../nn/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, jsonIn, namesIn } from "./command.ts";
import { callOn } from "./in_process.ts";
import { classFolders, picture } from "./tiny_files.ts";

const text = (content: string) => new TextEncoder().encode(content);
const quick = ["--batch-size=16", "--labeled-batch-size=6", "--steps=2"];

gpuTest(
  "evaluate: runs and models are tested on folders, lists or test sets of pictures",
  async (device) => {
    const call = callOn(device);
    const list = Array.from({ length: 6 }, (_, i) => `${i}.png,${i % 2 ? "dark" : "bright one"}\n`).join("");
    const files: Record<string, Uint8Array> = {
      "later/listed/labels.csv": text(`file,label\n${list}8.png,?\n`),
    };
    for (const [name, bytes] of Object.entries(classFolders({ each: 6, unlabeled: 8 }, { isGrey: true }))) {
      files[`photos/${name}`] = bytes;
    }
    for (let i = 0; i < 10; i++) {
      files[`later/test/${i % 2 ? "dark" : "bright one"}/${i}.png`] = picture(i, false, 9);
      files[`later/sets/train/${i % 2 ? "dark" : "bright one"}/${i}.png`] = picture(i);
      if (i < 4) files[`later/sets/val/${i % 2 ? "dark" : "bright one"}/${20 + i}.png`] = picture(20 + i);
      files[`later/strange/${["dark", "green"][i % 2]}/${i}.png`] = picture(i);
      files[`later/listed/${i}.png`] = picture(i);
    }
    await withFiles(files, async (directory) => {
      const at = (...parts: string[]) => join(directory, ...parts);
      assertEnded(await call("train", `--data=${at("photos")}`, ...quick, `--output=${at("a")}`), 0);
      const cases: readonly (readonly [path: string, images: number, said: RegExp])[] = [
        ["later/test", 10, /^$/],
        ["later/sets", 4, /./],
        ["later/listed", 6, /no label/],
        ["later/listed/labels.csv", 6, /no label/],
      ];
      for (const [i, [path, images, said]] of cases.entries()) {
        const json = `e${i}.json`;
        const ending = await call("evaluate", at("a"), at(path), `--output=${at(json)}`);
        assertEnded(ending, 0);
        assertStringIncludes(ending.stdout, `a/final.safetensors: ${images} test images of `);
        if (i > 1 || i === 0) assertMatch(ending.stderr, said);
        const figures = await jsonIn(at(json));
        assertEquals([figures.classNames, figures.teacher.examples], [["bright one", "dark"], images]);
        // A model knows as much as it takes, and its teacher is that of the run.
        const model = await call(
          "evaluate",
          at("a", "model.safetensors"),
          at(path),
          `--output=${at(`m${json}`)}`,
        );
        assertEnded(model, 0);
        assertEquals((await jsonIn(at(`m${json}`))).model.testError, figures.teacher.testError);
        // What predict counts in folders called like classes is the same.
        if (i === 0) {
          const predicted = await call("predict", at("a"), at(path), `--output=${at("p.csv")}`);
          const right = Math.round(10 * (1 - figures.teacher.testError));
          assertMatch(
            predicted.stderr,
            new RegExp(
              `^${right} of 10 images in folders named like classes (is|are) classified accordingly: error `,
              "m",
            ),
          );
        }
      }

      const before = namesIn(directory);
      const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
        [
          [at("a"), at("later/strange")],
          "the network does not know class green. It knows bright one, dark.",
        ],
        [[at("a"), at("none")], "none: no such file or folder. Pass a folder or a label list."],
        [[at("a"), at("later/test"), "--dataset=mnist"], "both name test images"],
        [[at("later")], "the folder has no final.safetensors"],
        [[at("a")], "too few labels to hold any out"],
      ];
      for (const [args, message] of refusals) {
        const refused = await call("evaluate", ...args);
        assertEnded(refused, 1);
        assertStringIncludes(refused.stderr, message);
      }
      assertEquals(namesIn(directory), before);
    });
  },
);

Deno.test("predict: only folders named like classes are counted, the nearest one of a path", () => {
  const accuracy = new FolderAccuracy(["cat", "dog"]);
  const as = (name: "cat" | "dog") =>
    ({ probabilities: Float32Array.from(name === "cat" ? [0.9, 0.1] : [0.1, 0.9]) }) as unknown as Prediction;
  accuracy.add([["photos/1.png", as("cat")], ["cat.png", as("cat")]]);
  assertEquals(accuracy.count, 0);
  accuracy.add([["photos/cat/1.png", as("cat")], ["cat\\dog\\deep\\2.png", as("dog")]]);
  accuracy.add([["dog/cat/3.png", as("dog")]]);
  assertEquals(accuracy.count, 3);
  assert(
    accuracy.describe().startsWith(
      "2 of 3 images in folders named like classes are classified accordingly: error 33.3 % (",
    ),
    accuracy.describe(),
  );
});
