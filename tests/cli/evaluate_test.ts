/** The command that evaluates. */
import { join } from "node:path";
import { formatReports } from "../../cli/weights/evaluate_weights.ts";
import { loadDataset } from "../../cli/plan/inputs.ts";
import { readWeights } from "../../cli/weights/weights_file.ts";
import { type HostTensor, writeSafetensors } from "../../nn/mod.ts";
import { ReportBuilder } from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  checkpointIn,
  commandOf,
  inFolder,
  jsonIn,
  namesIn,
  run,
  short,
  snapshot,
  tinyDataset,
  train,
  writeFolder,
} from "./command.ts";

const evaluate = (directory: string, args: readonly string[]) =>
  run([...commandOf("evaluate"), ...args], directory);

const tensor: HostTensor = { shape: [1], dtype: "float32", data: Float32Array.of(1) };

Deno.test("weights: the kind of a file follows from its names", async () => {
  await inFolder(async (directory) => {
    const namesOf = async (...names: string[]) => {
      const path = join(directory, "weights.safetensors");
      await Deno.writeFile(path, writeSafetensors(names.map((name) => [name, tensor])));
      const { networks } = await readWeights(path);
      return Object.fromEntries(Object.entries(networks).map(([name, values]) => [name, [...values.keys()]]));
    };
    assertEquals(await namesOf("a.weight", "b"), { weights: ["a.weight", "b"] });
    assertEquals(await namesOf("module.a.weight", "module.b"), { weights: ["a.weight", "b"] });
    assertEquals(await namesOf("module.a", "b"), { weights: ["module.a", "b"] });
    assertEquals(await namesOf("student.a", "teacher.a"), { student: ["a"], teacher: ["a"] });
    assertEquals(await namesOf("teacher.module.a"), { teacher: ["a"] });
    assertEquals(await namesOf("student.a", "b"), { weights: ["student.a", "b"] });
    await assertRejects(
      () => readWeights(join(directory, "none")),
      RangeError,
      `Cannot read the weights ${join(directory, "none")}: no such file or folder`,
    );
    await Deno.writeTextFile(join(directory, "text"), "no weights at all");
    await assertRejects(() => readWeights(join(directory, "text")), SyntaxError, join(directory, "text"));
  });
});

Deno.test("evaluate: reports as text have all figures, one column for each network", async () => {
  await inFolder(async (directory) => {
    const dataDir = join(directory, "data");
    const dataset = await loadDataset({ dataset: "mnist", dataDir, download: false }, {});
    const logits = (right: boolean) =>
      [...dataset.test.labels].flatMap((label) =>
        Array.from({ length: 10 }, (_, c) => c === (right ? label : (label + 1) % 10) ? 9 : 0)
      );
    const reportOf = (right: boolean) => {
      const builder = new ReportBuilder(10);
      builder.add(logits(right), dataset.test.labels);
      return builder.report();
    };
    const text = formatReports({ student: reportOf(false), teacher: reportOf(true) }, dataset);
    const lines = text.split("\n").map((line) => line.trim().split(/ {2,}/));
    assertEquals(lines[0], ["60 test images of mnist"]);
    assertEquals(
      lines.slice(2, 7),
      [
        ["student", "teacher"],
        ["top-1 error", "100.0 % (94.0 to 100.0 %)", "0.0 % (0.0 to 6.0 %)"],
        // Of equal logits the first classes go first: classes 4 to 9 come after five others.
        ["top-5 error", "60.0 % (47.4 to 71.4 %)", "0.0 % (0.0 to 6.0 %)"],
        ["cross-entropy", "9.0011", "0.0011"],
        ["calibration error", "99.89 %", "0.11 %"],
      ].map((line, i) => i === 2 ? lines[4]! : line),
    );
    assertEquals(lines.find(([name]) => name === "3"), ["3", "6", "0.00 %", "100.00 %"]);
    assertStringIncludes(
      text,
      "Confusion matrix of the student: true classes in rows, predicted classes in columns",
    );
    // Each class has six images, which the student takes for the next class.
    const matrix = text.split("Confusion matrix of the teacher")[0]!.trimEnd().split("\n").slice(-10);
    assertEquals(matrix[0]!.trim().split(/ +/), ["0", "0", "6", ..."00000000"]);
    assertEquals(matrix[9]!.trim().split(/ +/), ["9", "6", ..."000000000"]);
  });
});

