/** The command that suggests what to label. */
import { join } from "node:path";
import { contactSheet } from "../../cli/report/contact_sheet.ts";
import { findDataset } from "../../data/files/mod.ts";
import { SUGGESTED } from "../../data/internal.ts";
import { type ImageSource, isResident, readBatches } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { damagedPng, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, inFolder, jsonIn, linesIn, run, short, train } from "./command.ts";

Deno.test("suggest: images in memory and in files are equal, in the requested order; damaged ones are left out", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [
      `train/${i % 2}/${i}.png`,
      png(4, 3 + i % 2, (x, y, c) => 30 * i + x + 2 * y + 5 * c),
    ]),
  );
  const all = {
    ...files,
    "val/0/1.png": png(4, 3, () => 9),
    "train/1/9.png": damagedPng(files["train/1/1.png"]!),
  };
  await withFiles(all, async (directory) => {
    const open = async (memoryLimit: number) => {
      const { train } = await findDataset("folder").load({ dataDirectory: directory, memoryLimit });
      return train;
    };
    const collected = async (set: ImageSource, indices: Int32Array) => {
      const got: [string, number, number[]][] = [];
      for await (const { indices: some, pixels, aspects } of readBatches(set, indices, 3)) {
        some.forEach((index, i) => {
          const name = set.names![index]!;
          got.push([name, aspects[i]!, [...pixels.subarray(i * 48, (i + 1) * 48)]]);
        });
      }
      return got;
    };
    const inMemory = await open(2 ** 20), inFiles = await open(0);
    assertEquals([isResident(inMemory), isResident(inFiles)], [true, false]);
    const wanted = ["train/1/5.png", "train/0/0.png", "train/1/1.png", "train/0/6.png", "train/1/3.png"];
    const indices = (set: ImageSource, names: string[]) =>
      Int32Array.from(names, (name) => set.names!.indexOf(name));
    const want = await collected(inMemory, indices(inMemory, wanted));
    assertEquals(want.map(([name]) => name), wanted);
    const withDamage = indices(inFiles, [...wanted.slice(0, 2), "train/1/9.png", ...wanted.slice(2)]);
    assertEquals(await collected(inFiles, withDamage), want);
  });
});

Deno.test("suggest: the page needs no other files, and escapes names", () => {
  const name = `"><script>alert(1)</script>&.png`;
  const page = contactSheet(
    [{
      name,
      thumbnail: { url: "data:image/png;base64,AAAA", width: 8, height: 9 },
      likeliest: [{ className: "<b>", probability: 0.9999 }, { className: "ü", probability: 1e-4 }],
    }],
    { list: "a<b.txt", classes: ["<b>", "ü"], run: "runs/a", network: "teacher" },
  );
  assert(!page.includes("<script") && !page.includes("<b>") && !page.includes("a<b"), page);
  assertStringIncludes(page, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;.png");
  assertStringIncludes(page, "&lt;b&gt;</bdi> 99 %");
  assert(!/(src|href)="(?!data:)/.test(page));
});

gpuTest("suggest: a run's doubtful images become a list that is filled in and trained on", async () => {
  await inFolder(async (directory) => {
    const suggest = (...args: string[]) => run([...commandOf("suggest"), ...args], directory);
    assertEnded(await train(directory, [...short, "--max-steps=3", "--output=a"]), 0);
    const ending = await suggest("a", "--count=7");
    assertEnded(ending, 0);
    assertStringIncludes(
      ending.stdout,
      "7 images to label: a/suggestions.txt, with a page of them: a/suggestions.html\n",
    );
    const [mark, ...lines] = await linesIn(directory, "a", "suggestions.txt");
    assertEquals(mark, SUGGESTED);
    assertEquals(lines.length, 7);
    for (const line of lines) assertMatch(line, /^train\/00\d{3} \?$/);
    const labeled = (await linesIn(directory, "a", "labels.txt")).map((line) => line.split(" ")[0]);
    assertEquals(new Set([...labeled, ...lines.map((line) => line.split(" ")[0])]).size, 27);
    const page = await Deno.readTextFile(join(directory, "a", "suggestions.html"));
    assertEquals(page.match(/<img src="data:image\/png;base64,[^"]+" width="28" height="28"/g)?.length, 7);

    const again = await suggest("a/final.safetensors", "--count=7", "--output=again.txt");
    assertEnded(again, 0);
    assertEquals(await linesIn(directory, "again.txt"), [mark, ...lines]);
    const refused = await suggest("a");
    assertEnded(refused, 1);
    assertStringIncludes(
      refused.stderr,
      "Cannot write suggestions to a/suggestions.txt: the file exists",
    );

    // What is not filled in is no class; filled in it is one label more for each.
    const command = again.stdout.trimEnd().split("\n").at(-1)!.trim();
    assertMatch(command, / --dataset mnist --data-dir data --labels a\/labels\.txt,again\.txt$/);
    const training = (output: string) =>
      run(
        ["sh", "-c", `${command} --batch-size=20 --labeled-batch-size=10 --max-steps=2 --output=${output}`],
        directory,
      );
    assertEnded(await training("b"), 0);
    assertEquals((await jsonIn(directory, "b", "summary.json")).labels, 20);
    const filled = lines.map((line) =>
      line.replace(/(\d+) \?$/, (_, digits) => `${digits} ${Number(digits) % 10}`)
    );
    await Deno.writeTextFile(join(directory, "again.txt"), `${[mark, ...filled].join("\n")}\n`);
    assertEnded(await training("c"), 0);
    assertEquals((await jsonIn(directory, "c", "summary.json")).labels, 27);
  });
});
