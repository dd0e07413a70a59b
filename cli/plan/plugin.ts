/**
 * Plugins: modules of the user that register networks, datasets, methods and augmentations, before a command reads its options.
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { datasets } from "../../data/files/mod.ts";
import { architectures } from "../../nn/mod.ts";
import { augmentationNames, methodNames } from "../../semisup/mod.ts";
import { reasonOf } from "../command/reason.ts";

/** Returns the last value of a flag in arguments that are not parsed yet; undefined if it is absent. */
export function lastValueIn(args: readonly string[], flag: string): string | undefined {
  const end = args.indexOf("--"), own = end < 0 ? args : args.slice(0, end);
  return own.flatMap((argument, i) =>
    argument === flag
      ? own[i + 1] ?? []
      : argument.startsWith(`${flag}=`)
      ? argument.slice(flag.length + 1)
      : []
  ).at(-1);
}

const loaded = new Set<string>();
/** Library that plugins must import. */
const own = new URL("../../mod.ts", import.meta.url);

/**
 * Imports a plugin, once per process.
 * @param path Path of the module, from the working directory.
 * @throws {RangeError} if the module cannot be imported, or registers nothing.
 */
export async function loadPlugin(path: string): Promise<void> {
  const { href } = pathToFileURL(resolve(path));
  if (loaded.has(href)) return;
  const before = countRegistered();
  try {
    await import(href);
  } catch (error) {
    throw new RangeError(`Cannot load the plugin ${path}: ${importFailure(error)}`, { cause: error });
  }
  if (countRegistered() === before) {
    // A second copy of the project has tables of its own.
    throw new RangeError(
      `Cannot use the plugin ${path}: it registers nothing. Call registerArchitecture, registerDataset, registerMethod or registerAugmentation of this copy of the project, ${own}.`,
    );
  }
  loaded.add(href);
}

/** Returns why a module cannot be imported. */
function importFailure(error: unknown): string {
  const reason = error instanceof TypeError && /^Import "(.+?)" not a dependency/.exec(error.message);
  return reason
    ? `it imports "${reason[1]}", which is not known. Import ${own} or an npm: package`
    : reasonOf(error);
}

/** Returns the number of entries in all tables that plugins add to. */
function countRegistered(): number {
  return [architectures, datasets, methodNames, augmentationNames].reduce(
    (sum, { length }) => sum + length,
    0,
  );
}
