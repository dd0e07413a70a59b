/**
 * The choice of how processes share the batches of a run.
 * @module
 */
import { shareOf } from "../../kernels/mod.ts";
import { methodOf } from "../methods/mod.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import type { TrainerSettings } from "../training/trainer_settings.ts";
import type { SharedBatches } from "../training/training_step.ts";
import type { Collective } from "./collective.ts";
import { syncByDefault } from "./shared_run.ts";

/** Share of a process in a run. */
export interface Sharing extends SharedBatches {
  /** Processes that train the run together. */
  readonly collective: Collective;
}

/**
 * Returns how processes share the batches of a run; undefined if this process trains alone.
 * @throws {RangeError} if the batches or the method cannot be shared.
 */
export function sharingOf(
  options: TrainingOptions,
  { collective, syncBatchNorm, algorithm, observe = [], nameOf = (option) => option }: TrainerSettings,
): Sharing | undefined {
  if (!collective) return undefined;
  const { rank, ranks } = collective, { batchSize } = options;
  if (batchSize < ranks) {
    throw new RangeError(
      `Cannot share batches: each process needs at least one image, but ${
        nameOf("batchSize")
      } is ${batchSize} for ${ranks} processes`,
    );
  }
  if (algorithm || observe.length > 0) {
    throw new RangeError(
      `Cannot share batches with a custom ${algorithm ? "algorithm" : "list of observed layers"}`,
    );
  }
  if (methodOf(options).mixesExamples) {
    throw new RangeError(
      `Cannot share batches: method ${options.algorithm} mixes examples of the whole batch. Train with one process.`,
    );
  }
  const share = shareOf(batchSize, rank, ranks);
  return {
    collective,
    share,
    sum: (values: Float32Array<ArrayBuffer>) => collective.sum(values),
    syncBatchNorm: syncBatchNorm ?? syncByDefault(share),
  };
}
