/**
 * The options of a run that differ from the defaults, as the flags that set them.
 * @module
 */
import { wrapped } from "../command/help.ts";
import { flagOf, trainRows } from "../command/options.ts";
import type { Row } from "../command/rows.ts";
import { optionsOf } from "../plan/describe_plan.ts";
import type { Plan } from "../plan/plan.ts";
import { isObject } from "../command/json_values.ts";
import { pathFromHere, quoted } from "../command/caller.ts";

/** Columns of the text. */
const width = 100;

/** Returns the options of a plan that differ from the defaults, as lines. */
export function describeDifferences(plan: Plan): string {
  const rows: Readonly<Record<string, Row>> = trainRows();
  // The default number of labels is the dataset's.
  const { labelsPerClass } = plan.run;
  const flags = Object.entries({ ...optionsOf(plan), labelsPerClass }).flatMap(([option, value]) => {
    const row = rows[option];
    return row && JSON.stringify(value) !== JSON.stringify(row.default) ? flagsOf(option, row, value) : [];
  });
  if (flags.length === 0) return "All options have their default values.";
  // Blanks within a flag stay, as lines break between flags only.
  const lines = wrapped(flags.map((flag) => flag.replaceAll(" ", "\0")).join(" "), width - 2);
  return ["Options other than the defaults:", ...lines.map((line) => `  ${line.replaceAll("\0", " ")}`)]
    .join("\n");
}

function flagsOf(option: string, row: Row, value: unknown): string[] {
  const flag = flagOf(option);
  if (row.kind === "switch" || value === false) {
    return [value === true ? flag : flag.replace("--", "--no-")];
  }
  // Options that can be null again have no flag for it.
  if (value === null) return [];
  const parts = Array.isArray(value)
    ? value
    : isObject(value)
    ? Object.entries(value).map(([name, weight]) => `${name}=${weight}`)
    : [value];
  const isPath = row.kind === "path" || (row.kind === "list" && row.of.kind === "path");
  const text = parts.map((part) => isPath ? pathFromHere(`${part}`) : `${part}`).join(",");
  return [`${flag} ${quoted(text)}`];
}
