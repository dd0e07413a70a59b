/**
 * `deno task bench:peers`: the same work in ours, TensorFlow.js, jax-js and PyTorch, interleaved. The JavaScript
 * peers are fetched from npm when this runs, and by nothing else: `packages.json` beside this file pins them. (As
 * `deno.json` it would also take the place of the project's own for checks of this folder.)
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { compare, type PeerCommand, type Row } from "./compare.ts";
import { workNames } from "./works.ts";

const pathOf = (file: string) => decodeURIComponent(new URL(file, import.meta.url).pathname);
const projectConfig = pathOf("../../deno.json"),
  peersConfig = pathOf("./packages.json");
const denoCommand = (config: string, file: string) =>
  [Deno.execPath(), "run", "-A", "--quiet", "--config", config, pathOf(file)] as const;

const ours: PeerCommand = { name: "ours", command: [...denoCommand(projectConfig, "./ours.ts")] };

/** Those that ours is compared with. */
function peersOf(python: string): readonly PeerCommand[] {
  const pytorch = (precision: string) => [python, pathOf("./pytorch.py"), precision] as const;
  return [
    { name: "tensorflow.js", command: [...denoCommand(peersConfig, "./tensorflow.ts")] },
    { name: "jax-js", command: [...denoCommand(peersConfig, "./jax.ts")] },
    { name: "pytorch", command: [...pytorch("float32")] },
    { name: "pytorch-tf32", command: [...pytorch("tf32")] },
    { name: "pytorch-bfloat16", command: [...pytorch("bfloat16")] },
  ];
}

/** Fetches the packages of the JavaScript peers, so that the time to a first step has no download in it. */
async function fetchPeers(): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--config", peersConfig],
    cwd: pathOf("."),
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) {
    console.error("Cannot fetch the JavaScript peers as npm must be in reach: what is cached has to do");
  }
}

function show({ peer, milliseconds, ratio, firstStepMilliseconds, peakMemoryMiB, version, note }: Row): void {
  const cell = (value: number | null, digits: number, unit: string, width: number) =>
    (value === null ? "" : `${value.toFixed(digits)}${unit}`).padStart(width);
  const figures = [
    cell(milliseconds, 2, " ms", 14),
    cell(ratio, 2, " × ours", 16),
    cell(firstStepMilliseconds === null ? null : firstStepMilliseconds / 1000, 1, " s to first", 18),
    cell(peakMemoryMiB, 0, " MiB peak", 15),
  ];
  const end = note ?? version ?? "";
  console.log(
    `  ${peer.padEnd(17)}${milliseconds === null ? "" : figures.join("") + "   "}${end}`,
  );
}

const everyPeer = peersOf("python3").map(({ name }) => name);
const options = new Command("deno task bench:peers")
  .description("The same work in ours and in other libraries, interleaved; ratio = their time / ours.")
  .option("--json", "one JSON object with rows instead of lines")
  .option("--quick", "few samples: minutes even where each of them takes 20 s")
  .addOption(new Option("--work <NAME...>", "only these works").choices(workNames))
  .addOption(new Option("--peer <NAME...>", "only these peers beside ours").choices(everyPeer))
  .option("--rounds <N>", "samples of each, of which the median is taken; 3 with --quick", Number)
  .option("--python <PATH>", "the Python that has PyTorch", "python3")
  .parse(["deno", "bench:peers", ...Deno.args])
  .opts<{
    json?: boolean;
    quick?: boolean;
    work?: string[];
    peer?: string[];
    rounds?: number;
    python: string;
  }>();

const rounds = options.rounds ?? (options.quick ? 3 : 9);
if (!(Number.isInteger(rounds) && rounds >= 1)) {
  console.error(
    `Cannot compare as the number of rounds must be a whole number from 1 on: it is ${rounds}`,
  );
  Deno.exit(1);
}
const plan = { rounds, sampleMilliseconds: options.quick ? 300 : 600 };
const peers = peersOf(options.python).filter(({ name }) => options.peer?.includes(name) ?? true);
const rows: Row[] = [];
if (peers.some(({ command }) => command.includes(peersConfig))) await fetchPeers();
for (
  const work of workNames.filter((name) => options.work?.includes(name) ?? true)
) {
  const each = await compare(work, [ours, ...peers], plan, (what) => console.error(what));
  rows.push(...each);
  if (!options.json) {
    console.log(`${work} on ${each.find(({ device }) => device)?.device ?? "no device"}`);
    each.forEach(show);
  }
}
if (options.json) {
  console.log(JSON.stringify({ date: new Date().toISOString(), rows }, null, 2));
}
// A row without a number is a finding; one of other results is a fault, as is none of ours.
if (
  rows.some(({ peer, note, milliseconds }) => note && (milliseconds !== null || peer === ours.name))
) {
  Deno.exitCode = 1;
}
