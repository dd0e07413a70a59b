/**
 * The buttons of a dashboard in headless Chromium: pauses a run, reloads the page, continues, saves, and stops the run. A
 * process of its own, without the project's lock file. Prints what it saw as JSON.
 *
 * Usage: drive_dashboard.ts CHROMIUM URL
 */

/** The parts of Playwright that are used. */
interface Page {
  on(event: "console" | "pageerror", use: (message: { text?(): string }) => void): void;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
}

// Selectors instead of functions, as the page's policy forbids to evaluate texts.
const stateIs = (text: string) => `#state:text-is("${text}")`;
const stepNow = `document.querySelector("#figures dd").textContent`;

const numberIn = (text: string) => parseInt(text.replaceAll(",", ""));

async function drive(page: Page, address: string) {
  const faults: string[] = [];
  page.on("console", (message) => faults.push(message.text?.() ?? ""));
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(address);
  await page.waitForSelector(stateIs("Training"));
  await page.waitForSelector("[data-part$=views-content] img");
  await page.click("#pause");
  await page.waitForSelector(stateIs("Paused"));
  const step = await page.evaluate<string>(stepNow);
  await page.reload();
  await page.waitForSelector(stateIs("Paused"));
  await page.waitForSelector("[data-part$=views-content] img");
  // The step that was running when the button was clicked still ends.
  const kept = numberIn(await page.evaluate<string>(stepNow)) - numberIn(step) <= 1;
  await page.click("#checkpoint");
  await page.waitForSelector(`#answer:has-text("checkpoint of step")`);
  await page.click("#pause");
  await page.waitForSelector(stateIs("Training"));
  await page.waitForSelector(`#figures div:first-child dd:not(:text-is("${step}"))`);
  await page.click("#stop");
  await page.click("#stop");
  await page.waitForSelector(`#state:text-matches("Stopping|ended")`);
  return { faults, paused: true, kept, continued: true, stopping: true };
}

if (import.meta.main) {
  const [executablePath, address = ""] = Deno.args, playwright = "npm:playwright-core@1.56.1";
  const { chromium } = await import(playwright);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    console.log(JSON.stringify(await drive(await browser.newPage(), address)));
  } finally {
    await browser.close();
  }
}
