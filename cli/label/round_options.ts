/**
 * The options of `train` for a round.
 * @module
 */
import type { LabelFile } from "./label_lists.ts";
import type { LabelSource, TrainOptions } from "./label_source.ts";
import { enoughTests } from "./test_pool.ts";

/** Parts of a round. */
export interface RoundParts {
  readonly train: LabelFile;
  readonly test: LabelFile;
  /** Folder of the run. */
  readonly output: string;
  /** Run whose weights the round starts from; null if there is none. */
  readonly init: string | null;
  /** Options of the user for each round. */
  readonly training: TrainOptions;
  /** Time in minutes; null if the options set the length. */
  readonly minutes: number | null;
}

/**
 * Returns the options of `train` for a round. Unless the error is measured otherwise, the pictures of the second list are
 * held out; with very few of them, none are, and the training estimates the error.
 */
export function roundOptions(
  { training: ofSource, lists, isTested }: LabelSource,
  { train, test, output, init, training, minutes }: RoundParts,
): TrainOptions {
  const tests = test.labels.size >= enoughTests ? [test.path] : [];
  return {
    ...ofSource,
    ...training,
    labels: [...lists, ...(train.labels.size > 0 ? [train.path] : []), ...tests],
    output,
    ...(!isTested && { holdOut: tests[0] ?? false }),
    ...(init !== null && { init }),
    ...(minutes !== null && { minutes }),
  };
}
