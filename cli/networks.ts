/**
 * `deno run -A cli/networks.ts`: the networks that `--arch` knows, and the parameters of each.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import {
  type Architecture,
  architectures,
  type ClassifierNetwork,
  findArchitecture,
  groupDigits,
  parameterCount,
  parameterTable,
} from "../nn/mod.ts";
import type { Row } from "./command/options.ts";
import { parseCommand } from "./command/parse.ts";
import { type Outcome, runCommand } from "./command/process.ts";
import { textTable } from "./command/table.ts";

/** What is asked of the program. */
interface NetworksOptions {
  readonly architecture: string | null;
  readonly imageShape: readonly number[] | null;
  readonly classes: number;
  readonly heads: number;
  readonly debug: boolean;
}

const rows: { readonly [K in keyof NetworksOptions]: Row } = {
  architecture: {
    kind: "name",
    default: null,
    names: architectures.map(({ name }) => name),
    help: "network to list the parameters of (default: all networks, a line each)",
  },
  imageShape: {
    kind: "list",
    default: null,
    placeholder: "C,H,W",
    of: { kind: "integer", default: null, minimum: 1, help: "" },
    help: "channels, height and width of images (default: 3,32,32)",
  },
  classes: { kind: "integer", default: 10, minimum: 1, help: "number of classes" },
  heads: { kind: "integer", default: 1, minimum: 1, maximum: 2, help: "number of heads" },
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

const defaults = Object.fromEntries(
  Object.entries(rows).map(([name, { default: value }]) => [name, value]),
) as unknown as NetworksOptions;

type ImageShape = readonly [channels: number, height: number, width: number];

function shapeOf({ imageShape }: NetworksOptions): ImageShape {
  const shape = imageShape ?? [3, 32, 32];
  if (shape.length === 3) return shape as unknown as ImageShape;
  throw new RangeError(
    `Cannot use --image-shape as it must be three numbers, channels, height and width: they are ${
      shape.join(",")
    }`,
  );
}

/** A network with nothing drawn. @throws {RangeError} if images are too small for it. */
function build({ build }: Architecture, options: NetworksOptions): ClassifierNetwork {
  return build({
    imageShape: shapeOf(options),
    classCount: options.classes,
    headCount: options.heads as 1 | 2,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
}

/** A line for each network: its name, how many parameters it has, and what it is. */
function listNetworks(options: NetworksOptions): string {
  const totals = architectures.map((each) => groupDigits(parameterCount(build(each, options))));
  const lines = textTable([
    ["network", "parameters"],
    ...architectures.map(({ name }, i) => [name, totals[i]!]),
  ]).split("\n");
  return [`${lines[0]}  what it is`, ...architectures.map(({ summary }, i) => `${lines[i + 1]}  ${summary}`)]
    .join(
      "\n",
    );
}

function printNetworks(args: readonly string[]): Promise<Outcome> {
  const { options: said } = parseCommand(
    {
      name: "cli/networks.ts",
      description: "Lists the networks that --arch knows or, with --arch, the parameters of one.",
      rows: Object.entries(rows),
    },
    args,
    config.version,
  );
  const options: NetworksOptions = { ...defaults, ...said };
  const { architecture, classes, heads } = options;
  const about = `images of ${shapeOf(options).join("×")}, ${classes} classes, ${
    heads === 1 ? "one head" : "two heads"
  }`;
  console.log(
    architecture === null
      ? `Networks for ${about}\n\n${listNetworks(options)}`
      : `${architecture} for ${about}\n\n${parameterTable(build(findArchitecture(architecture), options))}`,
  );
  return Promise.resolve("finished");
}

if (import.meta.main) {
  // In a function of its own, so that what it throws is a rejection.
  Deno.exit(await runCommand(Deno.args, async () => await printNetworks(Deno.args), { stopsAtOnce: true }));
}
