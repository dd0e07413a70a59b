/** Refused arguments and files: one line on stderr, exit code 1, and nothing written. */
import { join } from "node:path";
import { type Checkpoint, defaultOptions, writeCheckpoint } from "../../semisup/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, inFolder, snapshot, tinyDataset, train, writeFolder } from "./command.ts";

type Refusal = readonly [why: string, args: readonly string[], message: string];

/** A checkpoint of a run on `labels.length` examples, without its networks. */
function emptyCheckpoint(labels: Int32Array): Uint8Array {
  const parts: Checkpoint = {
    step: 1,
    options: { ...defaultOptions, batchSize: 20, labeledBatchSize: 10 },
    classes: [..."0123456789"],
    imageShape: [1, 28, 28],
    canvas: [28, 28],
    channelStatistics: { mean: [0], standardDeviation: [1] },
    labels,
    about: { dataset: "mnist" },
    custom: [],
    loaded: [],
    kernels: {},
    student: new Map(),
    teacher: new Map(),
    optimizer: new Map(),
  };
  return writeCheckpoint(parts);
}

/** Adds damaged and unsuitable files beside the folder `data` of the tiny dataset. */
async function prepare(directory: string): Promise<void> {
  const data = tinyDataset(30, 10);
  const images = data["train-images-idx3-ubyte"]!;
  const encode = (text: string) => new TextEncoder().encode(text);
  const checkpoint = emptyCheckpoint(Int32Array.from({ length: 300 }, (_, i) => i < 100 ? i % 10 : -1));
  await writeFolder(join(directory, "truncated"), {
    ...data,
    "train-images-idx3-ubyte": images.subarray(0, 9999),
  });
  await writeFolder(join(directory, "wrong"), { ...data, "train-labels-idx1-ubyte": images });
  await writeFolder(join(directory, "incomplete"), { "train-images-idx3-ubyte": images });
  await writeFolder(join(directory, "lists"), {
    unknown: encode("train/00001 eleven\n"),
    beyond: encode("train/00300 0\n"),
    malformed: encode("train/00001\n"),
    empty: encode("\n"),
    few: encode("train/00001 1\n"),
  });
  await writeFolder(join(directory, "checkpoints"), {
    text: encode("no checkpoint at all"),
    truncated: checkpoint.subarray(0, checkpoint.length - 4),
    smaller: emptyCheckpoint(Int32Array.of(0, 1, -1)),
    hollow: checkpoint,
  });
  await writeFolder(join(directory, "full"), { "notes.txt": encode("notes") });
}

/** Valid options, to which each refusal adds an invalid one. */
const good = ["--data-dir=data", "--output=out"];

