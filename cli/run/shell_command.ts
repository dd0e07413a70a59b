/**
 * Commands to type.
 * @module
 */
import { delimiter, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The command that starts a program of this project, as a shell takes it. */
export function shellCommand(
  program: "train" | "predict" | "evaluate" | "report" | "suggest",
  ...args: readonly string[]
): string {
  return [startOf(program), ...args.map(quoted)].join(" ");
}

/** A path as it is written from the folder that the user is in: short where it is in there. */
export function pathFromHere(path: string): string {
  const short = relative(Deno.cwd(), resolve(path));
  return short === "" || short.startsWith("..") || short.startsWith("-") ? resolve(path) : short;
}

function startOf(name: string): string {
  const program = new URL(`../${name}.ts`, import.meta.url);
  const isOnPath = (Deno.env.get("PATH") ?? "").split(delimiter)
    .some((folder) => [join(folder, "deno"), join(folder, "deno.exe")].some(isFile));
  if (program.protocol !== "file:") return `${isOnPath ? "deno" : quoted(Deno.execPath())} run -A ${program}`;
  if (isOnPath) return `deno run -A ${quoted(fileURLToPath(program))}`;
  const launcher = fileURLToPath(new URL("../../run", import.meta.url));
  if (Deno.build.os !== "windows" && isFile(launcher)) {
    return `${quoted(launcher)} ${name === "train" ? "demo" : name}`;
  }
  return `${quoted(Deno.execPath())} run -A ${quoted(fileURLToPath(program))}`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(word)) return word;
  return Deno.build.os === "windows" ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
