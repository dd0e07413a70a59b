/**
 * Signals, errors and exit codes of all commands.
 * @module
 */
import { missingPermission, shownName } from "../../data/internal.ts";
import { GpuError } from "../../kernels/mod.ts";
import { silenceDriver } from "./device.ts";
import { exitCodes } from "./exit_codes.ts";
import { helpText, versionText } from "./help.ts";
import { configureOutput, printError, printNotice, printRaw } from "../terminal/output.ts";
import { type CommandLine, InfoRequest } from "./parse.ts";
import { withPermissions } from "./permissions.ts";

/** Reason of a command to stop: a signal. */
class Interruption extends Error {
  override readonly name: string = "Interruption";

  /** @param exitCode Exit code that shells expect after the signal. */
  constructor(readonly exitCode: number) {
    super("Stopped before training began");
  }
}

/** Returns the signals that stop a command, and their exit codes. */
function stoppingSignals(): readonly (readonly [Deno.Signal, number])[] {
  const interruption = ["SIGINT", exitCodes.interrupted.code] as const;
  if (Deno.build.os === "windows") return [interruption];
  const termination = ["SIGTERM", exitCodes.terminated.code] as const;
  return ignoresHangup()
    ? [interruption, termination]
    : [interruption, termination, ["SIGHUP", exitCodes.hungUp.code]];
}

/** Returns whether the process shall outlive its terminal, as `nohup` arranges: listening to the signal would end that. */
function ignoresHangup(): boolean {
  const [, mask] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(processStatus()) ?? [];
  if (mask !== undefined) return (BigInt(`0x${mask}`) & 1n) === 1n;
  // The ignored signals are unknown, but `nohup` leaves no output on the terminal.
  return !Deno.stdout.isTerminal() && !Deno.stderr.isTerminal();
}

/** Text at the first signal for commands that train. */
const savingNotice = "Stopping after this step and saving a checkpoint; press again to stop at once";

/** Lets a command end by itself at a signal. */
export interface Stopper {
  /** Aborts at the first signal, once {@linkcode listen} was called. */
  readonly signal: AbortSignal;
  /** Listens to signals: the first one aborts and prints a notice, the second one ends the process. */
  listen(notice?: string): void;
}

/** Listens to signals, as {@linkcode Stopper.listen} does. @returns a function that stops listening. */
function listenToSignals(controller: AbortController, notice: string): () => void {
  const listeners = stoppingSignals().map(([signal, exitCode]) => {
    const stop = () => {
      if (controller.signal.aborted) Deno.exit(exitCode);
      controller.abort(new Interruption(exitCode));
      const lineBreak = Deno.stderr.isTerminal() ? "\n" : ""; // The cursor is at the end of the bar's line.
      printNotice(`${lineBreak}${notice}`);
    };
    Deno.addSignalListener(signal, stop);
    return () => Deno.removeSignalListener(signal, stop);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Returns the description of this process by the system; empty if there is none, or it may not be read. */
function processStatus(): string {
  try {
    return Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/self/status") : "";
  } catch {
    return "";
  }
}

/** End of a command; an incomplete one has left out files that it could not read, and named them. */
export type Outcome = "finished" | "incomplete" | "interrupted";

/**
 * Runs a command, and prints its error: one line on stderr, or the stack with `--debug`.
 * @returns the exit code.
 */
export async function runCommand(
  args: readonly string[],
  command: (stopper: Stopper) => Outcome | Promise<Outcome>,
  line: CommandLine,
): Promise<number> {
  configureOutput({});
  const controller = new AbortController(), { signal } = controller;
  let stopListening = () => {};
  const listen = (notice = savingNotice) => {
    stopListening = listenToSignals(controller, notice);
  };
  try {
    silenceDriver();
    const outcome = await command({ signal, listen });
    if (outcome === "interrupted") {
      // Another process of the run may have got the signal.
      return signal.reason instanceof Interruption ? signal.reason.exitCode : exitCodes.terminated.code;
    }
    return exitCodes[outcome].code;
  } catch (error) {
    if (error instanceof InfoRequest) {
      printRaw(await infoText(error, line));
      return exitCodes.finished.code;
    }
    const isShown = args.includes("--debug") && !(error instanceof Interruption);
    if (isShown) printError(Deno.inspect(error));
    else printError(messageToShow(error, line));
    return error instanceof Interruption ? error.exitCode : exitCodes.failed.code;
  } finally {
    stopListening();
  }
}

/** Returns the help or the version. */
async function infoText({ topic }: InfoRequest, line: CommandLine): Promise<string> {
  return topic === "version" ? await versionText() : helpText(line, topic === "all help");
}

/** Returns the message of an error in one line, as names in it may have line breaks; that of a shader as it is. */
function messageToShow(error: unknown, { name, permissions = {} }: CommandLine): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof GpuError) return message;
  return shownName(withPermissions(missingPermission(message) ?? message, name, permissions));
}
