/**
 * How each class fares.
 * @module
 */
import type { EvaluationReport } from "../../semisup/mod.ts";
import { type Column, type Content, type Html, html, nameHtml, tableHtml } from "./html.ts";
import type { TestResults } from "./test_results.ts";

/** What is said of each class. */
export interface ClassTable {
  readonly results: TestResults;
  /** Of the same run on the labels alone, where it was tested. */
  readonly baseline: TestResults | null;
  /** Number of labels of each class; null where it is not known. */
  readonly labelsByClass: ReadonlyMap<string, number> | null;
}

/** Share of the images taken for a class that are of it; null where none is. */
export function precisionOf({ confusion }: EvaluationReport, label: number): number | null {
  const taken = confusion.map(({ [label]: count = 0 }) => count);
  const sum = taken.reduce((sum, count) => sum + count, 0), { [label]: right = 0 } = taken;
  return sum === 0 ? null : right / sum;
}

/** The class that images of one are most often taken for; null where all are classified rightly. */
export function commonestMistake(
  { confusion }: EvaluationReport,
  label: number,
): { readonly prediction: number; readonly count: number } | null {
  const { [label]: row = [] } = confusion;
  const others = row.map((count, prediction) => prediction === label ? 0 : count);
  const count = Math.max(0, ...others);
  return count === 0 ? null : { prediction: others.indexOf(count), count };
}

/** Rows beyond which the table opens only when it is asked for. */
const mostRows = 40;

/** A table with a row for each class. */
export function classesHtml(about: ClassTable): Html {
  const { length } = about.results.classes;
  const table = classTable(about);
  return length <= mostRows
    ? table
    : html`<details><summary>All ${length} classes</summary>${table}</details>`;
}

function classTable({ results, baseline, labelsByClass }: ClassTable): Html {
  const { classes, student, teacher } = results;
  const accuracy = (
    who: string,
    title: string,
    report: EvaluationReport,
  ): Column<{ readonly label: number }> => ({
    title,
    cell: ({ label }) => barHtml(report.classes[label]?.accuracy ?? null, who),
  });
  return tableHtml({
    caption: html`Share of each class that is classified rightly${
      baseline && ", by student, teacher and the averaged weights of the run on the labels alone"
    }. Precision: share of the images that the teacher takes for the class that are of it.`,
    columns: [
      { title: "class", isText: true, cell: ({ name }) => nameHtml(name) },
      labelsByClass && { title: "labels", cell: ({ name }) => labelsByClass.get(name) ?? 0 },
      { title: "test images", cell: ({ label }) => teacher.classes[label]?.examples },
      accuracy("student", "student", student),
      accuracy("teacher", "teacher", teacher),
      baseline && accuracy("baseline", "labels alone", baseline.teacher),
      { title: "precision", cell: ({ label }) => shareText(precisionOf(teacher, label)) },
      {
        title: "most often taken for",
        isText: true,
        cell: ({ label }) => {
          const mistake = commonestMistake(teacher, label);
          return mistake
            ? html`${nameHtml(`${classes[mistake.prediction]}`)} <small>×${mistake.count}</small>`
            : "–";
        },
      },
    ],
    rows: classes.map((name, label) => ({ name, label })),
  });
}

function shareText(share: number | null): string {
  return share === null ? "–" : `${(100 * share).toFixed(1)} %`;
}

/** A share as a number, over a bar of a network's colour. */
function barHtml(share: number | null, who: string): Content {
  if (share === null) return "–";
  const length = (100 * share).toFixed(1);
  return html`<span class="bar" style="--share: ${length}%; --color: var(--${who})">${
    shareText(share)
  }</span>`;
}
