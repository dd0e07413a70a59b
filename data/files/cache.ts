/** Cache folder of this project. */

import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Returns the user's cache folder for this project: `mean-teacher` in `$XDG_CACHE_HOME` or `~/.cache` on
 * Linux, in `~/Library/Caches` on macOS, in `%LOCALAPPDATA%` on Windows.
 *
 * The folder may not exist yet.
 *
 * @example
 * ```ts
 * import { cacheDirectory } from "./mod.ts";
 * import { assertMatch } from "../../tests/assert.ts";
 *
 * assertMatch(cacheDirectory(), /mean-teacher$/);
 * ```
 */
export function cacheDirectory(): string {
  return join(cacheRoot(Deno.build.os, (name) => Deno.env.get(name), homeDirectory), "mean-teacher");
}

/** Returns the user's folder. The system is asked only if the environment does not tell, as Deno forbids that by default. */
function homeDirectory(): string {
  return Deno.env.get(Deno.build.os === "windows" ? "USERPROFILE" : "HOME") || homedir();
}

/** Returns the platform's folder for the caches of all programs. */
export function cacheRoot(
  platform: typeof Deno.build.os,
  environment: (name: string) => string | undefined,
  home: () => string,
): string {
  // According to the XDG specification, a relative or empty XDG_CACHE_HOME must be ignored.
  const xdg = environment("XDG_CACHE_HOME");
  if (platform === "windows") return environment("LOCALAPPDATA") || join(home(), "AppData", "Local");
  if (platform === "darwin") return join(home(), "Library", "Caches");
  return xdg?.startsWith("/") ? xdg : join(home(), ".cache");
}
