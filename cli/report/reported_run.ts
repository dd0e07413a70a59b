/**
 * One run in the page.
 * @module
 */
import { errorText, percent } from "../command/figures.ts";
import { calibrationHtml } from "./calibration_section.ts";
import { classesHtml } from "./classes.ts";
import { confusionHtml, mistakesHtml } from "./confusion.ts";
import { subjectTitle } from "./groups.ts";
import { type Content, type Html, html, nameHtml } from "./html.ts";
import { learningHtml } from "./learning.ts";
import { methodTitle } from "./names.ts";
import { betterErrorOf, labelCountOf, lastErrorsOf, type RunRecord, stepsOf } from "./run_record.ts";
import { selfCheckHtml } from "./self_check_section.ts";
import { environmentHtml, optionsHtml } from "./settings.ts";
import type { TestResults } from "./test_results.ts";

/** A run and what its networks make of its test images. */
export interface ReportedRun {
  /** Unique in the page. */
  readonly id: string;
  readonly record: RunRecord;
  /** Null where there was nothing to test, or nothing to test on. */
  readonly results: TestResults | null;
  /** Why there are no results, as a sentence; null where there are. */
  readonly untested: string | null;
  /** Of the same run on the labels alone, where there is one. */
  readonly baseline: TestResults | null;
  /** Class names, where they are known. */
  readonly classes: readonly string[] | null;
  /** Whether the test images are labelled ones of the user's that were held out of training. */
  readonly isHeldOut: boolean;
}

/** All sections of a run. @param isAlone Whether it is the only one: then its headings are those of the page. */
export function runHtml(run: ReportedRun, { isAlone }: { readonly isAlone: boolean }): Html {
  const { id, record, results, untested, baseline, classes } = run;
  const sections: readonly (readonly [name: string, title: string, content: Content])[] = [
    ["learning", "Learning", learningHtml(record, id)],
    ["check", "Self-check", selfCheckHtml(record, classes, id)],
    ...(results
      ? [
        ["confusion", "Confusions", html`${testedOn(run, results)}${confusionHtml(results)}`],
        ["mistakes", "Worst mistakes", mistakesHtml(results)],
        ["calibration", "Calibration", calibrationHtml(results, temperatureOf(record), id)],
        ["classes", "Classes", classesHtml({ results, baseline, labelsByClass: record.labelsByClass })],
      ] as const
      : [["tests", "Test images", html`<p class="missing">${untested}</p>`]] as const),
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

/** The temperature of the run's model file; null where it was not calibrated. */
function temperatureOf({ summary }: RunRecord): number | null {
  return summary?.calibration?.temperature ?? null;
}

/** What a run is, in a line. */
export function runSubtitle(record: RunRecord): Html {
  const labels = labelCountOf(record);
  return html`${methodTitle(record.method)} on ${nameHtml(subjectTitle(record))}${
    labels !== null && `, ${labels} labels`
  }, seed ${record.seed}`;
}

function stateHtml({ record, results }: ReportedRun): Html | false {
  if (record.summary) return false;
  const tested = results
    ? " What is said of the test images is of its last checkpoint."
    : record.weights
    ? ""
    : " There is no checkpoint in its folder.";
  return html`<p class="warning">This run did not come to its end: its log goes to step ${
    stepsOf(record)
  }.${tested}</p>`;
}

function testedOn({ record, isHeldOut }: ReportedRun, { step, teacher: { examples } }: TestResults): Html {
  return html`<p>Weights of step ${step}${
    !record.weights?.isFinal && ", the last checkpoint"
  }, on ${examples} ${isHeldOut ? "labelled images that were held out of training" : "test images"}.</p>`;
}

interface Tile {
  readonly title: string;
  readonly value: Content;
  readonly note?: Content;
  /** Whose colour it has. */
  readonly who?: "student" | "teacher" | "baseline";
}

function tilesHtml({ record, results }: ReportedRun): Html {
  const errors = lastErrorsOf(record);
  const twin = record.baseline && betterErrorOf(record.baseline);
  const at = errors && `step ${errors.step}`;
  const tiles: Tile[] = [
    { title: "teacher's error", value: errors ? errorText(errors.teacher) : "–", note: at, who: "teacher" },
    { title: "student's error", value: errors ? errorText(errors.student) : "–", note: at, who: "student" },
  ];
  if (twin !== null) {
    const gain = errors && 100 * (twin.testError - errors.teacher.testError);
    tiles.push({
      title: "labels alone",
      value: errorText(twin),
      note: gain !== null &&
        html`${Math.abs(gain).toFixed(2)} points ${gain >= 0 ? "more" : "less"} than the teacher`,
      who: "baseline",
    });
  }
  const { folds, probe } = record.summary ?? {};
  if (folds) {
    tiles.push({
      title: `error by ${folds.count} folds`,
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
    tiles.map(({ title, value, note, who }) =>
      html`
        <div class="${who ?? "plain"}">
          <dt>${title}</dt>
          <dd>${value}${note && html`<small>${note}</small>`}</dd>
        </div>
      `
    )
  }</dl>`;
}
