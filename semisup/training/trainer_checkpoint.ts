/**
 * The checkpoint of a trainer's run.
 * @module
 */
import { viewShape } from "../../kernels/mod.ts";
import { joinNames, readState } from "../../nn/mod.ts";
import { type Checkpoint, groupsIn, type RunState } from "../checkpoint.ts";
import { DivergenceError } from "./cost_meter.ts";
import { statesOf } from "../setup.ts";
import type { TrainerParts } from "./trainer_parts.ts";

/**
 * Reads all variables of a run in one transfer, so that they are of the same step.
 * @param step Completed steps.
 * @throws {DivergenceError} if a value is not a finite number, so that no checkpoint has such values.
 */
export async function readRunState({ device, algorithm }: TrainerParts, step: number): Promise<RunState> {
  const state = await readState(device, joinNames(statesOf(algorithm)));
  for (const [name, { data }] of state) {
    if (data instanceof Float32Array && !areFinite(data)) {
      throw new DivergenceError(
        `Cannot continue training: all values must be finite numbers, but some of ${name} are not by step ${step}. Try a lower learning rate or consistency weight.`,
      );
    }
  }
  return groupsIn(state);
}

function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) sum += 0 * value; // NaN for NaN and infinities, else 0.
  return sum === 0;
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
