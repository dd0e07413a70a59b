/**
 * The cache of kernel tuning: the fastest kernels of each device.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { type Device, Tuning, type TuningEffort } from "../../kernels/mod.ts";
import { CacheTable } from "../storage/cache_table.ts";
import { isObject } from "../command/json_values.ts";

/** Kernel by op and shapes. */
type KnownKernels = Record<string, string>;

const table = new CacheTable(
  "kernels.json",
  (value: unknown): value is KnownKernels =>
    isObject(value) && Object.values(value).every((kernel) => typeof kernel === "string"),
);

/**
 * Returns the key of a device. Measurements hold for one adapter with one driver, one version of this project and one
 * of Deno.
 */
function keyOf({ name, driver }: Device): string {
  return `${name}, driver ${driver}, version ${config.version}, Deno ${Deno.version.deno}`;
}

/**
 * Loads the kernels known from earlier runs.
 * @param effort Effort for measuring unknown kernels; null selects "fast" on GPUs and "off" on processors,
 * for which the built-in rules were made.
 */
export async function loadTuning(device: Device, effort: TuningEffort | null): Promise<Tuning> {
  const chosen = effort ?? (device.isCpu ? "off" : "fast");
  // Without measuring, the rules alone decide, so that earlier runs have no influence.
  const known = chosen === "off" ? {} : (await table.read())[keyOf(device)] ?? {};
  return new Tuning(chosen, known);
}

/** Saves the kernels measured on a device. Prints a warning if the cache folder cannot be written. */
export async function saveTuning(device: Device, tuning: Tuning): Promise<void> {
  if (tuning.milliseconds === 0) return;
  await table.update(keyOf(device), (known) => ({ ...known, ...Object.fromEntries(tuning.choices) }));
}
