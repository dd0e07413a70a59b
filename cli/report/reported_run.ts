/**
 * The sections of one run in the page.
 * @module
 */
import { methodTitle } from "./names.ts";
import { intervalText } from "../terminal/figures.ts";
import { calibrationHtml } from "./sections/calibration.ts";
import { classesHtml } from "./sections/classes.ts";
import { confusionHtml, mistakesHtml } from "./sections/confusion.ts";
import { dataSourceTitle } from "./groups.ts";
import { type Content, type Html, html, nameHtml } from "./html.ts";
import { pairsHtml, suspectsHtml } from "./sections/labels.ts";
import { learningHtml } from "./sections/learning.ts";
import { labelCountOf, type RunRecord } from "./run_record.ts";
import { nextHtml } from "./sections/next.ts";
import { selfCheckHtml } from "./sections/self_check.ts";
import { environmentHtml, optionsHtml } from "./sections/settings.ts";
import { tilesHtml } from "./sections/tiles.ts";
import { unlabelledHtml } from "./sections/unlabelled.ts";
import { verdictHtml } from "./sections/verdict.ts";
import { viewsHtml } from "./sections/views.ts";
import type { TestResults } from "./test_results.ts";
import type { Examination } from "./examination.ts";

/** A run with the test results of its networks. */
export interface ReportedRun extends Examination {
  /** Unique in the page. */
  readonly id: string;
  readonly record: RunRecord;
  /** Test results; null if the run was not tested. */
  readonly results: TestResults | null;
  /** Reason why there are no results, as a sentence; null if there are. */
  readonly untested: string | null;
  /** Test results of the supervised baseline; null if there is none. */
  readonly baseline: TestResults | null;
  /** Class names; null if unknown. */
  readonly classes: readonly string[] | null;
  /** True if the test images were held out of the user's labelled images. */
  readonly isHeldOut: boolean;
}

/** A section: its name, unique in the run, its title and content. */
type Section = readonly [name: string, title: string, content: Content];

/**
 * Returns all sections of a run, from the verdict to the details.
 * @param isAlone True if the page has no other run: then headings are one level higher.
 */
export function runHtml(run: ReportedRun, { isAlone }: { readonly isAlone: boolean }): Html {
  const { id, record } = run;
  const sections = [...pictureSections(run), ...curveSections(run)];
  const headingHtml = (id: string, title: string) =>
    isAlone
      ? html`<h2 class="section" id="${id}">${title}</h2>`
      : html`<h3 class="section" id="${id}">${title}</h3>`;
  return html`${verdictHtml(run)}
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

/** Returns the sections of pictures, and the advice that follows from them. */
function pictureSections(run: ReportedRun): Section[] {
  const { record, results, untested, review, unlabelled, views, classes } = run;
  return [
    results
      ? ["mistakes", "Surest mistakes", html`${testedOn(run, results)}${mistakesHtml(results)}`]
      : ["tests", "Test images", html`<p class="missing">${untested}</p>`],
    ...(views && classes ? [["views", "As the networks see them", viewsHtml(views, classes)] as const] : []),
    ...(unlabelled && classes
      ? [["unlabelled", "Unlabelled pictures", unlabelledHtml(unlabelled, classes)] as const]
      : []),
    ...(review && classes
      ? [
        ["labels", "Labels to check", suspectsHtml(review, classes, record.path)],
        ["duplicates", "Near-duplicates", pairsHtml(review, classes)],
      ] as const
      : []),
    ["next", "What to do next", nextHtml(run)],
  ];
}

/** Returns the sections of curves and tables. */
function curveSections({ id, record, results, baseline, classes }: ReportedRun): Section[] {
  return [
    ["learning", "Learning", learningHtml(record, id)],
    ["check", "Self-check", selfCheckHtml(record, classes, id)],
    ...(results
      ? [
        ["confusion", "Confusions", confusionHtml(results)],
        ["classes", "Classes", classesHtml({ results, baseline, labelsByClass: record.labelsByClass })],
        ["calibration", "Calibration", calibrationHtml(results, id)],
      ] as const
      : []),
    [
      "options",
      "Options",
      html`<details><summary>All options of the run</summary>${optionsHtml(record)}</details>`,
    ],
    ["environment", "Environment", environmentHtml(record)],
  ];
}

/** Describes a run in one line: method, data, labels and seed. */
export function runSubtitle(record: RunRecord): Html {
  const labels = labelCountOf(record);
  return html`${methodTitle(record.method)} on ${nameHtml(dataSourceTitle(record))}${
    labels !== null && `, ${labels} labels`
  }, seed ${record.seed}`;
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
