/**
 * The folder and the command line from which the user called a command.
 * @module
 */
import { delimiter, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { shownName } from "../../data/internal.ts";

/** Environment variable that the launcher `run` sets. */
const launched = "MT_LAUNCHED";
/** Name under which the README installs the commands. */
const installedName = "mean-teacher";

/**
 * Changes to the folder of the user, at which paths in arguments start: a task of deno.json and the launcher `run` start
 * commands in the project's folder and pass the user's in INIT_CWD. Elsewhere that variable belongs to another program.
 */
export function enterFolderOfCaller(): void {
  const caller = Deno.env.get("INIT_CWD");
  const project = new URL("../../", import.meta.url);
  if (caller === undefined || project.protocol !== "file:") return;
  if (Deno.realPathSync(Deno.cwd()) === Deno.realPathSync(fileURLToPath(project))) Deno.chdir(caller);
}

/**
 * Returns the start of a command line that calls a command the way this one was called, such as `mean-teacher train`.
 * @param name The command; if absent, the start that all commands have in common.
 */
export function commandStart(name?: string): string {
  const main = new URL("../main.ts", import.meta.url);
  const isMain = name === undefined || Deno.mainModule === main.href;
  const tail = name === undefined ? [] : [name];
  const launcher = launcherPath();
  if (launcher !== undefined) return [quoted(launcher), ...tail].join(" ");
  if (isMain && isOnPath(installedName)) return [installedName, ...tail].join(" ");
  const program = isMain ? main : new URL(`../${name}.ts`, import.meta.url);
  const path = program.protocol === "file:" ? pathFromHere(fileURLToPath(program)) : program.href;
  const deno = isOnPath("deno") ? "deno" : quoted(Deno.execPath());
  return [deno, "run", "-A", quoted(path), ...(isMain ? tail : [])].join(" ");
}

/** Returns the path of the launcher if the command was called by it, or cannot be called otherwise. */
function launcherPath(): string | undefined {
  const launcher = new URL("../../run", import.meta.url);
  if (launcher.protocol !== "file:" || Deno.build.os === "windows") return undefined;
  const path = fileURLToPath(launcher);
  if (!isFile(path) || (Deno.env.get(launched) !== "1" && isOnPath("deno"))) return undefined;
  const short = pathFromHere(path);
  return short.includes("/") ? short : `./${short}`; // Without a slash a shell would look for it in PATH.
}

/** Returns a path as seen from the current folder: relative if below it, else absolute. */
export function pathFromHere(path: string): string {
  const short = relative(Deno.cwd(), resolve(path));
  return short === "" || short.startsWith("..") || short.startsWith("-") ? resolve(path) : short;
}

function isOnPath(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) =>
    ["", ".exe", ".cmd"].some((extension) => isFile(join(folder, program + extension)))
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Returns a word as a shell takes it; a word with control characters in the notation of Bash and Zsh. */
export function quoted(word: string): string {
  if (shownName(word) !== word) return `$'${shownName(word.replaceAll(/[\\']/g, "\\$&"))}'`;
  if (/^[\w@%+=:,./\\-]+$/.test(word)) return word;
  return Deno.build.os === "windows" ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
