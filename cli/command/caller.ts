/**
 * The folder that the user calls a command from.
 * @module
 */
import { fileURLToPath } from "node:url";

/**
 * Goes back to the folder that the user is in, which paths in arguments start at: a task of deno.json and the launcher
 * `run` start commands in the project's folder, and say in INIT_CWD where they were called. Elsewhere that variable is
 * somebody else's.
 */
export function enterFolderOfCaller(): void {
  const caller = Deno.env.get("INIT_CWD");
  const project = new URL("../../", import.meta.url);
  if (caller === undefined || project.protocol !== "file:") return;
  if (Deno.realPathSync(Deno.cwd()) === Deno.realPathSync(fileURLToPath(project))) Deno.chdir(caller);
}
