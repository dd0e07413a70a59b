/** Pages in Chromium that note their faults. */
import { extname, join } from "node:path";

/** The parts of Playwright's page that are used. */
export interface Page {
  on(event: "console", use: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", use: (error: Error) => void): void;
  on(event: "request", use: (request: { url(): string }) => void): void;
  addInitScript(script: string): Promise<void>;
  setDefaultTimeout(time: number): void;
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  context(): { newCDPSession(page: Page): Promise<Session> };
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
/** A session of the Chrome DevTools protocol. */
export interface Session {
  send(method: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown>;
}
/** A running browser. */
export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

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
export async function until(page: Page, script: string): Promise<void> {
  for (const start = performance.now(); !await page.evaluate<boolean>(`Boolean(${script})`);) {
    if (thrown[0]) throw thrown[0];
    if (performance.now() - start > patience) throw new Error(`The page took too long: ${script}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Serves the files of a folder on loopback. */
export function serveFolder(folder: string) {
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
export async function openPage(
  browser: Browser,
  address: string,
  faults: string[],
  script = "",
): Promise<Page> {
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
export async function inspect(
  page: Page,
  name: string,
  script: string,
  faults: string[],
  folder: string | null,
) {
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

/** Returns the text of an element. */
export const textOf = (page: Page, id: string) =>
  page.evaluate<string>(`document.getElementById("${id}").textContent`);
