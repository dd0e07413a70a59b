/**
 * The dashboard of a run in headless Chromium: pauses the run, inspects the page, reloads it, continues, saves, and stops
 * the run. A process of its own, without the project's lock file. Prints what it saw as JSON.
 *
 * Usage: drive_dashboard.ts CHROMIUM URL [PICTURES]
 */
import { type Page, TestBrowser, waitUntil } from "./page_driver.ts";

const textOf = (id: string) => `document.getElementById("${id}").textContent`;
const isState = (pattern: string) => `/${pattern}/.test(${textOf("state")})`;
const hasPictures = `document.querySelector("[data-part$=views-content] img")`;
const stepNow = `parseInt(document.querySelector("#figures dd").textContent.replaceAll(",", ""))`;

/** Drives a page. @param pictures Beginning of the names of screenshots; undefined for none. */
async function drive(browser: TestBrowser, page: Page, pictures: string | undefined): Promise<boolean> {
  await waitUntil(page, isState("^Training$"));
  await page.click("#pause");
  await waitUntil(page, isState("^Paused$"));
  await waitUntil(page, hasPictures);
  const step = await page.evaluate<number>(stepNow);
  if (pictures) await browser.photograph(page, pictures);
  else await browser.inspect(page, "wide");
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.reload();
  await waitUntil(page, isState("^Paused$"));
  await waitUntil(page, hasPictures);
  await browser.inspect(page, "narrow and dark");
  // The step that was running when the button was clicked still ends.
  const isKept = await page.evaluate<number>(stepNow) - step <= 1;
  await page.click("#checkpoint");
  await waitUntil(page, `${textOf("answer")}.includes("checkpoint of step")`);
  await page.click("#pause");
  await waitUntil(page, isState("^Training$"));
  await waitUntil(page, `${stepNow} > ${step}`);
  await page.click("#stop");
  await page.click("#stop");
  await waitUntil(page, isState("Stopping|ended"));
  return isKept;
}

if (import.meta.main) {
  const [chromium = "", address = "", pictures] = Deno.args;
  const browser = await TestBrowser.start(chromium);
  try {
    const kept = await drive(browser, await browser.open(address), pictures);
    console.log(JSON.stringify({ faults: browser.faults, kept }));
  } finally {
    await browser.close();
  }
}
