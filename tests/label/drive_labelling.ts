/**
 * Uses a labelling page as people do, and prints what it saw as JSON. A process of its own, without the project's lock
 * file, as only tests need the packages.
 *
 * Usage: drive_labelling.ts CHROMIUM ADDRESS label|train
 */
import { type Page, TestBrowser, waitUntil } from "../web/page_driver.ts";

/** Observations of the page. */
export interface Seen {
  /** Errors on the console, requests to other machines, faults for users with disabilities. */
  readonly faults: readonly string[];
  /** Captions of the pictures by name. */
  readonly captions: Readonly<Record<string, string>>;
  /** Captions on a second page, which was only watched. */
  readonly others: Readonly<Record<string, string>>;
  readonly notes: Readonly<Record<string, string>>;
}

const tiles = `[...document.querySelectorAll(".tile")]`;
const captions = `Object.fromEntries(${tiles}.map((tile) =>
  [tile.getAttribute("aria-label").split(", ")[0], tile.querySelector(".caption").textContent]))`;
const textOf = (page: Page, id: string) =>
  page.evaluate<string>(`document.getElementById("${id}").textContent`);
const focusedPlace = `${tiles}.indexOf(document.activeElement)`;

/** Presses keys one after another. */
async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Drags the mouse from a picture to another one. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const middle = (at: number) =>
    page.evaluate<[number, number]>(`(() => {
      ${tiles}[${from}].scrollIntoView({ block: "center" });
      const { left, top, width, height } = ${tiles}[${at}].getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    })()`);
  await page.mouse.move(...await middle(from));
  await page.mouse.down();
  await page.mouse.move(...await middle(to), { steps: 12 });
  await page.mouse.up();
}

/** Labels pictures in all ways. */
async function label(browser: TestBrowser, page: Page, other: Page): Promise<Record<string, string>> {
  const notes: Record<string, string> = {};
  const count = await page.evaluate<number>(`${tiles}.length`);
  await press(page, "+");
  await page.keyboard.type("Red bar");
  await press(page, "Enter", "+");
  await page.keyboard.type("blue");
  await press(page, "Enter");
  await waitUntil(page, `document.querySelectorAll("#classes button").length === 2`);
  notes["keys"] = (await page.evaluate<string[]>(
    `[...document.querySelectorAll("#classes button")].map((each) => each.textContent)`,
  )).join("|");
  // The third by its letter, the fourth by its digit, then none, skipped, and two taken back.
  await press(page, "r", "2", "-", ".", "r", "r", "Backspace", "Control+z");
  notes["focus after undo"] = `${await page.evaluate(focusedPlace)}`;
  await press(page, "Shift+ArrowRight", "b");
  notes["focus after two"] = `${await page.evaluate(focusedPlace)}`;
  await press(page, " ", "End", " ", "r", "Home", "Delete");
  await waitUntil(page, `${tiles}[0].querySelector(".caption").textContent === "?"`);
  await press(page, "r", "x", "Escape");
  notes["conflicts"] = await textOf(page, "failure");
  // A group by the mouse, and a button; the other page has it too.
  const left = await page.evaluate<number[]>(
    `${tiles}.flatMap((tile, i) => tile.classList.contains("guess") ? [i] : [])`,
  );
  const [first = 0, second = 0] = left;
  await drag(page, first, second);
  notes["dragged"] = `${second - first + 1} ${await page.evaluate(
    `document.querySelectorAll('[aria-selected="true"]').length`,
  )}`;
  await page.click(`#classes li:nth-child(2) button`);
  await waitUntil(other, `${tiles}[${second}].querySelector(".caption").textContent === "blue"`);
  const pictures = Deno.env.get("LABEL_PICTURES");
  if (pictures) await browser.photograph(page, pictures);
  await browser.inspect(page, "wide");
  await other.emulateMedia({ colorScheme: "dark" });
  await browser.inspect(other, "narrow and dark");
  await page.reload();
  await waitUntil(page, `${tiles}.length === ${count}`);
  notes["tiles"] = `${count}`;
  return notes;
}

/** Trains a round, and accepts guesses. */
async function train(page: Page, other: Page): Promise<Record<string, string>> {
  await press(page, "Control+Enter");
  await waitUntil(page, `document.getElementById("stop").hidden === false`);
  await waitUntil(
    page,
    `document.getElementById("rounds").children.length === 1 || document.getElementById("failure").textContent !== ""`,
    200_000,
  );
  await press(page, "]");
  await waitUntil(
    page,
    `document.querySelector(".group-title")?.textContent.startsWith("guessed") || document.getElementById("failure").textContent !== ""`,
    100_000,
  );
  const notes = { failure: await textOf(page, "failure"), rounds: await textOf(page, "rounds") };
  await press(page, "Enter", "Enter");
  await waitUntil(other, `${tiles}.filter((tile) => tile.classList.contains("labelled")).length >= 2`);
  return notes;
}

if (import.meta.main) {
  const [chromium = "", address = "", task] = Deno.args;
  const browser = await TestBrowser.start(chromium);
  try {
    const page = await browser.open(address),
      other = await browser.open(address, { width: 400, height: 800 });
    for (const each of [page, other]) await waitUntil(each, `${tiles}.length > 0`, 60_000);
    const notes = task === "label" ? await label(browser, page, other) : await train(page, other);
    // All changes are confirmed when a page that was only watched has them.
    await waitUntil(page, `document.querySelectorAll(".tile").length > 0`);
    const seen: Seen = {
      notes,
      captions: await page.evaluate(captions),
      others: await other.evaluate(captions),
      faults: browser.faults,
    };
    console.log(JSON.stringify(seen));
  } finally {
    await browser.close();
  }
}
