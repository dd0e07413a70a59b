/** Commands that serve until Ctrl-C: started, visited at their address, and ended. */
import { commandOf, type Ending, run } from "./command.ts";
import type { Device } from "../../kernels/mod.ts";
import { callOn } from "./in_process.ts";

/** Commands that serve. */
export type Serving = "dashboard" | "label" | "serve";

/**
 * Starts a command with arguments and `--json`, uses the address that it prints, and ends it with Ctrl-C.
 * @throws the error of the use, or an error with the command's output if it prints no address.
 */
export type Visit = (
  program: Serving,
  args: readonly string[],
  use: (address: string) => Promise<void>,
) => Promise<Ending>;

/** Returns the address in a line of `--json`; undefined if it has none. */
function addressIn(line: string): string | undefined {
  return line.startsWith("{") ? JSON.parse(line).address : undefined;
}

/** Visits a command in a process of its own, as its users start it, which gets the signal from the system. */
export const visitProcess: Visit = async (program, args, use) => {
  let used: Promise<void> | undefined;
  const ending = await run([...commandOf(program), ...args, "--json"], ".", (line, kill) => {
    const address = addressIn(line);
    if (address === undefined) return;
    used = use(address).finally(() => kill("SIGINT"));
    used.catch(() => {}); // It is awaited below.
  });
  if (!used) throw new Error(`No address was printed:\n${ending.stdout}\n${ending.stderr}`);
  await used;
  return ending;
};

/** Returns what visits a command in this process. Its listener to the signal is called, because tests end at a real one. */
export function visitOn(device: Device): Visit {
  return async (program, args, use) => {
    const { addSignalListener, removeSignalListener } = Deno;
    let interrupt = () => {}, used: Promise<void> | undefined;
    const added: unknown[] = [], removed: unknown[] = [];
    Deno.addSignalListener = (signal, listener) => {
      added.push(listener);
      if (signal === "SIGINT") interrupt = listener;
    };
    Deno.removeSignalListener = (_, listener) => removed.push(listener);
    try {
      const call = callOn(device, (line) => {
        const address = addressIn(line);
        if (address === undefined) return;
        used = use(address).finally(() => interrupt());
        used.catch(() => {}); // It is awaited below.
      });
      const ending = await call(program, ...args, "--json");
      if (!used) throw new Error(`No address was printed:\n${ending.stdout}\n${ending.stderr}`);
      await used;
      if (removed.length !== added.length) throw new Error("A listener to signals is left");
      return ending;
    } finally {
      Object.assign(Deno, { addSignalListener, removeSignalListener });
    }
  };
}
