/**
 * `deno run -A cli/train.ts`: trains an image classifier with Mean Teacher from few labels.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { carryOutWithBaseline } from "./baseline.ts";
import { parseArguments } from "./parse.ts";
import { describePlan, planRun } from "./plan.ts";
import { type Outcome, runCommand } from "./process.ts";
import { carryOut } from "./run.ts";

/** Does what the arguments say. */
async function train(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const plan = await planRun(parseArguments(args, config.version), new Date());
  if (!plan.run.show) return await (plan.run.baseline ? carryOutWithBaseline : carryOut)(plan, signal);
  console.log(JSON.stringify(describePlan(plan), null, 2));
  return "finished";
}

// Signal listeners would keep the process alive, so it has to be told to end.
if (import.meta.main) Deno.exit(await runCommand(Deno.args, (signal) => train(Deno.args, signal)));
