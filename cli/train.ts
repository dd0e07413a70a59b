/**
 * `deno run -A cli/train.ts`: trains an image classifier with Mean Teacher from few labels.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { carryOutWithBaseline } from "./run/baseline.ts";
import { Device } from "../kernels/mod.ts";
import { describeOwn } from "./plan/folder_text.ts";
import { parseArguments } from "./command/parse.ts";
import { describePlan, planRun } from "./plan/run_plan.ts";
import { type Outcome, runCommand } from "./command/process.ts";
import { carryOut } from "./run/run.ts";

/** Does what the arguments say. */
export async function train(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const said = parseArguments(args, config.version);
  // What is chosen for a folder of one's own depends on the device.
  using device = said.run.data === undefined ? undefined : await Device.request();
  const plan = await planRun(said, new Date(), device);
  if (!plan.run.show) {
    return await (plan.run.baseline ? carryOutWithBaseline : carryOut)(plan, signal, device);
  }
  if (plan.own) console.error(describeOwn(plan.own, plan.training, plan.run));
  console.log(JSON.stringify(describePlan(plan), null, 2));
  return "finished";
}

// Signal listeners would keep the process alive, so it has to be told to end.
if (import.meta.main) Deno.exit(await runCommand(Deno.args, (signal) => train(Deno.args, signal)));
