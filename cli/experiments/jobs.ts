/**
 * Several processes on one computer that train the runs of an experiment side by side.
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { printNotice, printRaw, printWarning } from "../terminal/output.ts";

/** Environment variable with the number of the job, from 1, in processes that {@linkcode runJobs} starts. */
export const jobVariable = "MT_JOB";
/** Environment variable with the number of threads of Mesa's software driver. */
const threadsVariable = "LP_NUM_THREADS";

/** Milliseconds between looks for the process that started a job. */
const parentInterval = 1000;

/** Permissions that are passed on, by their flags. */
const permissions: Readonly<Record<string, Deno.PermissionDescriptor>> = {
  "--allow-read": { name: "read" },
  "--allow-write": { name: "write" },
  "--allow-env": { name: "env" },
  "--allow-sys=hostname": { name: "sys", kind: "hostname" },
  "--allow-net": { name: "net" },
  "--allow-ffi": { name: "ffi" },
};

/** Returns the arguments of this process without `--jobs`. */
export function argumentsOfJobs(args: readonly string[]): string[] {
  const own = [...args];
  for (let i = own.length - 1; i >= 0; i--) {
    if (own[i] === "--jobs") own.splice(i, 2);
    else if (own[i]?.startsWith("--jobs=")) own.splice(i, 1);
  }
  return own;
}

/**
 * Starts this command in several processes, and waits for their ends. A signal is passed on once, so that each
 * saves its run. Their lines are printed with their numbers.
 * @returns the exit codes of the processes.
 */
export async function runJobs(count: number, signal: AbortSignal): Promise<number[]> {
  const flags: string[] = [];
  for (const [flag, permission] of Object.entries(permissions)) {
    if ((await Deno.permissions.query(permission)).state === "granted") flags.push(flag);
  }
  const start = Deno.build.standalone ? [] : ["run", ...flags, Deno.mainModule];
  const threads = `${Math.max(1, Math.floor(navigator.hardwareConcurrency / count))}`;
  const jobs = Array.from({ length: count }, (_, i) =>
    new Deno.Command(Deno.execPath(), {
      args: [...start, ...argumentsOfJobs(Deno.args)],
      env: { [threadsVariable]: Deno.env.get(threadsVariable) ?? threads, [jobVariable]: `${i + 1}` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A signal of the terminal reaches this process only, which passes it on.
      detached: true,
    }).spawn());
  const interrupt = () => jobs.forEach((job) => send(job, "SIGINT"));
  const end = () => jobs.forEach((job) => send(job, "SIGKILL"));
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  globalThis.addEventListener("unload", end);
  try {
    return await Promise.all(jobs.map(async (job, i) => {
      await Promise.all([
        printLines(job.stdout, i + 1, printRaw),
        printLines(job.stderr, i + 1, printNotice),
      ]);
      const { code } = await job.status;
      if (code !== 0 && !signal.aborted) printWarning(`Job ${i + 1} ended with code ${code}`);
      return code;
    }));
  } finally {
    signal.removeEventListener("abort", interrupt);
    globalThis.removeEventListener("unload", end);
  }
}

/**
 * Returns the signal that stops a job: that of the command, or the end of the process that started the job, which may have
 * been killed.
 */
export function stopWithParent(signal: AbortSignal): AbortSignal {
  const controller = new AbortController(), parent = Deno.ppid;
  const timer = setInterval(() => Deno.ppid !== parent && controller.abort(), parentInterval);
  Deno.unrefTimer(timer);
  return AbortSignal.any([signal, controller.signal]);
}

/** Sends a signal to a process, which may have ended. */
function send(job: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    job.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Prints the lines of a stream, each with the number of its job; records in JSON stay as they are. */
async function printLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  job: number,
  print: (line: string) => void,
): Promise<void> {
  const input = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
  for await (const line of createInterface({ input })) {
    if (line !== "") print(line.startsWith("{") ? line : `[${job}] ${line}`);
  }
}
