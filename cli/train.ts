/**
 * `deno run -A cli/train.ts`: trains an image classifier with Mean Teacher from few labels.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { HelpRequested, parseArguments } from "./parse.ts";
import { describePlan, planRun } from "./plan.ts";
import { carryOut } from "./run.ts";

/** Why a run is to stop: a signal came. */
class Interruption extends Error {
  override readonly name: string = "Interruption";

  /** @param exitCode What a shell expects of a program that the signal ended. */
  constructor(readonly exitCode: number) {
    super("Stopped before training began");
  }
}

/** A signal that Ctrl-C gives: once to stop in good order, twice to stop at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const listen = (signal: Deno.Signal, exitCode: number) =>
    Deno.addSignalListener(signal, () => {
      if (controller.signal.aborted) Deno.exit(exitCode);
      controller.abort(new Interruption(exitCode));
      const lineBreak = Deno.stderr.isTerminal() ? "\n" : ""; // The cursor is at the end of the bar's line.
      console.error(
        `${lineBreak}Stopping after this step and saving a checkpoint; once more to stop at once`,
      );
    });
  listen("SIGINT", 130);
  if (Deno.build.os !== "windows") listen("SIGTERM", 143);
  return controller.signal;
}

/** Without this variable the driver's window part, which is not used, complains on stderr at every start. */
function hushDriver(): void {
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

/** Does what the arguments say. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const signal = interruption();
  try {
    const plan = await planRun(parseArguments(args, config.version), new Date());
    if (plan.run.show) {
      console.log(JSON.stringify(describePlan(plan), null, 2));
      return 0;
    }
    hushDriver();
    return await carryOut(plan, signal) === "finished" ? 0 : (signal.reason as Interruption).exitCode;
  } catch (error) {
    if (error instanceof HelpRequested) {
      console.log(error.message);
      return 0;
    }
    const isShown = args.includes("--debug") && !(error instanceof Interruption);
    console.error(isShown ? error : error instanceof Error ? error.message : error);
    return error instanceof Interruption ? error.exitCode : 1;
  }
}

// Signal listeners would keep the process alive, so it has to be told to end.
if (import.meta.main) Deno.exit(await main(Deno.args));
