/** `--label-pattern` in all commands: a ZIP archive of cats and dogs whose class is in their names. */
import { join } from "node:path";
import { zipSync } from "npm:fflate@0.8.3";
import { parseLabelList } from "../../data/mod.ts";
import { DecodePool } from "../../data/files/mod.ts";
import { openSource } from "../../cli/label/label_source.ts";
import { label, labelCommand } from "../../cli/label.ts";
import { labelsOfNames } from "../../cli/pictures/named_labels.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, checkpointIn, type Ending, jsonIn, parseArguments, run } from "./command.ts";
import { callOn } from "./in_process.ts";
import { planRun } from "../../cli/plan/run_plan.ts";

/** A picture of a class; no two numbers give the same one. */
function picture(isCat: boolean, number: number): Uint8Array {
  return png(
    12,
    12,
    (x, y) => x === 0 && y === 0 ? number : (isCat ? 150 : 20) + (x * 5 + y * 3 + number) % 60,
  );
}

/** Sixty cats and dogs each, and ten pictures without a label. */
function competition(): Record<string, Uint8Array> {
  const files = Array.from({ length: 130 }, (_, i) => {
    const isCat = i % 2 === 0,
      name = i < 120 ? `train/${isCat ? "cat" : "big dog"}.${i}.png` : `test1/${i}.png`;
    return [name, picture(isCat, i)] as const;
  });
  return Object.fromEntries(files);
}

/** Returns all that a command printed. */
const textOf = ({ stdout, stderr }: Ending) => stdout + stderr;

/** Returns the words of a printed command after the name of the program, as a shell reads them. */
async function shellWords(command: string): Promise<string[]> {
  const { stdout } = await run(["sh", "-c", `for word in ${command}; do echo "$word"; done`], ".");
  return stdout.trimEnd().split("\n");
}

gpuTest(
  "labels from names: train, evaluate, suggest, predict and --config use the same pattern",
  async (device) => {
    const own = { "own/cat_1.png": picture(true, 200), "own/big dog_1.png": picture(false, 201) };
    await withFiles({ "set.zip": zipSync(competition()), ...own }, async (directory) => {
      const call = callOn(device), at = (...names: string[]) => join(directory, ...names);
      const refused = await call("train", at("set.zip"), "--show");
      assertEnded(refused, 1);
      assertStringIncludes(
        refused.stderr,
        "The names look like classes: big dog (60), cat (60). To use them, add --la",
      );
      const proposed = await shellWords(/--label-pattern .*/.exec(refused.stderr)?.[0] ?? "");
      const [flag = "", pattern = ""] = proposed;

      const short = [
        "--arch=convnet_small",
        "--steps=2",
        "--batch-size=12",
        "--labeled-batch-size=6",
        "--augment=none",
      ];
      const trained = await call("train", at("set.zip"), ...proposed, ...short, `--output=${at("a")}`);
      assertEnded(trained, 0);
      assertStringIncludes(textOf(trained), 'classes are captured from names: "big dog" in train/');
      assertEquals((await jsonIn(at("a"), "config.json")).labelPattern, pattern);
      const labels = parseLabelList(await Deno.readTextFile(at("a", "labels.txt")));
      const heldOut = parseLabelList(await Deno.readTextFile(at("a", "held-out.txt")));
      assertEquals(labels.size + heldOut.size, 120);
      assertEquals(labels.get("train/big dog.1.png") ?? heldOut.get("train/big dog.1.png"), "big dog");

      const tested = await call("evaluate", at("a"));
      assertEnded(tested, 0);
      assertStringIncludes(tested.stdout, `${heldOut.size} test images of set.zip`);
      const elsewhere = await call("evaluate", at("a"), at("own"), flag, "(big dog|cat)_");
      assertEnded(elsewhere, 0);
      assertStringIncludes(elsewhere.stdout, "2 test images of");
      const alone = await call("evaluate", at("a"), flag, pattern);
      assertEnded(alone, 1);
      assertStringIncludes(alone.stderr, "Cannot use --label-pattern without DIR");
      const predicted = await call("predict", at("a"), at("own"), flag, "^(big dog|cat)_");
      assertEnded(predicted, 0);
      assertMatch(textOf(predicted), /\d of 2 images whose names match --label-pattern/);

      const suggested = await call("suggest", at("a"), "--count=2");
      assertEnded(suggested, 0);
      const list = await Deno.readTextFile(at("a", "suggestions.txt"));
      assertMatch(list, /^# suggested: never held out\ntest1\/\d+\.png \?\ntest1\/\d+\.png \?\n$/);
      await Deno.writeTextFile(at("a", "suggestions.txt"), list.replace(" ?", " cat").replace(" ?", "\tfox"));
      const [, next = ""] = / (--data .*)$/m.exec(textOf(suggested)) ?? [];
      const arguments_ = parseArguments(await shellWords(next));
      assertEquals(arguments_.run.labelPattern, pattern);
      const plan = await planRun(arguments_, new Date(0), { isCpu: true });
      assert(plan.kind === "folder");
      assertEquals(plan.own.folder.classes, ["big dog", "cat", "fox"]);
      assertEquals(plan.own.folder.test?.names?.length, heldOut.size);

      using decoder = new DecodePool();
      const { signal } = new AbortController(),
        options = { labels: null, labelPattern: null, unlabelled: false };
      const { known, names, training, needsKnownList } = await openSource(at("a"), {
        ...options,
        decoder,
        signal,
      });
      assertEquals([known.size, names.length, needsKnownList], [120, 130, false]);
      assertEquals(training.labelPattern, pattern);

      const again = await call("train", "--config", at("a"), "--show", `--output=${at("b")}`);
      assertEnded(again, 0);
      assertStringIncludes(textOf(again), `${labels.size} for training: `);
      const { about } = await checkpointIn(at("a", "final.safetensors"));
      assertEquals(JSON.parse(about["labelLists"] ?? ""), { paths: [], labelPattern: pattern });
    });
  },
);

Deno.test("labels from names: options that do not fit are refused before any work", async () => {
  const plan = (...args: string[]) =>
    planRun(parseArguments(args), new Date(0)).then(() => "", (error) => error.message);
  assertMatch(await plan("--label-pattern=(a)"), /^Cannot use --label-pattern without --data/);
  const { options } = labelCommand.parse([".", "--label-pattern=(a)", "--unlabelled"]);
  const refused = () => label(".", options, new AbortController().signal);
  await assertRejects(refused, RangeError, "Cannot combine --label-pattern and --unlabelled");
});

Deno.test("predict: a pattern is tried on the path inside the folder that was passed", () => {
  const files = ["my/photos/a/cat_1.png", "my/dog_2.png", "b/dog_3.png"];
  const labels = (paths: readonly string[]) => labelsOfNames(files, paths, "^(?:a/)?([a-z]+)_");
  assertEquals(labels(["my/photos", "my/dog_2.png", "b"]), ["cat", "dog", "dog"]);
  assertEquals(labels(["./my/photos/", "my", "."]), ["cat", "dog", null]);
});
