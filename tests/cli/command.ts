/** The command as its users start it, and a tiny dataset that it learns in seconds. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arguments, splitOptions } from "../../cli/command/options.ts";
import { trainCommand, withFolder } from "../../cli/train.ts";
import { readCheckpoint } from "../../semisup/mod.ts";
import { idxFile, withFiles } from "../data/fixtures.ts";

/** A program of the folder `cli` and its arguments so far. */
export function commandOf(
  name:
    | "train"
    | "dashboard"
    | "embed"
    | "evaluate"
    | "experiment"
    | "export"
    | "label"
    | "labels"
    | "networks"
    | "predict"
    | "report"
    | "serve"
    | "suggest",
): readonly string[] {
  const program = fileURLToPath(new URL(`../../cli/${name}.ts`, import.meta.url));
  return [Deno.execPath(), "run", "-A", program];
}

/** The program that trains. */
export const command: readonly string[] = commandOf("train");

/** Options of a short run on the tiny dataset: 28 steps an epoch. Every run has them, so that shaders are cached. */
export const short: readonly string[] = [
  "--data-dir=data",
  "--labels-per-class=2",
  "--batch-size=20",
  "--labeled-batch-size=10",
];

/** Parses the arguments of `train`. */
export function parseArguments(args: readonly string[]): Arguments {
  const { chosen, operands: [folder] } = trainCommand.parse(args);
  return splitOptions(withFolder(chosen, folder));
}

/** Output and exit code of a command. */
export interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit code after abort(), which Deno with WebGPU calls now and then when all work is done. */
const aborted = 134;

/** Runs the command in a folder. `onLine` sees each line of stdout as it comes, with what sends the command a signal. */
export async function train(
  directory: string,
  args: readonly string[],
  onLine: (line: string, kill: (signal: Deno.Signal) => void) => void | Promise<void> = () => {},
): Promise<Ending> {
  return await run([...command, ...args], directory, onLine);
}

/** Runs any program in a folder. */
export async function run(
  [path, ...args]: readonly string[],
  directory: string,
  onLine: (line: string, kill: (signal: Deno.Signal) => void) => void | Promise<void> = () => {},
): Promise<Ending> {
  const child = new Deno.Command(path!, {
    args,
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let stdout = "", rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) await onLine(line, (signal) => child.kill(signal));
  }
  return { code: (await child.status).code, stdout, stderr: await stderr };
}

/** Makes sure that a run ended with a code. */
export function assertEnded({ code, stdout, stderr }: Ending, expected: number): void {
  if (code === aborted) {
    console.warn(`The command aborted (${code}) when it should have ended with ${expected}`);
  } else if (code !== expected) {
    throw new Error(`It ended with ${code}, not ${expected}:\n${stdout}\n${stderr}`);
  }
}

/** An image of a class: a bright bar on one of ten places, on a ground that differs from image to image. */
function drawImage(pixels: Uint8Array, index: number): void {
  const label = index % 10;
  for (let i = 0; i < 784; i++) {
    const row = Math.floor(i / 28), isLeft = i % 28 < 14;
    const isBright = Math.floor(row / 6) === label % 5 && isLeft === label < 5;
    pixels[index * 784 + i] = (isBright ? 200 : 20) + (index * 31 + i * 7) % 40;
  }
}

/** The four files of a dataset like MNIST; image i is of class i % 10. */
export function tinyDataset(trainCount = 300, testCount = 60): Record<string, Uint8Array> {
  const pair = (count: number) => {
    const pixels = new Uint8Array(count * 784);
    for (let i = 0; i < count; i++) drawImage(pixels, i);
    const labels = Array.from({ length: count }, (_, i) => i % 10);
    return [idxFile([count, 28, 28], pixels), idxFile([count], labels)] as const;
  };
  const [[trainImages, trainLabels], [testImages, testLabels]] = [pair(trainCount), pair(testCount)];
  return {
    "train-images-idx3-ubyte": trainImages,
    "train-labels-idx1-ubyte": trainLabels,
    "t10k-images-idx3-ubyte": testImages,
    "t10k-labels-idx1-ubyte": testLabels,
  };
}

/** Runs a test in a folder of its own with the tiny dataset in its folder `data`. */
export async function inFolder(test: (directory: string) => Promise<void>): Promise<void> {
  await withFiles({}, async (directory) => {
    await writeFolder(join(directory, "data"), tinyDataset());
    await test(directory);
  });
}

/** Makes a folder with files. */
export async function writeFolder(path: string, files: Record<string, Uint8Array>): Promise<void> {
  await Deno.mkdir(path);
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(join(path, name), bytes);
}

/** The names in a folder, sorted. */
export function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

/** Everything below a folder: each file's content, as bytes in Latin-1. */
export function snapshot(path: string): Record<string, string> {
  const entries = [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1);
  return Object.fromEntries(entries.flatMap(({ name, isDirectory }) => {
    const inner = join(path, name);
    if (!isDirectory) return [[name, new TextDecoder("latin1").decode(Deno.readFileSync(inner))]];
    return [
      [`${name}/`, ""],
      ...Object.entries(snapshot(inner)).map(([key, text]) => [`${name}/${key}`, text]),
    ];
  }));
}

/** A checkpoint in a file. */
export async function checkpointIn(...path: string[]) {
  return readCheckpoint(await Deno.readFile(join(...path)), join(...path));
}

/** A JSON file. */
export async function jsonIn(...path: string[]) {
  return JSON.parse(await Deno.readTextFile(join(...path)));
}

/** The lines of a text file. */
export async function linesIn(...path: string[]): Promise<string[]> {
  return (await Deno.readTextFile(join(...path))).trimEnd().split("\n");
}
