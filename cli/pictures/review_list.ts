/**
 * `suggest --review`: a list of labels to check, with a page of the pictures.
 * @module
 */
import { basename } from "node:path";
import { writeAtomically } from "../../data/files/mod.ts";
import { CORRECTED, shownName } from "../../data/internal.ts";
import { formatLabelList } from "../../data/mod.ts";
import { reviewSheet } from "../report/contact_sheet.ts";
import { labelCommand } from "../hints/label_command.ts";
import { printProgress, printRecord, printResult } from "../terminal/output.ts";
import { reviewLabels, type ReviewParts, type Suspect } from "./label_review.ts";

/** Origin of the reviewed run. */
export type ReviewedRun = Parameters<typeof labelCommand>[0];

/**
 * Reviews the labels of a run. Writes the list, in which every picture has its own label, and the page, and prints
 * the command that trains with the corrected list.
 * @throws {RangeError} if no label is contradicted.
 */
export async function writeReview(
  { list, page }: { readonly list: string; readonly page: string },
  parts: ReviewParts,
  run: ReviewedRun,
): Promise<void> {
  const { classes } = parts.model;
  const review = await reviewLabels(parts);
  const suspects = review?.suspects.filter(({ name }) => isListable(name)) ?? [];
  if (suspects.length === 0) {
    throw new RangeError(
      `Cannot suggest labels to check: ${
        review
          ? "the network's features contradict none"
          : "there are too few labelled images, or only one class"
      }`,
    );
  }
  const nameOf = (index: number) => classes[index] ?? "";
  const ranked = ({ suggested, suggestedProbability, label, labelProbability }: Suspect) => [
    { className: nameOf(suggested), probability: suggestedProbability },
    { className: nameOf(label), probability: labelProbability },
  ];
  const lines = suspects.map(({ name, label }) => [name, nameOf(label)] as const);
  await writeAtomically(list, `${CORRECTED}\n${formatLabelList(lines)}`);
  const reviewed = suspects.map((suspect) => ({ ...suspect, likeliest: ranked(suspect) }));
  await writeAtomically(page, reviewSheet(reviewed, { list: basename(list), classes, run: run.path }));
  for (const suspect of suspects) {
    const [likeliest] = ranked(suspect);
    printRecord({ kind: "label to check", name: suspect.name, label: nameOf(suspect.label), likeliest });
  }
  printResult(`${suspects.length} labels to check: ${list}, with a page of the images: ${page}`, {
    kind: "review",
    list,
    page,
  });
  printProgress(
    `Replace the wrong labels (${classes.slice(0, 10).map(shownName).join(", ")}${
      classes.length > 10 ? " …" : ""
    }); ? removes a label, and lines left as they are change nothing. Then train with the corrected labels:`,
  );
  printProgress(`  ${labelCommand(run, list)}`);
}

/** Returns whether label lists can hold a name: it has no line breaks, tabs, or blanks at its ends. */
export function isListable(name: string): boolean {
  return name === name.trim() && !/[\t\r\n]/.test(name);
}
