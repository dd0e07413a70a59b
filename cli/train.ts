/**
 * `deno run -A cli/train.ts`: trains an image classifier with Mean Teacher from few labels.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { HelpRequested, parseArguments } from "./parse.ts";
import { planRun } from "./plan.ts";
import { carryOut } from "./run.ts";

/** What a shell expects of a program that Ctrl-C ended. */
const interruptedCode = 130;

/** A signal that Ctrl-C gives: once to stop in good order, twice to stop at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(interruptedCode);
    controller.abort();
    console.error("\nStopping after this step and saving a checkpoint; once more to stop at once");
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  return controller.signal;
}

/** Does what the arguments say. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const signal = interruption();
  try {
    const outcome = await carryOut(await planRun(parseArguments(args, config.version), new Date()), signal);
    return outcome === "interrupted" ? interruptedCode : 0;
  } catch (error) {
    if (error instanceof HelpRequested) {
      console.log(error.message);
      return 0;
    }
    if (signal.aborted) {
      console.error("Stopped before training began");
      return interruptedCode;
    }
    console.error(args.includes("--debug") ? error : error instanceof Error ? error.message : error);
    return 1;
  }
}

// Signal listeners would keep the process alive, so it has to be told to end.
if (import.meta.main) Deno.exit(await main(Deno.args));
