/** The command that predicts: texts, files, and all of it on pictures with awkward names. */
import { join } from "node:path";
import { collectImages } from "../../cli/pictures/image_files.ts";
import { createPredictionFormatter } from "../../cli/pictures/prediction_text.ts";
import type { Prediction } from "../../nn/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, namesIn, run, train } from "./command.ts";

const classes = ["cat", 'a "big", dog', "ü\nx"];
const predictionOf = (...probabilities: number[]): Prediction => {
  const classIndex = probabilities.indexOf(Math.max(...probabilities));
  return {
    className: classes[classIndex]!,
    classIndex,
    probability: probabilities[classIndex]!,
    probabilities: Float64Array.from(probabilities),
    logits: new Float32Array(3),
  };
};
const predictions = [predictionOf(0.7, 0.2, 0.1), predictionOf(1e-9 / 3, 0.5, 0.5)];
const textOf = (format: "csv" | "json" | "jsonl", columns: { top: number; probabilities: boolean }) => {
  const { head, row, tail } = createPredictionFormatter(format, classes, columns);
  return head + row("1.png", predictions[0]!) + row('a, "b"\r\n=ü.png', predictions[1]!) + tail;
};

Deno.test("predict: CSV follows RFC 4180, for names with any characters", () => {
  assertEquals(
    textOf("csv", { top: 1, probabilities: false }),
    'file,class,probability\r\n1.png,cat,0.7\r\n"a, ""b""\r\n=ü.png","a ""big"", dog",0.5\r\n',
  );
  assertEquals(
    textOf("csv", { top: 2, probabilities: true }).split("\r\n").slice(0, 2),
    [
      'file,class,probability,class 2,probability 2,probability of cat,"probability of a ""big"", dog","probability of ü\nx"',
      '1.png,cat,0.7,"a ""big"", dog",0.2,0.7,0.2,0.1',
    ],
  );
});

Deno.test("predict: JSON is an array with an object a line, or objects alone", () => {
  const want = [
    { file: "1.png", class: "cat", probability: 0.7 },
    { file: 'a, "b"\r\n=ü.png', class: classes[1], probability: 0.5 },
  ];
  const array = textOf("json", { top: 1, probabilities: false });
  assertEquals(JSON.parse(array), want);
  assertEquals(array.trimEnd().split("\n").length, 4);
  const lines = textOf("jsonl", { top: 1, probabilities: false }).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line)), want);
  const { head, tail } = createPredictionFormatter("json", classes, { top: 1, probabilities: false });
  assertEquals(JSON.parse(head + tail), []);
  const all = JSON.parse(textOf("json", { top: 3, probabilities: true }));
  assertEquals(all[1].top, [
    { class: classes[1], probability: 0.5 },
    { class: classes[2], probability: 0.5 },
    { class: "cat", probability: 3.33333e-10 },
  ]);
  assertEquals(all[0].probabilities, { cat: 0.7, [classes[1]!]: 0.2, [classes[2]!]: 0.1 });
});

Deno.test("predict: files are sorted by name, and links are followed, but not in circles", async () => {
  const empty = new Uint8Array();
  await withFiles({
    "a/2.PNG": empty,
    "a/10.jpg": empty,
    "a/b/1.webp": empty,
    "a/B.jpeg": empty,
    "a/notes.txt": empty,
    "a/.hidden.png": empty,
    "a/.cache/1.png": empty,
    "other": empty,
    "none/x.txt": empty,
    "arrays/deeper/x.npy": empty,
    "both/x.npy": empty,
    "both/1.png": empty,
    "set.npz": empty,
  }, async (directory) => {
    const at = (...names: string[]) => names.map((name) => join(directory, name));
    await Deno.symlink("..", join(directory, "a/b/up"));
    await Deno.symlink("../none", join(directory, "a/b/away"));
    await Deno.symlink("nowhere", join(directory, "a/c.png"));
    assertEquals(
      (await collectImages(at("a"))).files,
      at("a/10.jpg", "a/2.PNG", "a/B.jpeg", "a/b/1.webp"),
    );
    assertEquals(
      (await collectImages(at("other", "a/b", "other"))).files,
      at("other", "a/b/1.webp", "a/b/up/10.jpg").slice(0, 2)
        .concat(at("a/b/up/10.jpg", "a/b/up/2.PNG", "a/b/up/B.jpeg", "other")),
    );
    assertEquals(await collectImages(at("arrays", "both", "set.npz", "other")), {
      files: at("both/1.png", "other"),
      arrays: at("arrays", "set.npz"),
    });
    await assertRejects(
      () => collectImages(at("b")),
      RangeError,
      ": no such file or folder",
    );
    await assertRejects(
      () => collectImages(at("none")),
      RangeError,
      "it has neither images nor arrays",
    );
  });
});

