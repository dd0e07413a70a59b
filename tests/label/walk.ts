/**
 * The long walk through the labelling page: labels 100 real pictures of Fashion-MNIST by keyboard, from 20 labels on, in
 * three rounds, and prints the errors. Fails if a line of the lists is wrong, a picture is missing, or the error of the
 * last round is not below that of the first. Takes some minutes.
 *
 * Usage: deno run -A --no-lock tests/label/walk.ts CHROMIUM [STEPS]
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRounds } from "../../cli/label/rounds.ts";
import { parseLabelList } from "../../data/mod.ts";
import { type Page, TestBrowser, waitUntil } from "../web/page_driver.ts";
import { fashionClasses, nameOfPicture, readFashion, writePictures } from "./fashion_folder.ts";

/** Numbers of pictures: labelled at the start, to test on, in all. */
const first = 20, tested = 150, total = 600;
/** Labels of each round by keyboard. */
const batches = [34, 33, 33];

const { pixels, labels } = await readFashion();
const classOf = (index: number) => fashionClasses[labels[index] ?? 0] ?? "";

/** Writes the pictures, with a list of the first labels: two of each class. */
async function writeFolder(folder: string): Promise<void> {
  await writePictures(folder, { pixels, labels }, 0, total);
  const counts = new Map<string, number>(), lines = ["file,label,split"];
  let given = 0;
  for (let index = 0; index < total; index++) {
    const name = classOf(index), count = counts.get(name) ?? 0;
    if (index < tested) lines.push(`${nameOfPicture(index)},${name},test`);
    else if (given < first && count < first / fashionClasses.length) {
      lines.push(`${nameOfPicture(index)},${name},train`);
      counts.set(name, count + 1);
      given++;
    }
  }
  await Deno.writeTextFile(join(folder, "labels.csv"), `${lines.join("\n")}\n`);
}

/** Labels all pictures of a batch by keyboard. @returns the number of keys and of right guesses. */
async function labelBatch(page: Page): Promise<{ keys: number; right: number }> {
  let keys = 0, right = 0;
  for (;;) {
    const [name, guess, left] = await page.evaluate<[string, string, number]>(`(() => {
      const tile = document.activeElement;
      return [tile.getAttribute("aria-label")?.split(", ")[0] ?? "", tile.querySelector(".caption")?.textContent ?? "",
        document.querySelectorAll(".tile.guess").length];
    })()`);
    if (left === 0) return { keys, right };
    const className = classOf(Number(/\d+/.exec(name)?.[0]));
    const isRight = guess === `${className} ?`;
    const key = await page.evaluate<string>(`[...document.querySelectorAll("#classes button")]
      .find((each) => each.querySelector("bdi").textContent === ${
      JSON.stringify(className)
    }).querySelector("kbd").textContent`);
    await page.keyboard.press(isRight ? "Enter" : key.toLowerCase());
    keys++;
    if (isRight) right++;
  }
}

/** Trains a round by keyboard, and waits for its end. */
async function train(page: Page, round: number): Promise<string> {
  await page.keyboard.press("Control+Enter");
  const done = `document.getElementById("rounds").children.length === ${round}`;
  await waitUntil(page, `${done} || !document.getElementById("failure").hidden`, 1_800_000);
  await waitUntil(page, `${done} && document.getElementById("stop").hidden`, 600_000);
  return await page.evaluate<string>(
    `[...document.getElementById("rounds").lastChild.children].map((cell) => cell.textContent).join(" | ")`,
  );
}

/** Shows the next pictures. */
async function next(page: Page, count: number): Promise<void> {
  await page.keyboard.press("]");
  await waitUntil(page, `document.querySelectorAll(".tile.guess").length >= ${count}`, 600_000);
}

const [chromium = "", steps = "150"] = Deno.args;
const folder = await Deno.makeTempDir({ prefix: "mean-teacher-walk-" }), photos = join(folder, "photos");
await writeFolder(photos);
const config = {
  steps: Number(steps),
  batchSize: 50,
  labeledBatchSize: 10,
  architecture: "convnet_small",
  tune: "off",
};
await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify({ ...config, evaluationEpochs: 1000 }));
const command = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-A", fileURLToPath(new URL("../../cli/label.ts", import.meta.url)), photos],
    ...[`--config=${join(folder, "config.json")}`, `--count=${batches[0]}`],
  ],
  stdout: "piped",
}).spawn();
const output = command.stdout.pipeThrough(new TextDecoderStream()).getReader();
let text = "";
while (!/page: \S+\n/.test(text)) text += (await output.read()).value ?? "";
const address = /page: (\S+)/.exec(text)?.[1] ?? "";
const browser = await TestBrowser.start(chromium);
try {
  const page = await browser.open(address);
  await waitUntil(page, `document.querySelectorAll(".tile").length > 0`, 900_000);
  console.log(`round | labels | error\n${await train(page, 1)}`);
  for (const [i, count] of batches.entries()) {
    await next(page, Math.min(count, 33));
    const { keys, right } = await labelBatch(page);
    console.log(`${keys} pictures by keyboard, ${right} of them as guessed`);
    const pictures = Deno.env.get("LABEL_PICTURES");
    if (pictures && i === batches.length - 1) await browser.photograph(page, pictures);
    console.log(await train(page, i + 2));
  }
  if (browser.faults.length > 0) throw new Error(browser.faults.join("\n"));
} finally {
  await browser.close();
  command.kill("SIGINT");
  await command.status;
}
const list = await Deno.readTextFile(join(folder, "photos-labelled/labels.txt"));
const written = [...parseLabelList(list.replace(/^# .*\n/m, ""))];
const wrong = written.filter(([name, label]) => classOf(Number(/\d+/.exec(name)?.[0])) !== label);
console.log(`${written.length} lines in labels.txt, ${wrong.length} wrong`);
const { rounds } = await readRounds(join(folder, "photos-labelled"));
const [start, end] = [rounds[0]?.error?.share ?? 0, rounds.at(-1)?.error?.share ?? 1];
if (wrong.length > 0 || written.length < 100 || !(end < start)) throw new Error("The walk has failed");
await Deno.remove(folder, { recursive: true });
