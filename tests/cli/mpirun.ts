/** The command in several processes that Open MPI connects. */
import { checkpointIn, command, type Ending, run } from "./command.ts";

/** Start of a command line of `mpirun` on a machine with fewer cores than processes, perhaps as its administrator. */
export function mpirunOf(count: number): readonly string[] {
  return ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", `${count}`];
}

/** Runs `train` in several processes. */
export async function mpirun(directory: string, count: number, args: readonly string[]): Promise<Ending> {
  return await run([...mpirunOf(count), ...command, "--distributed", ...args], directory);
}

/** Groups of values in checkpoints. */
const groups = ["student", "teacher", "optimizer"] as const;

/** Largest differences between the values of two checkpoints, by group. */
export type Differences = Readonly<Record<typeof groups[number], number>>;

/** Returns the largest differences between the values of the checkpoints in two files. */
export async function differencesOf(one: string, other: string): Promise<Differences> {
  const [a, b] = [await checkpointIn(one), await checkpointIn(other)];
  const pairs = groups.map((group) => {
    let largest = 0;
    for (const [name, { data }] of a[group]) {
      const others = b[group].get(name)?.data;
      if (others?.length !== data.length) throw new Error(`${other} has another ${group}.${name}`);
      for (const [i, value] of data.entries()) {
        const distance = Math.abs(value - (others[i] ?? NaN));
        if (!(distance <= largest)) largest = distance;
      }
    }
    return [group, largest] as const;
  });
  return Object.fromEntries(pairs) as Record<typeof groups[number], number>;
}

/** Returns the processes that a process has started. */
export function childrenOf(parent: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((id) => {
    try {
      return id > 0 && Deno.readTextFileSync(`/proc/${id}/status`).includes(`\nPPid:\t${parent}\n`);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

/** Returns whether a process exists, other than as an entry that its parent has not read yet. */
async function isAlive(id: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${id}/status`).catch(() => "State:\tZ");
  return !/State:\tZ/.test(status);
}

/**
 * Waits until processes have ended, even those that `mpirun` does not wait for after it killed them.
 * @param limit Milliseconds. @throws {Error} if some have not ended by then.
 */
export async function waitForEnds(processes: readonly number[], limit: number): Promise<void> {
  const end = performance.now() + limit;
  for (const id of processes) {
    while (await isAlive(id)) {
      if (performance.now() > end) throw new Error(`Process ${id} is left`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