/** Bright and dark pictures of several sizes. */
function picture(isBright: boolean, i: number): Uint8Array {
  return png(12 + i % 4, 12, (x, y, c) => (isBright ? 150 : 20) + (x * 5 + y * 3 + c * 11 + i) % 60);
}

gpuTest("predict: a run's model classifies pictures; damaged files are named and left out", async () => {
  const trained = Object.fromEntries(Array.from({ length: 24 }, (_, i) => {
    const isBright = i % 2 === 0;
    return [
      `data/${i < 16 ? "train" : "val"}/${isBright ? "bright one" : "dark"}/${i}.png`,
      picture(isBright, i),
    ];
  }));
  const names = ['new/a "b", c.png', "new/line\nbreak.png", "new/ünï 1.png", "new/z.png"];
  const fresh = Object.fromEntries(names.map((name, i) => [name, picture(i % 2 === 0, 30 + i)]));
  const broken = { "new/empty.png": new Uint8Array(), "new/half.png": picture(true, 1).subarray(0, 60) };
  await withFiles({ ...trained, ...fresh, ...broken }, async (directory) => {
    const predict = (...args: string[]) => run([...commandOf("predict"), ...args], directory);
    const options = ["--dataset=folder", "--data-dir=data", "--labels-per-class=4", "--batch-size=6"];
    const few = ["--labeled-batch-size=2", "--max-steps=3", "--evaluation-epochs=0", "--checkpoint-epochs=0"];
    assertEnded(await train(directory, [...options, ...few, "--output=runs/a"]), 0);

    const csv = await predict("runs/a", "new");
    assertEnded(csv, 2);
    const rows = csv.stdout.split("\r\n");
    assertEquals(rows[0], "file,class,probability");
    const quoted = ['"new/a ""b"", c.png"', '"new/line\nbreak.png"', "new/z.png", "new/ünï 1.png"];
    rows.slice(1, 5).forEach((row, i) => {
      assert(row.startsWith(`${quoted[i]},`), row);
      assertMatch(row, /,(bright one|dark),(1|0\.\d+)$/);
    });
    assertEquals(rows.slice(5), [""]);
    assertStringIncludes(csv.stderr, "4 of 6 images classified by the teacher (not calibrated)\n");
    assertMatch(
      csv.stderr,
      /2 images could not be decoded and are left out: new\/empty.png \(it is empty\), new\/half.png \(.+\)/,
    );

    // The checkpoint says the same; here with all that there is of it.
    const ending = await predict(
      "runs/a/final.safetensors",
      "--output=p.json",
      "--top=2",
      "--probabilities",
      ...names,
    );
    assertEnded(ending, 0);
    const objects = JSON.parse(await Deno.readTextFile(join(directory, "p.json")));
    assertEquals(objects.map(({ file }: { file: string }) => file), names);
    for (const { file, class: name, probability, top, probabilities } of objects) {
      const own = quoted.findIndex((each) => each === file || each === `"${file.replaceAll('"', '""')}"`);
      assertEquals(rows[1 + own], `${quoted[own]},${name},${probability}`);
      assertEquals([top.length, top[0]], [2, { class: name, probability }]);
      assertEquals(Object.keys(probabilities).sort(), ["bright one", "dark"]);
    }

    const student = await predict("runs/a", "new/z.png", "--json", "--student");
    assertEnded(student, 0);
    assertStringIncludes(student.stderr, "classified by the student");
    assert(JSON.parse(student.stdout).probability !== objects[3].probability);

    for (
      const [args, message] of [
        [["runs/a", "new", "--output=p.json"], "Cannot write predictions to p.json: the file exists"],
        [["runs/a", "new", "--output=p.txt"], "the name must end with .csv, .json, .jsonl"],
        [
          ["runs/a/model.safetensors", "new", "--student"],
          "Cannot load the student from runs/a/model.safetensors",
        ],
        [
          ["runs", "new"],
          "Cannot read a model in runs: the folder has no model.safetensors and no final.safetensors",
        ],
        [
          ["runs/a", "new/empty.png", "--output=q.csv"],
          "Cannot classify any image: 1 image could",
        ],
        [["runs/a", "new", "--top=3"], "--top must be at most the number of classes, 2, but is 3"],
      ] as const
    ) {
      const refused = await predict(...args);
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, message);
    }
    assertEquals(namesIn(directory), ["data", "new", "p.json", "runs"]);
  });
});
