/** One long run with evaluations, checkpoints and predictions, whose memory and speed stay as they are. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "../assert.ts";
import { commandOf, namesIn, run, tinyDataset, writeFolder } from "../cli/command.ts";
import { numbered, png } from "../data/fixtures.ts";
import type { Sample } from "./steady_train.ts";

/** Parts of the time after the warm-up that are compared. */
const windowCount = 8;
/** Share of the samples that belong to the warm-up. */
const warmUp = 0.2;
/** Largest relative differences between parts. */
const mostGrowth = 0.02, mostSlowdown = 0.05;

/** Figures of a part of the time. */
interface Window {
  readonly steps: number;
  /** Median of the memory of the process. */
  readonly hostMegabytes: number;
  /** Median of the memory without garbage. */
  readonly liveMegabytes: number;
  readonly deviceMegabytes: number;
  /** Lower quartile of the intervals between samples: other programs on the computer slow some of them. */
  readonly processorMillisecondsPerStep: number;
  readonly stepsPerSecond: number;
}

/** Options of {@linkcode runSteadily}. */
export interface SteadyOptions {
  /** Time of the end, in milliseconds of `performance.now()`. */
  readonly end: number;
  readonly seed: number;
  /** Milliseconds between predictions. */
  readonly pause?: number;
}

/**
 * Trains until a time, predicts with the newest checkpoint meanwhile, and prints the figures.
 * @throws {Error} if memory grows by more than 2 %, or a step takes 5 % more processor time, after the warm-up.
 */
export async function runSteadily(
  directory: string,
  { end, seed, pause = 30_000 }: SteadyOptions,
): Promise<void> {
  await writeFolder(join(directory, "data"), tinyDataset());
  await writeFolder(
    join(directory, "new"),
    Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`${i}.png`, png(28, 28, numbered(i, (x, y) => 5 * x + y))]),
    ),
  );
  const samplesFile = join(directory, "samples.jsonl");
  const child = startTraining(directory, samplesFile, seed), ended = child.output();
  const predictions = await predictUntil(end, pause, directory, ended).finally(() => child.kill("SIGINT"));
  const { code, stderr } = await ended;
  assertEquals(code, 130, new TextDecoder().decode(stderr));
  const lines = (await Deno.readTextFile(samplesFile)).trimEnd().split("\n");
  const windows = windowsOf(lines.map((line) => JSON.parse(line)));
  console.table(windows);
  console.log(JSON.stringify({ predictions, steps: JSON.parse(lines.at(-1) ?? "{}").step }));
  checkSteady(windows);
}

/** Predicts with the newest checkpoint again and again. @returns the number of predictions. */
async function predictUntil(
  end: number,
  pause: number,
  directory: string,
  ended: Promise<unknown>,
): Promise<number> {
  const folder = join(directory, "run");
  let predictions = 0;
  for (let next = performance.now() + pause; next < end; next = Math.max(next, performance.now()) + pause) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, next - performance.now()))]);
    const newest = namesIn(folder).filter((name) => name.startsWith("checkpoint-")).at(-1);
    if (newest === undefined) continue;
    const args = [join("run", newest), "new", `--output=${predictions++}.csv`];
    const { code, stderr } = await run([...commandOf("predict"), ...args], directory);
    assertEquals(code, 0, stderr);
  }
  return predictions;
}

function startTraining(directory: string, samplesFile: string, seed: number): Deno.ChildProcess {
  const program = fileURLToPath(new URL("steady_train.ts", import.meta.url));
  const args = [
    "--data-dir=data",
    "--labels-per-class=2",
    "--batch-size=20",
    "--labeled-batch-size=10",
    "--arch=convnet_small",
    "--steps=1000000000",
    `--seed=${seed % 2 ** 31}`,
    "--evaluation-epochs=100steps",
    "--checkpoint-epochs=100steps",
    "--print-freq=20",
    "--csv",
    "--tensorboard",
    "--quiet",
    "--output=run",
  ];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", program, ...args],
    cwd: directory,
    env: { NO_COLOR: "1", MT_SAMPLES: samplesFile },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Returns the figures of equal parts of the samples after the warm-up. */
export function windowsOf(samples: readonly Sample[]): Window[] {
  const rest = samples.slice(Math.floor(warmUp * samples.length));
  const size = Math.floor(rest.length / windowCount);
  assert(size >= 2, `There are only ${samples.length} samples`);
  return Array.from({ length: windowCount }, (_, i) => {
    const part = rest.slice(i * size, (i + 1) * size), first = part[0], last = part.at(-1);
    assert(first && last);
    const steps = last.step - first.step;
    return {
      steps,
      hostMegabytes: quantileOf(part.map(({ hostBytes }) => hostBytes), 0.5) / 1e6,
      liveMegabytes: quantileOf(part.map(({ liveBytes }) => liveBytes), 0.5) / 1e6,
      deviceMegabytes: Math.max(...part.map(({ deviceBytes }) => deviceBytes)) / 1e6,
      processorMillisecondsPerStep: quantileOf(
        part.slice(1).map(({ step, processorSeconds }, j) => {
          const before = part[j] ?? first;
          return 1000 * (processorSeconds - before.processorSeconds) / (step - before.step);
        }),
        0.25,
      ),
      stepsPerSecond: 1000 * steps / (last.milliseconds - first.milliseconds),
    };
  });
}

function quantileOf(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;
}

/** @throws {Error} if memory or time per step grow from the first part to any other. */
export function checkSteady(windows: readonly Window[]): void {
  const [first] = windows;
  assert(first);
  for (const { liveMegabytes, deviceMegabytes, processorMillisecondsPerStep } of windows) {
    assert(liveMegabytes <= (1 + mostGrowth) * first.liveMegabytes, "The memory of the process grows");
    assert(deviceMegabytes <= (1 + mostGrowth) * first.deviceMegabytes, "The memory of the device grows");
    const ratio = processorMillisecondsPerStep / first.processorMillisecondsPerStep;
    assert(ratio <= 1 + mostSlowdown, "Steps take more and more time");
  }
}
