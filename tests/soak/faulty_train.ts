/** `train` with a fault in its file operations, set by the variable MT_FAULT as JSON. */
import { defineCommand } from "../../cli/command/command.ts";
import { splitOptions } from "../../cli/command/options.ts";
import { trainCommand } from "../../cli/train.ts";
import { installFaultOfEnvironment } from "./file_faults.ts";
import { trainStandIn } from "./stand_in.ts";

installFaultOfEnvironment();
const isStandIn = Deno.env.get("MT_STAND_IN") === "1";
if (import.meta.main) {
  const run: typeof trainCommand.run = ({ chosen }, signal) => trainStandIn(splitOptions(chosen), signal);
  await (isStandIn ? defineCommand({ ...trainCommand, run }) : trainCommand).start();
}
