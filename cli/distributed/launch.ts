/**
 * The start of this process by `mpirun`, as the environment describes it.
 * @module
 */

/** Variables of Open MPI with the number of this process and the number of processes, and one of MPICH. */
const rankVariable = "OMPI_COMM_WORLD_RANK",
  sizeVariable = "OMPI_COMM_WORLD_SIZE",
  foreignVariable = "PMI_RANK";

/** A process as its starter describes it. */
export interface Launch {
  /** Number of the process; 0 without one. */
  readonly rank: number;
  /** Number of processes; null unless `mpirun` of Open MPI started this one. */
  readonly ranks: number | null;
  /** True if `mpirun` of MPICH started it, which is refused. */
  readonly isForeign: boolean;
}

/** Returns how this process was started. */
export function readLaunch(): Launch {
  const [own, size, foreign] = [rankVariable, sizeVariable, foreignVariable].map((name) =>
    Deno.env.get(name)
  );
  const rank = Number(own ?? foreign ?? 0), ranks = own === undefined ? NaN : Number(size);
  return { rank, ranks: rank < ranks ? ranks : null, isForeign: own === undefined && foreign !== undefined };
}

/** Returns whether this process may read how it was started. */
export function canReadLaunch(): boolean {
  return [rankVariable, sizeVariable, foreignVariable].every((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
}
