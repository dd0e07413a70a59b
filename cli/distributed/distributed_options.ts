/**
 * Options of runs in several processes.
 * @module
 */
import { flagOf, type RunOptions } from "../command/options.ts";
import { printWarning } from "../terminal/output.ts";

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

/** Variables of Open MPI's `mpirun` with the number of processes and the number of this one. */
const sizeVariable = "OMPI_COMM_WORLD_SIZE", rankVariable = "OMPI_COMM_WORLD_RANK";

/** Prints a warning if `mpirun` started several processes, each of which is about to train a run of its own. */
export function warnOfSeparateRuns(): void {
  const isReadable = [sizeVariable, rankVariable].every((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
  // Without permission to read them, the run needs no answer.
  const count = isReadable ? Number(Deno.env.get(sizeVariable) ?? 1) : 1;
  if (count < 2 || Deno.env.get(rankVariable) !== "0") return;
  printWarning(
    `mpirun started ${count} processes, each of which trains a run of its own. Add --distributed to train one run in all of them.`,
  );
}