gpuTest("evaluate: a checkpoint, and weights as PyTorch saves them, have the errors of the run", async () => {
  await inFolder(async (directory) => {
    const options = [...short, "--output=out", "--max-steps=6", "--logit-distance-cost=0.1"];
    assertEnded(await train(directory, options), 0);
    const { student, teacher } = await jsonIn(directory, "out", "summary.json");

    const ending = await evaluate(directory, ["out/final.safetensors", "--output=figures.json"]);
    assertEnded(ending, 0);
    assertEquals(ending.stderr, "");
    assert(ending.stdout.startsWith("out/final.safetensors: 60 test images of mnist\n\n"), ending.stdout);
    const figures = await jsonIn(directory, "figures.json");
    assertEquals([figures.file, figures.step, figures.dataset], ["out/final.safetensors", 6, "mnist"]);
    assertEquals(figures.classNames, [..."0123456789"]);
    assertEquals([figures.student.testError, figures.teacher.testError], [
      student.testError,
      teacher.testError,
    ]);
    assertClose([figures.teacher.testCost], [teacher.testCost], { rtol: 1e-4, atol: 0 });
    assertEquals([figures.teacher.examples, figures.teacher.confusion.length], [60, 10]);

    // The model file says as much as it takes.
    const [model, json] = ["out/model.safetensors", "--output=model.json"];
    assertEnded(await evaluate(directory, [model, "--data-dir=data", json]), 0);
    assertEquals((await jsonIn(directory, "model.json")).model, figures.teacher);

    // A state dict alone, both heads in it, as PyTorch names it behind DataParallel.
    const weights = (await checkpointIn(directory, "out", "final.safetensors")).teacher;
    const wrapped = [...weights].map(([name, value]) => [`module.${name}`, value] as const);
    await Deno.writeFile(join(directory, "weights.safetensors"), writeSafetensors(wrapped));
    const args = ["weights.safetensors", "--dataset=mnist", "--data-dir=data", "--arch=convnet_small"];
    assertEnded(await evaluate(directory, [...args, "--output=other.json"]), 0);
    assertEquals((await jsonIn(directory, "other.json")).weights, figures.teacher);

    await writeFolder(join(directory, "fashion"), tinyDataset(30, 10));
    const before = snapshot(directory);
    const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
      [["none"], "Cannot read the weights none: no such file or folder"],
      [["data/train-labels-idx1-ubyte"], "Cannot read data/train-labels-idx1-ubyte"],
      [
        ["weights.safetensors"],
        "--dataset is missing: weights.safetensors is neither a checkpoint nor a model",
      ],
      [args.slice(0, 3), "the file has only weights. Name its network with --arch."],
      [["out/final.safetensors", "--arch=convnet_small"], "Cannot use --arch with out/final.safetensors"],
      [[model, "--data-dir=data", "--arch=convnet_small"], "Cannot use --arch with out/model.safetensors"],
      [["out/final.safetensors", "--output=figures.json"], "figures.json: the file exists"],
      [
        ["out/final.safetensors", "--dataset=fashion-mnist", "--data-dir=fashion"],
        "classes must be the same, but the file has 0, 1, 2 and 7 more, and the dataset ",
      ],
      [["out/final.safetensors", "--dataset=etchings"], "must be one of mnist, fashion-mnist, cifar10"],
      [[], "RUN|FILE is missing"],
    ];
    for (const [args, message] of refusals) {
      const refused = await evaluate(directory, args);
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, message);
      assert(/^\S[^\n]+\n$/.test(refused.stderr), refused.stderr);
    }
    assertEquals(snapshot(directory), before);
    assertEquals(namesIn(directory).includes("runs"), false);
  });
});
