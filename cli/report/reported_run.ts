/**
 * The sections of one run in the page.
 * @module
 */
import { methodTitle } from "./names.ts";
import { errorText, intervalText, percent } from "../terminal/figures.ts";
import { calibrationHtml } from "./calibration_section.ts";
import { classesHtml } from "./classes.ts";
import { confusionHtml, mistakesHtml } from "./confusion.ts";
import { dataSourceTitle } from "./groups.ts";
import { type Content, type Html, html, nameHtml } from "./html.ts";
import { pairsHtml, suspectsHtml } from "./labels_section.ts";
import { learningHtml } from "./learning.ts";
import { betterErrorOf, labelCountOf, lastErrorsOf, type RunRecord, stepsOf } from "./run_record.ts";
import { selfCheckHtml } from "./self_check_section.ts";
import { environmentHtml, optionsHtml } from "./settings.ts";
import type { TestResults } from "./test_results.ts";
import type { LabelReview } from "../pictures/label_review.ts";

/** A run with the test results of its networks. */
export interface ReportedRun {
  /** Unique in the page. */
  readonly id: string;
  readonly record: RunRecord;
  /** Test results; null if the run was not tested. */
  readonly results: TestResults | null;
  /** Reason why there are no results, as a sentence; null if there are. */
  readonly untested: string | null;
  /** Test results of the supervised baseline; null if there is none. */
  readonly baseline: TestResults | null;
  /** Review of the run's labels; null if there is none. */
  readonly review: LabelReview | null;
  /** Class names; null if unknown. */
  readonly classes: readonly string[] | null;
  /** True if the test images were held out of the user's labelled images. */
  readonly isHeldOut: boolean;
}

/**
 * Returns all sections of a run.
 * @param isAlone True if the page has no other run: then headings are one level higher.
 */
export function runHtml(run: ReportedRun, { isAlone }: { readonly isAlone: boolean }): Html {
  const { id, record, results, untested, baseline, review, classes } = run;
  const sections: readonly (readonly [name: string, title: string, content: Content])[] = [
    ["learning", "Learning", learningHtml(record, id)],
    ["check", "Self-check", selfCheckHtml(record, classes, id)],
    ...(results
      ? [
        ["confusion", "Confusions", html`${testedOn(run, results)}${confusionHtml(results)}`],
        ["mistakes", "Most confident mistakes", mistakesHtml(results)],
        ["calibration", "Calibration", calibrationHtml(results, temperatureOf(record), id)],
        ["classes", "Classes", classesHtml({ results, baseline, labelsByClass: record.labelsByClass })],
      ] as const
      : [["tests", "Test images", html`<p class="missing">${untested}</p>`]] as const),
    ...(review && classes
      ? [
        ["labels", "Labels to check", suspectsHtml(review, classes, record.path)],
        ["duplicates", "Near-duplicates", pairsHtml(review, classes)],
      ] as const
      : []),
    [
      "options",
      "Options",
      html`<details><summary>All options of the run</summary>${optionsHtml(record)}</details>`,
    ],
    ["environment", "Environment", environmentHtml(record)],
  ];
  const headingHtml = (id: string, title: string) =>
    isAlone
      ? html`<h2 class="section" id="${id}">${title}</h2>`
      : html`<h3 class="section" id="${id}">${title}</h3>`;
  return html`${stateHtml(run)}
${tilesHtml(run)}
<nav aria-label="Sections of ${record.name}">${
    sections.map(([name, title]) =>
      html`
        <a href="#${id}-${name}">${title}</a>
      `
    )
  }</nav>
${
    sections.map(([name, title, content]) =>
      html`
        <section aria-labelledby="${id}-${name}">
        ${headingHtml(`${id}-${name}`, title)}
        ${content}
        </section>
      `
    )
  }`;
}

/** Returns the temperature of the run's model file; null if it is not calibrated. */
function temperatureOf({ summary }: RunRecord): number | null {
  return summary?.calibration?.temperature ?? null;
}

/** Describes a run in one line: method, data, labels and seed. */
export function runSubtitle(record: RunRecord): Html {
  const labels = labelCountOf(record);
  return html`${methodTitle(record.method)} on ${nameHtml(dataSourceTitle(record))}${
    labels !== null && `, ${labels} labels`
  }, seed ${record.seed}`;
}

function stateHtml({ record, results }: ReportedRun): Html | false {
  if (record.summary) return false;
  const tested = results
    ? " Its last checkpoint was tested."
    : record.weights
    ? ""
    : " Its folder has no checkpoint.";
  return html`<p class="warning">This run is not finished: its log ends at step ${
    stepsOf(record)
  }.${tested}</p>`;
}

/** Returns why the weights are not the last ones; empty if they are. */
function keptNote({ summary }: RunRecord): string {
  const { kept } = summary ?? {};
  return kept ? `, the best by the ${kept.by === "test" ? "test images" : "held-out labels"}` : "";
}

function testedOn({ record, isHeldOut }: ReportedRun, { step, teacher }: TestResults): Html {
  const { examples } = teacher;
  return html`<p>Weights of step ${step}${
    record.weights?.isFinal ? keptNote(record) : ", the last checkpoint"
  }, on ${examples} ${isHeldOut ? "labelled images held out of training" : "test images"}.${
    intervalText(teacher) !== null && " Ranges in parentheses are 95 % confidence intervals of the errors."
  }</p>`;
}

interface Tile {
  readonly title: string;
  readonly value: Content;
  readonly note?: Content;
  /** Network whose colour the tile has. */
  readonly network?: "student" | "teacher" | "baseline";
}

function tilesHtml({ record, results }: ReportedRun): Html {
  const errors = lastErrorsOf(record);
  const baseline = record.baseline && betterErrorOf(record.baseline);
  const at = errors && `step ${errors.step}`;
  const tiles: Tile[] = [
    {
      title: "teacher's error",
      value: errors ? errorText(errors.teacher) : "–",
      note: at,
      network: "teacher",
    },
    {
      title: "student's error",
      value: errors ? errorText(errors.student) : "–",
      note: at,
      network: "student",
    },
  ];
  if (baseline !== null) {
    const gain = errors && 100 * (baseline.testError - errors.teacher.testError);
    tiles.push({
      title: "supervised baseline",
      value: errorText(baseline),
      note: gain !== null &&
        html`${Math.abs(gain).toFixed(2)} percentage points ${gain >= 0 ? "above" : "below"} the teacher`,
      network: "baseline",
    });
  }
  const { folds, probe } = record.summary ?? {};
  if (folds) {
    tiles.push({
      title: `error by ${folds.count}-fold cross-validation`,
      value: errorText(folds.teacher),
      note: "of the teacher",
    });
  } else if (probe) {
    tiles.push({ title: "error of a linear probe", value: errorText(probe), note: "an estimate" });
  }
  if (results) {
    tiles.push({
      title: "calibration error",
      value: percent(results.teacher.calibrationError),
      note: "of the teacher",
    });
  }
  tiles.push({ title: "labels", value: labelCountOf(record) ?? "–" }, {
    title: "steps",
    value: stepsOf(record),
  });
  return html`<dl class="tiles">${
    tiles.map(({ title, value, note, network }) =>
      html`
        <div class="${network ?? "plain"}">
          <dt>${title}</dt>
          <dd>${value}${note && html`<small>${note}</small>`}</dd>
        </div>
      `
    )
  }</dl>`;
}
