/**
 * The training of a process that writes no files.
 * @module
 */
import type { Trainer } from "../../semisup/mod.ts";
import type { Outcome } from "../command/process.ts";

/** Takes part in a run until its end, or until any process is stopped. */
export async function followRun(trainer: Trainer, signal: AbortSignal): Promise<Outcome> {
  for await (const record of trainer.run({ signal })) {
    if (record.kind === "checkpoint" && record.isFinal) return "finished";
  }
  // Process 0 writes a checkpoint, for which all average their running statistics.
  await trainer.checkpoint();
  return "interrupted";
}
