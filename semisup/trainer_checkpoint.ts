/**
 * The checkpoint of a trainer's run.
 * @module
 */
import { viewShape } from "../kernels/mod.ts";
import { joinNames, readState } from "../nn/mod.ts";
import { type Checkpoint, groupsIn, type RunState } from "./checkpoint.ts";
import { statesOf } from "./setup.ts";
import type { TrainerParts } from "./trainer_parts.ts";

/** Reads all variables of a run in one transfer, so that they are of the same step. */
export async function readRunState({ device, algorithm }: TrainerParts): Promise<RunState> {
  return groupsIn(await readState(device, joinNames(statesOf(algorithm))));
}

/** Returns the checkpoint of a run. @param point Step, state at that step, and the best weights so far. */
export function checkpointOf(
  { options, data: { classes, train }, channelStatistics, about, custom, loaded, tuning }: TrainerParts,
  { step, state, best }: Pick<Checkpoint, "step" | "best"> & { readonly state: RunState },
): Checkpoint {
  const { mean, standardDeviation } = channelStatistics;
  return {
    step,
    options,
    classes,
    imageShape: viewShape({ ...options, imageShape: train.imageShape }),
    canvas: [train.imageShape[1], train.imageShape[2]],
    channelStatistics: { mean, standardDeviation },
    labels: train.labels,
    about,
    custom,
    loaded,
    kernels: Object.fromEntries(tuning.choices),
    ...(best && { best }),
    ...state,
  };
}
