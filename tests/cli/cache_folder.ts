/** An empty cache folder for tests. */
import { join } from "node:path";
import { withEnvironment } from "../data/fixtures.ts";

/** Runs a test with an empty cache folder. @param test Gets the folder of this project, which does not exist yet. */
export async function inCache(test: (folder: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const { os } = Deno.build;
  const variable = os === "windows" ? "LOCALAPPDATA" : os === "darwin" ? "HOME" : "XDG_CACHE_HOME";
  const within = os === "darwin" ? join("Library", "Caches") : "";
  try {
    await withEnvironment(variable, directory, () => test(join(directory, within, "mean-teacher")));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
