/**
 * The table of results by class.
 * @module
 */
import type { EvaluationReport } from "../../../semisup/mod.ts";
import { type Column, type Content, type Html, html, nameHtml, tableHtml } from "../html.ts";
import type { TestResults } from "../test_results.ts";

/** Data of the table. */
export interface ClassTable {
  readonly results: TestResults;
  /** Test results of the supervised baseline, if it was tested. */
  readonly baseline: TestResults | null;
  /** Number of labels of each class; null if unknown. */
  readonly labelsByClass: ReadonlyMap<string, number> | null;
}

/**
 * Computes the precision of a class: the share of its predictions that are correct; null if it is never
 * predicted.
 */
export function precisionOf({ confusion }: EvaluationReport, label: number): number | null {
  const predicted = confusion.map(({ [label]: count = 0 }) => count);
  const sum = predicted.reduce((sum, count) => sum + count, 0), { [label]: right = 0 } = predicted;
  return sum === 0 ? null : right / sum;
}

/** Returns the most frequent wrong prediction for images of a class; null if all predictions are correct. */
export function commonestMistake(
  { confusion }: EvaluationReport,
  label: number,
): { readonly prediction: number; readonly count: number } | null {
  const { [label]: row = [] } = confusion;
  const others = row.map((count, prediction) => prediction === label ? 0 : count);
  const count = Math.max(0, ...others);
  return count === 0 ? null : { prediction: others.indexOf(count), count };
}

/** Maximum number of rows of a table that is open from the start. */
const maxRows = 40;

/** Returns a table with one row per class. */
export function classesHtml(about: ClassTable): Html {
  const { length } = about.results.classes;
  const table = classTable(about);
  return length <= maxRows
    ? table
    : html`<details><summary>All ${length} classes</summary>${table}</details>`;
}

function classTable({ results, baseline, labelsByClass }: ClassTable): Html {
  const { classes, student, teacher } = results;
  const accuracy = (
    network: string,
    title: string,
    report: EvaluationReport,
  ): Column<{ readonly label: number }> => ({
    title,
    cell: ({ label }) => barHtml(report.classes[label]?.accuracy ?? null, network),
  });
  return tableHtml({
    caption: html`Accuracy: share of the images of the class that are classified correctly, by student${
      baseline ? ", teacher and the averaged weights of the supervised baseline" : " and teacher"
    }. Precision: share of the teacher's predictions of the class that are correct.`,
    columns: [
      { title: "class", isText: true, cell: ({ name }) => nameHtml(name) },
      labelsByClass && { title: "labels", cell: ({ name }) => labelsByClass.get(name) ?? 0 },
      { title: "test images", cell: ({ label }) => teacher.classes[label]?.examples },
      accuracy("student", "student", student),
      accuracy("teacher", "teacher", teacher),
      baseline && accuracy("baseline", "supervised baseline", baseline.teacher),
      { title: "precision", cell: ({ label }) => shareText(precisionOf(teacher, label)) },
      {
        title: "most often confused with",
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

/** Returns a share as a number over a bar in a network's colour. */
function barHtml(share: number | null, network: string): Content {
  if (share === null) return "–";
  const length = (100 * share).toFixed(1);
  return html`<span class="bar" style="--share: ${length}%; --color: var(--${network})">${
    shareText(share)
  }</span>`;
}
