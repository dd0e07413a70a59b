/**
 * Options of runs in several processes.
 * @module
 */
import { flagOf, type RunOptions } from "../command/options.ts";
import { printWarning } from "../terminal/output.ts";
import { canReadLaunch, readLaunch } from "./launch.ts";

/** Options that one process measures, decides or serves alone, so that several would train different runs. */
const unshared = [
  "minutes",
  "baseline",
  "folds",
  "evaluate",
  "dashboard",
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

/** Prints a warning if `mpirun` started several processes, each of which is about to train a run of its own. */
export function warnOfSeparateRuns(): void {
  // Without permission to read the environment, the run needs no answer.
  const { rank, ranks } = canReadLaunch() ? readLaunch() : { rank: 0, ranks: null };
  if (ranks === null || ranks < 2 || rank !== 0) return;
  printWarning(
    `mpirun started ${ranks} processes, each of which trains a run of its own. Add --distributed to train one run in all of them.`,
  );
}