const refusals: readonly Refusal[] = [
  ["an unknown option", ["--outputs=out"], "did you mean --output?"],
  ["a number that is NaN", [...good, "--lr=NaN"], "--lr must be a number from 0"],
  ["a negative number", [...good, "--epochs=-1"], "--epochs must be a number above 0"],
  [
    "a batch of labels alone",
    [...good, "--batch-size=50"],
    "--labeled-batch-size must be below --batch-size",
  ],
  ["a list and a number of labels", [...good, "--labels=lists/few", "--labels-per-class=1"], "together"],
  [
    "a data folder that does not exist",
    ["--data-dir=none", "--output=out"],
    "the data folder none: the folder does not exist",
  ],
  [
    "a data folder that is a file",
    ["--data-dir=full/notes.txt", "--output=out"],
    "the data folder full/notes.txt: ",
  ],
  [
    "a data folder with files missing",
    ["--data-dir=incomplete", "--output=out"],
    "its files were not found in the data folder",
  ],
  [
    "a truncated file",
    ["--data-dir=truncated", "--output=out"],
    "truncated/train-images-idx3-ubyte as an idx file",
  ],
  [
    "images where labels should be",
    ["--data-dir=wrong", "--output=out"],
    "must have 1 dimensions, but it has 3",
  ],
  ["a list that does not exist", [...good, "--labels=none"], "Cannot read none: the file does not exist"],
  [
    "a list that is a folder",
    [...good, "--labels=lists"],
    "Cannot read lists: it is a folder",
  ],
  ["a list with an unknown class", [...good, "--labels=lists/unknown"], "unknown classes eleven"],
  [
    "a list of examples that do not exist",
    [...good, "--labels=lists/beyond"],
    "it lists files that do not exist: train/00300",
  ],
  ["a malformed list", [...good, "--labels=lists/malformed"], 'line 1 must be "filename classname"'],
  ["an empty list", [...good, "--labels=lists/empty"], "it has no lines"],
  ["more labels than there are examples", [...good, "--labels-per-class=31"], "31"],
  ["an output folder that is not empty", ["--data-dir=data", "--output=full"], "but holds notes.txt"],
  ["an output folder that is a file", ["--data-dir=data", "--output=full/notes.txt"], "it must be a folder"],
  [
    "resuming from nothing",
    ["--resume=none"],
    "Cannot read the checkpoint none: no such file or folder",
  ],
  [
    "resuming from a folder",
    ["--resume=checkpoints"],
    "the folder has no checkpoint. To start the run again,",
  ],
  ["resuming without a folder to look in", ["--resume=auto"], "Cannot use --resume auto without --output"],
  [
    "starting a run among other files",
    ["--resume=auto", "--data-dir=data", "--output=full"],
    "but holds notes.txt",
  ],
  ["resuming from a text", ["--resume=checkpoints/text"], "not a complete checkpoint"],
  ["resuming from a truncated file", ["--resume=checkpoints/truncated"], "not a complete checkpoint"],
  [
    "resuming with another dataset",
    ["--resume=checkpoints/smaller", "--data-dir=data", "--output=out"],
    "the dataset has 300 training examples, but the checkpoint's dataset has 3",
  ],
  [
    "resuming with other options",
    ["--resume=checkpoints/hollow", "--lr=1", "--seed=2"],
    "Cannot use --lr, --seed with",
  ],
  ["evaluating without a checkpoint", ["--evaluate", "--data-dir=data"], "--evaluate without --resume"],
];

/** Errors found only when networks and batches are created on the GPU. */
const gpuRefusals: readonly Refusal[] = [
  [
    "too few labels for a batch",
    [...good, "--labels=lists/few"],
    "each takes 50 of the labelled examples, but there are only 1",
  ],
  [
    "too few examples for a batch",
    [...good, "--batch-size=400"],
    "each takes 350 of the unlabelled examples, but there are only 200",
  ],
  [
    "a checkpoint of another network",
    ["--resume=checkpoints/hollow", "--data-dir=data", "--output=out"],
    "the checkpoint's student",
  ],
  ...Deno.build.os === "linux"
    ? [
      [
        "an output folder that cannot be created",
        ["--data-dir=data", "--steps=2", "--output=/proc/out"],
        "Cannot create the folder",
      ] as const,
    ]
    : [],
];

async function refuseAll(table: readonly Refusal[]): Promise<void> {
  await inFolder(async (directory) => {
    await prepare(directory);
    const before = snapshot(directory);
    for (const [why, args, message] of table) {
      const ending = await train(directory, args);
      assertEnded(ending, 1);
      assertStringIncludes(ending.stderr, message, why);
      assert(/^\S[^\n]+\n$/.test(ending.stderr), `${why}: ${ending.stderr}`);
      assertEquals(ending.stdout, "", why);
      assertEquals(snapshot(directory), before, why);
    }
  });
}

Deno.test("refusals: bad arguments, data, lists, checkpoints and folders get one line, and nothing is written", () =>
  refuseAll(refusals));

gpuTest(
  "refusals: impossible batches and networks get one line, and nothing is written",
  () => refuseAll(gpuRefusals),
);

Deno.test("refusals: --debug prints the stack of an error", async () => {
  await inFolder(async (directory) => {
    const ending = await train(directory, ["--resume=none", "--debug"]);
    assertEnded(ending, 1);
    assertStringIncludes(ending.stderr, "RangeError: Cannot read the checkpoint none");
    assertStringIncludes(ending.stderr, "cli/plan/");
  });
});
