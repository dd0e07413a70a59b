/** Runs that start from weights: `--init`, `--freeze`, `--init-lr-factor`. */
import { join } from "node:path";
import { planRun } from "../../cli/plan/run_plan.ts";
import { findArchitecture, type HostTensor, stateOf, writeModel, writeSafetensors } from "../../nn/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { zipFile } from "../data/zip_writer.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, inFolder, jsonIn, parseArguments, short, snapshot } from "./command.ts";
import { callOn } from "./in_process.ts";
import { classFolders } from "./tiny_files.ts";

const fast = ["--evaluation-epochs=0", "--checkpoint-epochs=0", "--tune=off"];

gpuTest(
  "init: a run starts from a run, resumes with the same bits, and its baseline starts alike",
  async (device) => {
    const call = callOn(device);
    await inFolder(async (directory) => {
      const at = (name: string) => join(directory, name);
      const train = async (output: string, ...args: string[]) => {
        const data = args.includes("--baseline") || !args.some((each) => each.startsWith("--resume"))
          ? [...short.map((each) => each.replace("=data", `=${at("data")}`)), ...fast]
          : [];
        const ending = await call("train", ...data, `--output=${at(output)}`, ...args);
        assertEnded(ending, 0);
        return ending.stderr + ending.stdout;
      };
      await train("one", "--steps=3");
      const init = [`--init=${at("one")}`, "--freeze=1", "--init-lr-factor=0.5", "--steps=4"];
      const printed = await train("whole", ...init, "--baseline");
      const text = /Start from [^\n]+\n( {2}[^\n]+\n)+/g;
      assertEquals([...printed.matchAll(text)].length, 2, printed);
      assertMatch(printed, /loaded +17 of 17 variables, into student and teacher\n/);
      assertMatch(printed, /frozen +1 of the stages/);
      assertMatch(printed, /trained +29 002 weights; the loaded ones at 0\.5 of the learning rate\n/);

      await train("half", ...init, "--max-steps=2");
      await train("resumed", `--resume=${at("half/final.safetensors")}`);
      const [whole, resumed] = [snapshot(at("whole")), snapshot(at("resumed"))];
      assert(resumed["final.safetensors"] === whole["final.safetensors"]);

      // What the configuration says repeats the run, and refuses another file.
      const { init: reference, freeze, initLrFactor } = await jsonIn(directory, "whole", "config.json");
      assertMatch(`${reference}`, /one[/\\]model\.safetensors#sha256=[0-9a-f]{64}$/);
      assertEquals([freeze, initLrFactor], ["1", 0.5]);
      await train("again", `--init=${reference}`, ...init.slice(1));
      assert(snapshot(at("again"))["final.safetensors"] === whole["final.safetensors"]);
      const other = `${reference}`.replace(/.{4}$/, "0000");
      await assertRejects(() => plan(`--init=${other}`), SyntaxError, "The file has changed.");
    });
  },
);

const plan = async (...args: string[]) =>
  await planRun(parseArguments(["--show", ...args]), new Date(0), { isCpu: true });

/** A file with the weights of a network of zeros. */
function weightsFile(name: string, imageShape: readonly [number, number, number]): Uint8Array {
  const network = findArchitecture(name).build({
    imageShape,
    classCount: 7,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
  const tensors = Object.entries(stateOf(network)).map(([key, { shape, initial }]) =>
    [key, { shape, dtype: "float32", data: initial } as HostTensor] as const
  );
  return name.startsWith("resnet") ? writeSafetensors(tensors, { format: "pt" }) : writeModel({
    architecture: name,
    headCount: 1,
    classes: ["a", "b", "c", "d", "e", "f", "g"],
    imageShape,
    randomResizedCrop: null,
    normalize: "per-image",
    channelStatistics: { mean: [0], standardDeviation: [1] },
    temperature: 1,
    about: {},
    weights: new Map(tensors),
  });
}

Deno.test("init: network, size, channels and normalisation of a folder's run follow the weights", async () => {
  const files = {
    ...Object.fromEntries(
      Object.entries(classFolders({ each: 8, unlabeled: 4 }, { isGrey: true })).map((
        [name, bytes],
      ) => [`pictures/${name}`, bytes]),
    ),
    "resnet18.safetensors": weightsFile("resnet18", [3, 64, 64]),
    "own.safetensors": weightsFile("convnet_medium", [1, 24, 40]),
  };
  await withFiles(files, async (directory) => {
    const data = `--data=${join(directory, "pictures")}`;
    const planned = async (file: string, ...args: string[]) => {
      const found = await plan(data, `--init=${join(directory, file)}`, ...args);
      assert(found.kind === "folder");
      const { own: { choices: { canvas }, isReadAsColor }, training: { architecture, normalize } } = found;
      return [architecture, normalize, canvas, isReadAsColor];
    };
    assertEquals(await planned("resnet18.safetensors"), ["resnet18", "channel", [224, 224], true]);
    assertEquals(await planned("resnet18.safetensors", "--image-size=32"), [
      "resnet18",
      "channel",
      [32, 32],
      true,
    ]);
    // The images are square, so the shorter side must not be below its size.
    assertEquals(await planned("own.safetensors"), ["convnet_medium", "per-image", [40, 40], false]);
    const refuse = (message: string, ...args: string[]) =>
      assertRejects(() => planned("own.safetensors", ...args), RangeError, message);
    await refuse("its network is convnet_medium, but --arch is resnet18. Leave it out.", "--arch=resnet18");
    await refuse("its normalisation is per-image, but --normalize is channel", "--normalize=channel");
  });
});

Deno.test("init: values that cannot be used are refused with what to do", async () => {
  const files = {
    "a.pth": zipFile([{ name: "archive/data.pkl", data: new Uint8Array(4) }]),
    "empty/notes.txt": new Uint8Array(1),
    "vit.safetensors": writeSafetensors([["blocks.0.attn.qkv.weight", {
      shape: [1],
      dtype: "float32",
      data: new Float32Array(1),
    }]]),
    "short.safetensors": weightsFile("resnet18", [3, 64, 64]).subarray(0, 5000),
  };
  await withFiles(files, async (directory) => {
    const cases: readonly (readonly [value: string, message: string])[] = [
      [join(directory, "none.safetensors"), "Cannot read the weights"],
      [join(directory, "empty"), "the folder has no model.safetensors and no checkpoint"],
      [join(directory, "a.pth"), "In Python: `import torch, safetensors.torch`"],
      [join(directory, "vit.safetensors"), "the blocks of a vision transformer"],
      [join(directory, "short.safetensors"), "Cannot read"],
      [join(directory, "a.pth#sha256=12"), "written as #sha256= and 64 hexadecimal digits"],
      [`${join(directory, "a.pth")}#sha256=${"0".repeat(64)}`, "its SHA-256 checksum must be 0000"],
      ["http://example.org/a.safetensors", "must begin with https://"],
      ["https://example.org/a.safetensors#md5=0", "written as #sha256= and 64 hexadecimal digits"],
      ["file:///a.safetensors", "must begin with https://, but begins with file://"],
    ];
    for (const [value, message] of cases) {
      await assertRejects(() => plan(`--init=${value}`), Error, message);
    }
  });
  const refuse = (message: string, ...args: string[]) =>
    assertRejects(() => plan(...args), RangeError, message);
  await refuse("--freeze: it is about loaded weights, but --init is not set", "--freeze=features");
  await refuse("--init-lr-factor: it is about loaded weights, but --init is not set", "--init-lr-factor=.1");
  await refuse("Cannot use --init, --freeze with --resume", "--init=a", "--freeze=2", "--resume=b");
  await refuse("--init-lr-factor must be a number above 0 to 1", "--init=a", "--init-lr-factor=2");
});
