/**
 * Plans runs: from the arguments, the defaults, the recipes, and the settings in a checkpoint.
 * @module
 */
import { findDataset } from "../../data/files/mod.ts";
import { checkLoaded, withInitialWeights } from "../../semisup/mod.ts";
import { type OpenedWeights, openInitialWeights } from "../weights/initial_weights.ts";
import { type Arguments, flagOf, runDefaults, type RunOptions } from "../command/options.ts";
import { checkNewFolder } from "../run_files/new_folder.ts";
import { defaultFolder } from "../run_files/run_files.ts";
import type { FolderClaims } from "../storage/folder_claims.ts";
import { planAutomatic } from "./automatic.ts";
import { optionsGiven } from "./describe_plan.ts";
import { checkBaseline, checkExclusions, checkFoldsCompared } from "./exclusions.ts";
import { planFolder } from "./folder_plan.ts";
import { checkBaselineTested } from "./held_out.ts";
import { USER_FOLDER } from "./about_data.ts";
import type { FolderPlan, FreshPlan, ResumedPlan } from "./plan.ts";
import { findPreset, trainingOf } from "./presets/presets.ts";
import { findRecipe, type Recipe } from "./recipes.ts";
import { resolveTraining } from "./resolve_training.ts";
import { automatic, planResumption } from "./resumption.ts";

/**
 * Plans a run.
 * @param device Device that the settings for `--data` are chosen for; if absent, a GPU.
 * @param claims Claims the folder that the run writes to; if absent, as for plans that are not executed, none is.
 * @throws {RangeError} if options contradict each other, or the output folder is in use.
 * @throws the same as `planFolder`.
 */
export async function planRun(
  chosen: Arguments,
  now: Date,
  device: { readonly isCpu: boolean } = { isCpu: false },
  claims?: FolderClaims,
): Promise<FreshPlan | FolderPlan | ResumedPlan> {
  const run = { ...runDefaults, ...chosen.run };
  if (run.baseline && run.folds !== null) {
    throw new RangeError(
      "Cannot use --baseline with --folds: with folds, no test images are held out to compare the baseline on",
    );
  }
  checkFoldsCompared(run, chosen.training);
  if (run.minutes !== null && run.show) {
    throw new RangeError("Cannot use --minutes with --show: the number of steps is measured by training");
  }
  if (run.resume === automatic) {
    const resumed = await planAutomatic(chosen, run, claims);
    if (resumed) return resumed;
  } else if (run.resume !== null) return await planResumption(chosen, run, run.resume, claims);
  checkExclusions(run, chosen);
  const { data } = run, folder = await chooseFolder(run, now, claims);
  const init = await openInit(run, chosen.training), measured = kernelsOf(chosen);
  if (data === null) return { ...planNew(chosen, folder, init), ...measured };
  const { own, training } = await planFolder(chosen, { ...run, data }, device, init?.weights);
  checkBaseline(run, training);
  checkBaselineTested(run, own.folder.test !== null);
  const planned = { run: { ...run, dataset: USER_FOLDER }, training, folder, own, init };
  return { kind: "folder", from: null, given: optionsGiven(chosen), ...planned, ...measured };
}

/** Returns the folder of a new run, which is claimed. @throws {RangeError} if it is in use. */
async function chooseFolder(
  { output, show }: RunOptions,
  now: Date,
  claims: FolderClaims | undefined,
): Promise<string> {
  if (output === null) return claims ? await claims.claimNew(defaultFolder(now)) : defaultFolder(now);
  if (show) return output;
  await checkNewFolder(output);
  await claims?.claim(output);
  // Another run may have begun and ended there before the claim.
  await checkNewFolder(output);
  return output;
}

function kernelsOf({ kernels }: Arguments): Pick<FreshPlan, "kernels"> {
  return kernels ? { kernels } : {};
}

/** Opens the weights of `--init`. @throws {RangeError} if options need weights, and there are none. */
async function openInit(
  { init }: RunOptions,
  training: Arguments["training"],
): Promise<OpenedWeights | null> {
  checkLoaded(training, init !== null, flagOf, "--init");
  return init === null ? null : await openInitialWeights(init, training.architecture ?? null);
}

/** Plans a new run on a known dataset. @throws {RangeError} if options contradict each other. */
export function planNew(chosen: Arguments, folder: string, init: OpenedWeights | null = null): FreshPlan {
  const preset = chosen.run.preset ? findPreset(chosen.run.preset) : undefined;
  const run = { ...runDefaults, ...(preset && { dataset: preset.dataset }), ...chosen.run };
  checkExclusions(run, chosen);
  if (run.folds !== null) {
    throw new RangeError(
      `Cannot use --folds without --data: ${run.dataset} has test images already`,
    );
  }
  const recipe: Recipe = preset
    ? { labelsPerClass: preset.labelsPerClass, training: trainingOf(preset) }
    : findRecipe(run.dataset);
  const [, height, width] = findDataset(run.dataset).imageShape;
  const userOptions = withInitialWeights(chosen.training, init?.weights, flagOf);
  const training = resolveTraining(recipe.training, run.augment, [height, width], userOptions);
  checkBaseline(run, training);
  const labelsPerClass = run.labelsPerClass ?? recipe.labelsPerClass;
  // A run that the user has set up in any way shall be as long as asked for.
  const isDefault = Object.keys(chosen.training).every((option) => option === "seed");
  const processorMinutes = isDefault && !preset ? recipe.processorMinutes ?? null : null;
  const given = optionsGiven(chosen);
  return { kind: "fresh", run, training, folder, from: null, given, labelsPerClass, processorMinutes, init };
}
