/**
 * What to type to go on with a run.
 * @module
 */
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunOptions } from "../command/options.ts";

/**
 * The command that goes on from a checkpoint. Its paths are absolute: the launcher changes the folder, so the one
 * that this program is in need not be the one that its user is in.
 */
export function resumeCommand(checkpoint: string, ...flags: readonly string[]): string {
  return [trainCommand(), "--resume", quoted(resolve(checkpoint)), ...flags].join(" ");
}

/** What asked for the runs that follow a run. */
export function followingFlags(
  { baseline, folds }: Pick<RunOptions, "baseline" | "folds">,
): readonly string[] {
  return [...(baseline ? ["--baseline"] : []), ...(folds === null ? [] : [`--folds=${folds}`])];
}

function trainCommand(): string {
  const program = new URL("../train.ts", import.meta.url);
  const isOnPath = (Deno.env.get("PATH") ?? "").split(delimiter)
    .some((folder) => [join(folder, "deno"), join(folder, "deno.exe")].some(isFile));
  if (program.protocol !== "file:") return `${isOnPath ? "deno" : quoted(Deno.execPath())} run -A ${program}`;
  if (isOnPath) return `deno run -A ${quoted(fileURLToPath(program))}`;
  const launcher = fileURLToPath(new URL("../../run", import.meta.url));
  if (Deno.build.os !== "windows" && isFile(launcher)) return `${quoted(launcher)} demo`;
  return `${quoted(Deno.execPath())} run -A ${quoted(fileURLToPath(program))}`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(path)) return path;
  return Deno.build.os === "windows" ? `"${path}"` : `'${path.replaceAll("'", `'\\''`)}'`;
}
