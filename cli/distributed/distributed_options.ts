/**
 * Options of runs in several processes.
 * @module
 */
import { flagOf, type RunOptions } from "../command/options.ts";

/** Options that one process measures or decides alone, so that several would train different runs. */
const unshared = [
  "minutes",
  "baseline",
  "folds",
  "evaluate",
] as const satisfies readonly (keyof RunOptions)[];

/** @throws {RangeError} if options exclude training in several processes. */
export function checkDistributed(run: Partial<RunOptions>): void {
  const other = unshared.find((option) =>
    run[option] !== undefined && run[option] !== false && run[option] !== null
  );
  if (other === undefined) return;
  throw new RangeError(
    `Cannot use ${
      flagOf(other)
    } with --distributed: several processes train one run, of a fixed length. Use ${
      flagOf(other)
    } in a run of one process.`,
  );
}

/** Returns the setting of `--sync-batch-norm`; undefined if the trainer decides. */
export function syncBatchNormOf({ syncBatchNorm }: Pick<RunOptions, "syncBatchNorm">): boolean | undefined {
  return syncBatchNorm === "auto" ? undefined : syncBatchNorm === "on";
}
