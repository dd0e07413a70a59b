/**
 * `deno run -A cli/report.ts RUN…`: one HTML file about one or several runs.
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../data/files/mod.ts";
import { Device } from "../kernels/mod.ts";
import { defineCommand } from "./command/command.ts";
import {
  dataDirRow,
  debugRow,
  downloadRow,
  type OptionsOf,
  pathRow,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import type { Outcome } from "./command/process.ts";
import { reasonOf } from "./command/reason.ts";
import { generator, pageHtml } from "./report/page.ts";
import { RunTester, untestedRun } from "./report/run_tester.ts";
import type { ReportedRun } from "./report/reported_run.ts";
import { readRuns, type RunRecord } from "./report/run_record.ts";

/** What is asked of the program. */
const rows = {
  output: pathRow(
    "FILE",
    "the HTML file (default: report.html in the folder that is given, or here for several)",
  ),
  mistakes: {
    kind: "integer",
    default: 24,
    minimum: 0,
    maximum: 1000,
    help: "images that the teacher is most confidently wrong about to show, at most",
  },
  tests: switchRow("what needs the test images: curves alone, from the logs", true),
  dataDir: { ...dataDirRow, help: "folder with the dataset's files (default: where the run had them)" },
  download: downloadRow,
  debug: debugRow,
} as const satisfies Rows;

type ReportOptions = OptionsOf<typeof rows>;

/** Makes the report on the runs of some folders. */
async function report(paths: readonly [string, ...string[]], options: ReportOptions): Promise<Outcome> {
  const output = options.output ?? (paths.length === 1 ? join(paths[0], "report.html") : "report.html");
  const records = await readRuns(paths);
  await checkOutput(output);
  const runs = options.tests
    ? await tested(records, options)
    : records.map((record, i) => untestedRun(record, idOf(i)));
  await writeAtomically(output, pageHtml(runs));
  const [first, ...others] = records;
  const subject = others.length === 0 ? first?.path : `${records.length} runs`;
  console.log(`Report on ${subject}: ${output}`);
  return "finished";
}

const idOf = (index: number) => `run-${index + 1}`;

async function tested(
  records: readonly RunRecord[],
  { dataDir, download, mistakes }: ReportOptions,
): Promise<ReportedRun[]> {
  let device: Promise<Device> | undefined;
  const preparation = new RunTester({
    dataDir,
    download,
    mistakeCount: mistakes,
    device: () => device ??= Device.request(),
  });
  try {
    const runs: ReportedRun[] = [];
    for (const [i, record] of records.entries()) runs.push(await preparation.test(record, idOf(i)));
    return runs;
  } finally {
    (await device)?.[Symbol.dispose]();
  }
}

/** Makes sure that nothing but an older report is written over. */
async function checkOutput(path: string): Promise<void> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new RangeError(`Cannot write the report to ${path} as it must be a file: ${reasonOf(error)}`);
  }
  if (!text.slice(0, 1000).includes(`content="${generator}"`)) {
    throw new RangeError(
      `Cannot write the report to ${path} as it must be a new file, or an older report: it is neither`,
    );
  }
}

/** The command. */
export const reportCommand = defineCommand({
  name: "cli/report.ts",
  description:
    "Makes one HTML file of runs: errors, costs, mistakes, calibration, classes, the self-check, and runs beside each other.",
  rows,
  operands: [{ name: "RUN", help: "folders of runs, or of an experiment with runs in it", isMany: true }],
  stopsAtOnce: true,
  run: ({ options, operands: [paths] }) => report(paths, options),
});

if (import.meta.main) await reportCommand.start();
