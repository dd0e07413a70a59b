/**
 * `deno task bench:peers`: runs the same work in this library, TensorFlow.js, jax-js and PyTorch,
 * interleaved. Only this program downloads the JavaScript peers from npm; `packages.json` in this folder pins
 * their versions. (A file named `deno.json` would replace the project's configuration when this folder is
 * checked.)
 * @module
 */
import { Command, Option } from "npm:commander@15.1.0";
import { compare, type PeerCommand, type Row } from "./compare.ts";
import { printComparison } from "./comparison_lines.ts";
import { workNames } from "./works.ts";

const resolvePath = (file: string) => decodeURIComponent(new URL(file, import.meta.url).pathname);
const projectConfig = resolvePath("../../deno.json"),
  peersConfig = resolvePath("./packages.json");
const denoCommand = (config: string, file: string) =>
  [Deno.execPath(), "run", "-A", "--quiet", "--config", config, resolvePath(file)] as const;

const ours: PeerCommand = { name: "ours", command: [...denoCommand(projectConfig, "./ours.ts")] };

/** Returns the peers of the comparison, except this library. */
function listPeers(python: string): readonly PeerCommand[] {
  const pytorch = (precision: string) => [python, resolvePath("./pytorch.py"), precision] as const;
  return [
    { name: "tensorflow.js", command: [...denoCommand(peersConfig, "./tensorflow.ts")] },
    { name: "jax-js", command: [...denoCommand(peersConfig, "./jax.ts")] },
    { name: "pytorch", command: [...pytorch("float32")] },
    { name: "pytorch-tf32", command: [...pytorch("tf32")] },
    { name: "pytorch-bfloat16", command: [...pytorch("bfloat16")] },
  ];
}

/** Downloads the packages of the JavaScript peers, so that the time to a first step includes no download. */
async function downloadPeers(): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--config", peersConfig],
    cwd: resolvePath("."),
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) {
    console.error("Cannot download the JavaScript peers from npm. Using cached packages, if there are any.");
  }
}

const peerNames = listPeers("python3").map(({ name }) => name);
const options = new Command("deno task bench:peers")
  .description("Runs the same work in this and other libraries, interleaved; ratio = their time / ours.")
  .option("--json", "print one JSON object with rows instead of lines")
  .option("--quick", "take fewer and shorter samples, for slow machines")
  .addOption(new Option("--work <NAME...>", "run only these works").choices(workNames))
  .addOption(new Option("--peer <NAME...>", "compare only with these libraries").choices(peerNames))
  .option(
    "--rounds <N>",
    "number of samples of each library, whose median counts (default: 9; with --quick 3)",
    Number,
  )
  .option("--python <PATH>", "Python interpreter with PyTorch", "python3")
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
    `--rounds must be a whole number from 1 on, but it is ${rounds}`,
  );
  Deno.exit(1);
}
const plan = { rounds, sampleMilliseconds: options.quick ? 300 : 600 };
const peers = listPeers(options.python).filter(({ name }) => options.peer?.includes(name) ?? true);
const rows: Row[] = [];
if (peers.some(({ command }) => command.includes(peersConfig))) await downloadPeers();
for (
  const work of workNames.filter((name) => options.work?.includes(name) ?? true)
) {
  const workRows = await compare(work, [ours, ...peers], plan, (message) => console.error(message));
  rows.push(...workRows);
  if (!options.json) {
    printComparison(workRows);
  }
}
if (options.json) {
  console.log(JSON.stringify({ date: new Date().toISOString(), rows }, null, 2));
}
// A peer may be unavailable; results that differ, or none of ours, are failures.
if (
  rows.some(({ peer, note, milliseconds }) => note && (milliseconds !== null || peer === ours.name))
) {
  Deno.exitCode = 1;
}
