/**
 * `deno run -A cli/label.ts FOLDER|RUN`: a page in the browser for labelling pictures, training and labelling on.
 * @module
 */
import { DecodePool } from "../data/files/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { untilAborted } from "./command/aborted.ts";
import { exists } from "./command/given_file.ts";
import { defineCommand } from "./command/command.ts";
import { readConfigFile } from "./config/config_file.ts";
import { pluginOf } from "./config/config_options.ts";
import {
  debugRow,
  labelPatternRow,
  labelsRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  seedRow,
  switchRow,
} from "./command/rows.ts";
import type { Outcome } from "./command/process.ts";
import { createLabelSite } from "./label/label_site.ts";
import { defaultLabelFolder, openSource } from "./label/label_source.ts";
import { LabelSession } from "./label/session.ts";
import { pathFromHere } from "./hints/shell_command.ts";
import { describeEnd } from "./label/session_text.ts";
import { FolderClaims } from "./storage/folder_claims.ts";
import { printResult } from "./terminal/output.ts";
import { warnIfExposed, webRows } from "./web/binding.ts";
import { startWebServer } from "./web/web_server.ts";

/** Time of a round in minutes, unless the user sets it. */
const usualMinutes = 2;

/** Options of the command. */
const rows = {
  ...inGroup("labels", {
    labels: { ...labelsRow, help: "label lists of the folder (default: those found in it)" },
    labelPattern: labelPatternRow,
    unlabelled: {
      ...switchRow("ignore class folders and label lists"),
      common: true,
    },
    count: {
      kind: "integer",
      default: 24,
      minimum: 1,
      maximum: 200,
      help: "number of pictures at once",
      common: true,
    },
  }),
  ...inGroup("running", {
    minutes: {
      kind: "number",
      default: null,
      minimum: 0,
      isOpen: "below",
      unit: "minutes",
      help: `time of a training round (default: ${usualMinutes}, unless --config)`,
      common: true,
    },
    config: pathRow("FILE", "options of train for each round"),
    seed: { ...seedRow, default: 1, help: "seed of the choice of pictures" },
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    output: {
      ...pathRow("DIR", "folder of lists and rounds (default: NAME-labelled)"),
      common: true,
    },
  }),
  ...webRows,
  ...reportingRows,
} as const satisfies Rows;

/** Options of a labelling. */
export type LabelOptions = OptionsOf<typeof rows>;

/** Serves the page until the signal. */
export async function label(path: string, options: LabelOptions, signal: AbortSignal): Promise<Outcome> {
  const { count, seed, config, plugin, labels, labelPattern, unlabelled } = options;
  if (unlabelled && labelPattern !== null) {
    throw new RangeError(
      "Cannot combine --label-pattern and --unlabelled: one reads labels, the other ignores them",
    );
  }
  const folder = options.output ?? defaultLabelFolder(path);
  // Before workers start, which without the permission to read would print errors of their own.
  await exists(path);
  using decoder = new DecodePool();
  const source = await openSource(path, { labels, labelPattern, unlabelled, decoder, signal });
  await using claims = new FolderClaims();
  await claims.claim(folder);
  const training = { ...(config !== null && { config }), ...(plugin !== null && { plugin }) };
  const minutes = options.minutes ?? (config === null ? usualMinutes : null);
  await using session = await LabelSession.open(source, {
    ...{ folder, count, seed, training, minutes },
    plugin: plugin ?? (config === null ? undefined : pluginOf(await readConfigFile(config))) ?? null,
  });
  const { site, channel } = createLabelSite(session, source.shown);
  warnIfExposed(options);
  const server = await startWebServer(site, options);
  session.start();
  printResult(
    `Labelling page: ${server.address}\nOpen it in a browser on this machine. Labels are saved to ${
      pathFromHere(folder)
    } at once; Ctrl-C ends.`,
    { kind: "page", address: server.address, folder },
  );
  await untilAborted(signal);
  channel.send("end", {});
  channel.close();
  await server.stop();
  await session.stop();
  const { text, record } = describeEnd(session, path, options);
  printResult(text, record);
  return "finished";
}

/** `label`. */
export const labelCommand = defineCommand({
  name: "label",
  permissions: { read: true, write: true, env: true, sys: true, net: true, ffi: "for pictures" },
  description:
    "Serves a page for labelling pictures, at first those that differ, then those that the network is unsure of, and for " +
    "training on them. Ctrl-C ends; the same command continues.",
  rows,
  operands: [{
    name: "FOLDER|RUN",
    help: "pictures, labelled or not; or those of a finished run",
  }],
  examples: [
    ["photos", "label and train"],
    ["photos --minutes 10", "longer rounds"],
    ["runs/a --count 12", "continue a run"],
  ],
  stopNotice: "Stopping; a round that is being trained saves a checkpoint first. Press again to stop at once",
  run: ({ options, operands: [path] }, signal) => label(path, options, signal),
});

if (import.meta.main) await labelCommand.start();
