/**
 * `deno run -A bench/first_step.ts [--root FOLDER] [FILTER]`: CPU time of a training step's first run by
 * pipeline, with an empty shader cache of the driver and with a filled one. One process each, in turn.
 * @module
 */
import process from "node:process";
import { Command as Options } from "npm:commander@15.1.0";
import type { Command } from "../kernels/internal.ts";

/** First run of a kernel. */
interface FirstUse {
  readonly label: string;
  /** CPU milliseconds of the first dispatch beyond those of the second. */
  readonly milliseconds: number;
}

/** CPU time of a process until its first step is done, in milliseconds. */
interface FirstStep {
  readonly device: string;
  /** Start of Deno and request of the device. */
  readonly start: number;
  /** Building and compiling the step, without the driver's work at first dispatches. */
  readonly compile: number;
  /** Number of different pipelines. */
  readonly pipelines: number;
  /** First run of each kernel; only those that compile cost more than the second. */
  readonly uses: readonly FirstUse[];
}

const { root, child, all } = new Options("first_step")
  .option("--root <FOLDER>", "checkout to measure", new URL("..", import.meta.url).pathname)
  .option("--all", "print every pipeline, costliest first")
  .option("--child", "measure in this process, with the driver's cache as it is, and print JSON")
  .argument("[FILTER]", "text in the name of the step", "convnet_small")
  .parse(["deno", "first_step", ...Deno.args])
  .opts<{ root: string; child?: boolean; all?: boolean }>();
const filter = Deno.args.findLast((arg, i) => !arg.startsWith("--") && Deno.args[i - 1] !== "--root") ??
  "convnet_small";

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Measures the first step in this process. */
async function measureFirstStep(): Promise<FirstStep> {
  const { Device, Tuning } = await import(new URL("kernels/mod.ts", `file://${root}/`).href);
  const { compileStepCase, stepCases } = await import(new URL("bench/steps.ts", `file://${root}/`).href);
  const device = await Device.request();
  const start = cpuMilliseconds();
  const step = stepCases(device.isCpu).find(({ name }: { name: string }) => name.includes(filter));
  const { program } = await compileStepCase(device, step, new Tuning("off"));
  const compile = cpuMilliseconds() - start;
  const uses: FirstUse[] = [];
  for (const command of program.commands as readonly Command[]) {
    if (!("pipeline" in command)) continue;
    const times: number[] = [];
    for (let run = 0; run < 2; run++) {
      const before = cpuMilliseconds();
      program.repeat(command, 1);
      await device.finish();
      times.push(cpuMilliseconds() - before);
    }
    uses.push({ label: command.label, milliseconds: Math.max(0, (times[0] ?? NaN) - (times[1] ?? NaN)) });
  }
  const pipelines =
    new Set(program.commands.map((command: Command) => "pipeline" in command && command.pipeline)).size;
  return { device: device.name, start, compile, pipelines, uses };
}

/** Measures the first step in a process that keeps the driver's shaders in `cache`. */
async function runChild(cache: string): Promise<FirstStep> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.url, "--child", "--root", root, filter],
    env: { MESA_SHADER_CACHE_DIR: cache },
    stderr: "inherit",
  });
  return JSON.parse(new TextDecoder().decode((await command.output()).stdout));
}

function print(state: string, { device, start, compile, pipelines, uses }: FirstStep): void {
  const sum = (list: readonly FirstUse[]) =>
    list.reduce((total, { milliseconds }) => total + milliseconds, 0);
  console.log(
    `${device}, ${state} cache: start ${start.toFixed(0)}, compile ${compile.toFixed(0)}, first use of ` +
      `${pipelines} pipelines ${sum(uses).toFixed(0)} ms of CPU time`,
  );
  const kinds = Object.entries(Object.groupBy(uses, ({ label }) => label.split(" ")[0] ?? label));
  const sorted = kinds.map(([kind, list = []]) => ({ kind, count: list.length, total: sum(list) }))
    .toSorted((a, b) => b.total - a.total);
  for (const { kind, count, total } of sorted.slice(0, 8)) {
    console.log(`${total.toFixed(0).padStart(8)} ms  ${kind} (${count})`);
  }
  if (!all) return;
  for (const { label, milliseconds } of uses.toSorted((a, b) => b.milliseconds - a.milliseconds)) {
    console.log(`${milliseconds.toFixed(0).padStart(8)} ms  ${label}`);
  }
}

if (child) {
  console.log(JSON.stringify(await measureFirstStep()));
  Deno.exit(0);
}
const cache = await Deno.makeTempDir({ prefix: "mean-teacher-shaders-" });
try {
  for (const state of ["empty", "filled"]) print(state, await runChild(cache));
} finally {
  await Deno.remove(cache, { recursive: true });
}
