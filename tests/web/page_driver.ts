/**
 * Pages of commands in headless Chromium, driven by Playwright. Programs that use this are processes of their own,
 * without the project's lock file, as only tests need the packages.
 */

/** The parts of Playwright's page that are used. */
export interface Page {
  on(event: "console", use: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", use: (error: Error) => void): void;
  on(event: "request", use: (request: { url(): string }) => void): void;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  click(selector: string, options?: { modifiers?: string[] }): Promise<void>;
  fill(selector: string, value: string): Promise<void>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(media: { colorScheme: "light" | "dark" }): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: {
    move(x: number, y: number, options?: { steps: number }): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
}

interface Browser {
  newPage(options: Readonly<Record<string, unknown>>): Promise<Page>;
  close(): Promise<void>;
}

const playwright = "npm:playwright-core@1.56.1", axe = "npm:axe-core@4.11.0";

/** Waits until an expression is true in a page, whose policy forbids Playwright's own waiting. */
export async function waitUntil(page: Page, expression: string, timeout = 30_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!await page.evaluate<boolean>(`Boolean(${expression})`)) {
    if (performance.now() > end) throw new Error(`Waited for ${timeout} ms: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A browser for tests, with the faults of its pages. */
export class TestBrowser {
  /** Errors on the console, and requests to other machines. */
  readonly faults: string[] = [];
  readonly #browser: Browser;
  readonly #axe: string;

  private constructor(browser: Browser, axe: string) {
    this.#browser = browser;
    this.#axe = axe;
  }

  /** Starts Chromium. */
  static async start(executablePath: string): Promise<TestBrowser> {
    const { chromium } = await import(playwright);
    // Downloads the package.
    await import(`${axe}/package.json`, { with: { type: "json" } });
    const script = await Deno.readTextFile(new URL(import.meta.resolve(`${axe}/axe.min.js`)));
    const args = ["--no-sandbox", "--disable-gpu"];
    return new TestBrowser(await chromium.launch({ executablePath, args }), script);
  }

  /** Opens a page, whose faults are noted. */
  async open(address: string, { width = 1280, height = 900 } = {}): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width, height } });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.faults.push(`page: ${error.stack ?? error}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.hostname !== "127.0.0.1") this.faults.push(`request: ${url}`);
    });
    await page.goto(address);
    return page;
  }

  /** Notes serious faults for users with disabilities, and elements that are wider than the page. */
  async inspect(page: Page, name: string): Promise<void> {
    await page.evaluate(this.#axe);
    const found = await page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes[0].html + " " + nodes[0].failureSummary))`);
    this.faults.push(...found.map((fault) => `axe (${name}): ${fault}`));
    const [shown, width] = await page.evaluate<number[]>(
      "[document.documentElement.scrollWidth, innerWidth]",
    );
    if ((shown ?? 0) > (width ?? 0)) {
      this.faults.push(`${name}: ${shown} pixels wide in a window of ${width}`);
    }
  }

  /** Takes pictures of a page: wide, narrow, and dark. */
  async photograph(page: Page, path: string): Promise<void> {
    for (
      const [suffix, width, colorScheme] of [["wide", 1280, "light"], ["dark", 1280, "dark"], [
        "narrow",
        400,
        "light",
      ], ["narrow-dark", 400, "dark"]] as const
    ) {
      await page.setViewportSize({ width, height: width === 400 ? 800 : 900 });
      await page.emulateMedia({ colorScheme });
      await this.inspect(page, suffix);
      await page.screenshot({ path: `${path}-${suffix}.png` });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: "light" });
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    await this.#browser.close();
  }
}
