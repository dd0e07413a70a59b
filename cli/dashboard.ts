/**
 * `deno run -A cli/dashboard.ts RUN…`: serves a page that shows and compares runs, and follows those in training.
 * @module
 */
import { inGroup } from "../semisup/mod.ts";
import { untilAborted } from "./command/aborted.ts";
import { defineCommand } from "./command/command.ts";
import type { Outcome } from "./command/process.ts";
import { dataDirRow, debugRow, type OptionsOf, pluginRow, reportingRows, type Rows } from "./command/rows.ts";
import { RunsPage } from "./dashboard/runs_page.ts";
import { printResult } from "./terminal/output.ts";
import { warnIfExposed, webRows } from "./web/binding.ts";
import { startWebServer } from "./web/web_server.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    dataDir: { ...dataDirRow, help: "folder of the dataset's files (default: that of the run)" },
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
  ...webRows,
  ...reportingRows,
} as const satisfies Rows;

/** Serves the page until the signal. */
async function dashboard(
  paths: readonly string[],
  { dataDir, ...binding }: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Outcome> {
  using page = new RunsPage(paths, dataDir);
  await page.refresh();
  const server = await startWebServer(page.site, binding);
  warnIfExposed(binding);
  const { address } = server;
  printResult(`dashboard: ${address}`, { kind: "dashboard", address });
  await untilAborted(signal);
  await server.stop();
  return "finished";
}

/** `dashboard`. */
export const dashboardCommand = defineCommand({
  name: "dashboard",
  permissions: { read: true, env: true, net: true, ffi: "for pictures", write: "for caches" },
  description: "Serves a page on this machine that shows and compares runs, and follows those in training.",
  rows,
  operands: [{ name: "RUN", help: "folder of a run, or of an experiment", isMany: true }],
  examples: [
    ["runs/a", "a run, finished or in training"],
    ["runs/a runs/b", "compare two runs"],
    ["runs/experiment --port 8080", "all runs of an experiment, on a port of your own"],
  ],
  stopNotice: "Closing the page; press again to stop at once",
  run: ({ options, operands: [paths] }, signal) => dashboard(paths, options, signal),
});

if (import.meta.main) await dashboardCommand.start();
