/**
 * Plans of new runs with another number of steps.
 * @module
 */
import { chooseSettings, resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import { chooseForFolder } from "./folder_plan.ts";
import type { FolderPlan, FreshPlan } from "./plan.ts";

/** Returns the options of a new run with a number of steps, as `--steps` sets them, without checking them. */
export function optionsWithSteps(plan: FreshPlan | FolderPlan, steps: number): TrainingOptions {
  if (plan.kind === "fresh") return { ...plan.training, steps };
  const { facts, userOptions } = plan.own;
  const chosen = { ...userOptions, steps };
  return { ...plan.training, ...chooseSettings(facts, plan.run.imageSize, chosen).training, ...chosen };
}

/** Returns the plan of a new run with a number of steps, as `--steps` sets them. @throws {RangeError} if they are too few. */
export function withSteps(plan: FreshPlan | FolderPlan, steps: number): FreshPlan | FolderPlan {
  if (plan.kind === "fresh") {
    return { ...plan, training: resolveOptions({ ...plan.training, steps }, flagOf) };
  }
  return {
    ...plan,
    ...chooseForFolder({ ...plan.own, userOptions: { ...plan.own.userOptions, steps } }, plan.run),
  };
}
