/**
 * What all commands do with signals, errors and exit codes.
 * @module
 */
import { HelpRequested } from "./parse.ts";

/** Why a command is to stop: a signal came. */
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

/** How a command ended. */
export type Outcome = "finished" | "interrupted";

/**
 * Runs a command that ends in good order when a signal comes; errors are a line on stderr, or all of them with `--debug`.
 * @param stopsAtOnce Whether a signal ends it at once, as there is nothing to save.
 * @returns the exit code.
 */
export async function runCommand(
  args: readonly string[],
  command: (signal: AbortSignal) => Promise<Outcome>,
  { stopsAtOnce = false }: { readonly stopsAtOnce?: boolean } = {},
): Promise<number> {
  hushDriver();
  const signal = stopsAtOnce ? new AbortController().signal : interruption();
  try {
    return await command(signal) === "finished" ? 0 : (signal.reason as Interruption).exitCode;
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
