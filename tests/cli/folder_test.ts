/** A folder of images, from the command: labels by file name, damage, crops, resumption, evaluation. */
import { errorText } from "../../cli/terminal/figures.ts";
import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, jsonIn, run, train } from "./command.ts";

/** Bright and dark pictures; one file is empty. */
function pictures(): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = { "data/val/dark/broken.jpg": new Uint8Array() };
  for (let i = 0; i < 30; i++) {
    const isBright = i % 2 === 0;
    const set = i < 20 ? "train" : "val";
    files[`data/${set}/${isBright ? "bright one" : "dark"}/${i}.png`] = png(
      12 + i % 4,
      12,
      (x, y, c) => (isBright ? 150 : 20) + (x * 5 + y * 3 + c * 11 + i) % 60,
    );
  }
  return files;
}

gpuTest(
  "train: a folder of images that stay in their files trains, resumes and is evaluated",
  async () => {
    const list = ["0.png\tbright one", "train/bright one/2.png\tbright one", "dark/1.png dark", "3.png dark"];
    const files = { ...pictures(), "list.txt": new TextEncoder().encode(`${list.join("\n")}\n`) };
    await withFiles(files, async (directory) => {
      const options = ["--dataset=folder", "--data-dir=data", "--labels=list.txt", "--batch-size=6"];
      const small = ["--labeled-batch-size=2", "--random-resized-crop=8", "--color-jitter=0.4,0.4,0.4,0.1"];
      const some = [
        "--image-size=14",
        "--memory-limit=0",
        "--max-steps=3",
        "--evaluation-epochs=0",
        "--checkpoint-epochs=0",
      ];
      const whole = await train(directory, [...options, ...small, ...some, "--output=a"]);
      assertEnded(whole, 0);
      const damage = "1 file cannot be read as an image and is left out: val/dark/broken.jpg (it is empty)";
      assertStringIncludes(whole.stderr, damage);
      const sorted = [
        list[0]!.replace("0.png", "train/bright one/0.png"),
        list[1],
        "train/dark/1.png dark",
        "train/dark/3.png dark",
      ];
      assertEquals((await Deno.readTextFile(join(directory, "a/labels.txt"))).trimEnd().split("\n"), sorted);
      const resumed = await train(directory, ["--resume=a/final.safetensors", "--max-steps=5", "--output=b"]);
      assertEnded(resumed, 0);
      assertEquals((await jsonIn(join(directory, "b"), "summary.json")).steps, 5);
      const evaluated = await run([...commandOf("evaluate"), "b/final.safetensors"], directory);
      assertEnded(evaluated, 0);
      assertStringIncludes(evaluated.stdout, "10 test images of folder");
      const tested = evaluated.stdout.split("\n").find((line) => line.startsWith("top-1 error"))!;
      const { teacher } = await jsonIn(join(directory, "b"), "summary.json") as {
        teacher: { testError: number; examples: number };
      };
      assert(tested.includes(errorText(teacher)), `${tested} ${teacher.testError}`);
    });
  },
);
