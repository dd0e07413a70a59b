/**
 * Drives the page of examples/browser in headless Chromium, whose WebGPU computes on the processor: trains, draws,
 * loads and saves models, and prints what it saw as JSON. A process of its own, without the project's lock file.
 *
 * Usage: drive_site.ts REQUEST, where REQUEST is a {@linkcode SiteRequest} as JSON.
 */
import { extname, join } from "node:path";

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
  /** Pictures of two classes, the first half of one, to train on; none if this part is left out. */
  readonly own: readonly string[];
  /** Folder for screenshots; null for none. */
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
  /** Texts of the visitor's pictures after training; empty if this part is left out. */
  readonly own: readonly string[];
}

/** The parts of Playwright that are used. */
interface Page {
  on(event: "console", use: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", use: (error: Error) => void): void;
  on(event: "request", use: (request: { url(): string }) => void): void;
  addInitScript(script: string): Promise<void>;
  setDefaultTimeout(time: number): void;
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  waitForEvent(event: "download"): Promise<{ saveAs(path: string): Promise<void> }>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  setInputFiles(selector: string, files: string | readonly string[]): Promise<void>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(media: { colorScheme: "light" | "dark" }): Promise<void>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  locator(
    selector: string,
  ): { boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null> };
  readonly mouse: {
    move(x: number, y: number, options?: { steps: number }): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
}
interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

const playwright = "npm:playwright-core@1.56.1", axe = "npm:axe-core@4.11.0";
/** WebGPU on the processor, by SwiftShader. */
const args = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
/** Time for shaders to compile and for training, in ms: processors may be busy. */
const patience = 600_000;
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Errors that pages did not catch. */
const thrown: Error[] = [];

/**
 * Waits until a script returns true. Playwright's own wait needs `eval`, which the page forbids.
 * @throws {Error} of a page.
 */
async function until(page: Page, script: string): Promise<void> {
  for (const start = performance.now(); !await page.evaluate<boolean>(`Boolean(${script})`);) {
    if (thrown[0]) throw thrown[0];
    if (performance.now() - start > patience) throw new Error(`The page took too long: ${script}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Serves the files of a folder on loopback. */
function serveFolder(folder: string) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const { pathname } = new URL(url), name = pathname === "/" ? "index.html" : pathname.slice(1);
    try {
      const headers = { "content-type": types[extname(name)] ?? "application/octet-stream" };
      return new Response(await Deno.readFile(join(folder, name)), { headers });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}

/** A page that notes its faults. */
async function openPage(browser: Browser, address: string, faults: string[], script = ""): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => thrown.push(error));
  page.on("request", (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(address)) {
      faults.push(`request: ${request.url()}`);
    }
  });
  if (script !== "") await page.addInitScript(script);
  await page.goto(address);
  await until(page, `!document.getElementById("app").hidden || !document.getElementById("missing").hidden`);
  return page;
}

/** Looks for faults at two widths and in both colours. */
async function inspect(page: Page, name: string, script: string, faults: string[], folder: string | null) {
  for (const [width, colorScheme] of [[1200, "light"], [400, "dark"]] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const shown = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (shown > width) faults.push(`${name}, ${width}: ${shown} pixels wide`);
    await page.evaluate(script);
    faults.push(
      ...await page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => "axe, ${name}, ${width}: " + id + ": " + nodes[0].html + " " + nodes[0].failureSummary))`),
    );
    if (folder !== null) {
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1200, height: 900 });
}

const textOf = (page: Page, id: string) =>
  page.evaluate<string>(`document.getElementById("${id}").textContent`);

/** Trains on 100 labels until the teacher's error is below a quarter. @returns the sentences of the curve. */
async function trainDigits(page: Page): Promise<string[]> {
  await page.selectOption("#labels-per-class", "10");
  await page.click("#train-digits");
  await page.evaluate(`window.sentences = [];
    new MutationObserver(() => {
      const text = document.querySelector("#curve svg")?.getAttribute("aria-label");
      if (text) window.sentences.push(text);
      if (/teacher (\\d|1\\d|2[0-4])\\.\\d %/.test(text ?? "")) document.getElementById("stop-digits").click();
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

/** Names two classes, labels two pictures of each and trains. @returns the texts of the pictures. */
async function trainOwn(page: Page, pictures: readonly string[]): Promise<string[]> {
  await page.setInputFiles("#choose-pictures", pictures);
  const count = `document.querySelectorAll("#pictures button").length === ${pictures.length}`;
  await until(page, count);
  for (const [i, name] of ["dark", "bright"].entries()) {
    await page.fill("#new-class", name);
    await page.click("#add-class-form button");
    for (const place of [1, 2]) {
      await page.click(`#pictures button:nth-child(${place + i * pictures.length / 2})`);
    }
  }
  await page.click("#train-own");
  await until(page, `!document.getElementById("train-own").disabled`);
  return await page.evaluate<string[]>(
    `[...document.querySelectorAll("#pictures button")].map((each) => each.textContent)`,
  );
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
  await inspect(page, "start", script, faults, screenshots);
  const errors = await trainDigits(page), guess = await drawOne(page);
  const ofTrained = await classify(page, request.picture);
  const download = page.waitForEvent("download");
  await page.click("#download");
  await (await download).saveAs(request.trained);
  await page.setInputFiles("#load-model", request.model);
  await until(page, `document.getElementById("model-about").textContent.includes("28×28")`);
  const ofLoaded = await classify(page, request.picture);
  const own = request.own.length > 0 ? await trainOwn(page, request.own) : [];
  await inspect(page, "end", script, faults, screenshots);
  return { faults, missing, errors, guess, ofTrained, ofLoaded, own };
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
