/** The command that writes label lists. */
import { join } from "node:path";
import { balancedSplit } from "../../data/mod.ts";
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import {
  assertEnded,
  commandOf,
  inFolder,
  linesIn,
  namesIn,
  run,
  short,
  snapshot,
  train,
} from "./command.ts";

const labels = (directory: string, ...args: readonly string[]) =>
  run([...commandOf("labels"), "--data-dir=data", ...args], directory);

/** Counts the labels of each class in lines of a list. */
function countsIn(lines: readonly string[]): number[] {
  return Array.from({ length: 10 }, (_, label) => lines.filter((line) => line.endsWith(` ${label}`)).length);
}

gpuTest("labels: a list has the labels that train draws, and train takes it", async () => {
  await inFolder(async (directory) => {
    const ending = await labels(directory, "--labels-per-class=2", "--seed=7", "--output=list.txt");
    assertEnded(ending, 0);
    assertEquals(ending.stdout, "20 labels of 10 classes of mnist: list.txt\n");
    const few = [...short, "--max-steps=1", "--seed=7"];
    assertEnded(await train(directory, [...few, "--output=drawn"]), 0);
    const list = await linesIn(directory, "list.txt");
    assertEquals(list, await linesIn(directory, "drawn", "labels.txt"));
    const listed = few.filter((arg) => !arg.startsWith("--labels-per-class"));
    assertEnded(await train(directory, [...listed, "--labels=list.txt", "--output=listed"]), 0);
    assertEquals(list, await linesIn(directory, "listed", "labels.txt"));
  });
});

Deno.test("labels: lists are printed, or written for several seeds, of equal or of proportional classes", async () => {
  await inFolder(async (directory) => {
    // Image i of the tiny dataset is of class i % 10.
    const classes = Int32Array.from({ length: 300 }, (_, i) => i % 10);
    const wanted = [...balancedSplit(classes, 10, 3, 9)].map((i) =>
      `train/${`${i}`.padStart(5, "0")} ${i % 10}`
    );
    const printed = await labels(directory, "--labels=30", "--seed=9");
    assertEnded(printed, 0);
    assertEquals(printed.stdout, `${wanted.join("\n")}\n`);

    assertEnded(await labels(directory, "--labels=23", "--seeds=1,2,9", "--output=lists/of23"), 0);
    assertEquals(namesIn(join(directory, "lists", "of23")), ["seed-1.txt", "seed-2.txt", "seed-9.txt"]);
    const lists = [];
    for (const seed of [1, 2, 9]) lists.push(await linesIn(directory, "lists", "of23", `seed-${seed}.txt`));
    for (const list of lists) {
      assertEquals(list.length, 23);
      assert(countsIn(list).every((count) => count === 2 || count === 3), `${countsIn(list)}`);
    }
    assertNotEquals(countsIn(lists[0]!), countsIn(lists[1]!));
    // With a seed, more labels are the same ones and others.
    assert(lists[2]!.every((line) => wanted.includes(line)));

    const proportional = await labels(directory, "--labels=20", "--proportional");
    assertEnded(proportional, 0);
    assertEquals(countsIn(proportional.stdout.trimEnd().split("\n")), new Array(10).fill(2));
  });
});

Deno.test("labels: impossible draws and outputs are refused in one line, and nothing is written", async () => {
  await inFolder(async (directory) => {
    await Deno.writeTextFile(join(directory, "old.txt"), "train/00000 0\n");
    await Deno.mkdir(join(directory, "lists"));
    await Deno.writeTextFile(join(directory, "lists", "seed-2.txt"), "");
    const before = snapshot(directory);
    const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
      [["--labels-per-class=31"], "class 0: it has 30 labelled examples"],
      [
        ["--labels=301", "--output=new.txt"],
        "Cannot draw 31 labels of class",
      ],
      [["--labels=9"], "Cannot draw 9 labels: the number must be an integer of at least one per class"],
      [["--labels=20", "--labels-per-class=2"], "both set the number of labels"],
      [["--labels=20", "--seed=1", "--seeds=1,2"], "both set the seed"],
      [["--proportional"], "--proportional needs the total number of labels: add --labels N"],
      [["--seeds=1,2"], "--seeds needs a folder for the lists: add --output DIR"],
      [["--output=old.txt"], "Cannot write labels to old.txt: the file exists. Name a new file."],
      [["--seeds=1,2", "--output=lists"], "seed-2.txt: the file exists"],
      [["--labels=20", "--seeds=1", "--output=old.txt/lists"], "Cannot create folder old.txt/lists: "],
    ];
    for (const [args, message] of refusals) {
      const ending = await labels(directory, ...args);
      assertEnded(ending, 1);
      assertStringIncludes(ending.stderr, message);
      assert(/^\S[^\n]+\n$/.test(ending.stderr), ending.stderr);
      assertEquals(ending.stdout, "");
    }
    assertEquals(snapshot(directory), before);
  });
});
