/** `--data`: from a user's folder to a trained network, resumed and evaluated on the same images. */
import { errorText } from "../../cli/terminal/figures.ts";
import { errorInterval } from "../../semisup/mod.ts";
import { join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, command, commandOf, jsonIn, namesIn, run, train } from "./command.ts";

/** A bright or dark picture. */
const picture = (isBright: boolean, i: number, isGrey = false, width = 12) =>
  png(
    width,
    12,
    numbered(i, (x, y, c) => (isBright ? 150 : 20) + (x * 5 + y * 3 + (isGrey ? 0 : c * 11) + i) % 60),
  );

/** Two classes with `counts` labels, and 40 images without. */
function folder(counts: readonly [number, number], isGrey = false): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  counts.forEach((count, label) => {
    for (let i = 0; i < count; i++) {
      files[`data/${label ? "dark" : "bright one"}/${i}.png`] = picture(label === 0, i, isGrey, 12 + i % 2);
    }
  });
  for (let i = 0; i < 40; i++) files[`data/unlabeled/${i}.png`] = picture(i % 3 === 0, 100 + i, isGrey);
  return files;
}

const quick = ["--data=data", "--batch-size=16", "--labeled-batch-size=6", "--steps=6", "--print-freq=2"];
const listOf = async (directory: string, name: string) =>
  (await Deno.readTextFile(join(directory, name))).trimEnd().split("\n").map((line) => line.split("\t")[0]!);

gpuTest(
  "--data: prints how the folder was read, and holds out a part that resuming and evaluating reuse",
  () =>
    withFiles({ ...folder([80, 30]), "data/dark/broken.png": new Uint8Array() }, async (directory) => {
      const whole = await train(directory, [...quick, "--output=a"]);
      assertEnded(whole, 0);
      for (
        const text of [
          "classes       2: the sub-folders are the classes",
          "labels        91 for training: bright one 65, dark 26",
          "unlabelled    40 images",
          "test images   19 labelled images held out of training, about a fifth, selected by hashes of the pictures",
          "images        colour, 12×12 to 13×12 pixels, resized to 13×12 (the size of the largest image)",
          "augmentation  translation up to 2 pixels, horizontal flips",
          "length        6 steps (set by you)",
        ]
      ) assertStringIncludes(whole.stdout, text);
      assertStringIncludes(whole.stdout, "Test error on 19 held-out images of data: student ");
      assertStringIncludes(
        whole.stdout,
        "note: 1 file cannot be read as an image and is left out: dark/broken.png (it is empty)",
      );
      const [trained, heldOut] = [
        await listOf(directory, "a/labels.txt"),
        await listOf(directory, "a/held-out.txt"),
      ];
      assertEquals([trained.length, heldOut.length], [91, 19]);
      assert(heldOut.every((name) => !trained.includes(name)));

      const half = await train(directory, [...quick, "--max-steps=3", "--output=b"]);
      assertEnded(half, 0);
      assertEquals(await listOf(directory, "b/held-out.txt"), heldOut);
      const resumed = await train(directory, ["--resume=b/final.safetensors", "--output=c"]);
      assertEnded(resumed, 0);
      assertEquals(await listOf(directory, "c/held-out.txt"), heldOut);
      const [straight, continued] = await Promise.all(
        ["a", "c"].map(async (name) => await jsonIn(join(directory, name), "summary.json")),
      );
      assertEquals(continued!.teacher, straight!.teacher);
      const { teacher } = straight as { teacher: { testError: number; examples: number } };
      const error = errorText(teacher);

      // Labels may change meanwhile: the images that were held out are still tested on, as they were labelled.
      await Deno.rename(join(directory, "data"), join(directory, "moved"));
      await Deno.rename(join(directory, "moved/unlabeled/1.png"), join(directory, "moved/dark/new.png"));
      for (
        const [command, args, remedy] of [
          ["suggest", ["a"], "pass their new path with --data-dir."],
          ["label", ["a"], "use label FOLDER --labels a/labels.txt."],
          ["train", ["--resume=b/final.safetensors", "--output=d"], "pass their new path with --data."],
        ] as const
      ) {
        const lost = await run([...commandOf(command), ...args], directory);
        assertEnded(lost, 1);
        assertMatch(
          lost.stderr,
          /^Cannot find the pictures of the run: .*data does not exist\. If they were/m,
        );
        assertStringIncludes(lost.stderr, remedy);
      }
      const evaluated = await run(
        [...commandOf("evaluate"), "a/final.safetensors", "--data-dir=moved", "--output=e.json"],
        directory,
      );
      assertEnded(evaluated, 0);
      assertStringIncludes(evaluated.stdout, "19 test images of moved");
      const figures = await jsonIn(directory, "e.json") as unknown as {
        teacher: { testError: number; examples: number };
      };
      assertEquals(figures.teacher.testError, teacher.testError);
      const only = await train(directory, ["--resume=a/final.safetensors", "--evaluate", "--data=moved"]);
      assertEnded(only, 0);
      assertStringIncludes(only.stdout, `19 held-out images of moved: student `);
      assertStringIncludes(only.stdout, `teacher ${error}`);
      const refused = await train(directory, ["--resume=b/final.safetensors", "--data=moved", "--output=d"]);
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, "its images must be the same as at the start of the run");
    }),
);

