/**
 * The table of several runs.
 * @module
 */
import { errorText, percent } from "../terminal/figures.ts";
import { dataSourceOf } from "./groups.ts";
import { type Html, html, nameHtml, tableHtml } from "./html.ts";
import { methodTitle } from "./names.ts";
import type { ReportedRun } from "./reported_run.ts";
import { betterErrorOf, labelCountOf, reportedErrorsOf, type RunRecord, stepsOf } from "./run_record.ts";
import { warningsOf } from "./sections/self_check.ts";
import type { TestSet } from "./test_sets.ts";

/** Returns the table of all runs: their errors, and the facts in which they differ. */
export function runsTable(runs: readonly ReportedRun[], sets: readonly TestSet[]): Html {
  const lastErrorHtml = ({ record, results }: ReportedRun, network: "student" | "teacher") => {
    const errors = reportedErrorsOf(record, results), { folds } = record.summary ?? {};
    if (!errors && folds) {
      return html`${errorHtml(errorText(folds[network]))} <span class="interval">${folds.count} folds</span>`;
    }
    return errors ? errorHtml(errorText(errors[network])) : "–";
  };
  const baselineHtml = ({ baseline }: RunRecord) => {
    const error = baseline && betterErrorOf(baseline);
    return error === null ? "–" : errorHtml(errorText(error));
  };
  const hasBaselines = runs.some(({ record }) => record.baseline);
  const facts = factsOf(sets).map((fact) => ({
    ...fact,
    values: runs.map(({ record }) => fact.text(record)),
  }));
  const isSame = ({ values: [first, ...rest] }: (typeof facts)[number]) =>
    rest.every((each) => each === first);
  const same = runs.length > 1 ? facts.filter(isSame) : [];
  return tableHtml<ReportedRun>({
    caption:
      html`Test errors at the last test of each run, with the 95 % confidence interval for fewer than 2000 test images.${
        hasBaselines &&
        " Supervised baseline: the better network of the same run without unlabelled images."
      }${same.length > 0 && " The same for all runs: "}${
        same.map(({ title, values: [first = ""] }, i) => html`${i > 0 && ", "}${title} ${nameHtml(first)}`)
      }${same.length > 0 && "."}`,
    // The most important columns come first, because a phone shows few.
    columns: [
      {
        title: "run",
        isText: true,
        cell: ({ id, record }) => html`<a href="#${id}">${nameHtml(record.name)}</a>`,
      },
      { title: "teacher", cell: (run) => html`<b>${lastErrorHtml(run, "teacher")}</b>` },
      { title: "student", cell: (run) => lastErrorHtml(run, "student") },
      hasBaselines && { title: "supervised baseline", cell: ({ record }) => baselineHtml(record) },
      runs.some(({ results }) => results) && {
        title: "calibration error",
        cell: ({ results }) => results ? percent(results.teacher.calibrationError) : "–",
      },
      ...facts.filter((fact) => !same.includes(fact)).map(({ title, isText, text }) => ({
        title,
        isText,
        cell: ({ record }: ReportedRun) => isText ? nameHtml(text(record)) : text(record),
      })),
    ],
    rows: runs,
  });
}

/** A fact about a run: a column, unless it is the same for all runs. */
interface Fact {
  readonly title: string;
  readonly isText: boolean;
  readonly text: (record: RunRecord) => string;
}

/** Returns the facts that the table of runs shows. */
function factsOf(sets: readonly TestSet[]): readonly Fact[] {
  const testedOn = (record: RunRecord) => {
    const set = sets.find(({ runs }) => runs.includes(record));
    return set ? `${set.images}${set.letter && ` (${set.letter})`}` : "–";
  };
  return [
    { title: "dataset", isText: true, text: dataSourceOf },
    ...(sets.some(({ letter }) => letter !== "")
      ? [{ title: "test images", isText: false, text: testedOn }]
      : []),
    { title: "labels", isText: false, text: (record) => `${labelCountOf(record) ?? "–"}` },
    { title: "method", isText: true, text: ({ method }) => methodTitle(method) },
    { title: "seed", isText: false, text: ({ seed }) => `${seed}` },
    { title: "steps", isText: false, text: (record) => `${stepsOf(record)}` },
    { title: "state", isText: true, text: stateOf },
  ];
}

/** Returns an error with its interval on a line of its own, which keeps columns narrow. */
export function errorHtml(text: string): Html {
  const [, value = text, interval] = /^(.+?) (\(.+\))$/.exec(text) ?? [];
  return html`${value}${
    interval !== undefined && html`
      <span class="interval">${interval}</span>
    `
  }`;
}

function stateOf(record: RunRecord): string {
  const warnings = warningsOf(record.log.diagnostics).filter(({ isActive }) => isActive).length;
  const state = record.summary ? "finished" : "not finished";
  return warnings === 0 ? state : `${state}, ${warnings} warning${warnings === 1 ? "" : "s"}`;
}
