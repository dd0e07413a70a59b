/**
 * Pages in headless Chromium: opens files at two widths, and prints their faults as JSON. A process of its own,
 * without the project's lock file, as only tests need the packages.
 *
 * Usage: inspect_pages.ts CHROMIUM FILE…
 */
import { pathToFileURL } from "node:url";

/** A fault of a page. */
export interface PageFault {
  /** File, width and colours of the page. */
  readonly page: string;
  readonly kind: "console" | "request" | "overflow" | "overlap" | "axe";
  readonly text: string;
}

/** The parts of Playwright that are used. */
interface Page {
  on(event: "console", use: (message: { type(): string; text(): string }) => void): void;
  on(event: "request", use: (request: { url(): string }) => void): void;
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
}
interface Browser {
  newPage(options: Readonly<Record<string, unknown>>): Promise<Page>;
  close(): Promise<void>;
}

const playwright = "npm:playwright-core@1.56.1", axe = "npm:axe-core@4.11.0";

/** Returns texts of a chart or table header that overlap, and elements that are wider than the page. */
const findOverlaps = `(() => {
  const found = [];
  for (const group of document.querySelectorAll("svg.plot, .confusion")) {
    const texts = [...group.querySelectorAll("text, th bdi")].filter((each) => each.textContent.trim() !== "");
    const boxes = texts.map((each) => each.getBoundingClientRect());
    for (let i = 0; i < boxes.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [boxes[i], boxes[j]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 3) found.push(texts[j].textContent + " | " + texts[i].textContent);
      }
    }
  }
  return found;
})()`;

const width = `document.documentElement.scrollWidth`;
const seriousFaults = `axe.run().then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes[0].html + " " + nodes[0].failureSummary))`;

async function inspect(browser: Browser, file: string, script: string): Promise<PageFault[]> {
  const faults: PageFault[] = [];
  for (const [wide, colorScheme] of [[1200, "light"], [400, "dark"]] as const) {
    const page = `${file}, ${wide} pixels, ${colorScheme}`;
    const add = (kind: PageFault["kind"], ...texts: readonly string[]) => {
      for (const text of texts) faults.push({ page, kind, text });
    };
    const tab = await browser.newPage({ viewport: { width: wide, height: 800 }, colorScheme });
    const { href } = pathToFileURL(file);
    tab.on("console", (message) => add("console", message.text()));
    tab.on("request", (request) => {
      const url = request.url();
      if (url !== href && !url.startsWith("data:")) add("request", url);
    });
    await tab.goto(href);
    const shown = await tab.evaluate<number>(width);
    if (shown > wide) add("overflow", `${shown} pixels`);
    add("overlap", ...await tab.evaluate<string[]>(findOverlaps));
    await tab.evaluate(script);
    add("axe", ...await tab.evaluate<string[]>(seriousFaults));
  }
  return faults;
}

if (import.meta.main) {
  const [executablePath, ...files] = Deno.args;
  const { chromium } = await import(playwright);
  // Downloads the package.
  await import(`${axe}/package.json`, { with: { type: "json" } });
  const script = await Deno.readTextFile(new URL(import.meta.resolve(`${axe}/axe.min.js`)));
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const faults: PageFault[] = [];
    for (const file of files) faults.push(...await inspect(browser, file, script));
    console.log(JSON.stringify(faults));
  } finally {
    await browser.close();
  }
}
