/**
 * The cost of the dashboard: trains in turn without it, with it but without a page, and with an open page, and prints
 * the processor time (user and system) of each run. Takes some minutes.
 *
 * Usage: deno run -A tests/web/dashboard_cost.ts [ROUNDS] [OPTIONS OF TRAIN…]
 */
import { fileURLToPath } from "node:url";

/** Ways to train. */
const ways = ["plain", "no page", "page"] as const;
type Way = typeof ways[number];

const program = fileURLToPath(new URL("../../cli/train.ts", import.meta.url));

/** Receives the events of a dashboard until it ends, as a page does. @returns the number of bytes. */
async function openPage(address: string): Promise<number> {
  let bytes = 0;
  const response = await fetch(`${address}events`);
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  return bytes;
}

/** Trains a run. @returns its processor time in seconds, and the bytes that its page received. */
async function train(way: Way, output: string, options: readonly string[]) {
  const args = [
    ...["run", "-A", "--no-check", program, ...options, `--output=${output}`, "--json"],
    ...(way === "plain" ? [] : ["--dashboard=0"]),
  ];
  const child = new Deno.Command("bash", {
    args: ["-c", `TIMEFORMAT='processor time: %U %S'; time "$@"`, "bash", Deno.execPath(), ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let text = "", page: Promise<number> | undefined;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    const address = /"address":"(http:[^"]+)"/.exec(text)?.[1];
    if (way === "page" && address !== undefined) page ??= openPage(address);
  }
  const printed = await errors;
  const [, user, system] = /processor time: ([\d.]+) ([\d.]+)/.exec(printed) ?? [];
  if (!(await child.status).success || user === undefined) throw new Error(printed);
  return { seconds: Number(user) + Number(system), bytes: await page ?? 0 };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

if (import.meta.main) {
  const [rounds = "3", ...options] = Deno.args;
  const folder = await Deno.makeTempDir({ prefix: "mean-teacher-cost-" });
  const all: Record<Way, number>[] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const seconds: Record<Way, number> = { "plain": 0, "no page": 0, "page": 0 };
    // Each way is first as often as the others.
    const order = ways.map((_, i) => ways[(i + round) % ways.length] ?? "plain");
    for (const way of order) {
      const run = await train(way, `${folder}/${round}-${way}`, options);
      seconds[way] = run.seconds;
      console.log(`${way}: ${run.seconds.toFixed(2)} s${way === "page" ? `, ${run.bytes} bytes` : ""}`);
    }
    all.push(seconds);
  }
  for (const way of ways.slice(1)) {
    const costs = all.map((seconds) => seconds[way] / seconds.plain - 1);
    console.log(`${way}: ${percent(median(costs))} (${costs.map(percent).join(", ")})`);
  }
  await Deno.remove(folder, { recursive: true });
}
