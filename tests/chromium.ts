/** The browser that tests drive. */
import { fileURLToPath } from "node:url";
import type { PageFault } from "./inspect_pages.ts";

/** Names of Chromium and of browsers that take the same options. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Returns the path of an installed Chromium, or null if there is none. `CHROMIUM` may give it.
 *
 * @throws {Error} If there is none in CI, which installs it.
 */
export async function findChromium(): Promise<string | null> {
  const given = Deno.env.get("CHROMIUM");
  if (given) return given;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of names) {
      const path = `${folder}/${name}`;
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  if (Deno.env.get("CI") === "true") {
    throw new Error("Chromium is missing: install the Debian package chromium");
  }
  return null;
}

/**
 * Runs a program that drives a browser in a process without the project's lock file, as only tests need its packages.
 * @returns the JSON that it prints.
 * @throws {Error} with its errors if it fails.
 */
export async function runDriver(program: URL, ...args: readonly string[]): Promise<unknown> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", fileURLToPath(program), ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Opens pages at two widths. @returns their faults. */
export async function inspectPages(chromium: string, ...pages: readonly string[]): Promise<PageFault[]> {
  return await runDriver(new URL("inspect_pages.ts", import.meta.url), chromium, ...pages) as PageFault[];
}
