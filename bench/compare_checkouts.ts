/**
 * Comparison of this checkout with another one of the project: the same cases by the same benchmark code, one
 * process each, samples interleaved.
 * @module
 */
import type { TuningEffort } from "../kernels/mod.ts";
import { compare, type PeerCommand, type Plan, type Row } from "./peers/compare.ts";
import { printComparison } from "./peers/comparison_lines.ts";

const root = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** Settings of {@linkcode compareCheckouts}. */
export interface CheckoutOptions extends Plan {
  /** Names of the cases. */
  readonly cases: readonly string[];
  /** Effort of tuning; the default of `deno task bench` if absent. */
  readonly tune?: TuningEffort | undefined;
  /** True if nothing is printed but progress. */
  readonly isSilent?: boolean;
}

/**
 * Compares this working tree with another version of it.
 * @param reference a folder, or a commit, branch or tag of git.
 * @throws {Error} if it is neither a folder with the project nor known to git.
 */
export async function compareCheckouts(reference: string, options: CheckoutOptions): Promise<Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "mean-teacher-bench-" });
  try {
    await extract(reference, folder);
    const ours = describeWorker("this checkout", root, options.tune);
    const theirs = describeWorker(reference, `${folder}/`, options.tune);
    const rows: Row[] = [];
    for (const name of options.cases) {
      const pair = await compare(name, [ours, theirs], options, (message) => console.error(message));
      if (!options.isSilent) printComparison(pair);
      rows.push(...pair);
    }
    return rows;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function describeWorker(name: string, folder: string, tune: TuningEffort | undefined): PeerCommand {
  const options = ["run", "-A", "--quiet", "--no-lock", "--config", `${folder}deno.json`];
  const command = [Deno.execPath(), ...options, `${folder}bench/case_worker.ts`, ...(tune ? [tune] : [])];
  return { name, command: command as [string, ...string[]] };
}

/** Copies a version of the project into a folder, with the benchmarks of this checkout instead of its own. */
async function extract(reference: string, folder: string): Promise<void> {
  const isFolder = await Deno.stat(reference).then(({ isDirectory }) => isDirectory, () => false);
  if (isFolder) {
    const rooms = ["deno.json", "kernels", "nn", "semisup", "data"].map((name) => `${reference}/${name}`);
    await runProgram("cp", ["-R", ...rooms, folder]);
  } else {
    const archive = `${folder}/archive.tar`;
    await runProgram("git", ["-C", root, "archive", "--format=tar", "-o", archive, reference]);
    await runProgram("tar", ["-xf", archive, "-C", folder, "--exclude", "bench"]);
  }
  await runProgram("cp", ["-R", `${root}bench`, folder]);
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdout: "null" }).output();
  if (success) return;
  throw new Error(`Cannot read the other version: ${program}: ${new TextDecoder().decode(stderr).trim()}`);
}
