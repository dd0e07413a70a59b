/**
 * Drives the page of examples/browser in headless Chromium, whose WebGPU computes on the processor: trains, draws,
 * loads and saves models, and prints what it saw as JSON. A process of its own, without the project's lock file.
 *
 * Usage: drive_site.ts REQUEST, where REQUEST is a {@linkcode SiteRequest} as JSON.
 */
import { addPictures, type OwnReport, trainOwn } from "./drive_own.ts";
import { type Browser, inspect, openPage, type Page, serveFolder, textOf, until } from "./site_page.ts";

/** Paths of what the page gets and gives. */
export interface SiteRequest {
  readonly chromium: string;
  /** Folder of the built page. */
  readonly site: string;
  /** A picture to classify. */
  readonly picture: string;
  /** A model that the page loads. */
  readonly model: string;
  /** File for the model that the page trains. */
  readonly trained: string;
  /** Folders of pictures named `dark-…` and `bright-…`: one is chosen, the other one dropped. */
  readonly chosen: string;
  readonly dropped: string;
  /** Folder for screenshots of a long trial, which also trains the baseline and on pictures; null for a short one. */
  readonly screenshots: string | null;
}

/** Observations of the page. */
export interface SiteReport {
  /** Errors on the console, requests to other hosts, faults that axe-core calls serious, overflows. */
  readonly faults: readonly string[];
  /** Reason that the page shows without WebGPU. */
  readonly missing: string;
  /** Sentences of the curve, one for each test. */
  readonly errors: readonly string[];
  /** Class of a drawn 1, with its probability. */
  readonly guess: string;
  /** Probabilities of the picture, by the trained and by the loaded model. */
  readonly ofTrained: readonly number[];
  readonly ofLoaded: readonly number[];
  /** Observations of the part with own pictures. */
  readonly own: OwnReport;
  /** Labels of the pictures after training on them; empty in a short trial. */
  readonly trained: readonly string[];
  /** Reason that Chromium shows without flags; empty in a short trial. */
  readonly unflagged: string;
}

const playwright = "npm:playwright-core@1.56.1", axe = "npm:axe-core@4.11.0";
/** WebGPU on the processor, by SwiftShader, and a camera that shows a made-up picture. */
const args = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];
/** Trains on 100 labels until the teacher's error is below a quarter. @returns the sentences of the curve. */
async function trainDigits(page: Page, withBaseline: boolean): Promise<string[]> {
  if (!withBaseline) await page.click("#with-baseline");
  await page.selectOption("#labels-per-class", "10");
  await page.click("#train-digits");
  await page.evaluate(`window.sentences = [];
    new MutationObserver(() => {
      const text = document.querySelector("#curve svg")?.getAttribute("aria-label");
      if (text) window.sentences.push(text);
      if (/teacher (\\d|1\\d|2[0-4])\\.\\d\\s%/.test(text ?? "")) document.getElementById("stop-digits").click();
    }).observe(document.getElementById("curve"), { childList: true });`);
  await until(page, `!document.getElementById("train-digits").disabled`);
  return await page.evaluate<string[]>("window.sentences");
}

/** Draws a 1. @returns what the model takes it for. */
async function drawOne(page: Page): Promise<string> {
  await page.evaluate(`document.getElementById("try-pad").scrollIntoView({ block: "center" })`);
  const box = await page.locator("#try-pad").boundingBox();
  if (!box) throw new Error("The pad has no place");
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.56, 0.15));
  await page.mouse.down();
  await page.mouse.move(...at(0.46, 0.85), { steps: 12 });
  await page.mouse.up();
  await until(page, `document.querySelector("#guesses li")`);
  return await page.evaluate<string>(`document.querySelector("#guesses li").textContent`);
}

/** Classifies a picture with the current model. @returns its probabilities. */
async function classify(page: Page, picture: string): Promise<number[]> {
  const count = await page.evaluate<number>(`document.querySelectorAll("#results tbody tr").length`);
  await page.setInputFiles("#classify", picture);
  const row = `document.querySelectorAll("#results tbody tr")`;
  await until(page, `${row}.length > ${count}`);
  return JSON.parse(await page.evaluate<string>(`${row}[0].dataset.probabilities`));
}

/** Returns the reason that Chromium without any flags shows for missing WebGPU. */
async function reasonWithoutFlags(executablePath: string, address: string): Promise<string> {
  const { chromium } = await import(playwright);
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    return await textOf(await openPage(browser, address, []), "missing-reason");
  } finally {
    await browser.close();
  }
}

async function drive(request: SiteRequest, browser: Browser, address: string): Promise<SiteReport> {
  // Downloads the package.
  await import(`${axe}/package.json`, { with: { type: "json" } });
  const script = await Deno.readTextFile(new URL(import.meta.resolve(`${axe}/axe.min.js`)));
  const faults: string[] = [], { screenshots } = request;
  const without = await openPage(browser, address, faults, "delete Navigator.prototype.gpu;");
  const missing = await textOf(without, "missing-reason");
  await inspect(without, "missing", script, faults, screenshots);

  const page = await openPage(browser, address, faults);
  if ((await textOf(page, "missing-reason")) !== "") throw new Error(await textOf(page, "missing-reason"));
  if (screenshots !== null) await inspect(page, "start", script, faults, screenshots);
  const errors = await trainDigits(page, screenshots !== null), guess = await drawOne(page);
  const ofTrained = await classify(page, request.picture);
  const download = page.waitForEvent("download");
  await page.click("#download");
  await (await download).saveAs(request.trained);
  await page.setInputFiles("#load-model", request.model);
  await until(page, `document.getElementById("model-about").textContent.includes("28×28")`);
  const ofLoaded = await classify(page, request.picture);
  const own = await addPictures(page, request);
  const trained = screenshots === null ? [] : await trainOwn(page);
  await inspect(page, "end", script, faults, screenshots);
  const unflagged = screenshots === null ? "" : await reasonWithoutFlags(request.chromium, address);
  return { faults, missing, errors, guess, ofTrained, ofLoaded, own, trained, unflagged };
}

if (import.meta.main) {
  const request: SiteRequest = JSON.parse(Deno.args[0] ?? "");
  const { chromium } = await import(playwright);
  const server = serveFolder(request.site);
  const browser: Browser = await chromium.launch({ executablePath: request.chromium, args });
  try {
    console.log(JSON.stringify(await drive(request, browser, `http://127.0.0.1:${server.addr.port}/`)));
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
