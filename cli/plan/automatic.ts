/**
 * `--resume auto`: one command that starts a run and, after every interruption, continues it.
 * @module
 */
import { join } from "node:path";
import { type Arguments, flagOf, runDefaults, type RunOptions } from "../command/options.ts";
import { exists } from "../command/given_file.ts";
import { isObject } from "../command/json_values.ts";
import { checkNewFolder, clearAttempt } from "../run_files/new_folder.ts";
import { runFiles } from "../run_files/run_files.ts";
import { readSetup, type RunSetup } from "../run_files/run_reader.ts";
import type { FolderClaims } from "../storage/folder_claims.ts";
import { optionsGiven } from "./describe_plan.ts";
import { automatic, changeable, isComplete, resumedPlan } from "./resumption.ts";
import type { ResumedPlan } from "./plan.ts";
import { loadCheckpoint, loadNewestCheckpoint, type SavedCheckpoint } from "./saved_checkpoint.ts";

/** Options that set the length of a run. */
const lengths: ReadonlySet<string> = new Set(["epochs", "steps", "maxSteps"]);

/**
 * Plans to continue the run in `--output` from its newest whole checkpoint. If it has none, deletes the files of the
 * killed attempt, unless the run is only shown.
 * @returns undefined if the run must be started.
 * @throws {RangeError} if the run there has other options, or the folder has files that are not of a run.
 */
export async function planAutomatic(
  chosen: Arguments,
  { output, show, evaluate }: RunOptions,
  claims: FolderClaims | undefined,
): Promise<ResumedPlan | undefined> {
  if (output === null || evaluate) {
    throw new RangeError(
      output === null
        ? "Cannot use --resume auto without --output: name the folder of the run"
        : "Cannot use --resume auto with --evaluate: name the checkpoint to evaluate",
    );
  }
  const isRun = await exists(join(output, runFiles.config));
  if (!isRun) await checkNewFolder(output);
  await claims?.claim(output);
  const setup = isRun ? await readSetup(output) : null;
  const from = await loadNewestCheckpoint(output) ?? await loadSource(setup);
  if (!from) {
    if (!show) await clearAttempt(output);
    return undefined;
  }
  const kept = <T extends object>(options: T): Partial<T> =>
    Object.fromEntries(Object.entries(options).filter(([name]) => changeable.has(name))) as Partial<T>;
  const own = { run: kept(chosen.run), training: kept(chosen.training) };
  const plan = resumedPlan(own, { ...runDefaults, ...own.run, resume: automatic }, from, output);
  checkSameOptions(output, setup, optionsGiven(chosen), await isComplete(plan));
  return plan;
}

/** Loads the checkpoint that a run without own checkpoints was resumed from; null if it was started anew. */
async function loadSource(setup: RunSetup | null): Promise<SavedCheckpoint | null> {
  const resume = setup?.config["resume"];
  return typeof resume === "string" ? await loadCheckpoint(resume) : null;
}

/** @throws {RangeError} if an option is set to another value than in the command that started the run. */
function checkSameOptions(
  folder: string,
  setup: RunSetup | null,
  given: Readonly<Record<string, unknown>>,
  isFinished: boolean,
): void {
  const there = setup?.config["given"], known = isObject(there) ? there : {};
  const names = new Set([...Object.keys(given), ...isFinished ? lengths : []]);
  for (const name of names) {
    if (changeable.has(name) && !(isFinished && lengths.has(name))) continue;
    const [before, now] = [known[name], given[name]].map((value) => JSON.stringify(value));
    if (before === now) continue;
    throw new RangeError(
      `Cannot ${isFinished ? "continue the finished run" : "resume the run"} in ${folder}: it was started ${
        before === undefined ? `without ${flagOf(name)}` : `with ${flagOf(name)} ${before}`
      }, but the command has ${now === undefined ? "none" : now}. ${
        lengths.has(name)
          ? `To make it longer, use --resume ${folder} and another --output.`
          : "Set another --output."
      }`,
    );
  }
}
