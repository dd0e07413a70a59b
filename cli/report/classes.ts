/**
 * How each class fares.
 * @module
 */
import type { EvaluationReport } from "../../semisup/mod.ts";
import { type Content, type Html, html, nameHtml, tableHtml } from "./html.ts";
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
  const taken = confusion.reduce((sum, row) => sum + row[label]!, 0);
  return taken === 0 ? null : confusion[label]![label]! / taken;
}

/** The class that images of one are most often taken for; null where all are classified rightly. */
export function commonestMistake(
  { confusion }: EvaluationReport,
  label: number,
): { readonly prediction: number; readonly count: number } | null {
  const others = confusion[label]!.map((count, prediction) => prediction === label ? 0 : count);
  const count = Math.max(0, ...others);
  return count === 0 ? null : { prediction: others.indexOf(count), count };
}

/** A table with a row for each class. */
export function classesHtml({ results, baseline, labelsByClass }: ClassTable): Html {
  const { classes, student, teacher } = results;
  const head: Content[] = [
    "class",
    ...(labelsByClass ? ["labels"] : []),
    "test images",
    "student",
    "teacher",
  ];
  if (baseline) head.push("labels alone");
  head.push("precision", "most often taken for");
  return tableHtml({
    caption: html`Share of each class that is classified rightly${
      baseline && ", by student, teacher and the averaged weights of the run on the labels alone"
    }. Precision: share of the images that the teacher takes for the class that are of it.`,
    head,
    rows: classes.map((name, label): Content[] => {
      const mistake = commonestMistake(teacher, label);
      return [
        nameHtml(name),
        ...(labelsByClass ? [labelsByClass.get(name) ?? 0] : []),
        teacher.classes[label]!.examples,
        shareHtml(student.classes[label]!.accuracy, "student"),
        shareHtml(teacher.classes[label]!.accuracy, "teacher"),
        ...(baseline ? [shareHtml(baseline.teacher.classes[label]!.accuracy, "baseline")] : []),
        shareHtml(precisionOf(teacher, label), null),
        mistake ? html`${nameHtml(classes[mistake.prediction]!)} <small>×${mistake.count}</small>` : "–",
      ];
    }),
  });
}

/** A share as a number, over a bar of a network's colour. */
function shareHtml(share: number | null, who: string | null): Content {
  if (share === null) return "–";
  const text = (100 * share).toFixed(1);
  return who
    ? html`<span class="bar" style="--share: ${text}%; --color: var(--${who})">${text} %</span>`
    : `${text} %`;
}
