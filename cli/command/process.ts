/**
 * What all commands do with signals, errors and exit codes.
 * @module
 */
import { shownName } from "../../data/mod.ts";
import { GpuError } from "../../kernels/mod.ts";
import { HelpRequested } from "./parse.ts";

/** Why a command is to stop: a signal came. */
class Interruption extends Error {
  override readonly name: string = "Interruption";

  /** @param exitCode What a shell expects of a program that the signal ended. */
  constructor(readonly exitCode: number) {
    super("Stopped before training began");
  }
}

/** Signals that are listened to, and their exit codes. */
const exitCodes: readonly (readonly [Deno.Signal, number])[] = Deno.build.os === "windows"
  ? [["SIGINT", 130]]
  : [["SIGINT", 130], ["SIGTERM", 143]];

/** Listens to signals: the first one aborts, to stop in good order, a second one ends the process. @returns what stops listening. */
function listenToSignals(controller: AbortController): () => void {
  const listeners = exitCodes.map(([signal, exitCode]) => {
    const stop = () => {
      if (controller.signal.aborted) Deno.exit(exitCode);
      controller.abort(new Interruption(exitCode));
      const lineBreak = Deno.stderr.isTerminal() ? "\n" : ""; // The cursor is at the end of the bar's line.
      console.error(
        `${lineBreak}Stopping after this step and saving a checkpoint; once more to stop at once`,
      );
    };
    Deno.addSignalListener(signal, stop);
    return () => Deno.removeSignalListener(signal, stop);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Without this variable the driver's window part, which is not used, complains on stderr at every start. */
function hushDriver(): void {
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

/** How a command ended; what is incomplete left something out that it could not use, and has said so. */
export type Outcome = "finished" | "incomplete" | "interrupted";

/**
 * Runs a command that ends in good order when a signal comes; errors are a line on stderr, or all of them with `--debug`.
 * @param stopsAtOnce Whether a signal ends it at once, as there is nothing to save.
 * @returns the exit code.
 */
export async function runCommand(
  args: readonly string[],
  command: (signal: AbortSignal) => Outcome | Promise<Outcome>,
  { stopsAtOnce = false }: { readonly stopsAtOnce?: boolean } = {},
): Promise<number> {
  hushDriver();
  const controller = new AbortController(), { signal } = controller;
  const stopListening = stopsAtOnce ? undefined : listenToSignals(controller);
  try {
    const outcome = await command(signal);
    if (outcome === "interrupted") return (signal.reason as Interruption).exitCode;
    return outcome === "finished" ? 0 : 2;
  } catch (error) {
    if (error instanceof HelpRequested) {
      console.log(error.message);
      return 0;
    }
    const isShown = args.includes("--debug") && !(error instanceof Interruption);
    console.error(isShown ? error : messageToShow(error));
    return error instanceof Interruption ? error.exitCode : 1;
  } finally {
    stopListening?.();
  }
}

/** The message of whatever was thrown: one line, as names in it may have line breaks, but for a shader's text. */
function messageToShow(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof GpuError ? message : shownName(message);
}
