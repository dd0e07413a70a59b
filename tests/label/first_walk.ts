/**
 * The walk of someone who has never read the README: from a folder of pictures without labels to a labelled, trained and
 * tested model, with one command. Uses the page by keyboard only, and prints the time of each part.
 *
 * Usage: deno run -A --no-lock tests/label/first_walk.ts CHROMIUM [PICTURES] [ROUNDS] [OPTIONS OF LABEL…]
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Page, TestBrowser, waitUntil } from "../web/page_driver.ts";
import { fashionClasses, readFashion, writePictures } from "./fashion_folder.ts";

const [chromium = "", count = "200", rounds = "2", ...options] = Deno.args;
const fashion = await readFashion();
const folder = await Deno.makeTempDir({ prefix: "mean-teacher-walk-" }), photos = join(folder, "photos");
await writePictures(photos, fashion, 0, Number(count));
const classOf = (name: string) => fashionClasses[fashion.labels[Number(/\d+/.exec(name)?.[0])] ?? 0] ?? "";

let last = performance.now();
/** Prints the time since the last call. */
function tell(text: string): void {
  const now = performance.now();
  console.log(`${((now - last) / 1000).toFixed(0).padStart(5)} s  ${text}`);
  last = now;
}

/** Labels all pictures of a batch by keyboard; a class without a key is added with +. @returns the number of keys. */
async function labelBatch(page: Page): Promise<number> {
  for (let labelled = 0;; labelled++) {
    const { name, guess, left, keys } = await page.evaluate<
      { name: string; guess: string; left: number; keys: Record<string, string> }
    >(`(() => {
      const tile = document.querySelector(".tile[data-focus]");
      return {
        name: tile?.getAttribute("aria-label").split(", ")[0] ?? "",
        guess: tile?.querySelector(".caption").textContent ?? "",
        left: document.querySelectorAll(".tile.guess").length,
        keys: Object.fromEntries([...document.querySelectorAll("#classes button")].map((each) =>
          [each.querySelector("bdi").textContent, each.querySelector("kbd").textContent.toLowerCase()])),
      };
    })()`);
    if (left === 0) return labelled;
    const className = classOf(name), { [className]: key } = keys;
    if (guess === `${className} ?`) await page.keyboard.press("Enter");
    else if (key !== undefined) await page.keyboard.press(key);
    else {
      await page.keyboard.press("+");
      await page.keyboard.type(className);
      await page.keyboard.press("Enter");
      await waitUntil(
        page,
        `document.querySelectorAll("#classes button").length > ${Object.keys(keys).length}`,
      );
    }
  }
}

const tiles = `document.querySelectorAll(".tile.guess").length`;
const textOf = (page: Page, id: string) =>
  page.evaluate<string>(`document.getElementById("${id}").textContent`);
const pictures = Deno.env.get("LABEL_PICTURES");

const command = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", fileURLToPath(new URL("../../cli/label.ts", import.meta.url)), "photos", ...options],
  cwd: folder,
  stdout: "piped",
}).spawn();
const output = command.stdout.pipeThrough(new TextDecoderStream()).getReader();
let text = "";
while (!/page: \S+\n/.test(text)) text += (await output.read()).value ?? "";
const browser = await TestBrowser.start(chromium);
try {
  const page = await browser.open(/page: (\S+)/.exec(text)?.[1] ?? "");
  tell("the command prints the address, the page is open");
  await waitUntil(page, `${tiles} > 0`, 600_000);
  tell("the first pictures are shown");
  console.log(`        page says: ${await textOf(page, "status")} | ${await textOf(page, "training")}`);
  if (pictures) await page.screenshot({ path: `${pictures}-start.png` });
  for (let round = 1; round <= Number(rounds); round++) {
    tell(`${await labelBatch(page)} pictures are labelled by keyboard`);
    console.log(`        page says: ${await textOf(page, "status")} | ${await textOf(page, "training")}`);
    if (pictures) await page.screenshot({ path: `${pictures}-labelled-${round}.png` });
    await page.keyboard.press("Control+Enter");
    const done = `document.getElementById("rounds").children.length === ${round}`;
    const hasFailed = `!document.getElementById("failure").hidden`;
    await waitUntil(page, `${done} && document.getElementById("stop").hidden || ${hasFailed}`, 1_800_000);
    const row = await page.evaluate<string>(
      `[...document.querySelectorAll("#rounds tr:last-child > *")].map((cell) => cell.textContent).join(" | ")`,
    );
    tell(`round ${round} is trained: ${row} ${await textOf(page, "failure")}`);
    if (pictures) await page.screenshot({ path: `${pictures}-trained-${round}.png` });
    if (round === Number(rounds)) break;
    await page.keyboard.press("]");
    await waitUntil(page, `${tiles} > 0 || ${hasFailed}`, 600_000);
    tell("the next pictures are shown");
  }
  if (browser.faults.length > 0) throw new Error(browser.faults.join("\n"));
} finally {
  await browser.close();
  command.kill("SIGINT");
  await command.status;
}
for (let part = await output.read(); !part.done; part = await output.read()) text += part.value;
tell(`Ctrl-C; the command has printed:\n${text}`);
console.log(folder);
