/**
 * The cache of kernel tuning: the fastest kernels of each device, in a file of the cache folder.
 * @module
 */
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import {
  cacheDirectory,
  checkRegular,
  createFolder,
  removeAbandoned,
  writeAtomically,
} from "../../data/files/mod.ts";
import { type Device, Tuning, type TuningEffort } from "../../kernels/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { isObject } from "./json_values.ts";
import { printWarning } from "../terminal/output.ts";

/** Kernel by op and shapes, by adapter and version. */
type KnownKernels = Record<string, Record<string, string>>;

function path(): string {
  return join(cacheDirectory(), "kernels.json");
}

/**
 * Returns the key of a device. Measurements hold for one adapter, one version of this project and one of
 * Deno.
 */
function keyOf(device: Device): string {
  return `${device.name}, version ${config.version}, Deno ${Deno.version.deno}`;
}

/**
 * Loads the kernels known from earlier runs.
 * @param effort Effort for measuring unknown kernels; null selects "fast" on GPUs and "off" on processors,
 * for which the built-in rules were made.
 */
export async function loadTuning(device: Device, effort: TuningEffort | null): Promise<Tuning> {
  const chosen = effort ?? (device.isCpu ? "off" : "fast");
  // Without measuring, the rules alone decide, so that earlier runs have no influence.
  const known = chosen === "off" ? {} : (await readKnown())[keyOf(device)] ?? {};
  return new Tuning(chosen, known);
}

/** Saves the kernels measured on a device. Prints a note if the cache folder cannot be written. */
export async function saveTuning(device: Device, tuning: Tuning): Promise<void> {
  if (tuning.milliseconds === 0) return;
  // Another run may have written meanwhile.
  const known = await readKnown();
  const all = {
    ...known,
    [keyOf(device)]: { ...known[keyOf(device)], ...Object.fromEntries(tuning.choices) },
  };
  try {
    await createFolder(dirname(path()));
    await removeAbandoned(dirname(path()));
    await writeAtomically(path(), `${JSON.stringify(all, null, 2)}\n`);
  } catch (error) {
    printWarning(`${reasonOf(error)}. The next run will measure the kernels again.`);
  }
}

async function readKnown(): Promise<KnownKernels> {
  try {
    await checkRegular(path());
    const known: unknown = JSON.parse(await Deno.readTextFile(path()));
    if (isKnown(known)) return known;
    throw new SyntaxError("the file is not a table of kernels");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    printWarning(
      `Cannot use the kernel cache ${path()}: ${reasonOf(error)}. It will be replaced.`,
    );
    return {};
  }
}

function isKnown(value: unknown): value is KnownKernels {
  return isObject(value) &&
    Object.values(value).every((kernels) =>
      isObject(kernels) && Object.values(kernels).every((kernel) => typeof kernel === "string")
    );
}
