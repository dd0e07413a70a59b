/**
 * The share of an experiment's runs that one of several processes trains.
 * @module
 */

/** Share of a process: every `count`-th run from `index` on, or, if the number is unknown, all runs from there. */
export interface Shard {
  /** Index of the process, from 0. */
  readonly index: number;
  /** Number of processes; null if the scheduler does not tell it. */
  readonly count: number | null;
}

type Environment = (name: string) => string | undefined;

/**
 * Returns the share that the option `--shard I/N` or else the scheduler assigns; undefined if there is none.
 * Slurm's arrays set SLURM_ARRAY_TASK_ID and others, indexed Jobs of Kubernetes JOB_COMPLETION_INDEX.
 * @throws {RangeError} if the option or a variable is not valid.
 */
export function chooseShard(option: string | null, environment: Environment): Shard | undefined {
  if (option !== null) return parseShard(option);
  return slurmShard(environment) ?? jobShard(environment);
}

function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index < shard.count) return shard;
  throw new RangeError(
    `--shard must be I/N, such as 0/4, with I from 0 and below N, but it is "${text}"`,
  );
}

function slurmShard(environment: Environment): Shard | undefined {
  const numberOf = (name: string, standard?: number) => {
    const text = environment(`SLURM_ARRAY_TASK_${name}`);
    if (text === undefined && standard !== undefined) return standard;
    return /^\d{1,9}$/.test(text ?? "") ? Number(text) : NaN;
  };
  if (environment("SLURM_ARRAY_TASK_ID") === undefined) return undefined;
  const index = (numberOf("ID") - numberOf("MIN", 0)) / numberOf("STEP", 1), count = numberOf("COUNT");
  if (Number.isInteger(index) && index >= 0 && index < count) return { index, count };
  throw new RangeError(
    "Cannot tell which runs this task of the Slurm array trains: its indices are not evenly spaced. Number them from 0 (--array=0-5), or set --shard.",
  );
}

function jobShard(environment: Environment): Shard | undefined {
  const text = environment("JOB_COMPLETION_INDEX");
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return { index: Number(text), count: null };
  throw new RangeError(`JOB_COMPLETION_INDEX must be a whole number, but it is "${text}". Set --shard.`);
}

/** Selects the runs of a share. Without a known number of processes, they are all runs, the others' first ones last. */
export function selectShare<T>(runs: readonly T[], shard: Shard | undefined): readonly T[] {
  if (!shard) return runs;
  const { index, count } = shard;
  if (count !== null) return runs.filter((_, i) => i % count === index);
  const start = runs.length === 0 ? 0 : index % runs.length;
  return [...runs.slice(start), ...runs.slice(0, start)];
}