gpuTest("--data: with too few labels to hold any out, a run trains, and so does its baseline", () => {
  const files = folder([9, 3], true);
  return withFiles(files, async (directory) => {
    const few = await train(directory, ["--data=data", "--steps=4", "--balance-classes", "--output=a"]);
    assertEnded(few, 0);
    for (
      const text of [
        "test images   none: too few labels to hold some out (at least 100, and 5 of a class)",
        "images        grey, ",
        "batches       52 images, 12 of them labelled, each class equally often (default is 50 labelled and 50 others",
        "no flips, because grey images may be digits or letters",
        "Trained without test images. Estimated error: ",
        "these labels; 4 steps",
      ]
    ) assertStringIncludes(few.stdout, text);
    assert(!few.stdout.includes("unbalanced"));
    const summary = await jsonIn(join(directory, "a"), "summary.json");
    assertEquals([summary.student, summary.steps, summary.labels], [undefined, 4, 12]);
    const { probe } = summary;
    assertEquals([probe.examples, probe.interval], [12, [...errorInterval(probe.testError, 12)]]);
    assertStringIncludes(few.stdout, `Estimated error: ${errorText(probe)}, by a linear probe`);
    assertEquals((await namesIn(join(directory, "a"))).includes("held-out.txt"), false);
    const log = (await Deno.readTextFile(join(directory, "a/log.jsonl"))).trimEnd().split("\n");
    assertEquals(log.filter((line) => JSON.parse(line).kind === "evaluation"), []);
    const evaluated = await run([...commandOf("evaluate"), "a/final.safetensors"], directory);
    assertEnded(evaluated, 1);
    assertStringIncludes(evaluated.stderr, "too few labels to hold any out");
    const supervised = await train(directory, [
      "--data=data",
      "--steps=4",
      "--exclude-unlabeled",
      "--output=b",
    ]);
    assertEnded(supervised, 0);
    assertStringIncludes(supervised.stdout, "unlabelled    40 images, not used");
    assertStringIncludes(
      supervised.stdout,
      "note: classes are unbalanced: bright one has 9 labels, dark has 3; --balance-classes draws all classes equally often",
    );
  });
});

gpuTest(
  "--data: wrong lines, unreadable files and unusual names do not prevent training",
  () => {
    const files: Record<string, Uint8Array> = {};
    let list = "file;label\r\n";
    for (let i = 0; i < 60; i++) {
      const name = i === 7 ? "odd\nname.png" : i === 8 ? "ü b.png" : `${i}.png`;
      files[`data/${name}`] = picture(i % 2 === 0, i);
      list += `"${name}";${i < 20 ? i % 2 === 0 ? "hell" : "dun\tkel" : ""}\r\n`;
    }
    files["data/labels.csv"] = new TextEncoder().encode(`${list}gone.png;hell\r\n`);
    return withFiles(files, async (directory) => {
      const secret = join(directory, "data/3.png");
      const locked = [...command];
      locked.splice(3, 0, `--deny-read=${secret}`);
      const ended = await run([...locked, ...quick, "--output=a"], directory);
      assertEnded(ended, 0);
      assertStringIncludes(ended.stdout, "labels come from labels.csv (columns file and label)");
      assertStringIncludes(
        ended.stdout,
        "note: 2 lines of labels.csv match no image: line 5 (3.png), line ",
      );
      assertStringIncludes(ended.stdout, "(gone.png)");
      assertStringIncludes(
        ended.stdout,
        "1 file cannot be read as an image and is left out: 3.png (Requires read access",
      );
      const labels = await Deno.readTextFile(join(directory, "a/labels.txt"));
      assertEquals(labels.trimEnd().split("\n").length, 19);
      assertStringIncludes(labels, '"odd\\nname.png"\t"dun\\tkel"\n');
      const resumed = await run(
        [...locked, "--resume=a/final.safetensors", "--steps=8", "--output=b"],
        directory,
      );
      assertEnded(resumed, 0);
      assertEquals(await Deno.readTextFile(join(directory, "b/labels.txt")), labels);
    });
  },
);

gpuTest(
  "--data --show prints the settings and trains nothing",
  () =>
    withFiles(folder([12, 12]), async (directory) => {
      const shown = await train(directory, [
        "--data=data",
        "--show",
        "--labels-per-class=5",
        "--augment=none",
      ]);
      assertEnded(shown, 0);
      const options = JSON.parse(shown.stdout);
      assertEquals([options.data, options.labelsPerClass], [join(directory, "data"), 5]);
      assertEquals([options.labeledBatchSize, options.translate, options.flip], [10, 0, false]);
      assertStringIncludes(shown.stderr, "labels        10 for training: bright one 5, dark 5");
      assertStringIncludes(shown.stderr, "augmentation  none (set by you)");
      assertEquals(await namesIn(directory), ["data"]);
    }),
);
