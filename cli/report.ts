/**
 * `deno run -A cli/report.ts RUN…`: writes one HTML page about one or several runs.
 * @module
 */
import { join } from "node:path";
import { checkRegular, writeAtomically } from "../data/files/mod.ts";
import type { Device } from "../kernels/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import {
  dataDirRow,
  debugRow,
  downloadRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import type { Outcome } from "./command/process.ts";
import { reasonOf } from "./command/reason.ts";
import { generator, pageHtml } from "./report/page.ts";
import { RunTester, untestedRun } from "./report/run_tester.ts";
import type { ReportedRun } from "./report/reported_run.ts";
import { readRuns, type RunRecord } from "./report/run_record.ts";
import { describeIncomplete } from "./report/sections/settings.ts";
import { runFiles } from "./run_files/run_files.ts";
import { printNote, printResult } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    dataDir: { ...dataDirRow, help: "folder of the dataset's files (default: that of the run)" },
    download: downloadRow,
  }),
  ...inGroup("running", {
    tests: {
      ...switchRow("parts that need the test images", true),
      off: "leave out the parts that need the test images; show only the curves from the logs",
    },
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    output: pathRow("FILE", "HTML file (default: report.html in the folder of the run, or here for several)"),
    mistakes: {
      kind: "integer",
      default: 24,
      minimum: 0,
      maximum: 1000,
      help: "largest number of the teacher's most confident mistakes to show",
    },
    pictures: {
      kind: "integer",
      default: null,
      minimum: 0,
      maximum: 100,
      help:
        "largest number of surest unlabelled pictures, of least sure ones, and of views to show; 0: none (default: 12 for one run, 0 for several)",
    },
    review: {
      kind: "integer",
      default: null,
      minimum: 0,
      maximum: 1000,
      help:
        "largest number of probable label errors and of near-duplicates to show; 0: do not review labels (default: 24 for one run, 0 for several)",
    },
  }),
} as const satisfies Rows;

type ReportOptions = OptionsOf<typeof rows>;

/** Writes the report on the runs of some folders. */
async function report(paths: readonly [string, ...string[]], options: ReportOptions): Promise<Outcome> {
  const output = options.output ?? (paths.length === 1 ? join(paths[0], "report.html") : "report.html");
  const records = await readRuns(paths);
  await checkOutput(output);
  for (const { path, log: { incompleteLines } } of records) {
    if (incompleteLines > 0) {
      printNote(`${join(path, runFiles.log)}: ${describeIncomplete(incompleteLines)}.`);
    }
  }
  const runs = options.tests
    ? await testRuns(records, options)
    : records.map((record, i) => untestedRun(record, idOf(i)));
  await writeAtomically(output, pageHtml(runs));
  const [first, ...others] = records;
  const subject = others.length === 0 ? first?.path : `${records.length} runs`;
  printResult(`Report on ${subject}: ${output}`);
  return "finished";
}

/** Numbers of pictures that the report on one run shows; a report on several shows none. */
const ofOneRun = { review: 24, pictures: 12 }, ofSeveral = { review: 0, pictures: 0 };

const idOf = (index: number) => `run-${index + 1}`;

async function testRuns(
  records: readonly RunRecord[],
  { dataDir, download, mistakes, review, pictures }: ReportOptions,
): Promise<ReportedRun[]> {
  let device: Promise<Device> | undefined;
  const usual = records.length === 1 ? ofOneRun : ofSeveral;
  const tester = new RunTester({
    dataDir,
    download,
    mistakeCount: mistakes,
    counts: { review: review ?? usual.review, pictures: pictures ?? usual.pictures },
    device: () => device ??= requestDevice(),
  });
  try {
    const runs: ReportedRun[] = [];
    for (const [i, record] of records.entries()) runs.push(await tester.test(record, idOf(i)));
    return runs;
  } finally {
    (await device)?.[Symbol.dispose]();
  }
}

/** Checks that only an older report would be overwritten. */
async function checkOutput(path: string): Promise<void> {
  let text: string;
  try {
    await checkRegular(path);
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new RangeError(`Cannot write the report to ${path}: ${reasonOf(error)}`);
  }
  if (!text.slice(0, 1000).includes(`content="${generator}"`)) {
    throw new RangeError(
      `Cannot write the report to ${path}: the file exists and is not a report. Name another file with --output.`,
    );
  }
}

/** `report`. */
export const reportCommand = defineCommand({
  name: "report",
  permissions: { read: true, write: true, env: true, ffi: "for pictures" },
  description:
    "Writes an HTML page about runs: verdict, mistakes, unlabelled pictures, advice, curves and calibration.",
  rows,
  operands: [{ name: "RUN", help: "folder of a run, or of an experiment", isMany: true }],
  examples: [
    ["runs/a", "writes runs/a/report.html"],
    ["runs/a runs/b --output both.html", "compare two runs"],
    ["runs/a --no-tests", "only the curves, without the test images"],
  ],
  stopsAtOnce: true,
  run: ({ options, operands: [paths] }) => report(paths, options),
});

if (import.meta.main) await reportCommand.start();
