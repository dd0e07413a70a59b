/**
 * Load on `serve`: many clients send a picture one request after the other, while memory of the server is measured. A
 * process of its own, without the project's lock file.
 *
 * Usage: deno task load [--model MODEL] [--picture FILE] [--clients 50] [--seconds 60] [--requests N] [--json]
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeModel } from "../../nn/mod.ts";
import { png } from "../data/fixtures.ts";
import { madeUpModel } from "../nn/made_up_model.ts";

const autocannon = "npm:autocannon@9.0.0";

/** Time in s after which a client gives up, as the server does. */
const patience = 120;

/** Time between samples of the memory, in ms. */
const sampleInterval = 1000;

/** Memory of the server at a time. */
interface Sample {
  /** Number of requests answered so far. */
  readonly answered: number;
  /** Resident memory in MiB. */
  readonly memory: number;
}

/** Returns the samples at the ends of parts with equal numbers of answers. */
function partsOf(samples: readonly Sample[], count: number): readonly Sample[] {
  const all = samples.at(-1)?.answered ?? 0;
  return Array.from(
    { length: count },
    (_, i) => samples.find(({ answered }) => answered >= all * (i + 1) / count),
  )
    .filter((each) => each !== undefined);
}

/** Returns the slope of the memory over the answers, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const x = mean(samples.map(({ answered }) => answered)), y = mean(samples.map(({ memory }) => memory));
  const covariance = mean(samples.map((each) => (each.answered - x) * (each.memory - y)));
  const variance = mean(samples.map((each) => (each.answered - x) ** 2));
  return variance === 0 ? 0 : covariance / variance;
}

/** Times of a distribution, in ms. */
interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Results of a load. */
export interface Load {
  readonly clients: number;
  readonly seconds: number;
  /** Requests that were answered with 200. */
  readonly answered: number;
  /** Requests that failed: errors of connections, time-outs, other statuses. */
  readonly failed: number;
  readonly latency: Latency;
  /** Resident memory of the server in MiB, at the ends of ten parts of the load that answered as many requests. */
  readonly memory: readonly number[];
  /** Growth of the memory in MiB per 1000 answers, by a line through the second half of the load. */
  readonly growth: number;
  /** Processor time of the server in s. */
  readonly processorTime: number;
}

/** The part of a result of autocannon that is read. */
interface CannonResult {
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
  /** Time in s. */
  readonly duration: number;
  readonly latency: Latency;
}
type Cannon = (options: Record<string, unknown>) => Promise<CannonResult>;

/** A running server. */
interface Served {
  readonly process: Deno.ChildProcess;
  readonly address: string;
}

/** Starts the command and waits for its address. */
export async function startServe(model: string, ...options: readonly string[]): Promise<Served> {
  const program = fileURLToPath(new URL("../../cli/serve.ts", import.meta.url));
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, model, "--port=0", "--json", ...options],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  reader.releaseLock();
  return { process, address: JSON.parse(value).address };
}

/** Returns resident memory in MiB and processor time in s of a process; only Linux tells. */
function usageOf(pid: number): { readonly memory: number; readonly time: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  const memory = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  return { memory, time: (Number(fields[11]) + Number(fields[12])) / 100 };
}

/** Loads a server. */
async function load(
  { process, address }: Served,
  picture: Uint8Array,
  { clients, seconds, requests }: {
    readonly clients: number;
    readonly seconds: number;
    /** Number of requests after which the load ends; null if the time ends it. */
    readonly requests: number | null;
  },
): Promise<Load> {
  const { default: cannon }: { default: Cannon } = await import(autocannon);
  const before = usageOf(process.pid), samples: Sample[] = [];
  const sample = async () => {
    const { classified }: { classified: number } = await (await fetch(`${address}health`)).json();
    samples.push({ answered: classified, memory: usageOf(process.pid).memory });
  };
  const sampling = setInterval(sample, sampleInterval);
  const result = await cannon({
    url: `${address}predict`,
    method: "POST",
    connections: clients,
    ...(requests === null ? { duration: seconds } : { amount: requests }),
    timeout: patience,
    body: Buffer.from(picture),
    headers: { "content-type": "application/octet-stream" },
  });
  clearInterval(sampling);
  await sample();
  const { p50, p90, p99, max } = result.latency;
  return {
    clients,
    seconds: result.duration,
    answered: result["2xx"],
    failed: result.non2xx + result.errors + result.timeouts,
    latency: { p50, p90, p99, max },
    memory: partsOf(samples, 10).map(({ memory }) => Math.round(memory)),
    growth: 1000 * slopeOf(samples.slice(Math.floor(samples.length / 2))),
    processorTime: usageOf(process.pid).time - before.time,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: "string" },
      picture: { type: "string" },
      clients: { type: "string", default: "50" },
      seconds: { type: "string", default: "60" },
      requests: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const folder = await Deno.makeTempDir({ prefix: "mean-teacher-load-" });
  try {
    const model = values.model ?? join(folder, "model.safetensors");
    if (values.model === undefined) {
      const made = madeUpModel("convnet_small", { imageShape: [1, 28, 28] });
      await Deno.writeFile(model, writeModel(made));
    }
    const picture = values.picture === undefined
      ? png(28, 28, (x, y) => x * 9 + y)
      : await Deno.readFile(values.picture);
    const served = await startServe(model, `--timeout=${patience}`);
    try {
      const result = await load(served, picture, {
        clients: Number(values.clients),
        seconds: Number(values.seconds),
        requests: values.requests === undefined ? null : Number(values.requests),
      });
      console.log(values.json ? JSON.stringify(result) : describe(result));
    } finally {
      served.process.kill("SIGINT");
      await served.process.status;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function describe(
  { clients, seconds, answered, failed, latency, memory, growth, processorTime }: Load,
): string {
  const { p50, p90, p99, max } = latency;
  return [
    `${clients} clients, ${seconds.toFixed(0)} s: ${answered} answered (${
      (answered / seconds).toFixed(0)
    }/s), ${failed} failed`,
    `latency in ms: median ${p50}, 90 % ${p90}, 99 % ${p99}, longest ${max}`,
    `memory in MiB after each tenth: ${memory.join(", ")}; in the second half ${
      growth.toFixed(2)
    } MiB more per 1000 answers`,
    `processor time: ${(1000 * processorTime / answered).toFixed(2)} ms a request`,
  ].join("\n");
}

if (import.meta.main) await main();
