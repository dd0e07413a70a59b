/**
 * The text at the end of a labelling.
 * @module
 */
import { join } from "node:path";
import { runFiles } from "../run_files/run_files.ts";
import { pathFromHere, shellCommand } from "../hints/shell_command.ts";
import { errorText } from "../terminal/figures.ts";
import { NONE } from "./label_lists.ts";
import type { Round } from "./rounds.ts";
import type { LabelSession } from "./session.ts";

/** Describes the lists and the model of a labelling, with the commands to use them. */
export function describeEnd(
  session: LabelSession,
  path: string,
  { output, labelPattern }: { readonly output: string | null; readonly labelPattern: string | null },
): { readonly text: string; readonly record: object } {
  const labels = [...session.labels.values()].filter((label) => label !== NONE).length;
  const last = session.rounds.at(-1), files = session.files.map(pathFromHere);
  const more = [
    ...(labelPattern === null ? [] : ["--label-pattern", labelPattern]),
    ...(output === null ? [] : ["--output", pathFromHere(output)]),
  ];
  const text = [
    `${labels} labels: ${files.join(", ")}`,
    ...(last ? [`${describeRound(last)}. Model: ${pathFromHere(join(last.folder, runFiles.model))}`] : []),
    "Next:",
    `  more labels:        ${shellCommand("label", pathFromHere(path), ...more)}`,
    ...(last
      ? [
        `  classify pictures:  ${shellCommand("predict", pathFromHere(last.folder), "PICTURES")}`,
        `  report:             ${shellCommand("report", pathFromHere(last.folder))}`,
      ]
      : []),
  ].join("\n");
  const { folder: model, ...round } = last ?? { folder: null };
  return { text, record: { kind: "labelling", labels, files, model, ...round } };
}

function describeRound({ number, error }: Round): string {
  if (error === null) return `Round ${number} is trained; its error is unknown`;
  const measured = errorText({ testError: error.share, examples: error.examples });
  return error.isEstimate
    ? `Round ${number}: estimated error ${measured}, which may be too low`
    : `Round ${number}: test error ${measured} on ${error.examples} pictures`;
}
