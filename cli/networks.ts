/**
 * `deno run -A cli/networks.ts`: lists networks and their parameters.
 * @module
 */
import {
  type Architecture,
  architectureNames,
  architectures,
  type ClassifierNetwork,
  findArchitecture,
  groupDigits,
  parameterCount,
  parameterTable,
  summarizeNetwork,
} from "../nn/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { countRow, debugRow, listRow, type OptionsOf, pluginRow, type Rows } from "./command/rows.ts";
import { textTable } from "./terminal/table.ts";
import { printResult } from "./terminal/output.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    imageShape: listRow("C,H,W", countRow, "channels, height and width of the images (default: 3,32,32)"),
    classes: { kind: "integer", default: 10, minimum: 1, help: "number of classes" },
  }),
  ...inGroup("network", {
    architecture: {
      kind: "name",
      default: null,
      names: architectureNames,
      help: "network to list the parameters of (default: one line for each network)",
    },
    heads: { kind: "integer", default: 1, minimum: 1, maximum: 2, help: "number of heads" },
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
} as const satisfies Rows;

type NetworksOptions = OptionsOf<typeof rows>;

type ImageShape = readonly [channels: number, height: number, width: number];

function shapeOf({ imageShape }: NetworksOptions): ImageShape {
  const [channels, height, width, ...more] = imageShape ?? [3, 32, 32];
  if (channels !== undefined && height !== undefined && width !== undefined && more.length === 0) {
    return [channels, height, width];
  }
  throw new RangeError(
    `--image-shape must be three numbers (channels, height and width), but is "${imageShape?.join(",")}"`,
  );
}

/** Returns a network without initial weights. @throws {RangeError} if the images are too small for it. */
function build({ build }: Architecture, options: NetworksOptions): ClassifierNetwork {
  return build({
    imageShape: shapeOf(options),
    classCount: options.classes,
    headCount: options.heads === 1 ? 1 : 2,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
}

/** Returns a line for each network: name, number of parameters and summary. */
function listNetworks(options: NetworksOptions): string {
  const cells = architectures.map((each) => [each.name, groupDigits(parameterCount(build(each, options)))]);
  const lines = textTable([["network", "parameters"], ...cells]).split("\n");
  const summaries = ["summary", ...architectures.map(({ summary }) => summary)];
  return lines.map((line, i) => `${line}  ${summaries[i]}`).join("\n");
}

/** Returns the layers of a network with the shapes for a single image, then its parameters. */
function describeNetwork(architecture: Architecture, options: NetworksOptions): string {
  const network = build(architecture, options);
  return `${summarizeNetwork(network, [1, ...shapeOf(options)])}\n\n${parameterTable(network)}`;
}

/** `networks`. */
export const networksCommand = defineCommand({
  name: "networks",
  permissions: { env: true, read: "for plugins and deno task" },
  description: "Lists the networks, or with --arch the layers and parameters of one.",
  rows,
  operands: [],
  examples: [
    ["", "all networks"],
    ["--arch convnet_small", "the layers and parameters of one network"],
    ["--image-shape 1,28,28 --classes 10", "for other images"],
  ],
  stopsAtOnce: true,
  run({ options }) {
    const { architecture, classes, heads } = options;
    const about = `images of ${shapeOf(options).join("×")}, ${classes} classes, ${
      heads === 1 ? "one head" : "two heads"
    }`;
    printResult(
      architecture === null
        ? `Networks for ${about}\n\n${listNetworks(options)}`
        : `${architecture} for ${about}\n\n${describeNetwork(findArchitecture(architecture), options)}`,
    );
    return "finished";
  },
});

if (import.meta.main) await networksCommand.start();
