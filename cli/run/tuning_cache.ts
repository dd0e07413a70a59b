/**
 * Which kernels are fastest here, remembered from run to run in a file of the cache folder.
 * @module
 */
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { cacheDirectory, createFolder, writeAtomically } from "../../data/files/mod.ts";
import { type Device, Tuning, type TuningEffort } from "../../kernels/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { isObject } from "./json_values.ts";
import { printWarning } from "../command/output.ts";

/** By adapter and version, by op and shapes: the kernel. */
type KnownKernels = Record<string, Record<string, string>>;

function path(): string {
  return join(cacheDirectory(), "kernels.json");
}

/** What was measured holds for one adapter, and for one version of this project and of Deno with its driver. */
function keyOf(device: Device): string {
  return `${device.name}, version ${config.version}, Deno ${Deno.version.deno}`;
}

/**
 * What earlier runs found out of a device's kernels, and whether to measure the others.
 * @param effort What was asked for; where nothing was, GPUs are measured and processors, for which the rules were made, are not.
 */
export async function knownKernels(device: Device, effort: TuningEffort | null): Promise<Tuning> {
  const chosen = effort ?? (device.isCpu ? "off" : "fast");
  // Without measuring the rules alone decide: the same kernels whatever ran before.
  const known = chosen === "off" ? {} : (await readKnown())[keyOf(device)] ?? {};
  return new Tuning(chosen, known);
}

/** Keeps what was found out of a device. Says so, and goes on, where the cache folder cannot be written. */
export async function rememberKernels(device: Device, tuning: Tuning): Promise<void> {
  if (tuning.milliseconds === 0) return;
  // Another run may have found out other things meanwhile.
  const known = await readKnown();
  const all = {
    ...known,
    [keyOf(device)]: { ...known[keyOf(device)], ...Object.fromEntries(tuning.choices) },
  };
  try {
    await createFolder(dirname(path()));
    await writeAtomically(path(), `${JSON.stringify(all, null, 2)}\n`);
  } catch (error) {
    printWarning(`${reasonOf(error)}. Which kernels are fastest will be measured again next time.`);
  }
}

async function readKnown(): Promise<KnownKernels> {
  try {
    const known: unknown = JSON.parse(await Deno.readTextFile(path()));
    if (isKnown(known)) return known;
    throw new SyntaxError("it is no table of kernels");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    printWarning(
      `Cannot use ${path()} as it must be what a run left: ${reasonOf(error)}. It will be made anew.`,
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
