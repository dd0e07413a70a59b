/** The browser that tests drive. */

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
