/** Drives the part of the page with own pictures: a chosen and a dropped folder, the camera, classes, labels, training. */
import { type Page, textOf, until } from "./site_page.ts";

/** Observations of the part. */
export interface OwnReport {
  /** Messages: without classes, after the chosen folder, without labels. */
  readonly messages: readonly string[];
  /** Numbers of pictures after the chosen folder, the dropped one, and the camera. */
  readonly counts: readonly number[];
  /** Text beside the camera while a model of colour pictures is loaded. */
  readonly live: string;
  /** Texts of the pictures with a label. */
  readonly labels: readonly string[];
}

const countOf = (page: Page) => page.evaluate<number>(`document.querySelectorAll("#pictures button").length`);
const untilMore = (page: Page, count: number) =>
  until(
    page,
    `document.querySelectorAll("#pictures button").length > ${count} &&
    !document.getElementById("own-status").textContent.startsWith("Reading")`,
  );

/** Drops a folder of the disk, as the system does. */
async function drop(page: Page, folder: string): Promise<void> {
  await page.evaluate(`document.getElementById("drop").scrollIntoView({ block: "center" })`);
  const box = await page.locator("#drop").boundingBox();
  if (!box) throw new Error("The page has no place for folders");
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
  }
}

/** Adds pictures in all ways, names two classes and labels two pictures of each. */
export async function addPictures(
  page: Page,
  { chosen, dropped }: { readonly chosen: string; readonly dropped: string },
): Promise<OwnReport> {
  const messages: string[] = [], counts: number[] = [];
  const train = async () => {
    await page.click("#train-own");
    messages.push(await textOf(page, "own-status"));
  };
  await train();
  await page.setInputFiles("#choose-folder", chosen);
  await untilMore(page, 0);
  messages.push(await textOf(page, "own-status"));
  counts.push(await countOf(page));
  await drop(page, dropped);
  await untilMore(page, counts[0] ?? 0);
  counts.push(await countOf(page));
  await page.click("#start-camera");
  await until(page, `document.getElementById("live").textContent !== ""`);
  const live = await textOf(page, "live");
  await page.click("#shoot");
  await untilMore(page, counts[1] ?? 0);
  counts.push(await countOf(page));
  for (const name of ["dark", "bright"]) {
    await page.fill("#new-class", name);
    await page.click("#add-class-form button");
    if (name === "bright") await train();
    for (const i of [0, 1]) await page.click(`#pictures button[aria-label^="${name}-${i}."]`);
  }
  const labels = await page.evaluate<string[]>(
    `[...document.querySelectorAll("#pictures button.labeled")].map((each) => each.getAttribute("aria-label")).sort()`,
  );
  return { messages, counts, live, labels };
}

/** Trains on the pictures. @returns their names with what the model says of them. */
export async function trainOwn(page: Page): Promise<string[]> {
  await page.click("#train-own");
  await until(page, `!document.getElementById("train-own").disabled`);
  await until(page, `/^(dark|bright) /.test(document.getElementById("live").textContent)`);
  return await page.evaluate<string[]>(
    `[...document.querySelectorAll("#pictures button")].map((each) => each.getAttribute("aria-label"))`,
  );
}
