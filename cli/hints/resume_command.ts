/**
 * The command that resumes a run.
 * @module
 */
import { resolve } from "node:path";
import { runDefaults, type RunOptions } from "../command/options.ts";
import type { TrainingOptions } from "../../semisup/mod.ts";
import { shellCommand } from "./shell_command.ts";

/**
 * Returns the command that resumes from a checkpoint or from the folder of a run. The path is absolute, so that the
 * command works in any folder.
 */
export function resumeCommand(path: string, ...flags: readonly string[]): string {
  return shellCommand("train", "--resume", resolve(path), ...flags);
}

/**
 * Returns the flags that a resumed run needs to end as the interrupted one would have: all options in use that
 * checkpoints do not contain.
 */
export function resumeFlags(
  { run, training: { maxSteps } }: {
    readonly run: RunOptions;
    readonly training: Pick<TrainingOptions, "maxSteps">;
  },
): readonly string[] {
  const { tensorboard, csv, download, plugin, keepCheckpoints, memoryLimit, fallback } = run;
  return [
    ...(maxSteps === null ? [] : [`--max-steps=${maxSteps}`]),
    ...followUpFlags(run),
    ...(tensorboard ? ["--tensorboard"] : []),
    ...(csv ? ["--csv"] : []),
    ...(download ? ["--download"] : []),
    ...(memoryLimit === null ? [] : [`--memory-limit=${memoryLimit}`]),
    ...pluginFlags({ plugin }),
    ...(keepCheckpoints === runDefaults.keepCheckpoints ? [] : [`--keep-checkpoints=${keepCheckpoints}`]),
    ...(fallback === null ? [] : ["--fallback", resolve(fallback)]),
  ];
}

/** Returns the flags that load the plugin of a run, from any folder. */
export function pluginFlags({ plugin }: Pick<RunOptions, "plugin">): readonly string[] {
  return plugin === null ? [] : ["--plugin", resolve(plugin)];
}

/** Returns the flags that request runs after a run. */
export function followUpFlags(
  { baseline, folds }: Pick<RunOptions, "baseline" | "folds">,
): readonly string[] {
  return [...(baseline ? ["--baseline"] : []), ...(folds === null ? [] : [`--folds=${folds}`])];
}
